"""What is said when a model is tried: the words for tasks, figures and results. No widgets in here."""

from __future__ import annotations

import json
import sys

from PySide6.QtCore import QCoreApplication

from modelkeep.inference.outcome import Comparison, RememberedInputs, WorkerView
from modelkeep.inference.plan import TryPlan
from modelkeep.inference.values import (
    Answered,
    Embedded,
    Filled,
    Generated,
    Labelled,
    Output,
    Tagged,
    Task,
    TryInputs,
    TryResult,
)
from modelkeep.keys import ModelKey
from modelkeep.text import count_text, size_text
from modelkeep_gui.ages import age_text

__all__ = [
    "answer_text",
    "asked",
    "clock",
    "details",
    "figures",
    "finish_text",
    "interpreter_text",
    "one_line",
    "remembered_text",
    "result_text",
    "revision_text",
    "seconds_text",
    "share_text",
    "takes_text",
    "task_title",
    "vectors_text",
    "worker_text",
]

_LINE = 60  # characters of an input that name it in a menu


def _tr(text: str) -> str:
    return QCoreApplication.translate("tryout", text)


def task_title(task: Task) -> str:
    """What a task is called."""
    return {
        Task.TEXT_CLASSIFICATION: _tr("Text classification"),
        Task.TOKEN_CLASSIFICATION: _tr("Token classification"),
        Task.FILL_MASK: _tr("Fill in the blank"),
        Task.SENTENCE_SIMILARITY: _tr("Sentence similarity"),
        Task.TEXT_GENERATION: _tr("Text generation"),
        Task.QUESTION_ANSWERING: _tr("Question answering"),
        Task.SUMMARIZATION: _tr("Summarisation"),
        Task.TRANSLATION: _tr("Translation"),
        Task.TEXT2TEXT_GENERATION: _tr("Text to text"),
        Task.IMAGE_CLASSIFICATION: _tr("Image classification"),
    }[task]


def share_text(score: float) -> str:
    """How sure a model is, 0.0 to 1.0, as "93.4 %"."""
    return f"{100 * score:.1f} %"


def seconds_text(seconds: float) -> str:
    """A short length of time: "38 ms", "4.2 s", "2:05 min"."""
    if seconds < 0.9995:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 99.5:
        return f"{seconds:.1f} s"
    return f"{clock(seconds)} min"


def clock(seconds: float) -> str:
    """Minutes and seconds as "4:12"."""
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02}"


def one_line(text: str, most: int = _LINE) -> str:
    """A text as one short line, which names it."""
    line = " ".join(text[: 4 * most].split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def revision_text(key: ModelKey, commit: str) -> str:
    """Which revision it is: the ref that it was named by, and the commit."""
    ref = key.revision or ""
    return commit[:7] if not ref or commit.startswith(ref) else f"{ref} · {commit[:7]}"


def takes_text(plan: TryPlan) -> str:
    """What trying takes, in one calm line."""
    parts = [plan.load.backend.value]
    if plan.is_loaded:
        parts.append(_tr("loaded already"))
    elif plan.memory_needed and plan.memory_free:
        need, free = size_text(plan.memory_needed), size_text(plan.memory_free)
        parts.append(_tr("takes about {} of {} that are free").format(need, free))
    elif plan.memory_needed:
        parts.append(_tr("takes about {}").format(size_text(plan.memory_needed)))
    if said := _verdict_text(plan.verdict):
        parts.append(said)
    parts.append(interpreter_text(plan.interpreter))
    return " · ".join(parts)


def interpreter_text(path: str) -> str:
    """Which Python runs it."""
    if not path or path == sys.executable:
        return _tr("Modelkeep’s own Python")
    return path


def _verdict_text(verdict: str) -> str:
    said = {
        "clean": _tr("nothing unsafe found"),
        "notice": _tr("nothing unsafe found"),
        "suspicious": _tr("something suspicious in its files"),
        "could-not-scan": _tr("not all of its files could be scanned"),
        "dangerous": _tr("dangerous"),
        "": _tr("is scanned before it is loaded"),
    }
    return said.get(verdict, "")


def figures(result: TryResult) -> str:
    """How it went, in one line."""
    parts = [_tr("{} for the answer").format(seconds_text(result.run_seconds))]
    if result.tokens_per_second and any(isinstance(one, Generated) for one in result.outputs):
        parts.append(_tr("{:.1f} tokens/s").format(result.tokens_per_second))
    parts.append(
        _tr("was loaded") if result.warm else _tr("{} to load").format(seconds_text(result.load_seconds))
    )
    if result.peak_memory:
        parts.append(_tr("at most {}").format(size_text(result.peak_memory)))
    parts += filter(None, (result.model.device, result.model.dtype))
    return " · ".join(parts)


def details(result: TryResult) -> list[tuple[str, str]]:
    """All that is known of how it went: what it is, and how much."""
    model = result.model
    lines = [
        (_tr("Model"), f"{ModelKey.known(result.key).repo_id} {result.commit[:7]}"),
        (_tr("Class"), model.class_name),
        (_tr("Parameters"), count_text(model.parameters) if model.parameters else ""),
        (_tr("Context"), _tr("{} tokens").format(f"{model.context:,}") if model.context else ""),
        (_tr("Run by"), result.backend.value),
        (_tr("Device"), " · ".join(filter(None, (model.device, model.dtype)))),
        (_tr("Loading"), _tr("was loaded") if result.warm else seconds_text(result.load_seconds)),
        (_tr("Answer"), seconds_text(result.run_seconds)),
        (_tr("Tokens"), f"{result.tokens:,}" if result.tokens else ""),
        (_tr("Memory"), size_text(result.memory) if result.memory else ""),
        (_tr("At most"), size_text(result.peak_memory) if result.peak_memory else ""),
        (_tr("Libraries"), ", ".join(f"{name} {version}" for name, version in model.versions.items())),
    ]
    return [(name, text) for name, text in lines if text]


def finish_text(made: Generated) -> str:
    """Why a text ended where it ends, "" when the model ended it."""
    return {
        "length": _tr("It is as long as it may be."),
        "stop": _tr("A text that ends it came."),
        "stopped": _tr("It was stopped."),
    }.get(made.finish, "")


def asked(inputs: TryInputs) -> list[str]:
    """What each output answers."""
    return [*inputs.texts] or [path.replace("\\", "/").rpartition("/")[2] for path in inputs.images]


def answer_text(output: Output) -> str:
    """An answer as plain text, to be copied."""
    match output:
        case Labelled():
            return "\n".join(f"{one.label}\t{one.score:.4f}" for one in output.labels)
        case Tagged():
            return "\n".join(f"{one.text}\t{one.label}\t{one.score:.4f}" for one in output.spans)
        case Filled():
            return "\n\n".join("\n".join(f"{c.token}\t{c.score:.4f}" for c in mask) for mask in output.masks)
        case Embedded():
            return "\n".join("\t".join(f"{value:.4f}" for value in row) for row in output.similarity)
        case Generated():
            return output.text
        case Answered():
            return output.text


def result_text(result: TryResult | Comparison) -> str:
    """A result as plain text, to be copied."""
    if isinstance(result, Comparison):
        parts = [
            f"{key}\n{result_text(one) if one else error}"
            for key, one, error in zip(result.keys, result.results, result.errors)
        ]
        return "\n\n".join(parts)
    names = asked(result.inputs)
    if len(result.outputs) == 1 or len(names) != len(result.outputs):
        return "\n\n".join(map(answer_text, result.outputs))
    return "\n\n".join(f"{name}\n{answer_text(output)}" for name, output in zip(names, result.outputs))


def vectors_text(embedded: Embedded) -> str:
    """The vectors as JSON, one in each line."""
    return "[" + ",\n".join(json.dumps(vector) for vector in embedded.vectors) + "]"


def remembered_text(one: RememberedInputs, now: float) -> str:
    """What names an earlier question in a menu."""
    said = " / ".join(one.inputs.texts) or ", ".join(asked(one.inputs))
    return _tr("{what} ({task}, {age})").format(
        what=one_line(said), task=task_title(one.task).lower(), age=age_text(now - one.at)
    )


def worker_text(worker: WorkerView, now: float) -> str:
    """What became of the process that has the model."""
    memory = size_text(worker.memory) if worker.memory else ""
    if worker.state in ("starting", "loading"):
        return ", ".join(filter(None, (_tr("Loading"), memory)))
    if worker.state == "ending":
        return _tr("Leaving")
    leaves = _tr("leaves in {}").format(clock(worker.leaves_at - now)) if worker.leaves_at else ""
    word = _tr("Running") if worker.state == "running" else _tr("Loaded")
    return ", ".join(filter(None, (word, memory, leaves)))

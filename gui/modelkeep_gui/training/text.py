"""What is said of trainings: the words for tasks, states and figures. No widgets in here."""

from __future__ import annotations

import os

from PySide6.QtCore import QCoreApplication

from modelkeep.jobs.values import JobStatus
from modelkeep.text import path_text, size_text, time_text
from modelkeep.training.values import TrainingData, TrainingPlan, TrainingPoint
from modelkeep_gui.jobs.row import clock_text
from modelkeep_gui.training.about import About
from modelkeep_gui.training.curve import Curve, main_metric

__all__ = [
    "TASKS",
    "button_text",
    "curve_text",
    "data_text",
    "facts_of",
    "figure_text",
    "format_hint",
    "how_far",
    "loss_text",
    "method_text",
    "metric_title",
    "plan_facts",
    "point_text",
    "result_text",
    "state_text",
    "status_sign",
    "task_title",
]

TASKS = ("text-classification", "token-classification")
_SHARES = ("accuracy", "macro_f1", "precision", "recall", "f1")


def task_title(task: str) -> str:
    """What a model is to learn."""
    titles = {
        "text-classification": _tr("Text classification"),
        "token-classification": _tr("Token classification"),
    }
    return titles.get(task, task)


def format_hint(task: str) -> str:
    """How the examples of a task are written."""
    if task == "token-classification":
        return _tr("On each line a text, marked as <START:PER>Anna<END>; or JSON lines.")
    return _tr("On each line a text, a tab and its label, without a header; or JSON lines.")


def metric_title(name: str) -> str:
    """What a figure of an evaluation is called."""
    titles = {
        "accuracy": _tr("Accuracy"),
        "macro_f1": _tr("F1, mean of the labels"),
        "precision": _tr("Precision"),
        "recall": _tr("Recall"),
        "f1": _tr("F1"),
        "loss": _tr("Loss when measured"),
    }
    return titles.get(name, name)


def figure_text(name: str, figure: float | None) -> str:
    """A figure of an evaluation; those that are shares as per cent."""
    if figure is None:
        return "–"
    return f"{100 * figure:.1f} %" if name.partition("/")[0] in _SHARES else loss_text(figure)


def loss_text(loss: float) -> str:
    """A loss with as many places as say something."""
    return f"{loss:.4f}" if abs(loss) < 100 else f"{loss:,.1f}"


def method_text(method: str) -> str:
    """Which weights are trained."""
    return {"full": _tr("all weights"), "lora": _tr("LoRA"), "auto": _tr("automatic")}.get(method, method)


def status_sign(one: About) -> tuple[str, str]:
    """The icon and the tone of a state."""
    if one.is_interrupted:
        return "pause", "warn"
    return {
        JobStatus.QUEUED: ("list", "muted"),
        JobStatus.RUNNING: ("refresh", "accent"),
        JobStatus.COMPLETED: ("done", "good"),
        JobStatus.CANCELED: ("cancel", "muted"),
        JobStatus.ERRORED: ("warning", "bad"),
    }[one.status]


def state_text(one: About) -> str:
    """How a training stands."""
    match one.status:
        case JobStatus.QUEUED if one.place > 1:
            return _tr("waits, number {}").format(f"{one.place:,}")
        case JobStatus.QUEUED:
            return _tr("is next")
        case JobStatus.RUNNING:
            return _tr("running")
        case JobStatus.COMPLETED:
            return _tr("done")
    if one.status is JobStatus.CANCELED:
        return _tr("cancelled, can go on") if one.can_resume else _tr("cancelled")
    return _tr("stopped, can go on") if one.can_resume else _tr("failed")


def how_far(one: About, curve: Curve, step: int) -> str:
    """How far a training is, and how long it still takes: as much of it as is known."""
    if not one.steps:
        return ""
    parts = [_tr("Step {} of {}").format(f"{step:,}", f"{one.steps:,}")]
    last = curve.last
    if last is not None:
        parts.append(_tr("epoch {}").format(f"{last.epoch:.1f}"))
        rates = [point.learning_rate for point in curve.points[-3:] if point.loss is not None]
        if rates and one.is_active:
            parts.append(_tr("learning rate {}").format(f"{rates[-1]:.2g}"))
    if one.status is JobStatus.RUNNING and (rate := curve.rate):
        parts.append(_tr("{} steps/s").format(f"{rate:.1f}" if rate < 100 else f"{rate:,.0f}"))
        parts.append(_tr("{} left").format(clock_text(max(0.0, (one.steps - step) / rate))))
    elif last is not None and not one.is_active:
        parts.append(clock_text(last.seconds))
    return " · ".join(parts)


def result_text(one: About) -> str:
    """How good what came of it is, in a few words."""
    name = main_metric(dict(one.metrics))
    if not name:
        return _tr("It was not measured.")
    text = f"{metric_title(name)} {figure_text(name, one.metrics[name])}"
    if name in one.parent_metrics:
        before = figure_text(name, one.parent_metrics[name])
        text = _tr("{} (the parent {})").format(text, before)
    return text


def curve_text(curve: Curve) -> str:
    """What a curve shows, for those who cannot see it."""
    if not curve.losses:
        return _tr("There are no points yet.")
    step, loss = curve.losses[-1]
    lowest = min(curve.losses, key=lambda place: place[1])
    text = _tr(
        "Loss {now} after {step} of {steps} steps. It began at {first}; the lowest was {lowest}, at step {at}."
    ).format(
        now=loss_text(loss),
        step=f"{int(step):,}",
        steps=f"{curve.steps:,}",
        first=loss_text(curve.losses[0][1]),
        lowest=loss_text(lowest[1]),
        at=f"{int(lowest[0]):,}",
    )
    if curve.measured and (name := main_metric(dict(curve.measured[-1].metrics))):
        last = curve.measured[-1]
        said = _tr("{} {} when it was measured at step {}.").format(
            metric_title(name), figure_text(name, last.metrics[name]), f"{last.step:,}"
        )
        text = f"{text} {said}"
    return text


def point_text(point: TrainingPoint) -> str:
    """What is known of a point, in a line."""
    parts = [_tr("Step {}").format(f"{point.step:,}"), _tr("epoch {}").format(f"{point.epoch:.2f}")]
    if point.loss is not None:
        parts.append(_tr("loss {}").format(loss_text(point.loss)))
    parts += [
        f"{metric_title(name)} {figure_text(name, point.metrics[name])}"
        for name in ("loss", *_SHARES)
        if name in point.metrics
    ]
    return " · ".join(parts)


def data_text(data: TrainingData) -> str:
    """What is in a file of examples, in a line."""
    formats = {"tsv": _tr("text, tab, label"), "text": _tr("tagged text"), "jsonl": _tr("JSON lines")}
    parts = [
        _tr("1 example") if data.examples == 1 else _tr("{} examples").format(f"{data.examples:,}"),
        _tr("1 label") if len(data.labels) == 1 else _tr("{} labels").format(f"{len(data.labels):,}"),
        formats.get(data.format, data.format),
        size_text(data.size),
    ]
    if data.multi_label:
        parts.insert(2, _tr("several for a text"))
    return " · ".join(parts)


def button_text(plan: TrainingPlan) -> str:
    """What the button does."""
    if plan.steps == 1:
        return _tr("&Train {}, 1 step").format(plan.target.repo_id)
    return _tr("&Train {}, {} steps").format(plan.target.repo_id, f"{plan.steps:,}")


def plan_facts(plan: TrainingPlan) -> list[tuple[str, str]]:
    """What a training takes: what it is called, and how much."""
    own = plan.parameters
    steps = _tr("{steps}, each of {batch} examples · {epochs} epochs · a checkpoint every {every}").format(
        steps=f"{plan.steps:,}",
        batch=f"{own.batch:,}",
        epochs=f"{own.epochs:g}",
        every=f"{plan.checkpoint_every:,}",
    )
    if plan.evaluation:
        measured = _tr("on {} examples of {}").format(
            f"{plan.evaluation.examples:,}", os.path.basename(plan.evaluation.path)
        )
    elif plan.evaluated:
        measured = _tr("on {} of the examples, which are not trained with").format(f"{plan.evaluated:,}")
    else:
        measured = _tr("not at all")
    memory = _tr("about {} of memory").format(size_text(plan.memory_needed))
    if plan.memory_free:
        memory = _tr("about {} of memory ({} free)").format(
            size_text(plan.memory_needed), size_text(plan.memory_free)
        )
    disk = _tr("{} on the disk ({} free)").format(size_text(plan.disk_needed), size_text(plan.disk_free))
    head = _tr("its head goes on") if plan.keeps_head else _tr("with a new head for these labels")
    by = path_text(plan.interpreter) if plan.interpreter else _tr("Modelkeep’s own Python")
    return [
        (_tr("Steps"), steps),
        (_tr("Measured"), measured),
        (_tr("Trains"), " · ".join((method_text(plan.method), head, _tr("by {}").format(by)))),
        (_tr("Takes"), f"{memory} · {disk}"),
    ]


def facts_of(one: About) -> list[tuple[str, str]]:
    """What a training was asked for, and what it took."""
    own = one.parameters
    asked = ", ".join(
        text
        for text in (
            _tr("{} epochs").format(own.get("epochs")) if own.get("epochs") else "",
            _tr("learning rate {}").format(own.get("lr")) if own.get("lr") else "",
            _tr("batch {}").format(own.get("batch")) if own.get("batch") else "",
            _tr("seed {}").format(own.get("seed")) if own.get("seed") is not None else "",
            _tr("at most {} tokens").format(own.get("max_length")) if own.get("max_length") else "",
        )
        if text
    )
    parent = f"{one.parent_name} {one.parent_commit[:7]}".strip()
    lines = [
        (_tr("Result"), f"{one.name} {one.commit[:7]}".strip()),
        (_tr("Parent"), parent),
        (_tr("Task"), task_title(one.task)),
        (_tr("Examples"), f"{one.examples:,} · {path_text(one.data)}" if one.data else ""),
        (_tr("Measured"), f"{one.evaluated:,} · {path_text(one.evaluation)}" if one.evaluation else ""),
        (_tr("Labels"), ", ".join(one.labels)),
        (_tr("Asked for"), asked),
        (_tr("Method"), method_text(one.method)),
        (_tr("Device"), str(own.get("device") or "")),
        (_tr("Run by"), path_text(one.interpreter) if one.interpreter else _tr("Modelkeep’s own Python")),
        (_tr("Asked at"), time_text(one.submitted)),
        (_tr("Ended at"), time_text(one.ended)),
        (_tr("Loss"), loss_text(one.loss) if one.loss is not None else ""),
        (_tr("Time"), clock_text(one.seconds) if one.seconds else ""),
        (_tr("Memory"), _tr("at most {}").format(size_text(one.peak_memory)) if one.peak_memory else ""),
        (_tr("Kept in"), path_text(one.folder)),
    ]
    return [(name, text) for name, text in lines if text]


def _tr(text: str) -> str:
    return QCoreApplication.translate("training", text)

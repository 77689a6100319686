"""The answers of models as people read them on a terminal, and as lines of values in a pipe.

A model may have learnt to write anything: nothing of it reaches a terminal that the terminal would obey.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from modelkeep.cli.output import elided, readable
from modelkeep.inference.values import (
    Answered,
    Embedded,
    Filled,
    Generated,
    Labelled,
    Output,
    Span,
    Tagged,
)
from modelkeep.text import count_text, size_text

if TYPE_CHECKING:
    from modelkeep.inference.outcome import Interpreter
    from modelkeep.inference.plan import TryPlan
    from modelkeep.inference.values import TryResult

__all__ = [
    "answer_lines",
    "answer_values",
    "code_lines",
    "figures",
    "plan_lines",
    "runtime_lines",
    "shown_text",
]

_BAR = 24
_NAME = 40  # columns that a name may have
_WIDE = 80  # columns of a terminal that has room for the long bar
_COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red")
_BESIDE = 60  # characters of a context that are shown on either side of an answer


def shown_text(text: str) -> str:
    """Text of several lines without anything that a terminal would obey."""
    return "\n".join(readable(line.replace("\t", "    ").rstrip("\r")) for line in text.split("\n"))


def answer_lines(output: Output, texts: Sequence[str], width: int = 80) -> Iterator[str]:
    """An answer for people; `texts` are those that it is about, `width` the columns that there are for it."""
    match output:
        case Labelled(labels):
            yield from _bars([(label, score) for label, score in labels], width)
        case Tagged(text, spans):
            yield _marked(text, spans)
            if not spans:
                yield click.style("Nothing was found in it.", dim=True)
        case Filled(_, masks):
            for number, candidates in enumerate(masks):
                if len(masks) > 1:
                    yield f"Mask {number + 1}"
                yield from _bars([(one.token, one.score) for one in candidates], width)
        case Embedded(vectors, similarity):
            yield from _matrix(similarity, texts, width)
            yield f"{len(vectors)} vectors of {len(vectors[0]) if vectors else 0} numbers"
        case Generated(text):
            yield shown_text(text)
        case Answered(text, score):
            if not text:
                yield "No answer stands in the context."
            else:
                yield f"{click.style(readable(text), bold=True)}  {score:.4f}"


def answer_values(number: int, output: Output) -> Iterator[Sequence[object]]:
    """An answer for scripts: a line of values for each thing that it says, `number` being that of the input."""
    match output:
        case Labelled(labels):
            for label, score in labels:
                yield number, label, f"{score:.6f}"
        case Tagged(_, spans):
            for one in spans:
                yield number, one.start, one.end, one.label, f"{one.score:.6f}", one.text
        case Filled(_, masks):
            for place, candidates in enumerate(masks, 1):
                for token, score, _ in candidates:
                    yield number, place, token, f"{score:.6f}"
        case Embedded(_, similarity):
            for first, row in enumerate(similarity, 1):
                for second, value in enumerate(row, 1):
                    yield first, second, f"{value:.6f}"
        case Answered(text, score, start, end):
            yield number, f"{score:.6f}", start, end, text


def marked_answer(answer: Answered, context: str) -> str:
    """The part of a context in which an answer stands, with it marked."""
    before = context[max(answer.start - _BESIDE, 0) : answer.start]
    after = context[answer.end : answer.end + _BESIDE]
    marked = click.style(f"[{readable(context[answer.start : answer.end])}]", fg="cyan", bold=True)
    dots = ("…" if answer.start > _BESIDE else "", "…" if answer.end + _BESIDE < len(context) else "")
    return f"{dots[0]}{readable(before)}{marked}{readable(after)}{dots[1]}"


def figures(result: TryResult, width: int = 0) -> str:
    """How a try went; on one line, or on lines of so many columns. Versions are said when a model is loaded."""
    model = result.model
    parts = [
        "Stopped" if result.stopped else "",
        "warm" if result.warm else f"loaded in {result.load_seconds:.2f} s",
        f"answered in {result.run_seconds:.2f} s",
        f"{result.tokens_per_second:.1f} tokens/s" if result.tokens else "",
        f"{size_text(result.peak_memory)} at most" if result.peak_memory else "",
        model.device,
        model.dtype,
        *(f"{name} {version}" for name, version in model.versions.items() if not result.warm),
    ]
    lines = [""]
    for part in map(readable, filter(None, parts)):
        longer = f"{lines[-1]} · {part}" if lines[-1] else part
        if lines[-1] and width and len(longer) > width:
            lines.append(part)
        else:
            lines[-1] = longer
    return "\n".join(lines)


def plan_lines(plan: TryPlan) -> Iterator[str]:
    """What trying would take."""
    yield f"{click.style(str(plan.key), bold=True)} at {plan.commit[:8]} in {readable(plan.root)}"
    if plan.tasks:
        others = [str(task) for task in plan.tasks if task != plan.task]
        also = f" (also {', '.join(others)})" if others else ""
        file = f", {readable(plan.load.file)}" if plan.load.file else ""
        yield f"  Task: {plan.task}{also}, by {plan.load.backend}{file}"
        free = f" of {size_text(plan.memory_free)} that are free" if plan.memory_free else ""
        yield f"  Memory: about {size_text(plan.memory_needed)}{free}"
    yield f"  Safety: {plan.verdict or 'not scanned yet, which is done first'}"
    if plan.wants_code:
        said = "allowed" if plan.code_allowed else "not allowed yet"
        yield f"  Code of its own: {said} ({', '.join(map(readable, plan.code_files)) or 'not here'})"
    yield f"  Python: {readable(plan.interpreter)}"
    for note in plan.notes:
        yield f"  {readable(note)}"
    if plan.problem:
        yield f"  {click.style(readable(plan.problem), fg='red')}"


def code_lines(plan: TryPlan) -> Iterator[str]:
    """Whose code would run."""
    yield f"{plan.key} runs code of its own when it is loaded:"
    for name in plan.code_files:
        yield f"  {readable(name)}"


def runtime_lines(found: Interpreter) -> Iterator[str]:
    """What a Python has; what it lacks is an error, which is said beside it."""
    whose = readable(found.path) if found.path else "The Python of Modelkeep"
    yield f"{click.style(whose, bold=True)}{f', {found.version}' if found.version else ''}"
    for name, version in found.packages.items():
        yield f"  {readable(name)} {readable(version)}"
    for device in found.devices:
        memory = f", {size_text(device.free)} free of {size_text(device.memory)}" if device.memory else ""
        yield f"  {readable(device.name)}: {readable(device.title)}{memory}"


def parameters_text(result: TryResult) -> str:
    """What was loaded, in a few words."""
    model = result.model
    count = f", {count_text(model.parameters)} parameters" if model.parameters else ""
    return f"{readable(model.class_name)}{count}"


def _bars(scores: Sequence[tuple[str, float]], width: int) -> Iterator[str]:
    long = _BAR if width >= _WIDE else _BAR // 2
    for name, (_, score) in zip(
        _aligned([name for name, _ in scores], width - long - 10), scores, strict=True
    ):
        full = round(min(max(score, 0.0), 1.0) * long)
        bar = click.style("█" * full, fg="cyan") + click.style("░" * (long - full), dim=True)
        yield f"{name}  {bar}  {score:.4f}"


def _aligned(names: Sequence[str], most: int) -> list[str]:
    """Names as one column that is as wide as its longest, and has at most so many columns or `_NAME`."""
    from rich.cells import cell_len, set_cell_size

    most = max(8, min(most, _NAME))
    fitted = []
    for name in map(readable, names):
        room = most
        while cell_len(elided(name, room)) > most:  # there are characters that take two columns
            room -= 1
        fitted.append(elided(name, room))
    width = max(map(cell_len, fitted), default=0)
    return [set_cell_size(name, width) for name in fitted]


def _marked(text: str, spans: Sequence[Span]) -> str:
    """The text with what was found in brackets, each kind in its colour."""
    colours = {
        label: _COLOURS[n % len(_COLOURS)] for n, label in enumerate(dict.fromkeys(s.label for s in spans))
    }
    parts, at = [], 0
    for span in spans:
        if span.start < at:
            continue  # one within another, which stands in brackets already
        parts.append(shown_text(text[at : span.start]))
        inner = f"[{readable(text[span.start : span.end])} {readable(span.label)} {span.score:.2f}]"
        parts.append(click.style(inner, fg=colours[span.label], bold=True))
        at = span.end
    return "".join([*parts, shown_text(text[at:])])


def _matrix(similarity: Sequence[Sequence[float]], texts: Sequence[str], width: int) -> Iterator[str]:
    count = len(similarity)
    if count < 2:
        return
    from rich.cells import cell_len

    names = _aligned(texts, width - 5 - 8 * min(count, 4))
    left = 5 + cell_len(names[0])
    beside = max((width - left) // 8, 1)
    for first in range(0, count, beside):  # as many columns as there is room for, then the next beneath
        columns = range(first, min(first + beside, count))
        yield " " * left + "".join(f"{column + 1:>8}" for column in columns)
        for number, (name, row) in enumerate(zip(names, similarity, strict=True), 1):
            yield f"{number:>3}  {name}" + "".join(f"{row[column]:>8.3f}" for column in columns)

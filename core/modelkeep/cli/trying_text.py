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
_COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red")
_BESIDE = 60  # characters of a context that are shown on either side of an answer


def shown_text(text: str) -> str:
    """Text of several lines without anything that a terminal would obey."""
    return "\n".join(readable(line.replace("\t", "    ").rstrip("\r")) for line in text.split("\n"))


def answer_lines(output: Output, texts: Sequence[str]) -> Iterator[str]:
    """An answer for people; `texts` are those that it is about."""
    match output:
        case Labelled(labels):
            yield from _bars([(label, score) for label, score in labels])
        case Tagged(text, spans):
            yield _marked(text, spans)
        case Filled(_, masks):
            for number, candidates in enumerate(masks):
                if len(masks) > 1:
                    yield f"Mask {number + 1}"
                yield from _bars([(one.token, one.score) for one in candidates])
        case Embedded(vectors, similarity):
            yield from _matrix(similarity, texts)
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


def figures(result: TryResult) -> str:
    """How a try went, on one line."""
    model = result.model
    versions = ", ".join(f"{name} {version}" for name, version in model.versions.items())
    parts = [
        "warm" if result.warm else f"loaded in {result.load_seconds:.2f} s",
        f"answered in {result.run_seconds:.2f} s",
        f"{result.tokens_per_second:.1f} tokens/s" if result.tokens else "",
        f"{size_text(result.peak_memory)} at most" if result.peak_memory else "",
        model.device,
        model.dtype,
        versions,
    ]
    said = " · ".join(readable(part) for part in parts if part)
    return f"Stopped · {said}" if result.stopped else said


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
    """What a Python has."""
    whose = readable(found.path) if found.path else "The Python of Modelkeep"
    yield f"{click.style(whose, bold=True)}{f', {found.version}' if found.version else ''}"
    for name, version in found.packages.items():
        yield f"  {readable(name)} {readable(version)}"
    for device in found.devices:
        memory = f", {size_text(device.free)} free of {size_text(device.memory)}" if device.memory else ""
        yield f"  {readable(device.name)}: {readable(device.title)}{memory}"
    if found.problem:
        yield f"  {click.style(readable(found.problem), fg='red')}"


def parameters_text(result: TryResult) -> str:
    """What was loaded, in a few words."""
    model = result.model
    count = f", {count_text(model.parameters)} parameters" if model.parameters else ""
    return f"{readable(model.class_name)}{count}"


def _bars(scores: Sequence[tuple[str, float]]) -> Iterator[str]:
    names = [elided(readable(name), 40) for name, _ in scores]
    width = max(map(len, names), default=0)
    for name, (_, score) in zip(names, scores, strict=True):
        full = round(min(max(score, 0.0), 1.0) * _BAR)
        bar = click.style("█" * full, fg="cyan") + click.style("░" * (_BAR - full), dim=True)
        yield f"{name.ljust(width)}  {bar}  {score:.4f}"


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


def _matrix(similarity: Sequence[Sequence[float]], texts: Sequence[str]) -> Iterator[str]:
    if len(similarity) < 2:
        return
    names = [elided(readable(text), 32) for text in texts]
    width = max(map(len, names), default=0)
    yield " " * (width + 5) + "".join(f"{number:>8}" for number in range(1, len(similarity) + 1))
    for number, (name, row) in enumerate(zip(names, similarity, strict=True), 1):
        yield f"{number:>3}  {name.ljust(width)}" + "".join(f"{value:>8.3f}" for value in row)

"""Results as files: JSON with all that there is, or a report in Markdown for people."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from modelkeep.disk import disk_errors, write_atomically
from modelkeep.errors import CacheError
from modelkeep.inference.outcome import Comparison
from modelkeep.inference.values import (
    Answered,
    Embedded,
    Filled,
    Generated,
    Labelled,
    Output,
    Tagged,
    TryResult,
)
from modelkeep.inference.written import comparison_json, result_json
from modelkeep.text import size_text, time_text

__all__ = ["report_text", "save_result"]


def save_result(result: TryResult | Comparison, path: str | os.PathLike[str]) -> None:
    """Write a result; see `Tryouts.save`. Raises `CacheError` for what is no plain file."""
    target = Path(os.path.abspath(Path(path).expanduser()))
    if os.path.lexists(target) and (target.is_symlink() or not target.is_file()):
        raise CacheError(f"{target} is no plain file, and would be replaced.", hint="Choose another name.")
    if target.suffix.lower() in (".md", ".markdown"):
        content = report_text(result)
    else:
        plain = comparison_json(result) if isinstance(result, Comparison) else result_json(result)
        content = f"{json.dumps(plain, indent=2)}\n"
    with disk_errors(target):
        write_atomically(target, content.encode("utf-8", "backslashreplace"))


def report_text(result: TryResult | Comparison) -> str:
    """A report in Markdown: what was asked, what came, and how it was run."""
    if isinstance(result, TryResult):
        return "\n".join(_report(result, "#")) + "\n"
    lines = ["# Comparison", ""]
    for key, error, one in zip(result.keys, result.errors, result.results, strict=True):
        lines += _report(one, "##") if one else [f"## {key}", "", error, ""]
    return "\n".join(lines) + "\n"


def _report(result: TryResult, level: str) -> Iterator[str]:
    yield f"{level} {result.key}"
    yield ""
    yield f"Tried for {result.task} on {time_text(result.at)}."
    yield ""
    inputs = result.inputs
    for role, content in inputs.messages:
        yield from _quoted(f"{role}: {content}")
    if inputs.context:
        yield f"{level}# Context"
        yield ""
        yield from _quoted(inputs.context)
    asked = [*inputs.texts, *inputs.images]
    if result.outputs and isinstance(result.outputs[0], Embedded):
        for text in asked:
            yield from _quoted(text)
        asked = []
    for number, output in enumerate(result.outputs):
        yield f"{level}# Answer{f' {number + 1}' if len(result.outputs) > 1 else ''}"
        yield ""
        if number < len(asked):
            yield from _quoted(asked[number])
        yield from _answer(output)
        yield ""
    if result.stopped:
        yield "It was stopped."
        yield ""
    yield from _how_it_ran(result, level)


def _answer(output: Output) -> Iterator[str]:
    match output:
        case Labelled(labels):
            yield from _table("Label", [(label, f"{score:.4f}") for label, score in labels])
        case Tagged(_, spans):
            rows = [(one.text, f"{one.label} | {one.start}–{one.end} | {one.score:.4f}") for one in spans]
            yield from _table("Part", rows, "What it is | Where | Score")
        case Filled(_, masks):
            for candidates in masks:
                yield from _table("Token", [(one.token, f"{one.score:.4f}") for one in candidates])
        case Embedded(vectors, similarity):
            yield f"{len(vectors)} vectors of {len(vectors[0]) if vectors else 0} numbers. How alike the texts are:"
            yield ""
            head = " | ".join(str(number + 1) for number in range(len(similarity)))
            rows = [
                (str(number + 1), " | ".join(f"{one:.3f}" for one in row))
                for number, row in enumerate(similarity)
            ]
            yield from _table("Text", rows, head)
        case Generated(text, tokens, finish):
            yield from _fenced(text)
            yield ""
            yield f"{tokens} tokens, ended by: {finish}."
        case Answered(text, score, start, end):
            yield (
                f"“{_cell(text)}” ({score:.4f}, {start}–{end})"
                if text
                else "No answer stands in the context."
            )


def _how_it_ran(result: TryResult, level: str) -> Iterator[str]:
    model = result.model
    yield f"{level}# How it ran"
    yield ""
    rows = [
        ("Commit", result.commit),
        (
            "Model",
            f"{model.class_name}, {model.parameters:,} parameters" if model.parameters else model.class_name,
        ),
        ("Run by", str(result.backend)),
        ("Device", model.device),
        ("Numbers", model.dtype),
        ("Loading", "was loaded already" if result.warm else f"{result.load_seconds:.2f} s"),
        ("Answering", f"{result.run_seconds:.3f} s"),
        ("Tokens", f"{result.tokens} ({result.tokens_per_second:.1f} per second)" if result.tokens else ""),
        ("Memory at most", size_text(result.peak_memory) if result.peak_memory else ""),
        *((name, version) for name, version in model.versions.items()),
    ]
    yield from _table("", [(name, value) for name, value in rows if value], "")
    yield ""


def _table(first: str, rows: list[tuple[str, str]], second: str = "Score") -> Iterator[str]:
    yield f"| {first} | {second} |"
    yield "|---" * (2 + second.count(" | ")) + "|"
    for name, values in rows:
        yield f"| {_cell(name)} | {values} |"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _quoted(text: str) -> Iterator[str]:
    for line in text.splitlines() or [""]:
        yield f"> {line}".rstrip()
    yield ""


def _fenced(text: str) -> Iterator[str]:
    # A fence longer than any in the text.
    fence = "```"
    while fence in text:
        fence += "`"
    yield fence
    yield from text.splitlines()
    yield fence

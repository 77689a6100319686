"""Texts with tags around what is to be found in them: `<START:PER>Ada Lovelace<END> wrote it.`

A backslash before `<` or another backslash makes that what it is, so that `\\<END>` is text. Blanks next to a tag
belong to the text, not to the span. Source of the tags: ml-platform-client 0.4.8, which has them from OpenNLP.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["BadTags", "TaggedSpan", "bio_labels", "parse_tags", "write_tags"]

_SIGN = re.compile(
    r"\\[\\<]|<START:(?P<label>[^<>]*)>|<(?P<end>END)>|<(?P<odd>/?(?:START|END)\b[^<>]*>?)", re.IGNORECASE
)
_LONGEST_SHOWN = 40


class TaggedSpan(NamedTuple):
    """A part of a text, `start` and `end` in characters (code points), and what it is."""

    start: int
    end: int
    label: str


class BadTags(ValueError):
    """What is wrong with the tags of a text, as a sentence."""


def parse_tags(tagged: str) -> tuple[str, tuple[TaggedSpan, ...]]:
    """The text without its tags, and what they mark. Raises `BadTags`."""
    parts: list[str] = []
    spans: list[TaggedSpan] = []
    at, length, opened = 0, 0, None
    for found in _SIGN.finditer(tagged):
        before = tagged[at : found.start()]
        at = found.end()
        parts.append(before)
        length += len(before)
        said = found[0]
        if said.startswith("\\"):
            parts.append(said[1])
            length += 1
        elif found["odd"] is not None or said[1:4] not in ("STA", "END"):
            raise BadTags(f"“{said[:_LONGEST_SHOWN]}” is no tag: they are <START:LABEL> and <END>.")
        elif found["end"]:
            if opened is None:
                raise BadTags("There is an <END> without a <START:…> before it.")
            spans.append(_trimmed("".join(parts), opened, length))
            opened = None
        else:
            label = found["label"].strip()
            if opened is not None:
                raise BadTags(f"<START:{label}> stands within <START:{opened[1]}>: spans cannot be nested.")
            if not label:
                raise BadTags("There is a <START:> without a label.")
            opened = (length, label)
    if opened is not None:
        raise BadTags(f"<START:{opened[1]}> is not closed by an <END>.")
    parts.append(tagged[at:])
    return "".join(parts), tuple(spans)


def _trimmed(text: str, opened: tuple[int, str], end: int) -> TaggedSpan:
    start, label = opened
    inner = text[start:end]
    if not inner.strip():
        raise BadTags(f"There is nothing between <START:{label}> and <END>.")
    return TaggedSpan(start + len(inner) - len(inner.lstrip()), start + len(inner.rstrip()), label)


def write_tags(text: str, spans: Sequence[TaggedSpan]) -> str:
    """The text with tags around its spans, which are in order and do not overlap: what `parse_tags` reads."""
    parts, at = [], 0
    for start, end, label in spans:
        parts += [_escaped(text[at:start]), f"<START:{label}>", _escaped(text[start:end]), "<END>"]
        at = end
    return "".join([*parts, _escaped(text[at:])])


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("<", "\\<")


def bio_labels(names: Sequence[str]) -> tuple[str, ...]:
    """The labels of tokens by which spans of these names are told: where one begins, goes on, and neither."""
    return ("O", *(f"{part}-{name}" for name in names for part in "BI"))

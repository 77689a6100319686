"""Texts that are far longer than what a model takes: read a part at a time, so that they do not take all memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["beginning", "parts"]

_PART = 100_000  # characters
_EDGE = 5_000  # characters in which the end of a sentence is looked for
_OF_A_TOKEN = 64  # characters, more than most tokens have
_SPARE = 256  # tokens, more than a word has that was cut in two


def parts(text: str) -> Iterator[tuple[int, str]]:
    """The text in parts that follow one another, each with where it begins: cut between sentences, or else words."""
    start = 0
    while len(text) - start > _PART:
        end = start + _PART
        for mark in ("\n", ". ", " "):
            found = text.rfind(mark, end - _EDGE, end)
            if found >= 0:
                end = found + len(mark)
                break
        yield start, text[start:end]
        start = end
    yield start, text[start:]


def beginning(tokenizer: Any, text: str, most: int) -> str:
    """As much of the beginning as has more than so many tokens; all of it where it has fewer, or 0 is asked for."""
    length = most * _OF_A_TOKEN
    while 0 < length < len(text):
        if len(tokenizer(text[:length])["input_ids"]) > most + _SPARE:
            return text[:length]
        length *= 4
    return text

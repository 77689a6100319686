"""Texts that are far longer than what a model takes: read a part at a time, so that they do not take all memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sized

from modelkeep.inference.child.turn import Turn

__all__ = ["beginning", "note_cut", "parts", "size_of"]

Tokenizer = Callable[[str], Sized]
"""The tokens of a text."""

_PART = 100_000  # characters
_EDGE = 5_000  # characters in which the end of a sentence is looked for
_OF_A_TOKEN = 64  # characters, more than most tokens have
_LONGEST = 1_000_000  # characters
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


def beginning(tokenizer: Tokenizer, text: str, most: int) -> str:
    """As much of the beginning as has more than so many tokens; all of it where it has fewer, or 0 is asked for.

    Of a text in which long parts are one token, such as a word without end, no more than a million characters.
    """
    length = most * _OF_A_TOKEN
    longest = max(length, _LONGEST)
    while 0 < length < len(text):
        if length >= longest or len(tokenizer(text[:length])) > most + _SPARE:
            return text[:length]
        length = min(length * 4, longest)
    return text


def size_of(text: str, begun: str, tokens: int, most: int) -> str:
    """How long a text is of which no more than the beginning was read, which has so many tokens."""
    if tokens > most or begun == text:
        return f"{'' if begun == text else 'over '}{tokens:,} tokens"
    return f"{len(text):,} characters"


def note_cut(turn: Turn, text: str, begun: str, tokens: int, most: int) -> None:
    """Note that of a text, of which no more than the beginning was read, only so many tokens were taken."""
    if tokens > most:
        size = size_of(text, begun, tokens, most)
        turn.note(f"A text of {size} was cut to the {most:,} that the model takes.")
    elif begun != text:
        turn.note(f"A text of {len(text):,} characters was cut to its first {len(begun):,}.")

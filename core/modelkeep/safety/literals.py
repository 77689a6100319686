"""Texts and numbers as the oldest pickles write them, in lines: read as the interpreter reads them, no warnings."""

from __future__ import annotations

import re

__all__ = ["integer_of", "text_of"]

_NUMBER = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|[1-9][0-9]{0,300}|0)L?")
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|[0-7]{1,3}|.)", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def text_of(line: str) -> str:
    """The text of the step STRING, in quotes and with escapes, of which nobody here wants to be warned."""
    text = line.strip()
    if len(text) < 2 or text[0] not in "'\"" or text[0] != text[-1]:
        raise ValueError
    return _ESCAPE.sub(_unescaped, text[1:-1])


def _unescaped(match: re.Match[str]) -> str:
    said = match[1]
    if said[0] == "x" and len(said) == 3:
        return chr(int(said[1:], 16))
    if said[0] in "01234567":
        return chr(int(said, 8) & 0xFF)
    return _SIMPLE.get(said, said if said in "\\'\"" else match[0])


def integer_of(line: str) -> int | None:
    """The number of the steps INT and LONG, in any base that C knows; None where it is none."""
    if not _NUMBER.fullmatch(line):
        return None
    digits = line.rstrip("L")
    if re.fullmatch(r"[-+]?0[0-7]+", digits):  # as in C
        return int(digits, 8)
    return int(digits, 0)

"""Where text goes: results to standard output, the rest to standard error, JSON to scripts, tables to people."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable
from typing import IO

import click

__all__ = [
    "Failure",
    "can_ask",
    "elided",
    "on_terminal",
    "print_json",
    "print_plain",
    "readable",
    "say",
    "tell",
    "unwritten",
    "warn",
]

# A file name may hold anything: what would command a terminal, turn what is read round, or is half a character. The
# bytes of one that is no text stay, by which a script finds the file: Python has them as \udc80 to \udcff.
_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udc7f\udd00-\udfff]"
)


class Failure(click.ClickException):
    """Ends the command with status 1, and a sentence with its hint for each thing that went wrong."""

    def __init__(self, *problems: tuple[str, str]) -> None:
        super().__init__(problems[0][0])
        self.problems = problems

    def show(self, file: IO[str] | None = None) -> None:
        for sentence in dict.fromkeys(sentence for sentence, _ in self.problems):
            _error_line("Error:", "red", sentence)
        for hint in dict.fromkeys(hint for _, hint in self.problems if hint):
            _error_line("Hint:", "cyan", hint)


def readable(text: str) -> str:
    """Text on one line, without anything that a terminal would obey."""
    return _CONTROL.sub("�", text)


def elided(text: str, width: int) -> str:
    """The text with its middle left out where it is longer than `width`, so that both ends of a name are seen."""
    if len(text) <= width:
        return text
    front = width // 2
    return f"{text[:front]}…{text[len(text) - (width - front - 1) :]}"


def on_terminal() -> bool:
    """Whether a person reads what is printed."""
    return _is_terminal(sys.stdout)


def can_ask() -> bool:
    """Whether a person can be asked."""
    return _is_terminal(sys.stdin) and _is_terminal(sys.stderr)


def _is_terminal(stream: IO[str] | None) -> bool:
    """Python has no stream where the shell closed it, as with `>&-`."""
    return stream is not None and stream.isatty()


def say(text: str = "") -> None:
    """Print a line of the result. Raises `Failure` where it cannot be written, as on a full disk."""
    try:
        click.echo(text, color=_colour())
    except BrokenPipeError:  # whoever reads has seen enough
        raise
    except OSError as error:
        raise unwritten(error) from error


def tell(text: str) -> None:
    """Say something beside the result."""
    click.echo(text, err=True, color=_colour())


def warn(sentence: str) -> None:
    """Tell what is wrong and does not stop the command; "" is nothing."""
    if sentence:
        _error_line("Warning:", "yellow", sentence)


def print_json(value: object) -> None:
    """Print JSON, in ASCII, so that no console and no pipe can spoil it."""
    say(json.dumps(value, indent=2))


def print_plain(rows: Iterable[Iterable[object]]) -> None:
    """Print a line for each row, its values apart by tabs: what scripts read."""
    lines = ["\t".join(readable(str(value)) for value in row) for row in rows]
    if lines:
        say("\n".join(lines))


def unwritten(error: OSError) -> Failure:
    """What to say when standard output takes no more."""
    reason = error.strerror or error
    return Failure(
        (f"The output could not be written ({reason}).", "See that what it goes to has space for it.")
    )


def _error_line(label: str, colour: str, sentence: str) -> None:
    tell(f"{click.style(label, fg=colour, bold=True)} {readable(sentence)}")


def _colour() -> bool | None:
    """None where the terminal decides. Who sets NO_COLOR wants none: https://no-color.org."""
    return False if os.environ.get("NO_COLOR") else None

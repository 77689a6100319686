"""What a model is asked on the command line: from options, files, a pipe, or a person at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click

from modelkeep.cli.output import Failure, can_ask, tell
from modelkeep.inference.values import Message, Task, TryInputs

__all__ = ["MESSAGE", "Asked", "ask_next", "inputs_of", "is_conversation"]

_WHOLE = frozenset({Task.TEXT_GENERATION, Task.SUMMARIZATION, Task.TRANSLATION, Task.TEXT2TEXT_GENERATION})
"""Tasks for which a file or what comes through a pipe is one text; for others each line is."""
_ROLES = ("system", "user", "assistant")
_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff"})
_LONGEST = 64 << 20  # bytes that are read of a file


class MessageType(click.ParamType):  # type: ignore[type-arg] # generic only in new versions of click
    """A turn of a conversation, as role:text."""

    name = "message"

    def convert(
        self, value: str | Message, param: click.Parameter | None, ctx: click.Context | None
    ) -> Message:
        if isinstance(value, Message):
            return value
        role, colon, text = value.partition(":")
        if not colon or role not in _ROLES:
            self.fail(f"“{value}” is no message; one is role:text, its role {', '.join(_ROLES)}.", param, ctx)
        return Message(role, text.lstrip())


MESSAGE = MessageType()


class Asked(NamedTuple):
    """What the options said."""

    texts: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    images: tuple[Path, ...] = ()
    context: str = ""
    context_file: Path | None = None
    messages: tuple[Message, ...] = ()
    system: str = ""

    @property
    def is_nothing(self) -> bool:
        return not (self.texts or self.files or self.images or self.messages)


def inputs_of(asked: Asked, task: Task) -> TryInputs | None:
    """What is asked; None where a person is to be asked for it."""
    texts: list[str] = []
    images = [str(path.absolute()) for path in asked.images]
    for text in asked.texts:
        texts += _piped(task) if text == "-" else [text]
    for path in asked.files:
        if task is Task.IMAGE_CLASSIFICATION or path.suffix.lower() in _PICTURES:
            images.append(str(path.absolute()))
        else:
            texts += _divided(_read(path), task)
    if asked.is_nothing and can_ask():
        return None
    if task is Task.IMAGE_CLASSIFICATION and not images:
        raise click.UsageError("Name a picture: --image FILE.")
    if asked.is_nothing:
        texts = _piped(task)
        if not any(text.strip() for text in texts):
            raise click.UsageError("There is nothing to ask: give --text TEXT, or write to standard input.")
    messages = asked.messages
    if asked.system:
        messages = (Message("system", asked.system), *messages)
    context = _context(asked)
    if task is Task.QUESTION_ANSWERING and not context.strip():
        raise click.UsageError("Give the text that has the answer: --context TEXT, or --context-file FILE.")
    return TryInputs(tuple(texts), context, tuple(images), messages)


def is_conversation(task: Task, inputs: TryInputs) -> bool:
    """Whether what comes next goes on with what was said."""
    return task is Task.TEXT_GENERATION and bool(inputs.messages)


def ask_next(asked: Asked, task: Task, before: Sequence[Message] = ()) -> TryInputs | None:
    """Ask a person for the next text; None when there is none, which ends it."""
    match task:
        case Task.IMAGE_CLASSIFICATION:
            path = _prompt("A picture")
            return TryInputs(images=(str(Path(path).expanduser().absolute()),)) if path else None
        case Task.QUESTION_ANSWERING:
            context = _context(asked) or _prompt("A text that has the answer")
            question = _prompt("A question") if context else ""
            return TryInputs((question,), context) if question else None
        case Task.SENTENCE_SIMILARITY:
            texts: list[str] = []
            while text := _prompt("A sentence" if not texts else "Another one"):
                texts.append(text)
            return TryInputs(tuple(texts)) if texts else None
        case _:
            text = _prompt("A text")
            return TryInputs((text,), messages=tuple(before)) if text else None


def _prompt(what: str) -> str:
    try:
        # One that says how it is ended, on standard error, so that results can be sent elsewhere.
        return str(click.prompt(f"{what} [Enter ends it]", default="", show_default=False, err=True))
    except click.Abort:
        if isinstance(sys.exc_info()[1].__context__, EOFError):  # type: ignore[union-attr]
            tell("")  # Ctrl-D leaves the cursor behind the question
            return ""
        raise


def _context(asked: Asked) -> str:
    return _read(asked.context_file) if asked.context_file else asked.context


def _piped(task: Task) -> list[str]:
    if sys.stdin is None:
        return []
    return _divided(_decoded(sys.stdin.buffer.read(_LONGEST + 1), "Standard input"), task)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_LONGEST + 1)
    except OSError as error:
        raise Failure(
            (f"{path} cannot be read ({error.strerror or error}).", "See that it is a file of yours.")
        ) from error
    return _decoded(content, str(path))


def _decoded(content: bytes, name: str) -> str:
    if len(content) > _LONGEST:
        raise Failure((f"{name} is longer than 64 MiB.", "Ask about a part of it."))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Failure((f"{name} is no text in UTF-8.", "Convert it first.")) from error


def _divided(text: str, task: Task) -> list[str]:
    if task in _WHOLE:
        return [text.rstrip("\n")]
    return [line.rstrip("\r") for line in text.split("\n") if line.strip()]

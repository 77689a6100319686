"""What a job ended with, as plain JSON, and made again: never by pickle, and only of classes that are loaded here."""

from __future__ import annotations

import builtins
import json
import sys
from typing import Any

from modelkeep import errors
from modelkeep.errors import JobFailed, ModelKeepError

__all__ = ["keep", "made_again", "sentence"]

_LONGEST = 4000  # characters of a sentence; foreign errors may carry pages


def sentence(error: BaseException) -> str:
    """The error in a line for the user."""
    if isinstance(error, ModelKeepError):
        return str(error)
    if isinstance(error, MemoryError) and not str(error):
        return "The memory was not enough."
    text = str(error).strip()
    name = type(error).__name__
    return f"{name}: {text}"[:_LONGEST] if text else f"{name}."


def keep(error: BaseException) -> str:
    """What `made_again` makes it of."""
    kind = type(error)
    kept: dict[str, object] = {
        "class": kind.__qualname__,
        "module": kind.__module__,
        "sentence": sentence(error),
        "hint": getattr(error, "hint", "") if isinstance(error, ModelKeepError) else "",
    }
    arguments = list(error.args)
    if isinstance(error, OSError) and len(arguments) == 2 and isinstance(error.filename, str):
        arguments.append(error.filename)
    if _is_plain(arguments):
        kept["args"] = arguments
    kept["more"] = {
        name: value
        for name, value in vars(error).items()
        if name != "hint" and not name.startswith("__") and _is_plain(value)
    }
    return json.dumps(kept)


def made_again(kept: str) -> Exception:
    """The error as its own class where that is one of Python's or ours, or is loaded in this process already, else a
    `JobFailed` with its text."""
    try:
        told: dict[str, Any] = json.loads(kept)
        said, hint = str(told.get("sentence", "")), str(told.get("hint", ""))
        module, name = str(told.get("module", "")), str(told.get("class", ""))
    except (ValueError, AttributeError):
        return JobFailed("The job ended with an error that was not kept.")
    if module == errors.__name__ and name in errors.__all__:
        kind = getattr(errors, name)
        if issubclass(kind, ModelKeepError):
            again: ModelKeepError = kind(said, hint=hint)
            for attribute, value in told.get("more", {}).items():
                setattr(again, attribute, _with_tuples(value))
            return again
    if module == "builtins":
        kind = getattr(builtins, name, None)
        if isinstance(kind, type) and issubclass(kind, Exception):
            arguments = [_with_tuples(argument) for argument in told.get("args", [said])]
            try:
                return kind(*arguments)
            except TypeError:  # of those that want more than was plain, as UnicodeDecodeError
                pass
    return _foreign(module, name, told) or JobFailed(said, hint=hint)


def _foreign(module: str, name: str, told: dict[str, Any]) -> Exception | None:
    """An error of a class that is loaded; nothing is imported by its name, and its `__init__` is not called."""
    # What a child of multiprocessing calls its program.
    found: Any = sys.modules.get("__main__" if module == "__mp_main__" else module)
    for part in name.split("."):
        found = getattr(found, "__dict__", {}).get(part)
    if "args" not in told or not (isinstance(found, type) and issubclass(found, Exception)):
        return None
    arguments = [_with_tuples(argument) for argument in told["args"]]
    try:
        again: Exception = found.__new__(found, *arguments)
        again.args = tuple(arguments)
        vars(again).update({name: _with_tuples(value) for name, value in told.get("more", {}).items()})
        str(again)  # which may need what was not plain
    except Exception:  # noqa: BLE001 - whatever its class does
        return None
    return again


def _is_plain(value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, (str, int, float, bool))


def _with_tuples(value: object) -> object:
    return tuple(map(_with_tuples, value)) if isinstance(value, list) else value

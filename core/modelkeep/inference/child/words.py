"""What goes wrong while a model is loaded or runs, in one sentence. Its files are `checking.plain_words`' matter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from modelkeep.checking.plain_words import WantsCode, first_line
from modelkeep.confined.inside import is_short_of_memory
from modelkeep.errors import Cancelled, InferenceError, ModelKeepError, OutOfMemory, UnsafeModel
from modelkeep.inference.shortage import what_helps

__all__ = ["while_loading", "while_running"]


@contextmanager
def while_loading() -> Iterator[None]:
    """Raise what a caller of the worker knows, for what loading the parts of a model raises."""
    try:
        yield
    except WantsCode as error:
        raise UnsafeModel(str(error), hint=error.hint) from error
    except InferenceError as error:
        # A library that had no memory to be loaded into seems to be missing.
        if isinstance(error, OutOfMemory) or not is_short_of_memory(error):
            raise
        raise _too_large("The model does not fit the memory that it may take.") from error
    except (ModelKeepError, Cancelled):
        raise
    except Exception as error:
        if is_short_of_memory(error):
            raise _too_large("The model does not fit the memory that it may take.") from error
        raise InferenceError(f"Loading it failed ({_said(error)}).") from error


@contextmanager
def while_running() -> Iterator[None]:
    """Raise what a model fails with as an `InferenceError`."""
    try:
        yield
    except (ModelKeepError, Cancelled):
        raise
    except Exception as error:
        if is_short_of_memory(error):
            raise _too_large("There is too little memory to answer this.") from error
        raise InferenceError(f"The model failed at this ({_said(error)}).") from error


def _too_large(sentence: str) -> OutOfMemory:
    return OutOfMemory(sentence, hint=what_helps(0))


def _said(error: Exception) -> str:
    said = first_line(str(error))
    return f"{type(error).__name__}: {said}" if said else type(error).__name__

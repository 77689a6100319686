"""What goes wrong while a model is loaded or runs, in one sentence. Its files are `checking.plain_words`' matter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from modelkeep.checking.plain_words import WantsCode, first_line
from modelkeep.errors import Cancelled, InferenceError, ModelKeepError, OutOfMemory, UnsafeModel

__all__ = ["while_loading", "while_running"]


@contextmanager
def while_loading() -> Iterator[None]:
    """Raise what a caller of the worker knows, for what loading the parts of a model raises."""
    try:
        yield
    except WantsCode as error:
        raise UnsafeModel(str(error), hint=error.hint) from error
    except (ModelKeepError, Cancelled):
        raise
    except Exception as error:
        if _is_out_of_memory(error):
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
        if _is_out_of_memory(error):
            raise _too_large("There is too little memory to answer this.") from error
        raise InferenceError(f"The model failed at this ({_said(error)}).") from error


def _is_out_of_memory(error: Exception) -> bool:
    """Whether an allocation failed: PyTorch says so in several ways."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    said = str(error)
    return isinstance(error, RuntimeError) and (
        "allocate memory" in said or "out of memory" in said or "bad_alloc" in said
    )


def _too_large(sentence: str) -> OutOfMemory:
    return OutOfMemory(sentence, hint="Ask for less at once, raise the limit, or close what takes memory.")


def _said(error: Exception) -> str:
    said = first_line(str(error))
    return f"{type(error).__name__}: {said}" if said else type(error).__name__

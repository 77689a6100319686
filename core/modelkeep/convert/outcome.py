"""What the child of a conversion says, which is checked before it is believed: it has read somebody's file."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from modelkeep.convert.plan import ConversionPlan
from modelkeep.errors import (
    CacheError,
    NotEnoughSpace,
    OutOfMemory,
    ProcessDied,
    RuntimeMissing,
    SafetyError,
    UnsupportedModel,
)
from modelkeep.metadata.reading import Unreadable
from modelkeep.metadata.safetensors import read_header

if TYPE_CHECKING:
    from modelkeep.confined import Confined

__all__ = ["Written", "check_outcome"]

_MORE_MEMORY = "Give it more, close other programs, or convert it where there is more memory."


class Written(NamedTuple):
    """A safetensors file that the child wrote: bytes of its tensors, and their names.

    `shared` are names that had the same numbers, in groups; `left_out` are entries of the pickle that are no weights.
    """

    size: int
    names: tuple[str, ...]
    shared: tuple[tuple[str, ...], ...]
    left_out: tuple[str, ...]


def check_outcome(outcome: Confined, plan: ConversionPlan, out: Path) -> list[Written]:
    """What was written to the files in `out`, called by their numbers in the plan; or raise what went wrong."""
    if outcome.error:
        # Libraries that get no memory while they are loaded say so and end.
        if any("memory" in said.lower() for said in (outcome.error, *outcome.log)):
            raise OutOfMemory(
                f"{plan.key} could not be converted within its memory: {outcome.error}", hint=_MORE_MEMORY
            )
        raise ProcessDied(f"{plan.key} could not be converted: {outcome.error}", hint=outcome.hint)
    match outcome.reply:
        case {"failure": str(kind), "sentence": str(sentence), "hint": str(hint)}:
            raise _failed(kind, sentence, hint)
        case {"files": [*files]} if len(files) == len(plan.files):
            return [_checked(said, out / str(number)) for number, said in enumerate(files)]
    raise _unexpected("no answer that could be understood")


def _failed(kind: str, sentence: str, hint: str) -> Exception:
    match kind:
        case "missing":
            return RuntimeMissing(
                f"Converting takes {sentence}, which is not installed.",
                hint="pip install 'modelkeep[inference]'",
            )
        case "unsupported":
            return UnsupportedModel(sentence, hint=hint)
        case "memory":
            return OutOfMemory(sentence, hint=_MORE_MEMORY)
        case "full":
            return NotEnoughSpace(sentence, hint="Free some space, then do it again; nothing was changed.")
        case "disk":
            return CacheError(sentence, hint=hint)
    return SafetyError(sentence, hint=hint)


def _checked(said: object, path: Path) -> Written:
    """What was said of a file, if the file is there and is what was said."""
    match said:
        case {
            "bytes": int(size),
            "names": [*names],
            "shared": [*groups],
            "left_out": [*left_out],
        }:
            shared = tuple(_texts(group) for group in groups if isinstance(group, list))
            written = Written(size, _texts(names), shared, _texts(left_out))
        case _:
            raise _unexpected("no answer that could be understood")
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise _unexpected("something that is no file")
        header = read_header(path)
    except (OSError, Unreadable) as error:
        raise _unexpected("no whole safetensors file") from error
    if header.tensors != len(written.names):
        raise _unexpected("another number of tensors")
    return written


def _texts(values: Sequence[object]) -> tuple[str, ...]:
    return tuple(str(value) for value in values)


def _unexpected(what: str) -> SafetyError:
    return SafetyError(f"The process that converts wrote {what}, so that nothing was changed.")

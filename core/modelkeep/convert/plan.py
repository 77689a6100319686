"""What converting a revision would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from modelkeep.cache.inventory import CachedModel, CachedRevision
from modelkeep.keys import ModelKey

__all__ = ["Conversion", "ConversionPlan", "ConvertedFile", "plan_conversion"]


class ConvertedFile(NamedTuple):
    """A file of pickled weights and the safetensors file that is made of it; `size` is bytes of the old one."""

    source: str
    target: str
    size: int


@dataclass(frozen=True)
class ConversionPlan:
    """What converting will do. `kept` are files that the new revision shares with the old one.

    `dropped` are pickles that the new revision leaves out. `problem` says why it cannot be done, "" when it can.
    `moves_main`: `main` will lead to the new revision; that is the user's choice, and can be undone by a rollback.
    """

    root: str
    key: ModelKey
    commit: str
    files: tuple[ConvertedFile, ...]
    kept: tuple[str, ...]
    dropped: tuple[str, ...]
    bytes_needed: int
    free: int
    reserve: int
    moves_main: bool = False
    problem: str = ""
    hint: str = ""

    @property
    def fits(self) -> bool:
        return self.bytes_needed + self.reserve <= self.free


@dataclass(frozen=True)
class Conversion:
    """What converting did: `commit` is the new revision, which nothing but its own ref `ref` leads to, unless main.

    `tensors` were compared one by one, bit for bit; `memory` is the most that the child process held, in bytes.
    """

    root: str
    key: ModelKey
    old: str
    commit: str
    ref: str
    tensors: int
    written: int
    seconds: float
    memory: int
    notes: tuple[str, ...] = ()


def plan_conversion(
    model: CachedModel, revision: CachedRevision, *, move_main: bool = False
) -> ConversionPlan:
    """What converting a revision would do. Writes nothing and loads nothing."""
    raise NotImplementedError

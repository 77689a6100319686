"""What mending would do: for each bad file where a good one is, and what would have to be fetched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from modelkeep.checking.outcome import Outcome, Verification
from modelkeep.keys import ModelKey
from modelkeep.progress import Report, ignore

if TYPE_CHECKING:
    from modelkeep.library import Library

__all__ = ["MendItem", "MendPlan", "Origin", "Where", "plan_mending"]


class Where(StrEnum):
    """The kinds of places that a good content can come from, in the order in which they are preferred."""

    CACHE = "cache"
    ARCHIVE = "archive"
    HUB = "hub"


class Origin(NamedTuple):
    """A place that has, or should have, the good content. `place` is a path, or the name of a hub's profile."""

    where: Where
    place: str
    """The blob in a cache, the archive, or the profile."""
    member: str = ""
    """The member of an archive."""


@dataclass(frozen=True)
class MendItem:
    """A bad or missing file of a revision.

    `etag` is what its content must be and `size` how large, "" and -1 when nothing says it. `others` are files of
    other revisions that share the bad content, and are mended with it. Without an `origin`, `problem` says why.
    """

    root: str
    key: ModelKey
    commit: str
    name: str
    path: str
    outcome: Outcome
    etag: str
    size: int
    origin: Origin | None = None
    problem: str = ""
    hint: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class MendPlan:
    """What mending will do. `free` is what the disk has now, `reserve` what is to stay free, in bytes."""

    items: tuple[MendItem, ...]
    free: int = 0
    reserve: int = 0

    @property
    def mendable(self) -> tuple[MendItem, ...]:
        return tuple(item for item in self.items if item.origin)

    @property
    def bytes_needed(self) -> int:
        """What is read or fetched, each content once."""
        contents = {(item.root, item.key, item.etag): max(item.size, 0) for item in self.mendable}
        return sum(contents.values())

    @property
    def fits(self) -> bool:
        return self.bytes_needed + self.reserve <= self.free or not self.bytes_needed


def plan_mending(
    library: Library,
    found: Verification,
    *,
    archives: Sequence[str | Path] = (),
    hub: bool = False,
    profile: str = "",
    report: Report = ignore,
) -> MendPlan:
    """Where the bad and missing files of a verification can come from.

    Other caches of the library are looked at always, `archives` when they are named, a hub when it is asked for,
    which the plan itself does not reach.
    """
    raise NotImplementedError

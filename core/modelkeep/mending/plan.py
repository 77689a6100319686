"""What mending would do: for each bad file where a good one is, and what would have to be fetched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from modelkeep.checking.outcome import Outcome, Verification
from modelkeep.disk import free_space, reserve
from modelkeep.hub.giving import is_of_remote_only
from modelkeep.hub.offline import offline_reason
from modelkeep.hub.profiles import find_profile
from modelkeep.keys import ModelKey
from modelkeep.mending.origin import Archives, Caches, Origin, Where
from modelkeep.mending.remotes import Remotes
from modelkeep.mending.wanted import Wanted, wanted
from modelkeep.progress import Progress, Report, ignore

if TYPE_CHECKING:
    from modelkeep.library import Library

__all__ = ["MendItem", "MendPlan", "Origin", "Where", "plan_mending"]


@dataclass(frozen=True)
class MendItem:
    """A bad or missing file of a revision.

    `etag` is what its content must be and `size` how large, "" and -1 when nothing says it. `others` are files of
    other revisions that share the bad content, and are mended with it. Without an `origin`, `problem` says why;
    `more` are asked in turn when what comes from it is bad too.
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
    more: tuple[Origin, ...] = ()


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
    remotes: Sequence[str] = (),
    hub: bool = False,
    profile: str = "",
    report: Report = ignore,
) -> MendPlan:
    """Where the bad and missing files of a verification can come from.

    Other caches of the library are looked at always, `archives` and `remotes` when they are named, a hub when it is
    asked for, which the plan itself does not reach; for what came from a remote only, none is asked. What is in any
    of them is read when it is mended, not before. Raises `ArchiveError` for an archive that was named and cannot be
    read, `RemoteError` for such a remote, `SettingsError` for a remote or a profile that is not known.
    """
    caches = Caches(library, found)
    packed = Archives(library, archives, report)
    hubs = [Origin(Where.HUB, find_profile(profile).name)] if hub or profile else []
    offline = offline_reason() if hubs else ""
    bad = wanted(library, found)
    items = []
    with Remotes(library, remotes, report) as stores:
        for number, file in enumerate(bad):
            report(Progress("Looking for good copies", number, len(bad), file.name, unit="files"))
            item = _item(file)
            if not file.problem:
                known = library.catalog.origin(file.root, file.key, file.commit)
                asked = () if offline or is_of_remote_only(known) else hubs
                origins = (*caches.find(file), *packed.find(file), *stores.find(file), *asked)
                item = (
                    replace(item, origin=origins[0], more=origins[1:]) if origins else _without(item, offline)
                )
            items.append(item)
    return _with_space(tuple(items))


def _item(file: Wanted) -> MendItem:
    return MendItem(
        root=file.root,
        key=file.key,
        commit=file.commit,
        name=file.name,
        path=file.path,
        outcome=file.outcome,
        etag=file.etag,
        size=file.size,
        problem=file.problem,
        hint=file.hint,
        others=file.others,
    )


def _without(item: MendItem, offline: str) -> MendItem:
    """An item that nothing known has."""
    if offline:
        problem = f"No other cache or archive has it, and nothing is asked of a hub: {offline}."
        return replace(item, problem=problem, hint="Name an archive that has it, or go online.")
    return replace(
        item,
        problem="No other cache has it.",
        hint="Name an archive or a remote that has it, or have it fetched from a hub.",
    )


def _with_space(items: tuple[MendItem, ...]) -> MendPlan:
    """The plan, with the space of the disk that has the least left of those that are written to."""
    roots = {item.root for item in items if item.origin}
    spaces = [free_space(root) for root in roots]
    if not spaces:
        return MendPlan(items)
    least = min(spaces, key=lambda space: space.free - reserve(space))
    return MendPlan(items, least.free, reserve(least))

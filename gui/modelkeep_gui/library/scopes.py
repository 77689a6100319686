"""The lists that the sidebar offers: a cache, a remote, or all models of a kind. No Qt in here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from modelkeep.filter import parse_filter
from modelkeep.rows import ModelRow

__all__ = [
    "ACTIVITY",
    "ALL",
    "DOCTOR",
    "DOWNLOADS",
    "NOTHING",
    "REGISTERED",
    "SMART_LISTS",
    "TRAININGS",
    "TRASH",
    "Counts",
    "PageName",
    "Scope",
    "SmartList",
    "count_rows",
    "remote_scope",
]

SmartList = Literal[
    "damaged", "dangerous", "incomplete", "pinned", "unused", "pickles", "custom-code", "others"
]

PageName = Literal["downloads", "doctor", "activity", "registered", "trainings", "trash", "remote"]

SMART_LISTS: dict[SmartList, str] = {
    "damaged": "is:damaged",
    "dangerous": "is:dangerous",
    "incomplete": "is:incomplete",
    "pinned": "is:pinned",
    "unused": "is:unused",
    "pickles": "format:pickle",
    "custom-code": "is:custom-code",
    "others": "-type:model",
}
"""Each list as the filter that a user would type for it."""

_FILTERS = {name: parse_filter(text) for name, text in SMART_LISTS.items()}


@dataclass(frozen=True)
class Scope:
    """What the sidebar shows: all, one root, one smart list; or a page of its own in place of the table.

    `remote` is the name of the remote that the page of that name is of.
    """

    root: str | None = None
    smart_list: SmartList | None = None
    page: PageName | None = None
    remote: str = ""

    @property
    def has_models(self) -> bool:
        """Whether it is models of the table that are shown."""
        return self.page is None

    def test(self, now: float) -> Callable[[ModelRow], bool] | None:
        """Which rows belong to it at the time `now`; None for all of them."""
        if self.root is not None:
            root = self.root
            return lambda row: row.root == root
        if self.smart_list is not None:
            # Smart lists look at fields only, so no text need be searched.
            holds = _FILTERS[self.smart_list].at(now)
            return lambda row: holds(row, "")
        return None


def remote_scope(name: str) -> Scope:
    """The list of the remote of that name."""
    return Scope(page="remote", remote=name)


ALL = Scope()
TRASH = Scope(page="trash")
DOWNLOADS = Scope(page="downloads")
DOCTOR = Scope(page="doctor")
ACTIVITY = Scope(page="activity")
TRAININGS = Scope(page="trainings")
REGISTERED = Scope(page="registered")


@dataclass(frozen=True)
class Counts:
    """How much there is: bytes on disk by root, models by smart list."""

    size_by_root: dict[str, int]
    by_list: dict[SmartList, int]

    @property
    def size(self) -> int:
        return sum(self.size_by_root.values())


NOTHING = Counts({}, {})


def count_rows(rows: Iterable[ModelRow], now: float) -> Counts:
    """Count what the sidebar says, for the time `now` (seconds since the epoch)."""
    size_by_root: dict[str, int] = {}
    by_list: dict[SmartList, int] = dict.fromkeys(SMART_LISTS, 0)
    tests = [(name, _FILTERS[name].at(now)) for name in SMART_LISTS]
    for row in rows:
        size_by_root[row.root] = size_by_root.get(row.root, 0) + row.on_disk
        for name, holds in tests:
            if holds(row, ""):
                by_list[name] += 1
    return Counts(size_by_root, by_list)

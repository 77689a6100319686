"""What was done on this machine: who, what, when, how many bytes, and what came of it.

It is written by every operation that changes, brings or sends something, survives whatever happens to the caches, and
leaves the machine only as a file that the user exports.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from modelkeep.cache.catalog import Catalog, Event

__all__ = ["ActivityPage", "ActivityQuery", "export_activity", "find_activity"]


@dataclass(frozen=True)
class ActivityQuery:
    """Which events are wanted. Words of `text` have to be in the model, the user, the verb, the root or the detail.

    `since` and `until` are seconds since the epoch (UTC), 0.0 for no limit. `before` is the `id` of an event: only
    older ones, for the next page.
    """

    text: str = ""
    verbs: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    key: str = ""
    since: float = 0.0
    until: float = 0.0
    before: int = 0
    limit: int = 500


@dataclass(frozen=True)
class ActivityPage:
    """Events with their ids, the newest first. `next` is the `before` of the next page, 0 when this is the last."""

    events: tuple[tuple[int, Event], ...]
    next: int = 0
    total: int = 0


def find_activity(catalog: Catalog, query: ActivityQuery) -> ActivityPage:
    """The events that were asked for."""
    raise NotImplementedError


def export_activity(catalog: Catalog, query: ActivityQuery, target: str | os.PathLike[str]) -> int:
    """Write all events that were asked for as JSON lines, the oldest first; returns how many. The file is replaced
    at once when it is whole.
    """
    raise NotImplementedError

"""Carrying out a plan: the good content is fetched beside the cache, checked, and takes the bad one's place.

The bad content goes to the trash, so that nothing is lost; a kill at any moment leaves one or the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from modelkeep.mending.plan import MendItem, MendPlan
from modelkeep.progress import Report, ignore

if TYPE_CHECKING:
    from modelkeep.library import Library

__all__ = ["MendResult", "Mended", "mend"]


class Mended(NamedTuple):
    """What became of an item: mended, unless there is an `error`. `entry` is the bad content in the trash."""

    item: MendItem
    error: str = ""
    hint: str = ""
    entry: str = ""


@dataclass(frozen=True)
class MendResult:
    """What mending did. `fetched` is bytes that were read or came by the network."""

    items: tuple[Mended, ...]
    fetched: int = 0

    @property
    def failures(self) -> tuple[str, ...]:
        return tuple(f"{one.item.key} {one.item.name}: {one.error}" for one in self.items if one.error)

    @property
    def entries(self) -> tuple[tuple[str, str], ...]:
        """What went to the trash, each as (root, id)."""
        return tuple(dict.fromkeys((one.item.root, one.entry) for one in self.items if one.entry))


def mend(library: Library, plan: MendPlan, *, report: Report = ignore) -> MendResult:
    """Carry out a plan. What failed is in the result, item by item."""
    raise NotImplementedError

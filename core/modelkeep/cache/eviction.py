"""What goes when a cache has to become smaller, or when models were not used for long: a plan, with reasons.

Models go as a whole, the first of the order first, until what is left is small enough. Never what is pinned, in use,
being downloaded, or has just arrived. How often and when a model was used is known from our own journal, and where
that says nothing from the access times of its files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from modelkeep.cache.deletion import DeletionItem, DeletionPlan, Target, plan_deletion
from modelkeep.cache.inventory import Inventory
from modelkeep.cache.policy import CachePolicy
from modelkeep.cache.ranking import Candidate, Ranking, Spared
from modelkeep.keys import ModelKey

__all__ = ["Candidate", "EvictionPlan", "Spared", "plan_eviction"]


@dataclass(frozen=True)
class EvictionPlan:
    """What goes from one root. `deletion` carries it out; None when nothing goes.

    `on_disk` is what the models take now and `wanted` what is to be freed, in bytes: `missing` of that cannot be.
    """

    root: str
    policy: CachePolicy
    on_disk: int
    wanted: int
    chosen: tuple[Candidate, ...]
    spared: tuple[Spared, ...]
    deletion: DeletionPlan | None = None

    @property
    def frees(self) -> int:
        return self.deletion.frees if self.deletion else 0

    @property
    def is_permanent(self) -> bool:
        """Whether what goes is gone: nothing of it is in the trash then."""
        return bool(self.deletion and self.deletion.permanently)

    @property
    def missing(self) -> int:
        return max(0, self.wanted - self.frees)


def plan_eviction(
    inventory: Inventory,
    ranking: Ranking,
    *,
    pinned: Iterable[ModelKey],
    room: int = 0,
    free: int = 0,
    keep: Iterable[ModelKey] = (),
    permanently: bool = False,
) -> EvictionPlan:
    """What the policy of a ranking removes now, of the inventory that was ranked. Changes nothing.

    `room` is what is about to be added, `free` what is to be freed whatever the size, both in bytes. What is to
    `keep` stays, and others go for it.
    """
    pins, most = frozenset(pinned), ranking.policy.max_size
    over = ranking.on_disk + room - most if most else 0
    wanted = max(over, free, 0)
    kept, busy = frozenset(keep), dict[ModelKey, Spared]()
    while True:
        chosen = ranking.choose(wanted, kept | busy.keys())
        if not chosen:
            return _plan(ranking, wanted, (), busy, None)
        # What is open or being downloaded only a plan of the deletion knows; then others have to go.
        deletion = plan_deletion(
            inventory,
            [Target(one.key) for one in chosen],
            pinned=pins,
            permanently=permanently,
        )
        in_the_way = {item.key: item for item in deletion.items if item.refusal}
        if not in_the_way:
            return _plan(ranking, wanted, chosen, busy, deletion)
        busy |= _spared(ranking, in_the_way)


def _spared(ranking: Ranking, in_the_way: Mapping[ModelKey, DeletionItem]) -> dict[ModelKey, Spared]:
    return {
        one.key: Spared(one.key, one.frees, item.refusal, "busy", one.stored, one.expired, place)
        for place, one in enumerate(ranking.candidates)
        if (item := in_the_way.get(one.key))
    }


def _plan(
    ranking: Ranking,
    wanted: int,
    chosen: tuple[Candidate, ...],
    busy: Mapping[ModelKey, Spared],
    deletion: DeletionPlan | None,
) -> EvictionPlan:
    places = {one.key: place for place, one in enumerate(ranking.candidates, 1)}
    count = places[chosen[-1].key] if chosen else 0
    if wanted > (deletion.frees if deletion else 0):
        count = len(ranking.candidates) + 1  # all of them were asked
    spared = tuple(sorted((*ranking.would_go(count), *busy.values())))
    return EvictionPlan(ranking.root, ranking.policy, ranking.on_disk, wanted, chosen, spared, deletion)

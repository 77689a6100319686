"""In which order the models of a root go when space is needed, and what has been freed after each of them.

It is made from a scan without a look at the disk, and is the whole list: how many of its models go for so many
bytes, and what then follows when some are kept, it says itself.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from modelkeep.cache.catalog import Use
from modelkeep.cache.inventory import Blob, CachedModel, Inventory
from modelkeep.cache.last_use import LastUse, last_used, mount_atime
from modelkeep.cache.policy import CachePolicy, Order
from modelkeep.cache.sharing import all_blobs, freed_by
from modelkeep.keys import ModelKey
from modelkeep.text import age_text

__all__ = ["Candidate", "Ranking", "Shared", "Spared", "rank_models"]


class Candidate(NamedTuple):
    """A model that may go, and `why`, as a sentence. `frees` is bytes, as if it went alone; `uses` what we saw.

    `stored` is when it came. One that has `expired` goes whatever is to be freed.
    """

    key: ModelKey
    frees: int
    used: LastUse
    uses: int
    stored: float
    why: str
    size: int = 0
    expired: bool = False


class Spared(NamedTuple):
    """A model that stays, and the sentence that says why.

    `reason` is "pinned", "followed", "new", "elsewhere" (a link leads to it) or "busy" (open, or being downloaded).
    `place` is how many models of the order go before it would.
    """

    key: ModelKey
    frees: int
    why: str
    reason: str = "busy"
    stored: float = 0.0
    expired: bool = False
    place: int = 0


class Shared(NamedTuple):
    """What is freed, in bytes, only when all of these models go: contents that they share."""

    keys: frozenset[ModelKey]
    frees: int


@dataclass(frozen=True)
class Ranking:
    """All models of a root: those that may go, the first of the order first, and those that stay whatever happens.

    `on_disk` is what the models take; `disk_free` and `disk_total` are of the disk that they are on; all in bytes.
    """

    root: str
    policy: CachePolicy
    now: float
    on_disk: int
    disk_free: int
    disk_total: int
    candidates: tuple[Candidate, ...] = ()
    spared: tuple[Spared, ...] = ()
    shared: tuple[Shared, ...] = field(default=(), repr=False)

    @cached_property
    def expired(self) -> int:
        """How many have expired: they are the first."""
        return sum(one.expired for one in self.candidates)

    def running(self, keep: Collection[ModelKey] = ()) -> list[int]:
        """What has been freed, in bytes, when all up to each candidate are gone but those that are kept."""
        places = {one.key: place for place, one in enumerate(self.candidates) if one.key not in keep}
        gains = [one.frees if one.key in places else 0 for one in self.candidates]
        for keys, frees in self.shared:
            if all(key in places for key in keys):
                gains[max(places[key] for key in keys)] += frees
        return list(accumulate(gains))

    def count(self, wanted: int, running: Sequence[int]) -> int:
        """How many of the first candidates it takes for so many bytes, with those that are kept among them.

        `running` is as `running` gave it. All of them where even they are too few.
        """
        if wanted <= (running[self.expired - 1] if self.expired else 0):
            return self.expired
        return min(bisect_left(running, wanted) + 1, len(running))

    def choose(self, wanted: int, keep: Collection[ModelKey] = ()) -> tuple[Candidate, ...]:
        """What goes for so many bytes: all that has expired, and of the others as few as will do."""
        count = self.count(wanted, self.running(keep))
        return tuple(one for one in self.candidates[:count] if one.key not in keep)

    def would_go(self, count: int) -> tuple[Spared, ...]:
        """Those that stay although they come before the last of the first `count` candidates, or have expired."""
        return tuple(one for one in self.spared if one.place < count or one.expired)


def rank_models(
    inventory: Inventory,
    policy: CachePolicy,
    *,
    uses: Mapping[ModelKey, Use],
    counts: Mapping[ModelKey, int],
    pinned: Iterable[ModelKey],
    followed: Iterable[ModelKey] = (),
    now: float,
) -> Ranking:
    """The order of a policy. `uses` and `counts` are of the catalog, `followed` what a remote would bring again."""
    words, mount = _Words(policy, now), mount_atime(inventory.root)
    kept = dict.fromkeys(followed, "followed") | dict.fromkeys(pinned, "pinned")
    ordered: list[tuple[tuple[object, ...], Candidate | Spared]] = []
    for model in inventory.models:
        used = last_used(model, uses.get(model.key), mount)
        stored = max((revision.modified for revision in model.revisions), default=model.modified)
        one = Candidate(model.key, model.frees, used, counts.get(model.key, 0), stored, "", model.size)
        # What was never used may have been kept for later: its arrival counts as a sign of life.
        has_expired = bool(policy.expiry) and now - max(used.at, stored) > policy.expiry
        place = (not has_expired, *_rank(policy.order, one))
        if reason := _why_it_stays(model, one, kept, now - policy.grace):
            why = words.stays(reason, one)
            ordered.append((place, Spared(one.key, one.frees, why, reason, stored, has_expired)))
        elif has_expired or policy.order is not Order.NONE:
            why = words.expired(one) if has_expired else words.order(one)
            ordered.append((place, one._replace(why=why, expired=has_expired)))
    ordered.sort(key=lambda pair: pair[0])
    candidates: list[Candidate] = []
    spared: list[Spared] = []
    for _, found in ordered:
        if isinstance(found, Candidate):
            candidates.append(found)
        else:
            spared.append(found._replace(place=len(candidates)))
    return Ranking(
        inventory.root,
        policy,
        now,
        inventory.models_on_disk,
        inventory.disk_free,
        inventory.disk_total,
        tuple(candidates),
        tuple(spared),
        _shared(inventory),
    )


def _why_it_stays(model: CachedModel, one: Candidate, kept: Mapping[ModelKey, str], newest: float) -> str:
    if one.key in kept:
        return kept[one.key]
    if one.stored > newest:
        return "new"
    return "elsewhere" if os.path.islink(model.path) else ""


def _rank(order: Order, one: Candidate) -> tuple[float, float, str]:
    used = one.used.at or one.stored
    match order:
        case Order.LEAST_RECENTLY_STORED:
            return one.stored, used, str(one.key)
        case Order.LEAST_FREQUENTLY_USED:
            return float(one.uses), used, str(one.key)
        case _:
            return used, one.stored, str(one.key)


def _shared(inventory: Inventory) -> tuple[Shared, ...]:
    """The contents that several models share, as a deletion counts them."""
    owners: dict[str, ModelKey] = {}
    contents: dict[tuple[int, int], dict[str, Blob]] = {}
    for model in inventory.models:
        inside = f"{model.path}/"
        for blob in all_blobs(model) if model.sharing else ():
            if (blob.path != blob.payload or blob.links > 1) and blob.path.startswith(inside):
                owners[blob.path] = model.key
                contents.setdefault((blob.device, blob.inode), {})[blob.path] = blob
    freed: dict[frozenset[ModelKey], int] = {}

    def add(blobs: Iterable[str], size: int) -> None:
        keys = frozenset(owners[path] for path in blobs)
        if size and len(keys) > 1:
            freed[keys] = freed.get(keys, 0) + size

    for blobs in contents.values():
        links = {path: blob for path, blob in blobs.items() if path != blob.payload}
        # A payload leaves the shared store with the last link to it; its bytes, with the last hard link as well.
        leaving, _ = freed_by(links, inventory.names, inventory.store)
        add(links, leaving)
        add(blobs, freed_by(blobs, inventory.names, inventory.store)[0] - leaving)
    return tuple(Shared(keys, size) for keys, size in freed.items())


class _Words:
    """Why a model goes or stays, in sentences."""

    def __init__(self, policy: CachePolicy, now: float) -> None:
        self._policy = policy
        self._now = now

    def stays(self, reason: str, one: Candidate) -> str:
        match reason:
            case "pinned":
                return "It is pinned."
            case "followed":
                return "It is followed: it would be brought again."
            case "elsewhere":
                return "It lies elsewhere: only a link to it is in this cache."
        age = self._now - one.stored
        return f"It arrived {age_text(age)} ago." if age >= 60 else "It has just arrived."

    def expired(self, one: Candidate) -> str:
        unused = age_text(self._now - max(one.used.at, one.stored))
        return f"It was not used for {unused}; {age_text(self._policy.expiry)} is the limit."

    def order(self, one: Candidate) -> str:
        match self._policy.order:
            case Order.LEAST_RECENTLY_STORED:
                return f"It came {_ago(self._now - one.stored)}, before those that stay."
            case Order.LEAST_FREQUENTLY_USED:
                if not one.uses:
                    return "It was never seen in use."
                times = "once" if one.uses == 1 else f"{one.uses:,} times"
                return f"It was seen in use {times}, less often than those that stay."
        if not one.used.at:
            return "Nothing says that it was ever used."
        ago = _ago(self._now - one.used.at)
        match one.used.source:
            case "journal":
                return f"It was used {ago}, before those that stay."
            case "atime":
                return f"Its files were read {ago}, before those that stay."
        return f"Its files were read {ago} as far as this disk tells, before those that stay."


def _ago(seconds: float) -> str:
    return f"{age_text(seconds)} ago" if seconds >= 60 else "a moment ago"

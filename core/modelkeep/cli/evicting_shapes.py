"""What `modelkeep evict` and the limits of caches print as JSON; see docs/json.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from modelkeep.cli.shapes import Json, iso_time

if TYPE_CHECKING:
    from modelkeep.cache.deletion import DeletionResult
    from modelkeep.cache.eviction import Candidate, EvictionPlan
    from modelkeep.cache.policy import CachePolicy

__all__ = ["evictions", "limits"]


def limits(policy: CachePolicy) -> Json:
    """The policy of a cache."""
    return {
        "max_size": policy.max_size or None,
        "older_than": policy.expiry or None,
        "order": policy.order.value,
        "grace": policy.grace,
    }


def evictions(plans: Sequence[EvictionPlan], results: Sequence[DeletionResult], *, executed: bool) -> Json:
    """What `evict` prints."""
    done = {(result.root, item.key): item for result in results for item in result.items}

    def goes(plan: EvictionPlan, one: Candidate) -> Json:
        item = done.get((plan.root, one.key))
        status = "planned" if item is None else "failed" if item.error else "evicted"
        return {
            "root": plan.root,
            "key": str(one.key),
            "frees": one.frees,
            "last_used": iso_time(one.used.at),
            "last_used_source": one.used.source or None,
            "uses": one.uses,
            "stored": iso_time(one.stored),
            "why": one.why,
            "status": status,
            "entry": (item.entry or None) if item else None,
            "error": (item.error or None) if item else None,
            "hint": (item.hint or None) if item else None,
        }

    return {
        "executed": executed,
        "frees": sum(plan.frees for plan in plans),
        "freed": sum(result.freed for result in results),
        "missing": sum(plan.missing for plan in plans),
        "items": [goes(plan, one) for plan in plans for one in plan.chosen],
        "stays": [
            {"root": plan.root, "key": str(one.key), "frees": one.frees, "why": one.why}
            for plan in plans
            for one in plan.spared
        ],
    }

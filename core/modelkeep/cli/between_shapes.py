"""The JSON of `copy`, `move`, `sync` and `follow`, as `docs/json.md` describes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modelkeep.named_remotes import Follow
    from modelkeep.remote.plans import Copied, CopyPlan, Followed, FollowPlan, Synced, SyncItem, SyncPlan

__all__ = ["copied", "follow_run", "follows", "synced"]

Json = dict[str, object]


def copied(plan: CopyPlan, result: Copied | None) -> Json:
    """A plan, and what became of it when it was carried out."""
    deletion = plan.deletion
    return {
        "origin": plan.origin,
        "destination": plan.destination,
        "key": str(plan.key),
        "refs": list(plan.refs),
        "size": plan.size,
        "sends": plan.sends,
        "is_there": plan.is_there,
        "moves": plan.moves,
        "deletes": {"commits": list(deletion.commits), "refs": list(deletion.refs), "frees": deletion.frees}
        if deletion
        else None,
        "notes": list(plan.notes),
        "executed": result is not None,
        "result": {
            "commit": result.commit,
            "sent": result.sent,
            "verified": result.verified,
            "deleted": result.deleted,
        }
        if result
        else None,
    }


def synced(plan: SyncPlan, result: Synced | None) -> Json:
    """A plan, and what became of it when it was carried out."""
    return {
        "origin": plan.origin,
        "destination": plan.destination,
        "sends": plan.sends,
        "items": list(map(_item, plan.items)),
        "executed": result is not None,
        "sent": result.sent if result else 0,
        "done": [str(item.key) for item in result.done] if result else [],
        "failures": list(result.failures) if result else [],
    }


def follow_run(plans: Sequence[FollowPlan], results: Sequence[Followed]) -> list[Json]:
    """What following brings, or has brought, by remote and cache."""
    by_plan = {(one.plan.remote, one.plan.root): one for one in results}
    return [_followed(plan, by_plan.get((plan.remote, plan.root))) for plan in plans]


def follows(listed: Sequence[Follow]) -> list[Json]:
    """What is followed."""
    return [
        {
            "remote": one.remote,
            "keys": list(one.keys),
            "tag": one.tag or None,
            "root": one.root or None,
        }
        for one in listed
    ]


def _followed(plan: FollowPlan, result: Followed | None) -> Json:
    return {
        "remote": plan.remote,
        "root": plan.root,
        "sends": plan.sends,
        "items": list(map(_item, plan.items)),
        "gone": list(plan.gone),
        "problems": list(plan.problems),
        "executed": result is not None,
        "fetched": list(result.fetched) if result else [],
        "bytes": result.bytes if result else 0,
        "failures": list(result.failures) if result else [],
    }


def _item(item: SyncItem) -> Json:
    return {
        "action": str(item.action),
        "key": str(item.key),
        "refs": list(item.refs),
        "size": item.size,
        "sends": item.sends,
        "why": item.why,
    }

"""The JSON of `mend`, as `docs/json.md` describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modelkeep.checking.outcome import Verification
    from modelkeep.mending.mend import Mended, MendResult
    from modelkeep.mending.plan import MendItem, MendPlan

__all__ = ["mending"]

Json = dict[str, object]


def mending(plan: MendPlan, result: MendResult | None, left: Verification | None) -> Json:
    """A plan, and what came of it: `left` is what verifying said afterwards. Both None where nothing was done."""
    done = result.items if result else [None] * len(plan.items)
    return {
        "executed": result is not None,
        "bytes_needed": plan.bytes_needed,
        "fetched": result.fetched if result else 0,
        "bad": sum(check.verdict.is_bad for check in left.revisions) if left else None,
        "files": [_file(item, one) for item, one in zip(plan.items, done, strict=True)],
    }


def _file(item: MendItem, done: Mended | None) -> Json:
    origin = done.item.origin if done else item.origin
    problem, hint = (done.error, done.hint) if done else (item.problem, item.hint)
    return {
        "key": str(item.key),
        "root": item.root,
        "commit": item.commit,
        "name": item.name,
        "path": item.path,
        "outcome": str(item.outcome),
        "etag": item.etag or None,
        "size": item.size if item.size >= 0 else None,
        "others": list(item.others),
        "origin": {"where": str(origin.where), "place": origin.place, "member": origin.member or None}
        if origin
        else None,
        "status": ("failed" if done.error else "mended")
        if done and origin
        else "planned"
        if origin
        else "no-origin",
        "entry": (done.entry if done else "") or None,
        "problem": problem or None,
        "hint": hint or None,
    }

"""The JSON of `import`, as `docs/json.md` describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelkeep.cli.safety_shapes import found

if TYPE_CHECKING:
    from modelkeep.archive.import_plan import ImportItem, ImportPlan
    from modelkeep.archive.signature import Signature
    from modelkeep.archive.unpack import ImportedItem, ImportResult

__all__ = ["import_plan"]

Json = dict[str, object]


def import_plan(plan: ImportPlan, result: ImportResult | None) -> Json:
    """`import`: the plan, with what became of each item when it was carried out."""
    done = result.items if result else [None] * len(plan.items)
    return {
        "executed": result is not None,
        "root": plan.root,
        "bytes_needed": plan.bytes_needed,
        "bytes_missing": plan.bytes_missing,
        "free": plan.free,
        "reserve": plan.reserve,
        "items": [_import_item(item, one) for item, one in zip(plan.items, done, strict=True)],
    }


def _import_item(item: ImportItem, done: ImportedItem | None) -> Json:
    error = done.error if done else item.error
    if error:
        status = "refused" if item.error else "failed"
    elif done is None:
        status = "planned"
    else:
        status = "present" if item.action == "present" else "imported"
    moves = item.moves_ref
    return {
        "source": item.source,
        "folder": item.folder,
        "action": str(item.action),
        "key": str(item.key) if item.key else None,
        "proposal": str(item.proposal) if item.proposal else None,
        "commit": (done.commit if done else None) or item.commit,
        "ref": item.ref,
        "moves_ref": {"name": moves.name, "old": moves.old, "new": moves.new} if moves else None,
        "size": item.size,
        "bytes_needed": item.bytes_needed,
        "files": [
            {"name": file.name, "size": file.size, "present": file.present, "absent": file.absent}
            for file in item.files
        ],
        "packed_for": item.packed_for or None,
        "lacking": list(item.lacking),
        "signature": _signature(item.signature),
        "complete": item.complete,
        "checksums": item.checksums,
        "replaces": list(item.replaces),
        "ignored": list(item.ignored),
        "notes": list(item.notes),
        "status": status,
        "path": (done.path or None) if done else None,
        "bytes_written": done.bytes_written if done else 0,
        "bytes_linked": done.bytes_linked if done else 0,
        "safety": found(done.safety if done else item.safety),
        "unscanned": [] if done and done.safety else list(item.unscanned),
        "error": str(error) if error else None,
        "hint": (error.hint or None) if error else None,
    }


def _signature(signature: Signature | None) -> Json | None:
    if signature is None:
        return None
    comment = signature.comment if signature.is_verified else None
    return {"standing": str(signature.standing), "key": signature.key_id or None, "comment": comment}

"""The JSON of the commands, as `docs/json.md` describes it.

Sizes are integers (bytes), times ISO 8601 in UTC, paths absolute. What is not known is null.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modelkeep.archive.pack import Exported, ExportItem, ExportPlan, ExportResult
    from modelkeep.cache.deletion import Deleted, DeletionItem, DeletionPlan
    from modelkeep.cache.inventory import CachedModel, Problem
    from modelkeep.cache.staging import LeftStaging
    from modelkeep.cache.trash import TrashEntry
    from modelkeep.details import ModelDetails
    from modelkeep.rows import ModelRow, RevisionRow, RootView

__all__ = [
    "deletion_item",
    "details",
    "export_plan",
    "iso_time",
    "leftover",
    "model",
    "problem",
    "root",
    "trash_entry",
]

Json = dict[str, object]


def iso_time(when: float) -> str | None:
    """Seconds since the epoch as "2026-03-01T14:05:10Z"; None for 0.0 and for what no calendar has."""
    if not when:
        return None
    try:
        return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return None


def problem(found: Problem | tuple[str, str, str]) -> Json:
    kind, path, message = found
    return {"kind": str(kind), "path": path, "message": message}


def model(row: ModelRow, cached: CachedModel) -> Json:
    """A model of `list`."""
    return {
        "key": row.key,
        "repo_id": row.repo_id,
        "repo_type": row.repo_type,
        "root": row.root,
        "path": cached.path,
        "size": row.size,
        "size_on_disk": row.on_disk,
        "frees": row.frees,
        "last_used": iso_time(row.last_used),
        "last_used_source": row.last_used_source or None,
        "last_modified": iso_time(row.modified),
        "state": row.state,
        "pinned": row.pinned,
        "note": row.note or None,
        "library": row.library or None,
        "task": row.task or None,
        "licence": row.licence or None,
        "languages": list(row.languages),
        "tags": list(row.tags),
        "formats": list(row.formats),
        "parameters": row.parameters or None,
        "custom_code": row.custom_code,
        "verified": row.verified or None,
        "verified_at": iso_time(row.verified_at),
        "safety": row.safety or None,
        "incomplete": row.incomplete,
        "revisions": [_revision(revision) for revision in row.revisions],
        "problems": [problem(one) for one in cached.problems],
    }


def _revision(row: RevisionRow) -> Json:
    return {
        "commit": row.commit,
        "refs": list(row.refs),
        "size": row.size,
        "size_on_disk": row.on_disk,
        "frees": row.frees,
        "files": row.files,
        "missing": row.missing,
        "state": row.state,
        "last_modified": iso_time(row.modified),
        "verified": row.verified or None,
        "verified_at": iso_time(row.verified_at),
        "safety": row.safety or None,
    }


def details(found: ModelDetails, cached: CachedModel) -> Json:
    """A model of `show`: as in `list`, with one revision looked at closely."""
    said, origin = found.description, found.provenance
    return model(found.row, cached) | {
        "refs": dict(found.refs),
        "commit": found.commit or None,
        "snapshot": found.snapshot,
        "files": [
            {
                "name": file.name,
                "size": file.size,
                "size_on_disk": file.on_disk,
                "kind": file.kind,
                "blob": file.blob or None,
                "path": file.path,
                "here": file.is_here,
            }
            for file in found.files
        ],
        "missing": list(found.missing),
        "library": said.library or None,
        "task": said.task or None,
        "licence": said.licence or None,
        "languages": list(said.languages),
        "tags": list(said.tags),
        "formats": list(said.formats),
        "parameters": said.parameters or None,
        "parameters_by_dtype": dict(said.parameters_by_dtype),
        "base_models": list(said.base_models),
        "datasets": list(said.datasets),
        "architecture": said.architecture or None,
        "dtype": said.dtype or None,
        "quantisation": said.quantisation or None,
        "context": said.context or None,
        "has_pickles": said.has_pickles,
        "custom_code": said.custom_code,
        "remarks": list(said.notes),
        "origin": {
            "url": origin.url or None,
            "source": origin.source or None,
            "archive": origin.archive or None,
            "downloaded": iso_time(origin.at),
            "downloaded_by": origin.by or None,
            "last_modified": origin.last_modified or None,
        },
        "last_used_by": found.used_by or None,
        "card": found.card,
        "snippet": found.snippet,
    }


def root(view: RootView) -> Json:
    """A root of `usage`."""
    return {
        "root": view.path,
        "name": view.name,
        "default": view.is_default,
        "state": view.state,
        "message": view.message or None,
        "model_count": view.models,
        "models": view.models_on_disk,
        "other": view.other,
        "trash": view.trash,
        "staging": view.staging,
        "incomplete": view.incomplete,
        "total": view.disk_total,
        "free": view.disk_free,
        "problems": [problem(one) for one in view.problems],
    }


def deletion_item(plan: DeletionPlan, item: DeletionItem, done: Deleted | None, force: bool) -> Json:
    """An item of `delete`; `done` is what became of it, None when nothing was done."""
    if done is None:
        status = "refused" if item.refusal and not force else "planned"
    else:
        status = "failed" if done.error else "deleted"
    return {
        "root": plan.root,
        "key": str(item.key),
        "what": item.what,
        "path": item.path,
        "size": item.size,
        "files": item.files,
        "refs": list(item.refs),
        "frees": item.frees,
        "stays": [{"name": kept.name, "size": kept.size, "reason": kept.reason} for kept in item.kept],
        "in_use": [{"pid": file.pid, "process": file.process, "path": file.path} for file in item.in_use],
        "downloading": list(item.downloading),
        "pinned": item.pinned,
        "refusal": item.refusal or None,
        "status": status,
        "freed": done.freed if done else 0,
        "entry": (done.entry or None) if done else None,
        "error": (done.error or None) if done else None,
        "hint": (done.hint or None) if done else None,
    }


def export_plan(plan: ExportPlan, result: ExportResult | None, *, bundle: bool) -> Json:
    """`export`: the plan, with what became of each item when it was carried out."""
    done = result.items if result else [None] * len(plan.items)
    return {
        "executed": result is not None,
        "folder": str(plan.folder),
        "bundle": bundle,
        "checksums": plan.options.checksums,
        "split": plan.options.split,
        "total": plan.total,
        "needs": plan.needs,
        "free": plan.free,
        "reserve": plan.reserve,
        "items": [_export_item(item, one) for item, one in zip(plan.items, done, strict=True)],
    }


def _export_item(item: ExportItem, done: Exported | None) -> Json:
    error, hint = (done.error, done.hint) if done else (item.refusal, item.hint)
    archive = done.archive if done else None
    if error:
        status = "refused" if item.refusal else "failed"
    else:
        status = "exported" if archive else "planned"
    return {
        "key": str(item.key),
        "commit": item.commit,
        "files": item.files,
        "content": item.content,
        "size": item.size,
        "archive": str(item.target),
        "paths": [str(path) for path in item.paths],
        "replaces": [str(path) for path in item.replaces],
        "missing": list(item.missing),
        "status": status,
        "proven": archive.proven if archive else 0,
        "cloned": archive.cloned if archive else 0,
        "error": error or None,
        "hint": hint or None,
    }


def leftover(left: LeftStaging) -> Json:
    """An entry of `staging list`."""
    return {
        "id": left.id,
        "path": left.path,
        "key": str(left.key) if left.key else None,
        "commit": left.commit,
        "sources": list(left.sources),
        "started": iso_time(left.started),
        "size_on_disk": left.on_disk,
        "alive": left.alive,
    }


def trash_entry(entry: TrashEntry) -> Json:
    """An entry of `trash list`."""
    return {
        "id": entry.id,
        "root": entry.root,
        "key": None if entry.key.repo_id == "?" else str(entry.key),
        "what": entry.what,
        "deleted_at": iso_time(entry.deleted_at),
        "deleted_by": entry.deleted_by or None,
        "size": entry.size,
        "frees": entry.frees,
        "files": entry.files,
    }

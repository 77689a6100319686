"""The JSON of `remote`, as `docs/json.md` describes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from modelkeep.cli.shapes import iso_time

if TYPE_CHECKING:
    from modelkeep.remote.values import (
        Check,
        Collected,
        Collection,
        Manifest,
        RefEntry,
        RemoteCheck,
        RemoteDeletion,
        RemoteModel,
        RemoteRevision,
    )
    from modelkeep.remotes import RemoteDetails, RemoteView
    from modelkeep.rows import ModelRow, RevisionRow

__all__ = [
    "check",
    "collection",
    "deleted",
    "deletion",
    "details",
    "entry",
    "model",
    "remote",
    "verification",
]

Json = dict[str, object]


def remote(view: RemoteView) -> Json:
    return {
        "name": view.name,
        "url": view.url,
        "kind": view.kind,
        "cache": view.cache or None,
        "credentials": view.credentials or None,
        "follows": [{"keys": list(one.keys), "tag": one.tag or None} for one in view.follows],
        "problem": view.problem or None,
    }


def check(one: Check) -> Json:
    return {
        "name": one.name,
        "outcome": one.outcome,
        "sentence": one.sentence,
        "hint": one.hint or None,
    }


def model(row: ModelRow, name: str) -> Json:
    """A model of `remote models`."""
    return {
        "key": row.key,
        "repo_id": row.repo_id,
        "repo_type": row.repo_type,
        "remote": name,
        "where": row.where,
        "state": row.state if row.where in ("here", "both") else None,
        "size": row.size,
        "pushed_at": iso_time(row.modified) if row.where != "here" else None,
        "library": row.library or None,
        "task": row.task or None,
        "licence": row.licence or None,
        "languages": list(row.languages),
        "tags": list(row.tags),
        "formats": list(row.formats),
        "parameters": row.parameters or None,
        "custom_code": row.custom_code,
        "pinned": row.pinned,
        "note": row.note or None,
        "revisions": [_row_revision(revision) for revision in row.revisions],
    }


def _row_revision(row: RevisionRow) -> Json:
    return {"commit": row.commit, "refs": list(row.refs), "size": row.size, "files": row.files}


def details(found: RemoteDetails, name: str) -> Json:
    """`remote show`: a model, with one revision looked at closely."""
    manifest = found.manifest
    return {
        "key": str(found.model.key),
        "remote": name,
        "commit": manifest.commit,
        "size": manifest.size,
        "size_on_remote": found.model.on_remote,
        "complete": manifest.is_complete,
        "description": manifest.description or None,
        "origin": manifest.origin or None,
        "parent": manifest.lineage.parent or None,
        "root": manifest.lineage.root or None,
        "children": list(found.children),
        "created_at": iso_time(manifest.created_at),
        "created_by": manifest.created_by or None,
        "last_modified": manifest.last_modified or None,
        **_summary(manifest),
        "files": [
            {"path": file.path, "size": file.size, "sha256": file.sha256 or None, "etag": file.etag or None}
            for file in manifest.files
        ],
        "revisions": [_revision(one) for one in found.model.revisions],
        "history": [entry(one) for one in found.history],
    }


def _summary(manifest: Manifest) -> Json:
    said = manifest.summary
    return {
        "library": said.library or None,
        "task": said.task or None,
        "licence": said.licence or None,
        "languages": list(said.languages),
        "tags": list(said.tags),
        "formats": list(said.formats),
        "parameters": said.parameters or None,
        "custom_code": said.custom_code,
    }


def _revision(one: RemoteRevision) -> Json:
    return {
        "commit": one.commit,
        "refs": list(one.refs),
        "size": one.size,
        "files": one.files,
        "complete": one.is_complete,
        "pushed_at": iso_time(one.pushed_at),
        "pushed_by": one.pushed_by or None,
        "message": one.message or None,
    }


def entry(one: RefEntry) -> Json:
    """A step of a branch or tag."""
    return {
        "ref": one.ref,
        "number": one.number,
        "commit": one.commit or None,
        "was": one.was or None,
        "message": one.message or None,
        "by": one.by or None,
        "at": iso_time(one.at),
    }


def verification(found: RemoteCheck) -> Json:
    return {
        "good": found.is_good,
        "revisions": found.revisions,
        "files": found.files,
        "read": found.read,
        "problems": [
            {"sha256": one.sha256, "problem": one.problem, "files": list(one.files)} for one in found.problems
        ],
        "left_out": list(found.left_out),
    }


def deletion(plan: RemoteDeletion, *, executed: bool) -> Json:
    return {
        "executed": executed,
        "remote": plan.remote,
        "key": str(plan.key),
        "commits": list(plan.commits),
        "refs": list(plan.refs),
        "frees": plan.frees,
        "kept_for": round(plan.kept_for),
        "derived": list(plan.derived),
    }


def deleted(models: Sequence[RemoteModel]) -> list[Json]:
    """What can be brought back."""
    return [
        {"key": str(one.key), "revisions": [_revision(revision) for revision in one.revisions]}
        for one in models
    ]


def collection(plan: Collection, done: Collected | None) -> Json:
    """A plan of `remote gc`, and what became of it when it was carried out."""
    return {
        "executed": done is not None,
        "remote": plan.remote,
        "grace": round(plan.grace),
        "frees": plan.frees,
        "kept": plan.kept,
        "unfinished": plan.unfinished,
        "garbage": [{"name": one.name, "size": one.size, "reason": one.reason} for one in plan.garbage],
        "removed": done.removed if done else 0,
        "freed": done.freed if done else 0,
        "spared": list(done.spared) if done else [],
        "failures": list(done.failures) if done else [],
    }

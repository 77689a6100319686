"""The JSON of `push`, `updates` and `rollback`, as `docs/json.md` describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modelkeep.cache.changes import FileChange
    from modelkeep.cache.refs import RefPlan
    from modelkeep.hub.push_plan import PushFile, PushPlan, PushResult
    from modelkeep.hub.updates import Update
    from modelkeep.remote.plans import RemotePush

__all__ = ["push", "remote_push", "rollback", "update"]

Json = dict[str, object]


def push(plan: PushPlan, result: PushResult | None) -> Json:
    """A plan, and what became of it when it was carried out."""
    return {
        "source": plan.source,
        "to": plan.to.repo_id,
        "repo_type": plan.to.repo_type,
        "profile": plan.profile,
        "endpoint": plan.endpoint,
        "who": plan.who or None,
        "branch": plan.branch,
        "base": plan.base or None,
        "creates": plan.creates,
        "private": plan.private if plan.creates else None,
        "creates_branch": plan.creates_branch,
        "pull_request": plan.pull_request,
        "message": plan.message or None,
        "bytes_to_send": plan.bytes_to_send,
        "files": [_file(file) for file in plan.files],
        "secrets": [
            {"path": secret.path, "kind": secret.kind, "line": secret.line or None} for secret in plan.secrets
        ],
        "ignored": list(plan.ignored),
        "notes": list(plan.notes),
        "executed": result is not None,
        "result": _result(result) if result else None,
    }


def remote_push(wanted: RemotePush, result: PushResult | None) -> Json:
    """As of a push to a hub, with what a remote keeps beside it."""
    manifest = wanted.manifest
    return push(wanted.plan, result) | {
        "remote": wanted.remote,
        "commit": manifest.commit if manifest else None,
        "tags": list(wanted.tags),
        "parent": (manifest.lineage.parent or None) if manifest else None,
        "root": (manifest.lineage.root or None) if manifest else None,
        "description": (manifest.description or None) if manifest else None,
    }


def _file(file: PushFile) -> Json:
    return {
        "path": file.path,
        "source": file.source or None,
        "size": file.size,
        "action": str(file.action),
        "is_lfs": file.is_lfs,
        "etag": file.etag,
        "sends": file.sends,
    }


def _result(result: PushResult) -> Json:
    return {
        "commit": result.commit or None,
        "url": result.url,
        "pull_request_url": result.pull_request_url or None,
        "sent": result.sent,
        "verified": result.verified,
        "differs": list(result.differs),
    }


def update(one: Update) -> Json:
    """What a hub says of a cached model."""
    return {
        "key": str(one.key),
        "root": one.root,
        "ref": one.ref or None,
        "old": one.old or None,
        "new": one.new or None,
        "is_newer": one.is_newer,
        "last_modified": one.last_modified or None,
        "bytes_new": one.bytes_new,
        "changes": [_change(change) for change in one.changes],
        "note": one.note or None,
        "error": str(one.error) if one.error else None,
        "hint": (one.error.hint or None) if one.error else None,
    }


def rollback(plan: RefPlan, *, executed: bool) -> Json:
    """Where a ref leads, and will."""
    return {
        "executed": executed,
        "key": str(plan.key),
        "root": plan.root,
        "ref": plan.ref,
        "old": plan.old or None,
        "new": plan.new,
        "changes": [_change(change) for change in plan.changes],
        "notes": list(plan.notes),
    }


def _change(change: FileChange) -> Json:
    return {
        "path": change.path,
        "kind": change.kind,
        "old_size": change.old_size,
        "new_size": change.new_size,
    }

"""The JSON of `remote`, and of `push` to one, as docs/json.md has it: for `support.cli.check_shape`."""

from __future__ import annotations

MAYBE = (str, None)

REMOTE = {
    "name": str,
    "url": str,
    "kind": str,
    "cache": MAYBE,
    "credentials": MAYBE,
    "follows": [{"keys": [str], "tag": MAYBE}],
    "problem": MAYBE,
}
TESTED = {
    "remote": str,
    "works": bool,
    "checks": [{"name": str, "outcome": str, "sentence": str, "hint": MAYBE}],
}
_SUMMARY = {
    "library": MAYBE,
    "task": MAYBE,
    "licence": MAYBE,
    "languages": [str],
    "tags": [str],
    "formats": [str],
    "parameters": (int, None),
    "custom_code": bool,
}
MODEL = {
    "key": str,
    "repo_id": str,
    "repo_type": str,
    "remote": str,
    "where": str,
    "state": MAYBE,
    "size": int,
    "pushed_at": MAYBE,
    **_SUMMARY,
    "pinned": bool,
    "note": MAYBE,
    "revisions": [{"commit": str, "refs": [str], "size": int, "files": int}],
}
REVISION = {
    "commit": str,
    "refs": [str],
    "size": int,
    "files": int,
    "complete": bool,
    "pushed_at": MAYBE,
    "pushed_by": MAYBE,
    "message": MAYBE,
}
STEP = {
    "ref": str,
    "number": int,
    "commit": MAYBE,
    "was": MAYBE,
    "message": MAYBE,
    "by": MAYBE,
    "at": MAYBE,
}
DETAILS = {
    "key": str,
    "remote": str,
    "commit": str,
    "size": int,
    "size_on_remote": int,
    "complete": bool,
    "description": MAYBE,
    "origin": MAYBE,
    "parent": MAYBE,
    "root": MAYBE,
    "children": [str],
    "created_at": MAYBE,
    "created_by": MAYBE,
    "last_modified": MAYBE,
    **_SUMMARY,
    "files": [{"path": str, "size": int, "sha256": MAYBE, "etag": MAYBE}],
    "revisions": [REVISION],
    "history": [STEP],
}
VERIFIED = {
    "good": bool,
    "revisions": int,
    "files": int,
    "read": int,
    "problems": [{"sha256": str, "problem": str, "files": [str]}],
    "left_out": [str],
}
DELETION = {
    "executed": bool,
    "remote": str,
    "key": str,
    "commits": [str],
    "refs": [str],
    "frees": int,
    "kept_for": int,
    "derived": [str],
}
DELETED = {"key": str, "revisions": [REVISION]}
RESTORED = {"executed": bool, "remote": str, "key": str, "commits": [str]}
UNTAGGED = {"executed": bool, "remote": str, "key": str, "ref": str}
COLLECTION = {
    "executed": bool,
    "remote": str,
    "grace": int,
    "frees": int,
    "kept": int,
    "unfinished": int,
    "garbage": [{"name": str, "size": int, "reason": str}],
    "removed": int,
    "freed": int,
    "spared": [str],
    "failures": [str],
}
PUSH_BESIDE = {
    "remote": str,
    "commit": MAYBE,
    "tags": [str],
    "parent": MAYBE,
    "root": MAYBE,
    "description": MAYBE,
}
ALL = [
    REMOTE,
    TESTED,
    MODEL,
    DETAILS,
    VERIFIED,
    DELETION,
    DELETED,
    RESTORED,
    UNTAGGED,
    COLLECTION,
    PUSH_BESIDE,
]

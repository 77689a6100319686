"""The JSON of every command, as docs/json.md has it: for `support.cli.check_shape`."""

from __future__ import annotations

MAYBE = (str, None)

FOUND = {
    "verdict": str,
    "scanned_at": str,
    "scanners": {"modelkeep": str, "picklescan": str},
    "files": [
        {
            "path": str,
            "verdict": str,
            "findings": [{"kind": str, "verdict": str, "sentence": str, "where": MAYBE}],
        }
    ],
}
PROBLEM = {"kind": str, "path": str, "message": str}
REVISION = {
    "commit": str,
    "refs": [str],
    "size": int,
    "size_on_disk": int,
    "frees": int,
    "files": int,
    "missing": int,
    "state": str,
    "last_modified": str,
    "verified": MAYBE,
    "verified_at": MAYBE,
    "safety": MAYBE,
}
MODEL = {
    "key": str,
    "repo_id": str,
    "repo_type": str,
    "root": str,
    "path": str,
    "size": int,
    "size_on_disk": int,
    "frees": int,
    "last_used": MAYBE,
    "last_used_source": MAYBE,
    "last_modified": str,
    "state": str,
    "pinned": bool,
    "note": MAYBE,
    "library": MAYBE,
    "task": MAYBE,
    "licence": MAYBE,
    "languages": [str],
    "tags": [str],
    "formats": [str],
    "parameters": (int, None),
    "custom_code": bool,
    "verified": MAYBE,
    "verified_at": MAYBE,
    "safety": MAYBE,
    "incomplete": int,
    "revisions": [REVISION],
    "problems": [PROBLEM],
}
DETAILS = MODEL | {
    "refs": {"main": str},
    "commit": MAYBE,
    "snapshot": str,
    "files": [
        {
            "name": str,
            "size": int,
            "size_on_disk": int,
            "kind": str,
            "blob": MAYBE,
            "path": str,
            "here": bool,
        }
    ],
    "missing": [str],
    "parameters_by_dtype": {"F32": int},
    "base_models": [str],
    "datasets": [str],
    "architecture": MAYBE,
    "dtype": MAYBE,
    "quantisation": MAYBE,
    "context": (int, None),
    "has_pickles": bool,
    "remarks": [str],
    "origin": {
        "url": MAYBE,
        "source": MAYBE,
        "archive": MAYBE,
        "downloaded": MAYBE,
        "downloaded_by": MAYBE,
        "last_modified": MAYBE,
    },
    "last_used_by": MAYBE,
    "card": str,
    "snippet": str,
}
USAGE = {
    "root": str,
    "name": str,
    "default": bool,
    "state": str,
    "message": MAYBE,
    "model_count": int,
    "models": int,
    "other": int,
    "trash": int,
    "staging": int,
    "incomplete": int,
    "total": int,
    "free": int,
    "problems": [PROBLEM],
}

DELETION = {
    "executed": bool,
    "permanently": bool,
    "frees": int,
    "freed": int,
    "unseen_processes": int,
    "items": [
        {
            "root": str,
            "key": str,
            "what": str,
            "path": str,
            "size": int,
            "files": int,
            "refs": [str],
            "frees": int,
            "stays": [{"name": str, "size": int, "reason": str}],
            "in_use": [{"pid": int, "process": str, "path": str}],
            "downloading": [str],
            "pinned": bool,
            "refusal": MAYBE,
            "status": str,
            "freed": int,
            "entry": MAYBE,
            "error": MAYBE,
            "hint": MAYBE,
        }
    ],
}
EVICTION = {
    "executed": bool,
    "frees": int,
    "freed": int,
    "missing": int,
    "items": [
        {
            "root": str,
            "key": str,
            "frees": int,
            "last_used": MAYBE,
            "last_used_source": MAYBE,
            "uses": int,
            "stored": MAYBE,
            "why": str,
            "status": str,
            "entry": MAYBE,
            "error": MAYBE,
            "hint": MAYBE,
        }
    ],
    "stays": [{"root": str, "key": str, "frees": int, "why": str}],
}
LIMITS = {"root": str, "max_size": (int, None), "older_than": (float, None), "order": str, "grace": float}
TRASH = {
    "id": str,
    "root": str,
    "key": MAYBE,
    "what": str,
    "deleted_at": str,
    "deleted_by": MAYBE,
    "size": int,
    "frees": int,
    "files": int,
}
RESTORED = {
    "executed": bool,
    "items": [TRASH | {"status": str, "kept": [str], "error": MAYBE, "hint": MAYBE}],
}
EMPTIED = {
    "executed": bool,
    "frees": int,
    "freed": int,
    "items": [TRASH | {"status": str, "freed": int, "error": MAYBE, "hint": MAYBE}],
}
IMPORT = {
    "executed": bool,
    "root": str,
    "bytes_needed": int,
    "bytes_missing": int,
    "free": int,
    "reserve": int,
    "items": [
        {
            "source": str,
            "folder": str,
            "action": str,
            "key": MAYBE,
            "proposal": MAYBE,
            "commit": MAYBE,
            "ref": MAYBE,
            "moves_ref": ({"name": str, "old": str, "new": MAYBE}, None),
            "size": int,
            "bytes_needed": int,
            "files": [{"name": str, "size": int, "present": str, "absent": bool}],
            "packed_for": MAYBE,
            "lacking": [str],
            "signature": ({"standing": str, "key": MAYBE, "comment": MAYBE}, None),
            "complete": bool,
            "checksums": str,
            "replaces": [str],
            "ignored": [str],
            "notes": [str],
            "status": str,
            "path": MAYBE,
            "bytes_written": int,
            "bytes_linked": int,
            "safety": (FOUND, None),
            "unscanned": [str],
            "error": MAYBE,
            "hint": MAYBE,
        }
    ],
}
EXPORT = {
    "executed": bool,
    "signed_by": MAYBE,
    "folder": str,
    "bundle": bool,
    "checksums": bool,
    "split": (int, None),
    "total": int,
    "needs": int,
    "free": int,
    "reserve": int,
    "items": [
        {
            "key": str,
            "commit": str,
            "files": int,
            "content": int,
            "size": int,
            "archive": str,
            "paths": [str],
            "replaces": [str],
            "missing": [str],
            "status": str,
            "proven": int,
            "cloned": int,
            "error": MAYBE,
            "hint": MAYBE,
        }
    ],
}
LEFTOVER = {
    "id": str,
    "path": str,
    "root": str,
    "key": MAYBE,
    "commit": MAYBE,
    "sources": [str],
    "begun_by": str,
    "started": str,
    "size_on_disk": int,
    "alive": bool,
}
_RESUMED = LEFTOVER | {"status": str, "error": MAYBE, "hint": MAYBE}
RESUMED = {"executed": bool, "items": [_RESUMED]}
CLEARED = {"executed": bool, "freed": int, "items": [_RESUMED]}
ROOT = {"root": str, "state": str, "message": MAYBE, "default": bool}
ROOTS_CHANGED = {"executed": bool, "roots": [str]}
MARKS = {"executed": bool, "items": [{"key": str, "root": str, "pinned": bool, "note": MAYBE}]}
CONVERSION = {
    "executed": bool,
    "key": str,
    "root": str,
    "commit": str,
    "ref": str,
    "moves_main": bool,
    "present": MAYBE,
    "files": [{"source": str, "target": str, "size": int}],
    "indices": [str],
    "kept": [str],
    "dropped": [str],
    "bytes_needed": int,
    "free": int,
    "reserve": int,
    "problem": MAYBE,
    "hint": MAYBE,
    "notes": [str],
    "result": ({"commit": str, "tensors": int, "written": int, "seconds": float, "memory": int}, None),
}
DEMO = {"step": str, "status": str, "message": str, "seconds": float}

READY = {
    "key": str,
    "root": str,
    "commit": MAYBE,
    "refs": [str],
    "offline_ready": bool,
    "lacks": [str],
    "trial": (
        None,
        {
            "works": bool,
            "loaded": [str],
            "error": MAYBE,
            "hint": MAYBE,
            "seconds": float,
            "memory": int,
            "with_code": bool,
            "walls": [str],
            "tried": [str],
            "log": [str],
        },
    ),
}
ALL = [
    MODEL,
    DETAILS,
    USAGE,
    DELETION,
    RESTORED,
    EMPTIED,
    IMPORT,
    EXPORT,
    RESUMED,
    CLEARED,
    ROOT,
    ROOTS_CHANGED,
    MARKS,
    CONVERSION,
    READY,
    DEMO,
]
MENDING = {
    "executed": bool,
    "bytes_needed": int,
    "fetched": int,
    "bad": (int, None),
    "files": [
        {
            "key": str,
            "root": str,
            "commit": str,
            "name": str,
            "path": str,
            "outcome": str,
            "etag": MAYBE,
            "size": (int, None),
            "others": [str],
            "origin": ({"where": str, "place": str, "member": MAYBE}, None),
            "status": str,
            "entry": MAYBE,
            "problem": MAYBE,
            "hint": MAYBE,
        }
    ],
}
COPIED = {
    "origin": str,
    "destination": str,
    "key": str,
    "refs": [str],
    "size": int,
    "sends": int,
    "is_there": bool,
    "moves": bool,
    "deletes": ({"commits": [str], "refs": [str], "frees": int}, None),
    "notes": [str],
    "executed": bool,
    "result": ({"commit": str, "sent": int, "verified": int, "deleted": bool}, None),
}
_SYNC_ITEM = {"action": str, "key": str, "refs": [str], "size": int, "sends": int, "why": str}
SYNCED = {
    "origin": str,
    "destination": str,
    "sends": int,
    "items": [_SYNC_ITEM],
    "executed": bool,
    "sent": int,
    "done": [str],
    "failures": [str],
}
FOLLOW = {"remote": str, "keys": [str], "tag": MAYBE, "root": MAYBE}
FOLLOWED = {
    "remote": str,
    "root": str,
    "sends": int,
    "items": [_SYNC_ITEM],
    "gone": [str],
    "problems": [str],
    "executed": bool,
    "fetched": [str],
    "bytes": int,
    "failures": [str],
}
BETWEEN = [COPIED, SYNCED, FOLLOW, FOLLOWED]

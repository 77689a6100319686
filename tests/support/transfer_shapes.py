"""The JSON of `download` and `transfers`, as docs/json.md has it: for `support.cli.check_shape`."""

from __future__ import annotations

from support.json_shapes import FOUND

MAYBE = (str, None)

DOWNLOAD = {
    "key": str,
    "repo_id": str,
    "root": str,
    "profile": str,
    "endpoint": str,
    "commit": str,
    "ref": MAYBE,
    "ref_was": MAYBE,
    "private": bool,
    "gated": MAYBE,
    "licence": MAYBE,
    "task": MAYBE,
    "library": MAYBE,
    "bytes_total": int,
    "bytes_present": int,
    "bytes_linked": int,
    "bytes_missing": int,
    "free": int,
    "free_after": int,
    "fits_disk": bool,
    "memory": (
        {
            "weights": int,
            "run": int,
            "formula": str,
            "ram_free": int,
            "ram_total": int,
            "fits_ram": bool,
            "gpu": MAYBE,
            "gpu_free": (int, None),
            "fits_gpu": (bool, None),
            "dtypes": dict,
        },
        None,
    ),
    "notes": [str],
    "files": [
        {
            "path": str,
            "size": int,
            "etag": str,
            "action": str,
            "group": str,
            "reason": MAYBE,
            "flags": [str],
            "staged": int,
        }
    ],
    "executed": bool,
    "result": (
        {
            "snapshot": str,
            "fetched": int,
            "linked": int,
            "seconds": float,
            "ref_kept": MAYBE,
            "notes": [str],
            "safety": (FOUND, None),
        },
        None,
    ),
}
TRANSFER = {
    "id": str,
    "key": str,
    "root": str,
    "commit": str,
    "profile": str,
    "endpoint": str,
    "state": str,
    "bytes_done": int,
    "bytes_total": int,
    "added": str,
    "error": MAYBE,
    "hint": MAYBE,
    "files": [{"path": str, "size": int, "done": int, "state": str, "note": MAYBE}],
}
TRANSFERS_DONE = [
    {"id": str, "key": str, "root": str, "status": str, "error": MAYBE, "hint": MAYBE},
]

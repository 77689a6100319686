"""What jobs may be called, and what their folders are called."""

from __future__ import annotations

import hashlib
import re
import uuid

from modelkeep.errors import LifecycleError

__all__ = ["check_id", "folder_name", "new_id"]

_ID = re.compile(r"[A-Za-z0-9_:.-]{1,200}")


def new_id() -> str:
    return str(uuid.uuid4())


def check_id(id: str) -> str:
    """The id itself; raises `LifecycleError` for what is none."""
    if not _ID.fullmatch(id):
        raise LifecycleError(
            "The id of a job is made of letters, digits and any of - _ : . and has at most 200 of them.",
            hint="Leave it out to get a new one." if not id else "",
        )
    return id


def folder_name(id: str) -> str:
    """A name that is safe on every disk, and another for each id, also where upper and lower case are one."""
    plain = re.sub(r"[^a-z0-9_-]", "-", check_id(id).lower())[:80]
    if plain != id:
        plain = f"{plain}~{hashlib.sha256(id.encode()).hexdigest()[:16]}"
    return f"job-{plain}"

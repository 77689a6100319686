"""The notes in `pushes/`: what those who push at this moment need, and that somebody collects garbage."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from modelkeep.cache import layout
from modelkeep.errors import AccessDenied, NotEnoughSpace, RemoteError
from modelkeep.remote.manifests import canonical
from modelkeep.remote.names import PUSHES
from modelkeep.remote.objects import Objects

__all__ = ["COLLECTING", "PUSHING", "announced", "blobs_noted", "is_being_collected", "is_note", "time_of"]

PUSHING = 3600.0
"""Seconds; a younger note or unfinished upload may be of a push at work, whatever the grace period."""

COLLECTING = f"{PUSHES}collecting-"
"""What the names of notes begin with that are of collections."""


def is_note(name: str) -> bool:
    return name.startswith(PUSHES) and name.count("/") == 1 and name.endswith(".json")


def is_being_collected(objects: Objects) -> bool:
    """Whether garbage is being collected from a store now. Who pushes meanwhile makes new all that it finds there,
    however young it is: that collection may have been told to spare nothing.
    """
    infos = list(objects.list(PUSHES))
    # By the clock of the store: of all that is there, the note of the push that asks is the newest.
    now = max((info.modified for info in infos), default=0.0)
    return any(info.name.startswith(COLLECTING) and now - info.modified < PUSHING for info in infos)


def blobs_noted(content: bytes) -> frozenset[str] | None:
    """What a push says that it needs; None when it cannot be read."""
    try:
        blobs = json.loads(content)["blobs"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return None
    if not isinstance(blobs, list) or not all(
        isinstance(one, str) and layout.is_sha256(one) for one in blobs
    ):
        return None
    return frozenset(blobs)


@contextmanager
def announced(objects: Objects, *, is_needed: bool = True) -> Iterator[float]:
    """Let those who push know that garbage is being collected; gives the time by the clock of the store.

    `is_needed`: they have to know. Of what is old they need not, so that a full disk can be emptied.
    """
    name = f"{COLLECTING}{secrets.token_hex(8)}.json"
    try:
        objects.put(name, canonical({"format": "modelkeep-collection", "version": 1, "at": time.time()}))
    except NotEnoughSpace:
        if is_needed:
            raise
        yield time.time()
        return
    try:
        info = objects.info(name)
        yield info.modified if info else time.time()
    finally:
        with suppress(RemoteError):
            objects.remove([name])


def time_of(objects: Objects) -> float:
    """The time by the clock of the store; by ours where this user may not write there, or nothing fits."""
    try:
        with announced(objects) as now:
            return now
    except (AccessDenied, NotEnoughSpace):
        return time.time()

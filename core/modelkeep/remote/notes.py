"""The notes in `pushes/`: what those who push at this moment need, and that somebody collects garbage."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from modelkeep.cache import layout
from modelkeep.errors import AccessDenied, NotEnoughSpace, NotOnRemote, RemoteError
from modelkeep.remote.folder.writer import Writer
from modelkeep.remote.manifests import canonical
from modelkeep.remote.names import PUSHES
from modelkeep.remote.objects import Objects

__all__ = [
    "COLLECTING",
    "PUSHING",
    "Announcement",
    "Collecting",
    "announced",
    "blobs_noted",
    "collecting",
    "is_note",
    "time_of",
]

PUSHING = 3600.0
"""Seconds; a younger note or unfinished upload may be of a push at work, whatever the grace period."""

COLLECTING = f"{PUSHES}collecting-"
"""What the names of notes begin with that are of collections."""


_ALIVE = 30.0
"""Seconds for which a collection that says nothing more is believed to be at work on what it has condemned."""


def is_note(name: str) -> bool:
    return name.startswith(PUSHES) and name.count("/") == 1 and name.endswith(".json")


class Collecting(NamedTuple):
    """What is known of collections of garbage: whether there is one, and which contents are about to go.

    `notes` are what says so, with when each was written: one that is at work writes it anew all the time.
    """

    is_at_work: bool = False
    condemned: frozenset[str] = frozenset()
    notes: tuple[tuple[str, float], ...] = ()


def collecting(objects: Objects) -> Collecting:
    """Whether garbage is being collected from a store now. Who pushes meanwhile makes new all that it finds there,
    however young it is, since that collection may have been told to spare nothing; and waits for what is condemned.
    """
    infos = list(objects.list(PUSHES))
    # By the clock of the store: of all that is there, the note of the push that asks is the newest.
    now = max((info.modified for info in infos), default=0.0)
    ours = [info for info in infos if info.name.startswith(COLLECTING) and now - info.modified < PUSHING]
    condemned = set[str]()
    for info in ours:
        if now - info.modified < _ALIVE:
            with suppress(NotOnRemote):  # it has ended
                content = objects.read(info.name)
                if not _is_of_the_dead(content):
                    condemned |= blobs_noted(content) or frozenset()
    notes = tuple((info.name, info.modified) for info in ours)
    return Collecting(bool(ours), frozenset(condemned), notes)


def _is_of_the_dead(note: bytes) -> bool:
    """Whether who wrote a note was killed on this machine; of another nobody here knows."""
    try:
        writer = Writer.read(json.loads(note)["writer"])
    except (ValueError, RecursionError, KeyError, TypeError):
        return False
    return writer is not None and writer.is_dead is True


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


class Announcement:
    """Says that garbage is being collected, and which contents go next. `now` is the time by the clock of the store.

    `is_needed`: those who push have to know. Of what is old they need not, so that a full disk can be emptied.
    """

    def __init__(self, objects: Objects, name: str, *, is_needed: bool) -> None:
        self._objects = objects
        self._name = name
        self._is_needed = is_needed
        self._writer = Writer.new()
        self.condemn(())
        info = objects.info(name)
        self.now = info.modified if info else time.time()

    def condemn(self, blobs: Iterable[str]) -> None:
        """Say that these contents go unless somebody needs them. Who looks for that after this saves them, by a
        note or a manifest; who wrote neither before this sees it, and waits.
        """
        said = {
            "format": "modelkeep-collection",
            "version": 1,
            "at": time.time(),
            "writer": str(self._writer),
            "blobs": sorted(blobs),
        }
        try:
            self._objects.put(self._name, canonical(said))
        except NotEnoughSpace:
            if self._is_needed:
                raise


@contextmanager
def announced(objects: Objects, *, is_needed: bool = True) -> Iterator[Announcement]:
    """Let those who push know that garbage is being collected, for as long as this lasts."""
    name = f"{COLLECTING}{secrets.token_hex(8)}.json"
    try:
        yield Announcement(objects, name, is_needed=is_needed)
    finally:
        with suppress(RemoteError):
            objects.remove([name])


def time_of(objects: Objects) -> float:
    """The time by the clock of the store; by ours where this user may not write there, or nothing fits."""
    try:
        with announced(objects) as announcement:
            return announcement.now
    except (AccessDenied, NotEnoughSpace):
        return time.time()

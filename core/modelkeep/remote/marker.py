"""What says that a place is a store: `modelkeep-store.json`. A store is never made among other people's files."""

from __future__ import annotations

import json
import re
import threading

from modelkeep.archive.names import is_junk
from modelkeep.errors import BadReply, NotAllowed, NotOnRemote, RemoteUnreachable
from modelkeep.remote.known_manifests import KnownObjects
from modelkeep.remote.manifests import canonical
from modelkeep.remote.names import BLOBS, MARKER, MODELS
from modelkeep.remote.objects import ObjectInfo, Objects

__all__ = ["Marker"]

FORMAT = "modelkeep-store"
VERSION = 1
# What we write for a moment to find out what a place can do, also before it is a store.
_PASSING = re.compile(r"probe-[0-9a-f]{32}|pushes/(?:test-|collecting-)[0-9a-f]{16}\.json")
_OF_DISKS = ("lost+found/", "System Volume Information/", "$RECYCLE.BIN/", ".Trash-")


class Marker:
    """Whether a place is a store; asked until it is one, then remembered. May be used by several threads.

    Where something was read before by `known`, an empty place is one whose disk is away.
    """

    def __init__(self, objects: Objects, known: KnownObjects | None = None) -> None:
        self._objects = objects
        self._known = known or KnownObjects(objects.url)
        self._lock = threading.Lock()
        self._is_store = False

    def is_store(self) -> bool:
        """Whether there is a store; False: nothing is there at all.

        Raises `NotOnRemote` where something else is, `BadReply` for a store of a later Modelkeep, `RemoteUnreachable`
        where there was a store and nothing is now.
        """
        with self._lock:
            if not self._is_store and not self._read():
                if self._other() is None:
                    self._check_new()
                    return False
                # What was seen may be of somebody who made the store at this moment, the marker first.
                if not self._read():
                    raise self._no_store(NotOnRemote)
            self._is_store = True
            return True

    def make(self) -> None:
        """Make a store of an empty place, once. Raises `NotAllowed` where something else is, and `RemoteUnreachable`
        where there was a store before.
        """
        with self._lock:
            if self._is_store:
                return
            if not self._read():
                # Its marker is made before all else that is in a store: what is there is somebody else's.
                if self._other() is not None and not self._read():
                    raise self._no_store(NotAllowed)
                self._check_new()
                self._objects.create(MARKER, canonical({"format": FORMAT, "version": VERSION}))
            self._is_store = True

    def _check_new(self) -> None:
        """An empty place that held a store is where a disk is to be mounted: a new one there would hide it."""
        if self._known.is_remembered():
            raise RemoteUnreachable(
                f"{self._objects.url} held a store of models, and is empty now.",
                hint="If it is on a disk or a share, mount it. If it was emptied on purpose, remove the remote and "
                "add it again.",
            )

    def _read(self) -> bool:
        try:
            content = self._objects.read(MARKER)
        except NotOnRemote:
            return False
        try:
            said = json.loads(content)
            version = said["version"] if said["format"] == FORMAT else None
        except (ValueError, RecursionError, KeyError, TypeError):
            version = None
        if isinstance(version, bool) or not isinstance(version, int):
            raise BadReply(
                f"{MARKER} in {self._objects.url} is damaged.",
                hint=f'If this is a store, write {{"format": "{FORMAT}", "version": {VERSION}}} into it.',
            )
        if version != VERSION:
            raise BadReply(
                f"The store {self._objects.url} has version {version}, which this Modelkeep does not know.",
                hint="Update Modelkeep on this machine.",
            )
        return True

    def _other(self) -> ObjectInfo | None:
        """Something that is there and no part of a disk itself."""
        for info in self._objects.list(""):
            ours = _PASSING.fullmatch(info.name) is not None
            if not (ours or is_junk(info.name) or info.name.startswith(_OF_DISKS)):
                return info
        return None

    def _no_store(self, kind: type[NotAllowed] | type[NotOnRemote]) -> NotAllowed | NotOnRemote:
        other = self._other()
        if other is not None and other.name.startswith((BLOBS, MODELS)):
            hint = f'If its {MARKER} was lost, write {{"format": "{FORMAT}", "version": {VERSION}}} into it anew.'
        else:
            hint = "Name an empty place, or a folder within it; a store is made there by the first push."
        return kind(f"{self._objects.url} is not a store of models, and not empty.", hint=hint)

"""What a scan need not read again: repositories whose folders have not changed since.

A change in a repository changes the time of one of its folders, or of a ref file: a blob or link that comes or goes,
a ref that moves. What it does not change is seen by asking the largest content too (its access time is the model's
last use), except a smaller file overwritten in place, which only a plan or a check looks for.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from modelkeep.cache.inventory import CachedModel
from modelkeep.cache.sharing import all_blobs, used_blobs

__all__ = ["Index"]

# A folder may change again within the tick of its file system's clock, and its time stay the same.
_TICK = 2.0  # seconds, FAT's


class _Remembered(NamedTuple):
    model: CachedModel
    times: tuple[tuple[str, int], ...]
    largest: tuple[str, int, float, float, int]


class Index:
    """Remembers repositories between scans of one process. Not for several threads at once."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, _Remembered]] = {}

    def recall(self, root: str, folder: str) -> CachedModel | None:
        """The repository as it was read, when nothing says that it has changed since."""
        known = self._known.get(root, {}).get(folder)
        if known is None:
            return None
        try:
            for path, modified in known.times:
                if os.stat(path).st_mtime_ns != modified:
                    return None
            path, *largest = known.largest
            if path:
                status = os.stat(path)
                if largest != [status.st_size, status.st_atime, status.st_mtime, status.st_nlink]:
                    return None
        except OSError:
            return None
        return known.model

    def forget(self, root: str) -> None:
        """Read everything of a root again at its next scan."""
        self._known.pop(root, None)

    def remember(self, root: str, models: Mapping[str, CachedModel], folders: Iterable[str]) -> None:
        """Keep what was read anew, by folder; `folders` are all that the root has now, others are forgotten."""
        known = self._known.setdefault(root, {})
        for gone in known.keys() - set(folders):
            del known[gone]
        settled = (time.time() - _TICK) * 1e9
        for folder, model in models.items():
            times = _times(model)
            # What grows, and what changed a moment ago, is read again; so is what could not be read, and what has
            # hard links, which come and go without a trace in its folders.
            linked = model.sharing and any(blob.links > 1 for blob in all_blobs(model))
            if model.incomplete or linked or not times or max(modified for _, modified in times) > settled:
                known.pop(folder, None)
                continue
            known[folder] = _Remembered(model, times, _largest(model))


def _times(model: CachedModel) -> tuple[tuple[str, int], ...]:
    """The folders and refs of a repository with their times in nanoseconds; () when one of them is gone."""
    paths = {
        model.path,
        *(f"{model.path}/{name}" for name in ("blobs", "snapshots", "trees", ".no_exist", "refs")),
    }
    for ref, _ in model.refs:
        path = f"{model.path}/refs/{ref}"
        while len(path) > len(model.path):
            paths.add(path)
            path = path.rpartition("/")[0]
    for revision in model.revisions:
        paths.add(revision.path)
        for file in revision.files:
            if "/" in file.name:
                folder = file.path.rpartition("/")[0]
                while len(folder) > len(revision.path) and folder not in paths:
                    paths.add(folder)
                    folder = folder.rpartition("/")[0]
    times = []
    for path in sorted(paths):
        try:
            times.append((path, os.stat(path).st_mtime_ns))
        except OSError:
            if path.rpartition("/")[2] not in _OPTIONAL:
                return ()
    return tuple(times)


_OPTIONAL = frozenset({"blobs", "snapshots", "trees", ".no_exist", "refs"})
"""Their coming changes the time of the repository's own folder."""


def _largest(model: CachedModel) -> tuple[str, int, float, float, int]:
    blob = max(used_blobs(model), key=lambda blob: blob.size, default=None)
    return (
        (blob.payload, blob.size, blob.accessed, blob.modified, blob.links) if blob else ("", 0, 0.0, 0.0, 0)
    )

"""Removing for good: what leads somewhere before what it leads to, and the bytes counted while they go."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress

from modelkeep.cache.shared_store import StoredContent, drop_references, store_lock
from modelkeep.cache.trash_journal import walk
from modelkeep.disk import allocated, sync_folder

__all__ = ["remove", "remove_in_place"]

# In this order a repository has no link to a content that is gone.
_ORDER = ("refs", "snapshots", "trees", ".no_exist")


def remove(path: str) -> int:
    """Remove a file or a tree; returns what the disk gets back, bytes: a content's last name frees it."""
    freed = 0
    folders = []
    for found, status in walk(path):
        if stat.S_ISDIR(status.st_mode):
            if not status.st_mode & stat.S_IWUSR:
                os.chmod(found, status.st_mode | stat.S_IRWXU)
            folders.append((found, allocated(status)))
        else:
            os.unlink(found)
            freed += allocated(status) if status.st_nlink == 1 else 0
    for found, size in reversed(folders):
        os.rmdir(found)
        freed += size
    return freed


def remove_in_place(root: str, paths: Iterable[str], payloads: Iterable[StoredContent]) -> int:
    """Remove `paths`, and the payloads of the shared store that nothing leads to any more; returns what that frees.

    It needs no space, and nothing brings it back. An interruption leaves no dangling link. The caller holds the
    locks.
    """
    freed = 0
    for path in filter(os.path.lexists, paths):
        for name in _ORDER if os.path.isdir(f"{path}/snapshots") else ():
            if os.path.lexists(f"{path}/{name}"):
                freed += remove(f"{path}/{name}")
                sync_folder(path)
        freed += remove(path)
        sync_folder(os.path.dirname(path))
    for content in payloads:
        with store_lock(content.payload):
            if not content.is_needed(root):
                freed += sum(
                    map(remove, filter(os.path.lexists, (content.payload, f"{content.payload}.refs")))
                )
                continue
            with suppress(OSError):  # it is a hint that every reader checks
                drop_references(content.payload, [path[len(root) + 1 :] for path in paths])
    return freed

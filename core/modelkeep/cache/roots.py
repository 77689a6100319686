"""Whether a cache root is there: ready, read-only, away with its disk, or gone."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from modelkeep.cache.inventory import RootState

__all__ = ["root_state"]

# Where systems mount what a person plugs in or an administrator attaches.
_MOUNT_PLACES = ("/media", "/mnt", "/run/media", "/Volumes", "/net")


def root_state(root: str) -> tuple[RootState, str]:
    """The state of `root` (absolute, with "/"), and a sentence that says why it cannot be used ("" when it can)."""
    if not os.path.lexists(root):
        if _is_away(root):
            return RootState.NOT_MOUNTED, f"{root} is on a disk that is not mounted now."
        return RootState.MISSING, f"{root} does not exist."
    if not os.path.isdir(root):
        return RootState.NOT_A_FOLDER, f"{root} is not a folder."
    if _is_waiting_mount_point(root):
        return RootState.NOT_MOUNTED, f"{root} is a mount point with nothing mounted on it."
    try:
        with os.scandir(root):
            pass
    except OSError as error:
        return RootState.UNREADABLE, f"{root} cannot be read: {error.strerror}."
    writable = os.access(root, os.W_OK | os.X_OK) and not _is_read_only_mount(root)
    return (RootState.READY if writable else RootState.READ_ONLY), ""


def _is_away(root: str) -> bool:
    """Whether a path that does not exist would be on a disk that is not there, rather than on one that is."""
    path = Path(root)
    if sys.platform == "win32":
        return bool(path.drive) and not os.path.exists(f"{path.drive}\\")
    nearest = path
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    if _is_waiting_mount_point(nearest.as_posix()):
        return True
    for place in map(Path, _MOUNT_PLACES):
        if place in path.parents:
            # A mounted disk between the mount place and the root would have kept the root's own parents.
            between = [p for p in (nearest, *nearest.parents) if place in p.parents]
            return not any(os.path.ismount(p) for p in between)
    return False


def _is_waiting_mount_point(path: str) -> bool:
    """Whether /etc/fstab names `path` as a mount point and nothing is mounted there."""
    try:
        with open("/etc/fstab", encoding="utf-8", errors="replace") as table:
            points = [fields[1] for line in table if len(fields := line.split("#")[0].split()) > 1]
    except OSError:
        return False
    return path in points and not os.path.ismount(path) and not os.listdir(path)


def _is_read_only_mount(root: str) -> bool:
    if not hasattr(os, "statvfs"):
        return False
    return bool(os.statvfs(root).f_flag & os.ST_RDONLY)

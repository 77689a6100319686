"""When a model was last used, and how we know.

Our own journal knows who used a model and when, but only of uses that went through Modelkeep. The access times of its
files know of every program, but not well: Linux writes them at most once a day unless the file changed (`relatime`),
so the last use may be later than they say; a download counts, and so does reading a file for another purpose; and a
mount may keep none at all.
"""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from typing import NamedTuple

from modelkeep.cache.catalog import Use
from modelkeep.cache.inventory import CachedModel

__all__ = ["LastUse", "MountAtime", "last_used", "mount_atime"]

_A_DAY = 86400.0


class MountAtime(StrEnum):
    """What access times are worth on a mount; the value is the source that a `LastUse` names.

    LOWER_BOUND: somebody read a file then; the last use is then or later.
    UNRELIABLE: reading leaves no trace (`noatime`, read-only, APFS, Windows): it is often the time of the download.
    """

    LOWER_BOUND = "atime"
    UNRELIABLE = "atime-unreliable"


class LastUse(NamedTuple):
    """Seconds since the epoch (UTC), 0.0 when not known; `by` is "" unless the journal says who.

    `source` is "journal" for what we saw ourselves, "atime", "atime-unreliable", or "" when nothing is known.
    """

    at: float = 0.0
    source: str = ""
    by: str = ""


def last_used(model: CachedModel, use: Use | None, mount: MountAtime) -> LastUse:
    """The last use of `model`, from what the journal has of it and from the access times of its files.

    The journal is believed, unless access times that mean something are more than a day later: within a day, which
    is as exactly as they are kept, it is the same use.
    """
    if use is not None:
        newer = mount is MountAtime.LOWER_BOUND and model.accessed > use.at + _A_DAY
        if not newer:
            return LastUse(use.at, "journal", use.by)
    return LastUse(model.accessed, mount.value) if model.accessed else LastUse()


def mount_atime(path: str | os.PathLike[str]) -> MountAtime:
    """What access times are worth on the mount that holds `path`; UNRELIABLE too when nobody can say."""
    try:
        if sys.platform == "linux":
            # What /proc/self/mountinfo says of the mount, but found by the kernel: no guess which of several mounts
            # at and above a path is the one that is seen there.
            frozen = bool(os.statvfs(path).f_flag & (os.ST_NOATIME | os.ST_RDONLY))
        else:
            frozen = _is_frozen(os.path.realpath(path))
    except OSError:
        frozen = True
    return MountAtime.UNRELIABLE if frozen else MountAtime.LOWER_BOUND


def _is_frozen(path: str) -> bool:
    """The same where the system does not tell by path: the deepest mount around `path` decides."""
    if sys.platform == "win32":
        return True  # NTFS writes access times only where an administrator switched them on
    import psutil

    around = [
        partition
        for partition in psutil.disk_partitions(all=True)
        if os.path.commonpath([partition.mountpoint, path]) == partition.mountpoint
    ]
    if not around:
        return True
    mount = max(around, key=lambda partition: len(partition.mountpoint))
    # APFS moves an access time only when the file was written since.
    return mount.fstype == "apfs" or not {"noatime", "ro"}.isdisjoint(mount.opts.split(","))

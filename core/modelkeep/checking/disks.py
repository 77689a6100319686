"""How many threads may read at once: all processors hash, as far as the disks that they read from like it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

__all__ = ["Disk", "cores", "disk_of", "readers"]

_UNTOLD = 4  # readers where nothing is known of a disk
_REMOTE = 2

# What these say of themselves is made up: it is the host that knows what lies beneath.
_VIRTUAL = ("vd", "xvd", "loop")

_NETWORK = frozenset(
    {
        *(
            "9p",
            "afs",
            "beegfs",
            "ceph",
            "cifs",
            "gpfs",
            "lustre",
            "nfs",
            "nfs4",
            "smb3",
            "smbfs",
            "virtiofs",
        ),
        *("fuse.ceph", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs"),
    }
)


class Disk(StrEnum):
    """What a file system lies on, as far as reading from several places at once goes."""

    SOLID = "solid"
    SPINNING = "spinning"
    NETWORK = "network"
    UNKNOWN = "unknown"


def readers(disks: Iterable[Disk], cores: int) -> int:
    """How many threads read well from all of these disks: the one that bears least decides.

    A spinning disk reads one file fast and two slowly; on a network two fill the pauses of each other.
    """
    most = {
        Disk.SOLID: cores,
        Disk.SPINNING: 1,
        Disk.NETWORK: min(cores, _REMOTE),
        Disk.UNKNOWN: min(cores, _UNTOLD),
    }
    return max(1, min((most[disk] for disk in disks), default=1))


def cores() -> int:
    """How many processors this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def disk_of(device: int, *, sys_dev: Path = Path("/sys/dev/block"), mounts: str | None = None) -> Disk:
    """What holds the files of which `os.stat` says that they are on `device`.

    `sys_dev` is where Linux describes its disks, `mounts` what it says in `/proc/self/mountinfo`. Where there is
    neither, as on other systems, nothing is known.
    """
    if sys.platform == "win32":
        return Disk.UNKNOWN
    number = f"{os.major(device)}:{os.minor(device)}"
    if mounts is None:
        mounts = ""
        with suppress(OSError):
            mounts = Path("/proc/self/mountinfo").read_text(errors="replace")
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        if before.split(" ")[2:3] == [number] and after.partition(" ")[0] in _NETWORK:
            return Disk.NETWORK
    with suppress(OSError):
        place = (sys_dev / number).resolve(strict=True)
        if place.name.startswith(_VIRTUAL):
            return Disk.UNKNOWN
        # A partition says nothing: the disk that it is of does.
        for queue in (place / "queue", place.parent / "queue"):
            if (file := queue / "rotational").exists():
                return Disk.SPINNING if file.read_text().strip() == "1" else Disk.SOLID
    return Disk.UNKNOWN

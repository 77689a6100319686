"""The disk beneath everything: space, blocks, atomic writes, and what its errors mean."""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
import tempfile
import threading
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from modelkeep.errors import CacheError, CacheNotFound, NotEnoughSpace, ReadOnlyCache

__all__ = [
    "DiskSpace",
    "allocated",
    "disk_errors",
    "free_space",
    "keeping_atime",
    "measure",
    "released",
    "reserve",
    "sync_folder",
    "unchanged_atimes",
    "without_waiting",
    "write_atomically",
    "write_json",
]

_BLOCK = 512  # the unit of st_blocks, whatever the file system's own is


class DiskSpace(NamedTuple):
    """Bytes of the file system that holds a path; `free` is what this user can still write.

    `total` leaves out what is reserved for the superuser: nobody uses it, and nobody can.
    """

    total: int
    free: int


def free_space(path: str | os.PathLike[str]) -> DiskSpace:
    """The space of the file system that holds `path`, or its nearest parent that exists."""
    place = Path(path)
    while not place.exists() and place != place.parent:
        place = place.parent
    usage = shutil.disk_usage(place)
    return DiskSpace(usage.used + usage.free, usage.free)


def reserve(space: DiskSpace) -> int:
    """What Modelkeep leaves free, in bytes: 1 % of the disk, at most 1 GiB, so that other programs can go on."""
    return min(1 << 30, space.total // 100)


def allocated(status: os.stat_result) -> int:
    """Bytes that a file, link or folder takes on the disk; its size where the system does not say (Windows)."""
    blocks: int | None = getattr(status, "st_blocks", None)
    return status.st_size if blocks is None else blocks * _BLOCK


def measure(path: str | os.PathLike[str]) -> int:
    """Bytes on disk of everything at and below `path`, each inode once; links are not followed, as `du` does."""
    seen: set[tuple[int, int]] = set()
    total = 0
    for status in _below(path):
        if status.st_nlink > 1 and not stat.S_ISDIR(status.st_mode):
            inode = (status.st_dev, status.st_ino)
            if inode in seen:
                continue
            seen.add(inode)
        total += allocated(status)
    return total


def released(path: str | os.PathLike[str], *, but: Container[tuple[int, int]] = ()) -> int:
    """Bytes that the disk gains when everything at and below `path` goes, but for these inodes (device, inode).

    What has a name elsewhere keeps its space.
    """
    names: dict[tuple[int, int], int] = {}
    total = 0
    for status in _below(path):
        inode = (status.st_dev, status.st_ino)
        if inode in but:
            continue
        if status.st_nlink > 1 and not stat.S_ISDIR(status.st_mode):
            names[inode] = names.get(inode, 0) + 1
            if names[inode] < status.st_nlink:
                continue
        total += allocated(status)
    return total


def _below(path: str | os.PathLike[str]) -> Iterator[os.stat_result]:
    """What the system says of `path` and of everything below it; what cannot be read is left out."""
    try:
        status = os.lstat(path)
    except OSError:
        return
    yield status
    pending = [os.fspath(path)] if stat.S_ISDIR(status.st_mode) else []
    while pending:
        with suppress(OSError), os.scandir(pending.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    status = entry.stat(follow_symlinks=False)
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
                    yield status


def keeping_atime(path: str, flags: int) -> int:
    """An `opener` for `open` that leaves a file's access time alone, where the system lets us.

    Access times say when a model was last used; that Modelkeep looked at it is no use. Linux lets a file's owner and
    the superuser ask for it.
    """
    unseen = getattr(os, "O_NOATIME", 0)
    if unseen:
        with suppress(PermissionError):
            return os.open(path, flags | unseen)
    return os.open(path, flags)


def without_waiting(path: str, flags: int) -> int:
    """An `opener` like `keeping_atime`, which does not wait for a pipe that has taken the place of a file."""
    return keeping_atime(path, flags | getattr(os, "O_NONBLOCK", 0))


@contextmanager
def unchanged_atimes(paths: Iterable[str]) -> Iterator[None]:
    """Put back when files were read last, which others did who do not ask for `keeping_atime`."""
    before = {}
    for path in paths:
        with suppress(OSError):
            before[path] = os.stat(path)
    try:
        yield
    finally:
        for path, status in before.items():
            with suppress(OSError):  # a file of somebody else
                now = os.stat(path)
                if now.st_atime_ns != status.st_atime_ns and now.st_mtime_ns == status.st_mtime_ns:
                    os.utime(path, ns=(status.st_atime_ns, now.st_mtime_ns))


@contextmanager
def disk_errors(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn the operating system's errors about `path` into ours: a sentence, and what to do."""
    try:
        yield
    except OSError as error:
        place = error.filename if isinstance(error.filename, str) else os.fspath(path)
        match error.errno:
            case errno.ENOSPC | errno.EDQUOT:
                raise NotEnoughSpace(
                    f"The disk became full while writing to {place}.",
                    hint="Free some space, then do it again; nothing was changed for good.",
                ) from error
            case errno.EROFS:
                raise ReadOnlyCache(
                    f"{place} is on a file system that can only be read.",
                    hint="Mount it writable, or use another cache.",
                ) from error
            case errno.EACCES | errno.EPERM:
                raise ReadOnlyCache(
                    f"You may not change {place}.",
                    hint="Ask its owner, or run Modelkeep as a user who may write there.",
                ) from error
            case errno.ENOENT | errno.ENOTDIR:
                raise CacheNotFound(
                    f"{place} is not there any more.", hint="Another program may have removed it. Scan again."
                ) from error
            case _:
                raise CacheError(f"{place}: {error.strerror or error}.") from error


def write_atomically(path: str | os.PathLike[str], content: bytes, *, mode: int = 0o666) -> None:
    """Put `content` at `path` by a rename, flushed to the disk: a reader sees the old file or the new one.

    `mode` is narrowed by the umask, as for any new file.
    """
    target = Path(path)
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name[:80]}.", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode & ~_umask())
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    sync_folder(target.parent)


def write_json(path: str | os.PathLike[str], value: object, *, mode: int = 0o666) -> None:
    """Write `value` as JSON, atomically. File names that are not Unicode survive it."""
    write_atomically(
        path,
        json.dumps(value, indent=1, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n",
        mode=mode,
    )


def sync_folder(path: str | os.PathLike[str]) -> None:
    """Make a rename in `path` survive a power cut, where the system can do that."""
    if os.name == "nt":
        return
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


_asking_umask = threading.Lock()


@cache
def _umask() -> int:
    # Asked once: the only portable way to read it also sets it, for all threads. Two that ask at the same moment
    # would read what the other has set, and leave it so.
    with _asking_umask:
        mask = os.umask(0o077)
        os.umask(mask)
    return mask

"""Several files as one range of bytes, for several threads at once."""

from __future__ import annotations

import os
import struct
import sys
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path

if sys.platform == "linux":
    import fcntl

__all__ = ["BINARY", "JoinedFiles", "read_into", "share_blocks", "write_from"]

BINARY = getattr(os, "O_BINARY", 0)
_MOST_OPEN = 64  # descriptors at once; a process may have 256 on macOS, and other parts of it need some

# FICLONERANGE of linux/fs.h; its argument is (descriptor of the source, its offset, length, our offset).
_CLONE_RANGE = 0x4020940D

# Where a system has no pread: a seek and what follows it must be one step.
_seeking = threading.Lock()


class JoinedFiles:
    """Files that make one range of bytes, opened when first used and closed when too many are open."""

    def __init__(self, paths: Sequence[Path], sizes: Sequence[int], flags: int) -> None:
        self.sizes = sizes
        self.size = sum(sizes)
        self._paths = paths
        self._flags = flags | BINARY
        self._starts = list(accumulate(sizes, initial=0))
        self._open: OrderedDict[int, tuple[int, int]] = (
            OrderedDict()
        )  # (descriptor, users), longest unused first
        self._lock = threading.Lock()

    def pieces(self, offset: int, length: int) -> Iterator[tuple[int, int, int]]:
        """The range as (descriptor, offset in its file, count), in order."""
        end = min(offset + length, self.size)
        while offset < end:
            number = bisect_right(self._starts, offset) - 1
            start = offset - self._starts[number]
            count = min(end - offset, self.sizes[number] - start)
            with self.opened(number) as handle:
                yield handle, start, count
            offset += count

    @contextmanager
    def opened(self, number: int) -> Iterator[int]:
        with self._lock:
            handle, users = self._open.pop(number, (-1, 0))
            if handle < 0:
                handle = os.open(self._paths[number], self._flags)
            self._open[number] = handle, users + 1
            self._close_unused()
        try:
            yield handle
        finally:
            with self._lock:
                handle, users = self._open[number]
                self._open[number] = handle, users - 1

    def _close_unused(self) -> None:
        unused = [number for number, (_, users) in self._open.items() if not users]
        for number in unused[: max(0, len(self._open) - _MOST_OPEN)]:
            os.close(self._open.pop(number)[0])

    def sync(self) -> None:
        """Give every file its size and flush it to the disk."""
        for number, size in enumerate(self.sizes):
            with self.opened(number) as handle:
                os.ftruncate(handle, size)
                os.fsync(handle)

    def close(self) -> None:
        with self._lock:
            while self._open:
                os.close(self._open.popitem()[1][0])


def read_into(handle: int, piece: memoryview, start: int) -> int:
    """Fill `piece` with what is at `start` of an open file, as far as the system does at once; 0 at its end."""
    if hasattr(os, "preadv"):
        return os.preadv(handle, [piece], start)
    if hasattr(os, "pread"):
        data = os.pread(handle, len(piece), start)
    else:
        with _seeking:
            os.lseek(handle, start, os.SEEK_SET)
            data = os.read(handle, len(piece))
    piece[: len(data)] = data
    return len(data)


def write_from(handle: int, piece: memoryview, start: int) -> int:
    """Put `piece` at `start` of an open file, as far as the system does at once."""
    if hasattr(os, "pwrite"):
        return os.pwrite(handle, piece, start)
    with _seeking:
        os.lseek(handle, start, os.SEEK_SET)
        return os.write(handle, piece)


def share_blocks(target: int, place: int, source: int, start: int, length: int) -> bool:
    """Make `length` bytes of an open file those of another, sharing blocks; False where that cannot be.

    A length of 0 is all from `start`. Else all numbers must be multiples of the block size.
    """
    if sys.platform != "linux":
        return False
    try:
        fcntl.ioctl(target, _CLONE_RANGE, struct.pack("qQQQ", source, start, length, place))
    except OSError:
        return False
    return True

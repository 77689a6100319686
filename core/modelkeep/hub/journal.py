"""Which bytes of a file have come, kept so that a kill or a power cut loses almost none of them.

A journal is text that is only added to, a line for each thing that happened::

    modelkeep 1 <size> <boot> <check>     the file's bytes, and which start of the machine this is
    + <from> <to> <check>                 these bytes (from included, to not) are written, if only in memory
    = <length> <check>                    all that the first so many bytes of this journal say is on the disk

Numbers are hexadecimal, `check` is the CRC-32 of the line before it. A line that is not whole, or that a power cut
turned into something else, says nothing; so any beginning of a journal is a journal.

After a kill everything that was written is there: the system has it. After the machine itself stopped only what had
reached the disk is, so then the lines that a "=" vouches for are believed and the others are not. To believe all of
them and let the hash decide would be a gamble with the whole file for the sake of its last seconds.
"""

from __future__ import annotations

import os
import re
import sys
import threading
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["Journal", "Known", "Ranges", "boot_id", "read_journal"]

_NUMBER = rb"([0-9a-f]{1,16})"
_START = re.compile(rb"modelkeep 1 " + _NUMBER + rb" ([0-9A-Za-z.-]{1,64})")
_CAME = re.compile(rb"\+ " + _NUMBER + rb" " + _NUMBER)
_FLUSHED = re.compile(rb"= " + _NUMBER)


class Ranges:
    """A set of bytes of a file, as ranges in order that neither touch nor overlap."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._stops: list[int] = []

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(list(zip(self._starts, self._stops, strict=True)))

    @property
    def size(self) -> int:
        """How many bytes are in it."""
        return sum(self._stops) - sum(self._starts)

    @property
    def frontier(self) -> int:
        """Up to where there is no gap, from the first byte on."""
        return self._stops[0] if self._starts and self._starts[0] == 0 else 0

    @property
    def end(self) -> int:
        """Where the last range ends."""
        return self._stops[-1] if self._stops else 0

    def add(self, start: int, stop: int) -> None:
        """Put in what is between; some of it may be there already."""
        if start >= stop:
            return
        first = bisect_left(self._stops, start)
        after = bisect_right(self._starts, stop)
        if first < after:
            start = min(start, self._starts[first])
            stop = max(stop, self._stops[after - 1])
        self._starts[first:after] = [start]
        self._stops[first:after] = [stop]

    def gaps(self, size: int) -> list[tuple[int, int]]:
        """What a file of `size` bytes has besides."""
        edges = [0, *(edge for both in self for edge in both), size]
        return [(start, stop) for start, stop in zip(edges[::2], edges[1::2], strict=True) if start < stop]


class Known(NamedTuple):
    """What a journal says: the bytes of the file, which of them are there, and which of these are on the disk."""

    size: int
    here: Ranges
    flushed: Ranges


class Journal:
    """The journal of a file that is coming in, for any number of threads."""

    def __init__(self, path: Path, size: int) -> None:
        """Go on with the journal at `path`, or begin it where there is none of a file of that size.

        `here` is what it said is there; what is added since is the caller's to keep.
        """
        try:
            known = read_journal(path.read_bytes(), boot_id())
        except FileNotFoundError:
            known = None
        if known is None or known.size != size:
            known = Known(size, Ranges(), Ranges())
        self.here = known.here
        self._path = path
        self._lock = threading.Lock()
        self._end = 0
        self._file = -1
        self._begin(known)

    def _begin(self, known: Known) -> None:
        """Write it anew, as far as it is believed: its lines are of this start of the machine from now on."""
        new = self._path.with_name(f"{self._path.name}.new")
        self._file = os.open(new, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_APPEND, 0o666)
        try:
            self._write(_line(f"modelkeep 1 {known.size:x} {boot_id() or '-'}"))
            for start, stop in known.flushed:
                self._write(_line(f"+ {start:x} {stop:x}"))
            self._write(_line(f"= {self._end:x}"))
            for start, stop in known.here:
                self._write(_line(f"+ {start:x} {stop:x}"))
            os.fsync(self._file)
        finally:
            os.close(self._file)
            self._file = -1
        os.replace(new, self._path)
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND)

    def add(self, start: int, stop: int) -> None:
        """These bytes are written."""
        with self._lock:
            self._write(_line(f"+ {start:x} {stop:x}"))

    def flush(self, part: int) -> None:
        """Bring to the disk what has come, and say that it is there; `part` is the descriptor of the file."""
        with self._lock:
            upto = self._end
        os.fsync(part)
        with self._lock:
            self._write(_line(f"= {upto:x}"))
        os.fsync(self._file)

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _write(self, line: bytes) -> None:
        while line:
            written = os.write(self._file, line)
            self._end += written
            line = line[written:]


def read_journal(said: bytes, boot: str) -> Known | None:
    """What the bytes of a journal say, `boot` being what `boot_id` says now; None when they say nothing."""
    lines = list(_lines(said))
    start = _START.fullmatch(lines[0][0]) if lines else None
    if start is None:
        return None
    size = int(start[1], 16)
    upto = max((int(mark[1], 16) for line, _ in lines if (mark := _FLUSHED.fullmatch(line))), default=0)
    here, flushed = Ranges(), Ranges()
    for line, end in lines:
        if (came := _CAME.fullmatch(line)) is None:
            continue
        first, last = int(came[1], 16), int(came[2], 16)
        if first < last <= size:
            here.add(first, last)
            if end <= upto:
                flushed.add(first, last)
    still_runs = boot != "" and start[2] == boot.encode()
    return Known(size, here if still_runs else flushed, flushed)


def _lines(said: bytes) -> Iterator[tuple[bytes, int]]:
    """The lines that are whole, each with where it ends."""
    at = 0
    for line in said.split(b"\n")[:-1]:
        at += len(line) + 1
        text, _, check = line.rpartition(b" ")
        if check == b"%08x" % zlib.crc32(text):
            yield text, at


def _line(text: str) -> bytes:
    return b"%b %08x\n" % (text.encode(), zlib.crc32(text.encode()))


@cache
def boot_id() -> str:
    """What is the same until the machine starts again, and then is not; "" where nothing tells us."""
    if sys.platform == "linux":
        try:
            return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):
            return ""
    import psutil

    try:
        # Where a clock that is set moves it, what was only in memory is not believed: that is the safe side.
        return f"{psutil.boot_time():.0f}"
    except (OSError, RuntimeError):
        return ""

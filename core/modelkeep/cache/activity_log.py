"""The log of what was done, as plain files beside the catalog: a JSON object a line, a file a month.

It is the one place where events are kept; the catalog only finds things in it faster. So what was done is known also
when the catalog is lost or begun anew, and any program can read it. A line is written by one call at the end of the
file, while a lock is held for those systems on which that alone would not do: a process that is killed leaves at most
a line that is torn, which is skipped. Nothing waits for the disk, so a power cut may take the last seconds.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from modelkeep.cache.locks import acquired

__all__ = ["OUTCOMES", "ActivityLog", "Event", "as_json"]

OUTCOMES = ("done", "failed", "cancelled")

_PATIENCE = 0.5  # seconds; a line takes microseconds, and one without the lock is better than none
_MOST = 256_000_000  # bytes of all files, about a million events: then the oldest month is let go
_PIECE = 8_000_000  # bytes that are read at once
_LONGEST = 4000  # characters of a detail

_LATEST = datetime(9999, 12, 31, tzinfo=UTC)


class Event(NamedTuple):
    """Something that was done. `bytes` is what it moved or freed; `outcome` is "done", "failed" or "cancelled".

    `at` is seconds since the epoch (UTC), kept to the millisecond. `detail` says more, such as why it failed.
    """

    at: float
    by: str
    verb: str
    key: str
    root: str
    bytes: int
    outcome: str
    detail: str = ""


class ActivityLog:
    """The log in a folder, for any number of threads and processes at once. All methods raise `OSError`."""

    def __init__(self, folder: Path, most: int = _MOST) -> None:
        self.folder = folder
        self._most = most

    def append(self, event: Event) -> None:
        """Write an event down."""
        path = self.folder / f"{_moment(event.at):%Y-%m}.jsonl"
        line = json.dumps(as_json(event)).encode() + b"\n"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            self._make_room(path.name)
        lock = None
        with suppress(OSError):
            lock = acquired(self.folder / ".lock", _PATIENCE)
        try:
            _write(path, line)
        finally:
            if lock is not None:
                lock.release()

    def files(self) -> list[str]:
        """The names of the files, the oldest first."""
        try:
            return sorted(name for name in os.listdir(self.folder) if name.endswith(".jsonl"))
        except FileNotFoundError:
            return []

    def size(self, name: str) -> int:
        """How long a file is, in bytes."""
        return os.stat(self.folder / name).st_size

    def read(self, name: str, start: int = 0) -> Iterator[tuple[int, Event]]:
        """The events of a file from the byte `start` on, each with the place where its line ends.

        A line that is not whole, or says nothing that can be read, is passed over.
        """
        with open(self.folder / name, "rb") as file:
            file.seek(start)
            place, rest = start, b""
            while piece := file.read(_PIECE):
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines:
                    place += len(line) + 1
                    if event := _event(line):
                        yield place, event

    def _make_room(self, new: str) -> None:
        """Let the oldest months go where all are too much, before a new one begins."""
        sizes = {name: self.size(name) for name in self.files() if name < new}
        for name in sorted(sizes):
            if sum(sizes.values()) <= self._most:
                return
            del sizes[name]
            (self.folder / name).unlink(missing_ok=True)


def as_json(event: Event) -> dict[str, object]:
    """An event as it is written down and exported."""
    at = _moment(event.at).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "at": at,
        "by": event.by,
        "verb": event.verb,
        "model": event.key,
        "root": event.root,
        "bytes": event.bytes,
        "outcome": event.outcome,
        "detail": event.detail[:_LONGEST],
    }


def _event(line: bytes) -> Event | None:
    """The event of a line; None for none."""
    try:
        said = json.loads(line)
        at = datetime.fromisoformat(said["at"]).timestamp()
        by, verb, key, root = (str(said[name]) for name in ("by", "verb", "model", "root"))
        outcome, detail = str(said["outcome"]), str(said.get("detail", ""))
        size = int(said["bytes"])
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
    if outcome not in OUTCOMES:
        outcome, detail = "failed", f"{outcome} {detail}".strip()
    # SQLite's integers have 64 bits.
    return Event(at, by, verb, key, root, min(size, 2**63 - 1), outcome, detail)


def _moment(at: float) -> datetime:
    try:
        return datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError):
        return _LATEST


def _write(path: Path, line: bytes) -> None:
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    try:
        end = os.lseek(file, 0, os.SEEK_END)
        if end:
            os.lseek(file, end - 1, os.SEEK_SET)
            if os.read(file, 1) != b"\n":
                line = b"\n" + line  # somebody was killed, or the disk was full: only their line is lost
        if os.write(file, line) < len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), os.fspath(path))
    finally:
        os.close(file)

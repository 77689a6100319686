"""The content of a file on its way from a hub: written where it belongs, in any order, and hashed in its own."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from modelkeep.cache import layout
from modelkeep.cache.existing import content_name
from modelkeep.disk import disk_errors
from modelkeep.hub.journal import Journal, Ranges
from modelkeep.hub.replies import HubFile
from modelkeep.hub.transfer import FileState
from modelkeep.hub.transfer_folder import Folder

__all__ = ["LARGE", "PIECE", "Part", "Stale", "Stopped"]

LARGE = 32 << 20
"""Bytes from which on a file comes in several ranges at once, and its lock is held, so that `hf download` waits."""

RANGES = 4
PIECE = 1 << 20
_SMALL = 1 << 20  # bytes up to which a file comes into memory, and is written when it is whole
_SEGMENTS = (32 << 20, 256 << 20)  # bytes of a range that is asked for at once, at least and at most
_BINARY = getattr(os, "O_BINARY", 0)


class Stopped(Exception):
    """Ends what nobody wants any more."""


class Stale(Exception):
    """The file was begun anew meanwhile."""


class Part:
    """A content that the cache has not; all of `paths` have it.

    The crew that fetches it changes the plain attributes, under its own lock. The file itself is for any thread: it
    is closed when the last of those that use it leaves it.
    """

    def __init__(
        self, folder: Folder, etag: str, size: int, paths: tuple[str, ...], *, sha256: str = ""
    ) -> None:
        self.etag = etag
        self.sha256 = sha256
        """Its SHA-256 where the etag is git's and that is known too; then it is compared with both."""
        self.size = size
        self.paths = paths
        self.source: Path | None = None
        """Where another cache has it."""
        self.state = FileState.WAITING
        self.note = ""
        self.came = 0
        self.linked = False
        self.is_open = False
        self.over = False
        """Whether it is whole, here or in the cache."""
        self.is_proven = False
        """Whether it was compared with its name here."""
        self.is_small = size <= _SMALL
        self.is_flushed = True
        """Whether it reaches the disk by itself, once it is whole; else whoever publishes it sees to that."""
        self.ranged = size > LARGE
        self.is_hashed_apart = False
        """Whether a thread of its own follows what comes."""
        self.todo: list[tuple[int, int]] = []
        self.busy = False
        """Whether a thread works on it alone, as to begin it or to check it."""
        self.active = 0
        self.round = 0
        self.failures = self.wrong = self.bad = 0
        self.best = 0
        """Bytes that were here at most."""
        self.ready_at = 0.0
        self.generation = 0
        self._folder = folder
        self._file = -1
        self._memory = bytearray()
        self._journal: Journal | None = None
        self._ranges = Ranges()
        self._digest = self._new_digest()
        self._second = hashlib.sha256() if sha256 not in ("", etag) else None
        self._hashed = 0
        self._lock = threading.Condition()
        self._users = 0
        self._closed = False
        self._unflushed = False

    @property
    def name(self) -> str:
        return self.paths[0]

    @property
    def file(self) -> HubFile:
        """The first of the files that have it."""
        return HubFile(self.name, self.size, self.etag, sha256=self.sha256)

    @property
    def _path(self) -> Path:
        return self._folder.part(self.etag)

    @property
    def done(self) -> int:
        """Bytes that are here."""
        if self.over:
            return self.size
        with self._lock:
            return self._ranges.size

    @property
    def most(self) -> int:
        """How many threads may fetch it at once."""
        return RANGES if self.ranged else 1

    @property
    def piece(self) -> int:
        """How much is written at once: little enough of a file that a kill costs next to nothing."""
        return min(PIECE, max(64 << 10, self.size // 2048))

    # ---- the file

    def open(self) -> None:
        """Go on with what an earlier run left, or begin. Raises `Stopped`."""
        with disk_errors(self._folder.root), self._lock:
            if self._closed:
                raise Stopped
            if self.is_small:
                self._memory = bytearray(self.size)
            else:
                self._file = os.open(self._path, os.O_CREAT | os.O_RDWR | _BINARY, 0o666)
                self._journal = Journal(self._folder.journal(self.etag), self.size)
                self._ranges = self._journal.here
                if os.fstat(self._file).st_size < self._ranges.end:
                    self._begin_anew()
            self._plan()
            self.best = self._ranges.size
            self.is_open = True

    def restart(self, generation: int, note: str) -> None:
        """Throw away what came, and begin anew. Raises `Stale` when that was done, and `Stopped`."""
        with disk_errors(self._folder.root), self._lock:
            self._check(generation)
            self.generation += 1
            self.note = note
            self._lock.wait_for(lambda: not self._users)
            if self._closed:
                raise Stopped
            self._begin_anew()
            self._plan()

    def _begin_anew(self) -> None:
        if not self.is_small:
            os.ftruncate(self._file, 0)
        self._ranges = Ranges()
        self._digest = self._new_digest()
        self._second = self._second and hashlib.sha256()
        self._hashed = 0
        if self._journal is not None:
            self._journal.close()
            self._folder.journal(self.etag).unlink(missing_ok=True)
            self._journal = Journal(self._folder.journal(self.etag), self.size)

    def _plan(self) -> None:
        gaps = self._ranges.gaps(self.size)
        if not self.ranged:
            self.todo = gaps
            return
        least, most = _SEGMENTS
        step = min(most, max(least, self.size // 32 // PIECE * PIECE))
        self.todo = [(at, min(at + step, stop)) for start, stop in gaps for at in range(start, stop, step)]

    def take(self) -> tuple[int, int, int] | None:
        """The next range to fetch, after the generation that it is of; None when there is none."""
        with self._lock:  # else a part that begins anew in this moment would lose the range
            return (self.generation, *self.todo.pop(0)) if self.todo else None

    def write(self, generation: int, at: int, data: memoryview) -> None:
        """Put bytes where they belong. Raises `Stale` and `Stopped`."""
        if self.is_small:
            with self._lock:
                self._check(generation)
                self._memory[at : at + len(data)] = data
                self._ranges.add(at, at + len(data))
            return
        with disk_errors(self._folder.root), self._using(generation) as file:
            _write_at(file, data, at, self._lock)
            with self._lock:
                if generation != self.generation:
                    raise Stale
                if self._journal is not None:
                    self._journal.add(at, at + len(data))
                self._ranges.add(at, at + len(data))
                self._unflushed = True

    def flush(self) -> None:
        """Bring what came to the disk, so that a power cut does not take it. Raises `Stale` and `Stopped`."""
        if self._journal is None or not self._unflushed:
            return
        with disk_errors(self._folder.root), self._using(self.generation) as file:
            self._unflushed = False
            self._journal.flush(file)

    def close(self) -> None:
        """Write nothing more; what was written stays."""
        with self._lock:
            self._closed = True
            if not self._users:
                self._close()

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        if self._journal is not None:
            self._journal.close()

    @contextmanager
    def _using(self, generation: int) -> Iterator[int]:
        with self._lock:
            self._check(generation)
            self._users += 1
        try:
            yield self._file
        finally:
            with self._lock:
                self._users -= 1
                if self._closed and not self._users:
                    self._close()
                self._lock.notify_all()

    def _check(self, generation: int) -> None:
        if self._closed:
            raise Stopped
        if generation != self.generation:
            raise Stale

    def _check_place(self) -> None:
        """Raise `OSError` when the name leads to another file by now: somebody removed the folder, others use it."""
        there, ours = os.stat(self._path), os.fstat(self._file)
        if not os.path.samestat(there, ours):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), os.fspath(self._path))

    # ---- what it is

    def hash_on(self, generation: int) -> bool:
        """Hash what has come since, as far as there is no gap; returns whether that was all. Raises as `write`."""
        if self.is_small:
            with self._lock:
                self._check(generation)
                at, self._hashed = self._hashed, self._ranges.frontier
                new = memoryview(self._memory)[at : self._hashed]
                self._digest.update(new)
                if self._second is not None:
                    self._second.update(new)
            return self._hashed == self.size
        while True:
            with self._lock:
                self._check(generation)
                frontier, at = self._ranges.frontier, self._hashed
                digest, second = self._digest, self._second
            if at >= frontier:
                return at == self.size
            with disk_errors(self._folder.root), self._using(generation) as file:
                data = _read_at(file, min(PIECE, frontier - at), at, self._lock)
                digest.update(data)
                if second is not None:
                    second.update(data)
            with self._lock:
                self._check(generation)
                self._hashed = at + len(data)

    def has_more_to_hash(self) -> bool:
        with self._lock:
            return self._ranges.frontier > self._hashed

    def is_right(self) -> bool:
        """Whether it is what its name says, once all is hashed."""
        if self._second is not None and self._second.hexdigest() != self.sha256:
            return False
        return self._digest.hexdigest() == self.etag

    def keep(self, generation: int) -> None:
        """It is whole and right: bring it to the disk, and where whole ones lie. Raises as `write`.

        Of many small ones each is written only: to flush them at once takes less than each by itself.
        """
        if self.is_small:
            with disk_errors(self._folder.root), self._lock:
                self._check(generation)
                self._closed = True
                path = self._folder.unflushed(self.etag)
                _write(path, self._memory, flush=self.is_flushed)
                if self.is_flushed:
                    os.replace(path, self._folder.blob(self.etag))
                self._memory = bytearray()
            self.is_proven = True
            return
        with disk_errors(self._folder.root):
            with self._using(generation) as file:
                os.fsync(file)
            with self._lock:
                self._check(generation)
                self._lock.wait_for(lambda: not self._users)  # what flushes it now and then
                self._check(generation)
                self._check_place()
                self._closed = True
                self._close()
                os.replace(self._path, self._folder.blob(self.etag))
                self._folder.journal(self.etag).unlink(missing_ok=True)
        self.is_proven = True

    def link(self, source: Path, *, verified: bool, count: Callable[[int], None]) -> bool:
        """Take the content from another cache; `verified` when it is known to be right. False when it is not there.

        A hard link, else a copy, which shares the blocks where the file system can do that. `count` raises to stop.
        """
        path = self._path.with_suffix(".link")
        try:
            real = os.path.realpath(source)
            if os.stat(real).st_size != self.size:
                return False
            path.unlink(missing_ok=True)
            try:
                os.link(real, path)
            except OSError:
                _copy(real, path, count)
                verified = False
            wanted = [self.sha256] if self._second is not None else []
            wanted += [] if verified else [self.etag]
            if any(content_name(path, name, count) != name for name in wanted):
                path.unlink()
                return False
            with self._lock:
                if self._closed:
                    raise Stopped
                os.replace(path, self._folder.blob(self.etag))
        except OSError:
            path.unlink(missing_ok=True)
            return False
        for left in (self._path, self._folder.journal(self.etag)):
            left.unlink(missing_ok=True)
        self.is_proven = self.is_flushed = True
        return True

    def _new_digest(self) -> hashlib._Hash:
        if layout.is_sha256(self.etag):
            return hashlib.sha256()
        return hashlib.sha1(layout.git_blob_header(self.size))


def _write(path: str, data: bytearray, *, flush: bool) -> None:
    file = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | _BINARY, 0o666)
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(file, left) :]
        if flush:
            os.fsync(file)
    finally:
        os.close(file)


def _write_at(file: int, data: memoryview, at: int, lock: threading.Condition) -> None:
    while data:
        if hasattr(os, "pwrite"):
            written = os.pwrite(file, data, at)
        else:
            with lock:
                os.lseek(file, at, os.SEEK_SET)
                written = os.write(file, data)
        data = data[written:]
        at += written


def _read_at(file: int, size: int, at: int, lock: threading.Condition) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(file, size, at)
    with lock:
        os.lseek(file, at, os.SEEK_SET)
        return os.read(file, size)


def _copy(source: str, target: Path, count: Callable[[int], None]) -> None:
    """Copy a file and flush it; the system shares the blocks where it can. `count` raises to stop."""
    with open(source, "rb", buffering=0) as old, open(target, "wb", buffering=0) as new:
        left = os.fstat(old.fileno()).st_size
        try:
            while left and (copied := os.copy_file_range(old.fileno(), new.fileno(), min(left, 16 << 20))):
                left -= copied
                count(copied)
        except (OSError, AttributeError):
            old.seek(new.seek(0, os.SEEK_END))
            buffer = memoryview(bytearray(PIECE))
            while size := old.readinto(buffer):
                new.write(buffer[:size])
                count(size)
        os.fsync(new.fileno())

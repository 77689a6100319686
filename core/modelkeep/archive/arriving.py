"""The content of one file on its way into a cache: read, hashed, written, compared, and staged when it is whole."""

from __future__ import annotations

import hashlib
import io
import os
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from modelkeep.archive.checksums import SUMS_NAME
from modelkeep.archive.container import Container
from modelkeep.archive.incoming import ImportFile
from modelkeep.archive.parallel import Count, Task
from modelkeep.cache import layout
from modelkeep.cache.staging import Staging, Verified
from modelkeep.cache.trees import TreeFile, git_name
from modelkeep.disk import disk_errors
from modelkeep.errors import DamagedArchive

if TYPE_CHECKING:
    from hashlib import _Hash

__all__ = ["Arriving"]

_SPACE_STEP = 64 << 20  # bytes written between two looks at the free space


class Arriving:
    """A content that a container has and the cache has not; all of `files` have it.

    It is whole when its tasks have ended: `verified` says what it is called then, and `shared` whether it takes no
    space because the blocks are those of the source. `check_space` raises when the disk is too full to go on.
    """

    def __init__(
        self,
        container: Container,
        staging: Staging,
        number: int,
        files: Sequence[ImportFile],
        check_space: Callable[[], None],
    ) -> None:
        self.files = files
        self.file = files[0]
        self.verified: Verified | None = None
        self.shared = False
        self._container = container
        self._staging = staging
        self._part = staging.part(number)
        self._check_space = check_space
        self._sha256 = hashlib.sha256()
        self._git_sha1 = None if self.file.lfs else hashlib.sha1(layout.git_blob_header(self.file.size))
        self._lock = threading.Lock()
        self._tasks_left = 1

    def tasks(self, *, apart: bool) -> list[tuple[str, Task]]:
        """What is to be done, by name. `apart` lets a second thread hash what the first brings into memory."""
        if apart and self._container.can_read_twice(self.file.member):
            self._tasks_left = 2
            return [(self.file.name, self._copy), (self.file.name, self._hash)]
        return [(self.file.name, self._copy_and_hash)]

    def _copy_and_hash(self, count: Count) -> None:
        self._write(self._hashes, count)

    def _copy(self, count: Count) -> None:
        self._write([], count)

    def _hash(self, count: Count) -> None:
        for chunk in self._container.chunks(self.file.member, checked=False):
            for digest in self._hashes:
                digest.update(chunk)
            count(0)
        self._end_task()

    @property
    def _hashes(self) -> list[_Hash]:
        return [self._sha256] if self._git_sha1 is None else [self._sha256, self._git_sha1]

    def _write(self, hashes: Sequence[_Hash], count: Count) -> None:
        unseen = 0
        with disk_errors(self._part), self._part.open("wb", buffering=0) as target:
            self.shared = self._container.share(self.file.member, target.fileno())
            if not self.shared:
                target.truncate(0)
                target.seek(0)
            for chunk in self._container.chunks(self.file.member):
                for digest in hashes:
                    digest.update(chunk)
                if not self.shared:
                    _write_all(target, chunk)
                count(len(chunk))
                unseen += len(chunk)
                if unseen >= _SPACE_STEP:
                    unseen = 0
                    self._check_space()
            os.fsync(target.fileno())
        self._end_task()

    def _end_task(self) -> None:
        """Stage it, when this was the last of its tasks."""
        with self._lock:
            self._tasks_left -= 1
            if self._tasks_left:
                return
        digest = self._sha256.hexdigest()
        verified = Verified(self._git_sha1.hexdigest() if self._git_sha1 else digest, digest)
        for file in self.files:
            _compare(file, verified)
        self._staging.keep(self._part, self.file.name, verified)
        self.verified = verified


def _write_all(target: io.FileIO, chunk: memoryview) -> None:
    while chunk:
        chunk = chunk[target.write(chunk) :]


def _compare(file: ImportFile, found: Verified) -> None:
    """Raise `DamagedArchive` unless a content is all that is said of it."""
    if file.sha256 not in (None, found.sha256):
        raise DamagedArchive(
            f"{file.name} is not what {SUMS_NAME} says: it has another SHA-256.",
            hint="Nothing of it was imported. Copy or download the archive again.",
        )
    if file.etag not in (None, found.etag):
        raise DamagedArchive(
            f"{file.name} has other content than this commit has.",
            hint="Nothing of it was imported. The archive may be damaged, or name the wrong commit.",
        )
    if file.git_blob not in (None, git_name(TreeFile(file.size, found.etag))):
        raise DamagedArchive(
            f"{file.name} was changed since the commit of the clone.", hint="Undo the change, or commit it."
        )

"""Names for files that came without one: copied files, as on systems without links, that no tree listing knows.

A file is read once; its check sums are kept in the catalog while it does not change.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import threading
import time
from contextlib import suppress
from io import FileIO
from pathlib import Path

from modelkeep.archive.lfs import LfsRules
from modelkeep.cache.catalog import Catalog, Checksums
from modelkeep.cache.layout import git_blob_header
from modelkeep.disk import without_waiting
from modelkeep.errors import ModelKeepError

__all__ = ["Etags", "open_plain"]

_PIECE = 1 << 20
_LONGEST_ATTRIBUTES = 1 << 20


class Etags:
    """Works out etags, for all threads; one file is read at a time, so that two who ask do not both read it."""

    def __init__(self, catalog: Catalog | None) -> None:
        self._catalog = catalog
        self._lock = threading.Lock()
        self._known: dict[tuple[str, int, int, int], Checksums] = {}

    def rules(self, attributes: str) -> LfsRules:
        """Which files are LFS by the `.gitattributes` at that path, or by the Hub's own where it is ""."""
        if attributes:
            with suppress(OSError), open_plain(attributes) as file:
                return LfsRules({"": file.read(_LONGEST_ATTRIBUTES).decode(errors="replace")})
        return LfsRules({})

    def of(self, path: Path, is_lfs: bool) -> str:
        """The SHA-256 of an LFS file, else the git blob SHA-1. Raises `OSError`."""
        status = os.stat(path)
        sums = self._recalled(path, status)
        if sums is None:
            with self._lock:
                sums = self._recalled(path, status) or self._read(path, status)
        return sums.sha256 if is_lfs else sums.git_sha1

    def _recalled(self, path: Path, status: os.stat_result) -> Checksums | None:
        sums = self._known.get(_mark(path, status))
        if sums is None and self._catalog:
            with suppress(ModelKeepError):
                sums = self._catalog.checksums(path, status)
        return sums if sums and sums.sha256 and sums.git_sha1 else None

    def _read(self, path: Path, status: os.stat_result) -> Checksums:
        sums = self._known[_mark(path, status)] = _sums(path)
        if self._catalog:
            with suppress(ModelKeepError):
                self._catalog.remember_checksums([(path, status, sums)])
        return sums


def open_plain(path: str | os.PathLike[str]) -> FileIO:
    """A plain file, open for reading, its access time as it was. Raises `OSError`, also for what is no plain file:
    opening a pipe would wait for somebody to write into it.
    """
    file = FileIO(path, "rb", opener=without_waiting)
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is no plain file")
    return file


def _mark(path: Path, status: os.stat_result) -> tuple[str, int, int, int]:
    return os.fspath(path), status.st_size, status.st_mtime_ns, status.st_ino


def _sums(path: Path) -> Checksums:
    with open_plain(path) as file:
        sha256 = hashlib.sha256()
        sha1 = hashlib.sha1(git_blob_header(os.fstat(file.fileno()).st_size), usedforsecurity=False)
        while piece := file.read(_PIECE):
            sha256.update(piece)
            sha1.update(piece)
    return Checksums(sha256.hexdigest(), sha1.hexdigest(), None, time.time())

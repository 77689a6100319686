"""Bytes of a content as they come, from wherever: a hub, a store, a file."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Protocol, Self

from modelkeep.disk import disk_errors, keeping_atime

__all__ = ["FileStream", "Stream"]


class Stream(Protocol):
    """A content, or a part of one, on its way. A context manager; closed from another thread, a read that
    waits ends.

    `start` is the offset of the first byte that comes and `stop` where it ends, None when that is not known; `size`
    are the bytes of the whole content. `etag` is what the sender calls the content (a SHA-256 or a git blob
    SHA-1), "" when it does not say, and `host` where it comes from, in words.
    """

    @property
    def start(self) -> int: ...
    @property
    def stop(self) -> int | None: ...
    @property
    def size(self) -> int | None: ...
    @property
    def etag(self) -> str: ...
    @property
    def host(self) -> str: ...

    def readinto(self, view: memoryview) -> int:
        """Put what has come into `view`, at least one byte; returns how many, 0 at the end.

        Raises `RemoteUnreachable` when it ends too early, or was closed meanwhile.
        """

    def close(self) -> None:
        """Let go of it; a second time changes nothing."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class FileStream:
    """A file of this machine, or a range of it, as a `Stream`. Its access time stays as it was.

    Raises `CacheError` where it cannot be read.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, start: int = 0, stop: int | None = None, etag: str = ""
    ) -> None:
        self._path = os.fspath(path)
        with disk_errors(self._path):
            self._file = open(self._path, "rb", buffering=0, opener=keeping_atime)  # noqa: SIM115
            try:
                self.size: int | None = os.fstat(self._file.fileno()).st_size
                self.stop: int | None = self.size if stop is None else min(stop, self.size)
                self.start = min(start, self.stop)
                self._file.seek(self.start)
            except BaseException:
                self._file.close()
                raise
        self.etag = etag
        self.host = os.path.dirname(self._path)
        self._left = self.stop - self.start

    def readinto(self, view: memoryview) -> int:
        """See `Stream`."""
        view = view[: self._left]
        if not view:
            return 0
        with disk_errors(self._path):
            count = self._file.readinto(view) or 0
        self._left = self._left - count if count else 0
        return count

    def close(self) -> None:
        """See `Stream`."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

"""A file on its way from a hub: its bytes into the caller's memory, as they come."""

from __future__ import annotations

import re
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import requests
import urllib3.exceptions as pool

from modelkeep.cache import layout
from modelkeep.errors import BadReply
from modelkeep.hub.failures import ConnectionDropped, failure
from modelkeep.hub.transport import origin

__all__ = ["Content", "commit_of", "etag_of", "linked_size_of"]

_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)$")


class Content:
    """An answer whose body is a file, or a part of one. A context manager; the connection is kept when all was read.

    `start` is the offset of the first byte that comes: 0 when the hub ignored the range (status 200). `stop` is where
    it ends (None when the hub does not say), `size` the bytes of the whole file. `etag` and `commit` are "" where
    the hub does not say. `host` is where the bytes come from, which need not be the hub itself.
    """

    def __init__(self, response: requests.Response) -> None:
        self._response = response
        self._closing = threading.Lock()
        self._closed = False
        self.status = response.status_code
        self.etag = etag_of(response)
        self.commit = commit_of(response)
        self.host = urlsplit(response.url).netloc
        self.start = 0
        self.size: int | None = None
        self.stop: int | None = None
        if self.status == 206:
            self._read_range(response.headers.get("Content-Range", ""))
        else:
            length = response.headers.get("Content-Length", "")
            linked = linked_size_of(response)
            self.stop = _count(length)
            self.size = self.stop if linked is None else linked
        self._left = None if self.stop is None else self.stop - self.start

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Content(status={self.status}, start={self.start}, size={self.size})"

    def readinto(self, view: memoryview) -> int:
        """Put what has come into `view`, at least one byte; returns how many, 0 at the end.

        Raises `RemoteUnreachable` when it ends too early, or was closed meanwhile.
        """
        if self._left is not None and self._left < len(view):
            view = view[: self._left]
        if not view:
            self._response.raw.release_conn()
            return 0
        try:
            piece = self._response.raw.read1(len(view))
        except (pool.HTTPError, OSError, ValueError, AttributeError) as error:
            # What reads while another thread closes may find anything.
            if self._closed or isinstance(error, (ValueError, AttributeError)):
                raise ConnectionDropped("The transfer was broken off here.") from error
            raise failure(error, self._response.url) from error
        if not piece:
            if self._left:
                raise ConnectionDropped(
                    f"The answer was cut off: {self._left} bytes did not come.", hint="Try again."
                )
            return 0
        view[: len(piece)] = piece
        if self._left is not None:
            self._left -= len(piece)
        return len(piece)

    def close(self) -> None:
        """Let go; from another thread this ends a read that waits."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
        if self._left != 0:
            with suppress(ValueError, RuntimeError, OSError):  # it is at its end already
                self._response.raw.shutdown()
        self._response.close()

    def _read_range(self, said: str) -> None:
        found = _RANGE.match(said)
        if found is None:
            raise BadReply("The hub sends a part of a file and does not say which.")
        self.start, self.stop = int(found[1]), int(found[2]) + 1
        self.size = None if found[3] == "*" else int(found[3])


def _chain(response: requests.Response) -> list[requests.Response]:
    return [*response.history, response]


def etag_of(response: requests.Response) -> str:
    """The name of a file's content: what a redirect said of the file it leads to, before that file's own word.

    A store that files lie in has ETags of its own, which say nothing here.
    """
    for one in _chain(response):
        if linked := one.headers.get("X-Linked-Etag"):
            return _plain(linked)
    home = origin(_chain(response)[0].url)
    for one in reversed(_chain(response)):
        ours = origin(one.url) == home or "X-Repo-Commit" in one.headers
        if ours and (etag := one.headers.get("ETag")):
            return _plain(etag)
    return ""


def commit_of(response: requests.Response) -> str:
    """The commit that the hub says a file is of, "" when it does not."""
    for one in _chain(response):
        if layout.is_commit(commit := one.headers.get("X-Repo-Commit", "")):
            return commit
    return ""


def linked_size_of(response: requests.Response) -> int | None:
    """Bytes of a large file, as the hub itself says; None where it does not."""
    for one in _chain(response):
        if (size := _count(one.headers.get("X-Linked-Size", ""))) is not None:
            return size
    return None


def _count(said: str) -> int | None:
    """A number of bytes as a header says it; None for what is none."""
    return int(said) if said.isdecimal() and len(said) < 19 else None


def _plain(etag: str) -> str:
    return etag.strip().removeprefix("W/").strip('"')

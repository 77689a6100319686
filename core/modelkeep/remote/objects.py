"""The few calls on a place that holds objects by name, above which the store is written: a folder, S3.

A name is made of parts with "/" between them, as `blobs/ab/abcd…`; it never begins with one. What was
written is seen by all readers at once and whole, or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from modelkeep.progress import Report, ignore
from modelkeep.streams import Stream

__all__ = ["SMALL", "Content", "ObjectInfo", "Objects"]

SMALL = 64 << 20
"""Bytes that a small object may have; what is larger was written by no Modelkeep, and is not read at once."""


class ObjectInfo(NamedTuple):
    """An object: its name, its bytes, and when it was written, by the clock of the place (seconds since the
    epoch)."""

    name: str
    size: int
    modified: float


class Content(NamedTuple):
    """A content to be uploaded. `read` opens it from one byte on and up to another; `told` is told the bytes
    that are through (negative ones take back what has to be sent again), and raises to stop.
    """

    sha256: str
    size: int
    read: Callable[[int, int | None], Stream]
    told: Callable[[int], None]


class Objects(Protocol):
    """Objects by name. May be used by several threads. Every method raises `RemoteError`s (`CacheError`s of
    the disk, as `NotEnoughSpace`, where a folder's disk is full or away are raised as they are).
    """

    @property
    def url(self) -> str: ...

    def list(self, prefix: str, *, report: Report = ignore) -> Iterator[ObjectInfo]:
        """All objects whose names begin with `prefix`, which ends with "/" or is ""; in the order of their
        names."""

    def info(self, name: str) -> ObjectInfo | None:
        """An object, None when there is none of that name."""

    def read(self, name: str) -> bytes:
        """A small object. Raises `NotOnRemote`, `BadReply` for one of more than `SMALL` bytes."""

    def open(self, name: str, *, start: int = 0, stop: int | None = None) -> Stream:
        """An object or a range of it, on its way. Raises `NotOnRemote`."""

    def create(self, name: str, content: bytes) -> bool:
        """Write a small object unless there is one of that name; whether it was written.

        Only where `is_exclusive` does this hold against others who do the same at the same moment.
        """

    @property
    def is_exclusive(self) -> bool:
        """Whether of several `create`s of one name exactly one succeeds. Asked once, then remembered; may
        write a probe, which it removes.
        """

    def put(self, name: str, content: bytes) -> None:
        """Write a small object, over what is there."""

    def upload(self, name: str, content: Content) -> None:
        """Write a content of any size, seen only when whole; goes on from where an earlier upload of it
        broke off.

        What was sent is compared with `content.sha256` on its way, and raises `WrongContent` when it is not
        that: nothing is seen then.
        """

    def refresh(self, name: str) -> bool:
        """Make an object as new as if it were written now, so that nobody takes it for garbage; False: not
        there."""

    def remove(self, names: Iterable[str]) -> None:
        """Remove objects; one that is not there is no error."""

    def clear_unfinished(self, older_than: float, *, dry_run: bool = False) -> int:
        """Remove what uploads left that broke off more than so many seconds ago; returns how many there
        were."""

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

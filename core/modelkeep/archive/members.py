"""What every container is: files with names and sizes, whose contents can be read and are checked while reading."""

from __future__ import annotations

import gzip
import io
import os
import struct
import tarfile
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self
from weakref import WeakSet

from modelkeep.archive.volumes import VolumeReader
from modelkeep.errors import ArchiveError, DamagedArchive, UnknownArchive

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = [
    "CHUNK",
    "MOST_MEMBERS",
    "Container",
    "Digests",
    "Member",
    "Window",
    "damaged",
    "reading",
    "state_of",
]

CHUNK = 128 << 10  # bytes read at once; larger ones fall out of the processor's cache between hash and write
MOST_MEMBERS = 200_000


class Member(NamedTuple):
    """A file in a container: its safe path, the bytes it says it has, and where it begins in a tar."""

    name: str
    size: int
    place: int = 0


class Digests(NamedTuple):
    """What a content is known by: its SHA-256, and its git blob SHA-1."""

    sha256: str
    git_sha1: str


class Container(ABC):
    """An open archive or folder. Several threads may read from it at once, unless it is to be read `in_order`."""

    path: Path
    members: tuple[Member, ...]
    """The files, in the order in which they are quickest to read."""
    state: tuple[tuple[int, int], ...] = ()
    """Size in bytes and time of change in ns of what is read, by which to see later that it is still the same."""
    in_order: bool = False
    """It is compressed as a whole: one thread may read it, and reading against the order begins anew."""
    digests: Mapping[str, Digests] = {}
    """What is known of the files' contents, by name, when all had to be read to list them."""

    def __init__(self) -> None:
        self._windows: WeakSet[io.RawIOBase] = WeakSet()

    @abstractmethod
    def chunks(self, member: Member, *, checked: bool = True) -> Iterator[memoryview]:
        """The content of a file, in pieces that are valid until the next one.

        Raises `DamagedArchive` as soon as it is not what the container says of it. `checked=False` leaves out what
        another thread checks that reads the same.
        """

    def can_read_twice(self, member: Member) -> bool:
        """Whether a second thread that reads the same costs no more than reading from memory."""
        return not self.in_order

    def share(self, member: Member, target: int) -> bool:
        """Give the open file `target` the content of a file by sharing its blocks on the disk, if that can be done.

        What the content is still has to be read.
        """
        return False

    def window(self, member: Member) -> io.BufferedReader | None:
        """A file of the container as it lies there, to read and seek in, without checks; None where that would cost.

        It is closed with the container, at the latest. Where the disk does not let it be read, that raises
        `ArchiveError` or `OSError`.
        """
        raw = self._raw_window(member)
        if raw is None:
            return None
        self._windows.add(raw)
        return io.BufferedReader(raw)

    def _raw_window(self, member: Member) -> io.RawIOBase | None:
        return None

    def close(self) -> None:
        """Let go of all that is open."""
        for window in list(self._windows):
            window.close()

    def read(self, member: Member, limit: int) -> bytes:
        """The whole content of a small file. Raises `DamagedArchive` when it is larger than `limit` bytes."""
        if member.size > limit:
            raise DamagedArchive(
                f"{member.name} in {self.path.name} has {member.size:,} bytes; {limit:,} are the most it may have."
            )
        return b"".join(bytes(chunk) for chunk in self.chunks(member))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Window(io.RawIOBase):
    """A part of a file as a file of its own, which takes no memory.

    `read_at` fills a buffer with what is at a place in all of it, and says with how many bytes.
    """

    def __init__(self, read_at: Callable[[int, memoryview], int], start: int, size: int) -> None:
        super().__init__()
        self._read_at = read_at
        self._start = start
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        self._check_open()
        view = memoryview(buffer).cast("B")[: max(0, self._size - self._at)]
        got = self._read_at(self._start + self._at, view) if view else 0
        self._at += got
        return got

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self._check_open()
        place = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if place < 0:
            raise ValueError("A position before the start of the file.")
        self._at = place
        return place

    def tell(self) -> int:
        self._check_open()
        return self._at

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("The archive is closed.")


def state_of(source: VolumeReader) -> tuple[tuple[int, int], ...]:
    """The `state` of an archive."""
    return tuple((status.st_size, status.st_mtime_ns) for status in map(os.stat, source.paths))


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn the errors of the libraries that read archives, and of the disk below, into ours."""
    try:
        yield
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        gzip.BadGzipFile,
        zlib.error,
        struct.error,
        EOFError,
        ValueError,
        OverflowError,
        IndexError,
        NotImplementedError,
        RecursionError,
    ) as error:
        raise damaged(path, str(error).rstrip(".")) from error
    except FileNotFoundError as error:
        raise UnknownArchive(f"There is nothing at {path}.") from error
    except OSError as error:
        place = error.filename or os.fspath(path)
        raise ArchiveError(
            f"{place} cannot be read: {error.strerror or error}.",
            hint="Check the medium and your permissions.",
        ) from error


def damaged(path: Path, what: str) -> DamagedArchive:
    """The error for a container that contradicts itself."""
    return DamagedArchive(
        f"{path.name} is damaged: {what}.",
        hint="Nothing of it was imported. Copy or download the archive again.",
    )

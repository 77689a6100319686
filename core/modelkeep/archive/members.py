"""What every container is: files with names and sizes, whose contents can be read and are checked while reading."""

from __future__ import annotations

import gzip
import os
import struct
import tarfile
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from modelkeep.archive.volumes import VolumeReader
from modelkeep.errors import ArchiveError, DamagedArchive, UnknownArchive

__all__ = ["CHUNK", "MOST_MEMBERS", "Container", "Digests", "Member", "damaged", "reading", "state_of"]

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

    @abstractmethod
    def close(self) -> None: ...

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

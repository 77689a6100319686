"""Reads tar archives, plain or compressed as a whole by gzip or zstd, without trusting them.

A plain one is read straight from the places of its files, by several threads at once. A compressed one has to be
unpacked from its start to list it; on that occasion its contents are hashed, so that a plan knows them.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from modelkeep.archive.members import (
    CHUNK,
    MOST_MEMBERS,
    Container,
    Digests,
    Member,
    Window,
    damaged,
    reading,
    state_of,
)
from modelkeep.archive.names import check_entry_name, check_no_clashes
from modelkeep.archive.volumes import VolumeReader
from modelkeep.cache.layout import git_blob_header
from modelkeep.errors import UnknownArchive, UnsafeArchive
from modelkeep.progress import Progress, Report

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["PackedTarContainer", "TarContainer", "gunzipped", "is_tar", "unzstd"]

_BLOCK = 512
_MOST_HEADER = 1 << 20  # bytes of one extended header
_MOST_PADDING = 1 << 20  # bytes of zeros after the end; tar fills its last record, usually of 10 KiB
_SMALL = 1 << 10  # files up to this size are kept from the listing, because a plan looks at all of them
_LOOKED_INTO = 64 << 10  # and up to this, as far as there is room, because a preview looks into some
_MOST_KEPT = 32 << 20  # bytes of either


def is_tar(start: bytes) -> bool:
    """Whether a file that starts with these 512 bytes is a tar: its first header has the right sum."""
    try:
        tarfile.TarInfo.frombuf(start, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def gunzipped(file: io.RawIOBase) -> io.BufferedIOBase:
    """What a gzip file unpacks to; its checksums are compared when its end is read."""
    return gzip.GzipFile(fileobj=file)


def unzstd(file: io.RawIOBase) -> io.BufferedIOBase:
    """What a zstd file unpacks to; its checksums are compared when its end is read."""
    return io.BufferedReader(_Zstd(file), CHUNK)


class TarContainer(Container):
    """A plain tar with no entry that could do harm."""

    def __init__(self, path: Path, source: VolumeReader) -> None:
        super().__init__()
        self.path = path
        self._source = source
        with reading(path):
            self.state = state_of(source)
        self.members = _list(path, _Forward(source.as_file()), lambda entry, name: None)

    def close(self) -> None:
        super().close()
        self._source.close()

    def chunks(self, member: Member, *, checked: bool = True) -> Iterator[memoryview]:
        buffer = memoryview(bytearray(min(CHUNK, member.size)))
        done = 0
        while done < member.size:
            got = self._read_at(member.place + done, buffer[: member.size - done])
            if not got:
                raise damaged(self.path, f"{member.name} is cut off")
            done += got
            yield buffer[:got]

    def _raw_window(self, member: Member) -> io.RawIOBase | None:
        return Window(self._read_at, member.place, member.size)

    def _read_at(self, offset: int, buffer: memoryview) -> int:
        with reading(self.path):
            return self._source.readinto_at(offset, buffer)


class PackedTarContainer(Container):
    """A tar that is compressed as a whole: read by one thread, best in the order of its members.

    `unpacked` opens its content from the start. Opening reads all of it once, so it reports, unless `members` are
    known from an earlier opening. `limit` is the most bytes its files may have together, so that a bomb is not read
    to its end.
    """

    in_order = True

    def __init__(
        self,
        path: Path,
        source: VolumeReader,
        unpacked: Callable[[io.RawIOBase], io.BufferedIOBase],
        *,
        members: tuple[Member, ...] = (),
        limit: int,
        report: Report,
    ) -> None:
        super().__init__()
        self.path = path
        self._source = source
        self._unpacked = unpacked
        self._kept: dict[str, bytes] = {}
        self._room = _MOST_KEPT
        self._limit = limit
        self._total = 0
        self.digests: dict[str, Digests] = {}
        with reading(path):
            self.state = state_of(source)
            self._stream = self._from_start()
            self.members = members or self._read_all(report)

    def close(self) -> None:
        super().close()
        self._source.close()

    def chunks(self, member: Member, *, checked: bool = True) -> Iterator[memoryview]:
        kept = self._kept.get(member.name)
        if kept is not None:
            yield memoryview(kept)
            return
        with reading(self.path):
            if self._stream.tell() > member.place:
                self._stream = self._from_start()
            self._stream.seek(member.place)
            yield from self._stream.pieces(member.size)

    def _raw_window(self, member: Member) -> io.RawIOBase | None:
        kept = self._kept.get(member.name)
        if kept is None:
            return None
        content = memoryview(kept)

        def read_at(offset: int, buffer: memoryview) -> int:
            piece = content[offset : offset + len(buffer)]
            buffer[: len(piece)] = piece
            return len(piece)

        return Window(read_at, 0, len(kept))

    def _from_start(self) -> _Forward:
        return _Forward(self._unpacked(self._source.as_file()))

    def _read_all(self, report: Report) -> tuple[Member, ...]:
        def look(entry: tarfile.TarInfo, name: str) -> None:
            report(Progress(f"Reading {self.path.name}", self._total, item=name))
            self._look_at(entry, name)

        members = _list(self.path, self._stream, look)
        # To the very end: only there is the checksum of the compression.
        padding = 0
        while rest := self._stream.read(CHUNK):
            padding += len(rest)
            if any(rest) or padding > _MOST_PADDING:
                raise damaged(self.path, "there is more in it after its end")
        return members

    def _look_at(self, entry: tarfile.TarInfo, name: str) -> None:
        self._total += entry.size
        if self._total > self._limit:
            raise UnsafeArchive(
                f"{self.path.name} unpacks to more than {self._limit:,} bytes, which cannot fit."
            )
        sha256, git_sha1 = hashlib.sha256(), hashlib.sha1(git_blob_header(entry.size))
        content = bytearray()
        is_kept = self._has_room(entry.size)
        for piece in self._stream.pieces(entry.size):
            sha256.update(piece)
            git_sha1.update(piece)
            if is_kept:
                content += piece
        if is_kept:
            self._kept[name] = bytes(content)
        self.digests[name] = Digests(sha256.hexdigest(), git_sha1.hexdigest())

    def _has_room(self, size: int) -> bool:
        """Whether a content of that size is kept; of small ones more are than there is room for larger ones."""
        if size <= _SMALL:
            return len(self._kept) < _MOST_KEPT // _SMALL
        if size <= _LOOKED_INTO and size <= self._room:
            self._room -= size
            return True
        return False


def _list(path: Path, stream: _Forward, look: Callable[[tarfile.TarInfo, str], None]) -> tuple[Member, ...]:
    """Where the files are; `look` is called for each of them while `stream` stands at the start of its content."""
    found: dict[str, Member] = {}
    folders = set()
    with reading(path):
        archive = tarfile.open(fileobj=stream, mode="r:")  # noqa: SIM115 - it holds nothing but the stream
        for entry in archive:
            if entry.name in ("", "."):
                continue
            name = check_entry_name(entry.name)
            _check_kind(entry, name)
            if entry.isdir():
                folders.add(name)
                continue
            if name in found:
                check_no_clashes([name, name])
            if entry.size < 0:
                raise damaged(path, f"{name} has less than no bytes")
            found[name] = Member(name, entry.size, entry.offset_data)
            look(entry, name)
            if len(found) > MOST_MEMBERS:
                raise UnknownArchive(f"{path.name} has more than {MOST_MEMBERS:,} files; that is no model.")
    # `tarfile` takes a broken header, and the end of the file, for the end of the archive.
    if stream.last != bytes(_BLOCK):
        raise damaged(path, "it has no end, so it may be cut off")
    check_no_clashes(found, folders)
    return tuple(found.values())


def _check_kind(entry: tarfile.TarInfo, name: str) -> None:
    if entry.issparse():
        raise UnsafeArchive(
            f"The entry “{name}” is sparse: it is to become larger than what is stored of it.",
            hint="Pack the archive again, without --sparse.",
        )
    if entry.isreg() or entry.isdir():
        return
    what = (
        "a symbolic link"
        if entry.issym()
        else "a hard link"
        if entry.islnk()
        else "a device or another special file"
    )
    raise UnsafeArchive(
        f"The entry “{name}” is {what}.", hint="Pack the files themselves, not links to them."
    )


class _Forward(io.RawIOBase):
    """What `tarfile` needs of a file, of a stream that is only read forward.

    Going back, as a negative size would demand for ever, is an error, and so is reading a header that is absurdly
    large. `last` is what was read last.
    """

    def __init__(self, file: io.BufferedIOBase | io.RawIOBase) -> None:
        super().__init__()
        self._file = file
        self._position = 0
        self.last = b""

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def read(self, size: int = -1, /) -> bytes:
        if not 0 <= size <= _MOST_HEADER:
            raise tarfile.ReadError("a header of it is too large")
        parts = []
        while size and (part := self._file.read(size)):
            parts.append(part)
            size -= len(part)
        self.last = b"".join(parts)
        self._position += len(self.last)
        return self.last

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if whence != io.SEEK_SET or offset < self._position:
            raise tarfile.ReadError("its headers lead backwards")
        if isinstance(self._file, io.RawIOBase) and self._file.seekable():
            self._position = self._file.seek(offset)
        while self._position < offset and self.read(min(CHUNK, offset - self._position)):
            pass
        return self._position

    def pieces(self, size: int) -> Iterator[memoryview]:
        """The next `size` bytes."""
        while size:
            piece = self.read(min(CHUNK, size))
            if not piece:
                raise EOFError("it is cut off")
            size -= len(piece)
            yield memoryview(piece)


class _Zstd(io.RawIOBase):
    """A zstd file as a plain stream, whose errors are of the standard library."""

    def __init__(self, file: io.RawIOBase) -> None:
        import zstandard  # few need it

        super().__init__()
        self._reader = zstandard.ZstdDecompressor().stream_reader(
            cast(IO[bytes], file), read_across_frames=True
        )
        self._error = zstandard.ZstdError

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        try:
            return int(self._reader.readinto(buffer))
        except self._error as error:
            raise ValueError(str(error)) from error

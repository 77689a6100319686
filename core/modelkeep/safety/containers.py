"""Opens containers as far as a scan needs: zip, tar and compressed streams, within a budget."""

from __future__ import annotations

import bz2
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import NamedTuple, Protocol, cast

from modelkeep.safety.limits import Budget, CouldNotScan, Stream, spool

__all__ = ["HEAD", "Member", "is_tar", "is_zip", "tar_members", "unpacked", "zip_members"]

HEAD = 512
"""Bytes that tell what a file is."""

_DIRECTORY = 16 << 20  # bytes of a zip's list of members
_DICTIONARY = 128 << 20  # memory that unpacking LZMA may take
_LONGEST_READ = 2 << 20
_COMMENT = 65535 + 22 + 20


class Member(NamedTuple):
    """A file in a container. `open` gives it as a stream that can be sought in; whoever calls it closes it."""

    name: str
    size: int
    head: bytes
    open: Callable[[], Stream]


def is_zip(stream: Stream) -> bool:
    """Whether it begins as a zip, or has one at its end: behind an image, for one."""
    stream.seek(0)
    if stream.read(4) in (b"PK\3\4", b"PK\5\6", b"PK\7\x08"):
        return True
    size = stream.seek(0, 2)
    stream.seek(max(0, size - _COMMENT))
    tail = stream.read(_COMMENT)
    at = tail.rfind(b"PK\5\6")
    return at >= 0 and len(tail) - at >= 22


def zip_members(stream: Stream, budget: Budget) -> Iterator[Member]:
    """The files in a zip. Raises `CouldNotScan` for one that is broken or encrypted."""
    _check_directory(stream)
    try:
        with zipfile.ZipFile(stream) as container:
            infos = container.infolist()
            for info in infos:
                budget.member()
                if info.is_dir():
                    continue
                if info.flag_bits & 1:
                    raise CouldNotScan("It is an encrypted zip.")
                if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2):
                    raise CouldNotScan("It is a zip that is compressed in a way that is not opened here.")
                with container.open(info) as file:
                    head = file.read(HEAD)
                yield Member(info.filename, info.file_size, head, partial(_spooled, container, info, budget))
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError) as error:
        raise CouldNotScan("It is a broken zip, or one of a kind that is not known.") from error
    except (RuntimeError, ValueError, OverflowError, OSError, AssertionError) as error:
        raise CouldNotScan("It is a zip that cannot be read.") from error


def _spooled(container: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget) -> Stream:
    try:
        with container.open(info) as file:
            return spool(file.read, budget)
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        OSError,
        ValueError,
        RuntimeError,
    ) as error:
        raise CouldNotScan("It is a broken zip.") from error


def _check_directory(stream: Stream) -> None:
    """Refuse a zip whose list of members would take too much memory."""
    try:
        end = zipfile._EndRecData(stream)  # type: ignore[attr-defined]
    except (zipfile.BadZipFile, ValueError, OSError, OverflowError) as error:
        raise CouldNotScan("It is a broken zip.") from error
    if not end:
        raise CouldNotScan("It is a broken zip: its end is missing.")
    if end[5] > _DIRECTORY:
        raise CouldNotScan("It is a zip with more members than are looked at.")


class _Short:
    """A stream that is read in pieces only: the headers of a hostile tar would have gigabytes read at once."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.seek = stream.seek
        self.seekable = stream.seekable
        self.tell = stream.tell

    def read(self, size: int) -> bytes:
        if size > _LONGEST_READ:
            raise tarfile.ReadError
        return self._stream.read(size)


def is_tar(head: bytes) -> bool:
    """Whether it begins as a tar of any kind; the oldest kind has no mark, but a check sum."""
    try:
        tarfile.TarInfo.frombuf(head[:512], "utf-8", "surrogateescape")
    except (tarfile.TarError, ValueError):
        return False
    return True


def tar_members(stream: Stream, budget: Budget) -> Iterator[Member]:
    """The files in a tar. Raises `CouldNotScan` for one that is broken."""
    stream.seek(0)
    try:
        with tarfile.open(fileobj=cast(Stream, _Short(stream)), mode="r:") as container:
            while info := container.next():
                budget.member()
                container.members = []  # type: ignore[attr-defined]  # it would keep them all
                if not info.isfile():
                    continue
                file = container.extractfile(info)
                if file is None:
                    continue
                with closing(file):
                    head = file.read(HEAD)
                    file.seek(0)
                    yield Member(info.name, info.size, head, partial(spool, file.read, budget))
    except (tarfile.TarError, EOFError, ValueError, OverflowError, OSError, AttributeError) as error:
        raise CouldNotScan("It is a broken tar.") from error


class _Decompressor(Protocol):
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...

    @property
    def eof(self) -> bool: ...


def unpacked(stream: Stream, head: bytes, budget: Budget) -> Stream | None:
    """What a compressed stream holds, or None when it is none of those that are known."""
    make: Callable[[], _Decompressor]
    if head.startswith(b"\x1f\x8b\x08"):
        make = lambda: _Zlib(31)  # noqa: E731
    elif head.startswith(b"BZh"):
        make = bz2.BZ2Decompressor
    elif head.startswith((b"\xfd7zXZ\0", b"\x5d\0\0")):
        make = partial(lzma.LZMADecompressor, memlimit=_DICTIONARY)
    elif head[:1] == b"\x78" and len(head) > 2 and int.from_bytes(head[:2], "big") % 31 == 0:
        make = lambda: _Zlib(15)  # noqa: E731
    else:
        return None
    stream.seek(0)
    try:
        return spool(_reading(stream, make), budget)
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
        raise CouldNotScan("It is compressed, and broken.") from error


class _Zlib:
    """`zlib` with the ways of the other two."""

    def __init__(self, wbits: int) -> None:
        self._inner = zlib.decompressobj(wbits)
        self._left = b""

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._left

    def decompress(self, data: bytes, max_length: int) -> bytes:
        out = self._inner.decompress(self._left + data, max_length)
        self._left = self._inner.unconsumed_tail
        return out

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data


def _reading(stream: Stream, make: Callable[[], _Decompressor]) -> Callable[[int], bytes]:
    """A `read` of what is compressed: stream after stream, as gzip allows, until something else comes."""
    state: list[_Decompressor] = [make()]
    pending = b""

    def read(size: int) -> bytes:
        nonlocal pending
        while True:
            inner = state[0]
            if inner.eof:
                rest = inner.unused_data + stream.read(1)  # type: ignore[attr-defined]
                if not rest.strip(b"\0"):
                    return b""
                pending, state[0] = rest, make()
                continue
            needs = inner.needs_input and not pending  # type: ignore[attr-defined]
            data = stream.read(1 << 16) if needs else pending
            pending = b""
            if needs and not data:
                raise EOFError
            if out := inner.decompress(data, size):
                return out

    return read

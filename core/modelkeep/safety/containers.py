"""Opens containers as far as a scan needs: zip, tar and compressed streams, within a budget."""

from __future__ import annotations

import bz2
import io
import lzma
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from typing import NamedTuple, Protocol, cast

from modelkeep.safety.limits import Budget, CouldNotScan, Stream, spool

__all__ = ["HEAD", "Member", "is_tar", "is_zip", "tar_members", "unpacked", "zip_members"]

HEAD = 512
"""Bytes that tell what a file is."""

_DIRECTORY = 16 << 20  # bytes of a zip's list of members
_DICTIONARY = 128 << 20  # memory that unpacking LZMA may take
_LOCAL = 30  # bytes before the name of a member
_LOCAL_MARK = re.compile(rb"PK\x03\x04.{4}([\x00\x08\x0c]\x00)", re.DOTALL)
_SEARCHED = 4 << 20
_LONGEST_READ = 2 << 20
_COMMENT = 65535 + 22 + 20


class _Decompressor(Protocol):
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...

    @property
    def eof(self) -> bool: ...


class Member(NamedTuple):
    """A file in a container. `open` gives it as a stream that can be sought in; whoever calls it closes it.

    `crc` is what its check sum is to be, None where the container has none.
    """

    name: str
    size: int
    head: bytes
    open: Callable[[], Stream]
    crc: int | None = None


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


def zip_members(stream: Stream, budget: Budget) -> Iterator[Member | CouldNotScan]:
    """The files in a zip, and why others could not be read, each in its place.

    They are read as PyTorch reads them, which is less strict than `zipfile`: it looks neither at check sums nor at
    the names that stand before the contents. Of a zip without a list of members those are given that can be found.
    """
    try:
        infos = _directory(stream)
    except CouldNotScan as trouble:
        yield trouble
        yield from _found_without(stream, budget)
        return
    for info in infos:
        budget.member()
        if info.is_dir() and not info.file_size:
            continue
        try:
            yield _zip_member(stream, info, budget)
        except CouldNotScan as trouble:
            yield trouble


def _directory(stream: Stream) -> list[zipfile.ZipInfo]:
    _check_directory(stream)
    try:
        with zipfile.ZipFile(stream) as container:
            return container.infolist()
    except (zipfile.BadZipFile, NotImplementedError, zlib.error, EOFError, struct.error) as error:
        raise CouldNotScan("It is a broken zip, or one of a kind that is not known.") from error
    except (RuntimeError, ValueError, OverflowError, OSError, AssertionError) as error:
        raise CouldNotScan("It is a zip that cannot be read.") from error


def _found_without(stream: Stream, budget: Budget) -> Iterator[Member]:
    """What begins as a member does, wherever in the file; each may reach to the end."""
    size = stream.seek(0, 2)
    at = 0
    while at < size:
        stream.seek(at)
        block = stream.read(_SEARCHED)
        budget.tick()
        for match in _LOCAL_MARK.finditer(block):
            budget.member()
            info = zipfile.ZipInfo("member")
            info.header_offset = at + match.start()
            info.CRC = 0
            info.compress_type = int.from_bytes(match[1], "little")
            info.compress_size = info.file_size = size - info.header_offset
            with suppress(CouldNotScan):
                yield _zip_member(stream, info, budget)._replace(crc=None)
        if len(block) < _SEARCHED:
            break
        at += _SEARCHED - _LOCAL


def _zip_member(stream: Stream, info: zipfile.ZipInfo, budget: Budget) -> Member:
    stream.seek(info.header_offset)
    header = stream.read(_LOCAL)
    if len(header) < _LOCAL or not header.startswith(b"PK\3\4"):
        raise CouldNotScan("It is a broken zip.")
    name_size, extra_size = struct.unpack_from("<HH", header, 26)
    start = info.header_offset + _LOCAL + name_size + extra_size
    window = Window(stream, start, info.compress_size)
    if info.flag_bits & 1:
        raise CouldNotScan("It is an encrypted zip.")
    if info.compress_type == zipfile.ZIP_STORED:
        open_member: Callable[[], Stream] = lambda: cast(Stream, Window(stream, start, info.compress_size))  # noqa: E731
    elif info.compress_type in _METHODS:
        open_member = partial(_inflated, window, _METHODS[info.compress_type], budget)
    else:
        raise CouldNotScan("It is a zip that is compressed in a way that is not opened here.")
    head = _head(window, _METHODS.get(info.compress_type))
    return Member(info.filename, info.file_size, head, open_member, info.CRC)


def _head(window: Window, make: Callable[[], _Decompressor] | None) -> bytes:
    window.seek(0)
    if make is None:
        return window.read(HEAD)
    try:
        return make().decompress(window.read(16 * HEAD), HEAD)
    except _BROKEN as error:
        raise CouldNotScan("It is a broken zip.") from error


def _inflated(window: Window, make: Callable[[], _Decompressor], budget: Budget) -> Stream:
    window.seek(0)
    inner = make()
    data = b""

    def read(size: int) -> bytes:
        nonlocal data
        while not inner.eof:
            needs = inner.needs_input and not data  # type: ignore[attr-defined]
            data = window.read(1 << 16) if needs else data
            if needs and not data:
                return b""  # cut off: what there is of it is looked at
            out = inner.decompress(data, size)
            data = b""
            if out:
                return out
        return b""

    try:
        return spool(read, budget)
    except _BROKEN as error:
        raise CouldNotScan("It is a broken zip.") from error


class Window(io.RawIOBase):
    """A part of a file, as a file that can be sought in; it takes no memory. Closing it leaves the file open."""

    def __init__(self, stream: Stream, start: int, size: int) -> None:
        self._stream = stream
        self._start = start
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = max(0, offset + (0, self._at, self._size)[whence])
        return self._at

    def read(self, size: int | None = -1, /) -> bytes:
        left = max(0, self._size - self._at)
        size = left if size is None or size < 0 else min(size, left)
        self._stream.seek(self._start + self._at)
        block = self._stream.read(size)
        self._at += len(block)
        return block

    def readline(self, size: int | None = -1, /) -> bytes:
        left = max(0, self._size - self._at)
        self._stream.seek(self._start + self._at)
        line = self._stream.readline(left if size is None or size < 0 else min(size, left))
        self._at += len(line)
        return line


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


def tar_members(stream: Stream, budget: Budget) -> Iterator[Member | CouldNotScan]:
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


_BROKEN = (zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, RuntimeError)
_METHODS: dict[int, Callable[[], _Decompressor]] = {
    zipfile.ZIP_DEFLATED: lambda: _Zlib(-15),
    zipfile.ZIP_BZIP2: bz2.BZ2Decompressor,
}


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

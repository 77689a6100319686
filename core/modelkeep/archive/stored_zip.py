"""The form of a zip archive whose files are stored: where each byte goes is known before the first is written.

That lets several threads write at once, lets the size be told before writing, and puts large contents on block
borders, where file systems can share them with the cache. Times, modes and order are always the same, so the same
files make the same archive.

Source: PKWARE's APPNOTE 6.3.10. The padding is the extra field that Android's zipalign writes: the alignment, then
zeros.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from modelkeep.archive.volumes import ALIGNMENT

__all__ = ["Entry", "ZipLayout", "directory", "lay_out", "local_header"]

ALIGNED_FROM = 1 << 20
"""Files of this many bytes and more begin on a block border; smaller ones are not worth the padding."""

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")

_STORED = 0
_UTF8_NAME = 1 << 11
_DOS_DATE = 1 << 5 | 1  # 1980-01-01, the first there is; the time is 0
_PLAIN, _ZIP64 = 10, 45  # the versions of the format that a reader needs to know
_MADE_BY_UNIX = 3 << 8 | _ZIP64
_MODE = 0o100644 << 16
_MAX16, _MAX32 = 0xFFFF, 0xFFFFFFFF
_ZIP64_FIELD, _ALIGNMENT_FIELD = 0x0001, 0xD935


class Entry(NamedTuple):
    """A file in the archive: its path with "/", its bytes, and where its header and its content begin."""

    name: str
    size: int
    header_at: int
    content_at: int


class ZipLayout(NamedTuple):
    """Where everything goes in an archive of `size` bytes."""

    entries: tuple[Entry, ...]
    directory_at: int
    size: int


def lay_out(files: Iterable[tuple[str, int]]) -> ZipLayout:
    """Give every file, by name and size in bytes, its place, in the order they come."""
    entries: list[Entry] = []
    place = 0
    for name, size in files:
        content_at = place + _LOCAL.size + len(name.encode()) + len(_local_zip64(size))
        if size >= ALIGNED_FROM:
            content_at = _aligned(content_at)
        entries.append(Entry(name, size, place, content_at))
        place = content_at + size
    records = sum(len(_record(entry, 0)) for entry in entries)
    return ZipLayout(tuple(entries), place, place + records + len(_end(len(entries), place, records)))


def local_header(entry: Entry, crc: int) -> bytes:
    """What stands before the content: all bytes from `header_at` to `content_at`."""
    name, flags = _name(entry)
    extra = _local_zip64(entry.size)
    size = _MAX32 if extra else entry.size
    version = _ZIP64 if extra else _PLAIN
    padding = entry.content_at - entry.header_at - _LOCAL.size - len(name) - len(extra)
    if padding:
        extra += struct.pack("<3H", _ALIGNMENT_FIELD, padding - 4, ALIGNMENT).ljust(padding, b"\0")
    fixed = _LOCAL.pack(
        b"PK\3\4", version, flags, _STORED, 0, _DOS_DATE, crc, size, size, len(name), len(extra)
    )
    return fixed + name + extra


def directory(layout: ZipLayout, crcs: Sequence[int]) -> bytes:
    """What stands at the end of the archive, from `directory_at` on; a CRC-32 for every entry."""
    records = b"".join(_record(entry, crc) for entry, crc in zip(layout.entries, crcs, strict=True))
    return records + _end(len(layout.entries), layout.directory_at, len(records))


def _aligned(content_at: int) -> int:
    """The next block border that padding can reach: a field takes at least its own 6 bytes."""
    padding = -content_at % ALIGNMENT
    return content_at + (padding if padding == 0 or padding >= 6 else padding + ALIGNMENT)


def _name(entry: Entry) -> tuple[bytes, int]:
    return entry.name.encode(), 0 if entry.name.isascii() else _UTF8_NAME


def _local_zip64(size: int) -> bytes:
    return struct.pack("<2H2Q", _ZIP64_FIELD, 16, size, size) if size >= _MAX32 else b""


def _record(entry: Entry, crc: int) -> bytes:
    name, flags = _name(entry)
    size, header_at = entry.size, entry.header_at
    large: list[int] = []
    if entry.size >= _MAX32:
        large += (size, size)
        size = _MAX32
    if entry.header_at >= _MAX32:
        large.append(header_at)
        header_at = _MAX32
    extra = struct.pack(f"<2H{len(large)}Q", _ZIP64_FIELD, 8 * len(large), *large) if large else b""
    needed = _ZIP64 if large else _PLAIN
    fixed = _CENTRAL.pack(
        *(b"PK\1\2", _MADE_BY_UNIX, needed, flags, _STORED, 0, _DOS_DATE, crc, size, size),
        *(len(name), len(extra), 0, 0, 0, _MODE, header_at),
    )
    return fixed + name + extra


def _end(count: int, directory_at: int, size: int) -> bytes:
    zip64 = b""
    if count >= _MAX16 or directory_at >= _MAX32 or size >= _MAX32:
        zip64 = _END64.pack(
            *(b"PK\6\6", _END64.size - 12, _MADE_BY_UNIX, _ZIP64, 0, 0, count, count, size, directory_at)
        )
        zip64 += _LOCATOR.pack(b"PK\6\7", 0, directory_at + size, 1)
    count, size, directory_at = min(count, _MAX16), min(size, _MAX32), min(directory_at, _MAX32)
    return zip64 + _END.pack(b"PK\5\6", 0, 0, count, count, size, directory_at, 0)

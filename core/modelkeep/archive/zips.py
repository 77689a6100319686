"""Reads zip archives, one file or split, without trusting them.

`zipfile` reads the directory at the end. The contents are read here: stored ones straight from their place, by
several threads at once, deflated ones in pieces that never grow beyond what the directory says.
Source of the format: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 to 4.5.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from modelkeep.archive.members import (
    CHUNK,
    MOST_MEMBERS,
    Container,
    Member,
    Window,
    damaged,
    reading,
    state_of,
)
from modelkeep.archive.names import check_entry_name, check_no_clashes
from modelkeep.archive.volumes import ALIGNMENT, VolumeReader
from modelkeep.errors import UnknownArchive, UnsafeArchive

__all__ = ["ZipContainer"]

_STORED, _DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED
_ENCRYPTED = 0x1 | 0x40 | 0x2000  # the content; strongly; the directory
_SIZES_FOLLOW = 0x8  # the local header has zeros, and the sizes come after the content
_UTF8 = 0x800
_LOCAL = struct.Struct("<4sHHHHHLLLHH")
_UNIX, _MACOS = 3, 19  # systems whose external attributes hold a mode
_MOST_DIRECTORY = 16 << 20  # bytes of the directory at the end: about 150,000 files
_UNKNOWN_SIZE = 0xFFFFFFFF


class _Entry(NamedTuple):
    """Where the content of a file is, and what it is to be."""

    start: int
    stored: int
    size: int
    crc: int
    method: int


class ZipContainer(Container):
    """A zip whose directory, local headers and sizes agree, with no entry that could do harm."""

    def __init__(self, path: Path, source: VolumeReader) -> None:
        super().__init__()
        self.path = path
        self._source = source
        with reading(path), zipfile.ZipFile(_Bounded(source.as_file())) as archive:
            infos, end = archive.infolist(), archive.start_dir
            self.state = state_of(source)
        if len(infos) > MOST_MEMBERS:
            raise UnknownArchive(f"{path.name} has {len(infos):,} entries; that is no archive of models.")
        self._entries = self._read_entries(infos, end)
        self.members = tuple(Member(name, entry.size) for name, entry in self._entries.items())

    def close(self) -> None:
        super().close()
        self._source.close()

    def can_read_twice(self, member: Member) -> bool:
        return self._entries[member.name].method == _STORED

    def chunks(self, member: Member, *, checked: bool = True) -> Iterator[memoryview]:
        entry = self._entries[member.name]
        size, crc = 0, 0
        pieces = self._stored(entry) if entry.method == _STORED else self._inflated(entry, member.name)
        for piece in pieces:
            size += len(piece)
            if size > entry.size:
                raise damaged(self.path, f"{member.name} has more than the {entry.size:,} bytes that it says")
            if checked:
                crc = zlib.crc32(piece, crc)
            yield piece
        if size != entry.size:
            raise damaged(self.path, f"{member.name} has {size:,} bytes instead of {entry.size:,}")
        if checked and crc != entry.crc:
            raise damaged(self.path, f"{member.name} has another CRC than it says")

    def share(self, member: Member, target: int) -> bool:
        start, stored, *_ = entry = self._entries[member.name]
        shared = stored - stored % ALIGNMENT
        if entry.method != _STORED or start % ALIGNMENT or not shared:
            return False
        with reading(self.path):
            if not self._source.clone_to(target, start, shared):
                return False
            rest = self._source.read_at(start + shared, stored - shared)
        os.lseek(target, shared, os.SEEK_SET)
        return os.write(target, rest) == len(rest)

    def _raw_window(self, member: Member) -> io.RawIOBase | None:
        entry = self._entries[member.name]
        return Window(self._read_at, entry.start, entry.size) if entry.method == _STORED else None

    # ---- the directory

    def _read_entries(self, infos: list[zipfile.ZipInfo], end: int) -> dict[str, _Entry]:
        found: dict[str, _Entry] = {}
        folders = set()
        before = 0
        for info in sorted(infos, key=lambda info: info.header_offset):
            name = check_entry_name(_name(info).removesuffix("/"))
            self._check_kind(info, name)
            if info.header_offset < before:
                raise UnsafeArchive(f"The entry “{name}” lies over another one.")
            start = self._check_local_header(info, name)
            before = start + info.compress_size
            if before > end:
                raise damaged(self.path, f"{name} reaches beyond the end; it may be cut off")
            if _is_folder(info):
                folders.add(name)
            elif name in found:
                check_no_clashes([name, name])
            else:
                found[name] = _Entry(start, info.compress_size, info.file_size, info.CRC, info.compress_type)
        check_no_clashes(found, folders)
        return found

    def _check_kind(self, info: zipfile.ZipInfo, name: str) -> None:
        """Refuse what is no plain file or folder."""
        kind = stat.S_IFMT(info.external_attr >> 16) if info.create_system in (_UNIX, _MACOS) else 0
        if kind not in (0, stat.S_IFDIR if _is_folder(info) else stat.S_IFREG):
            what = "a symbolic link" if kind == stat.S_IFLNK else "a device or another special file"
            raise UnsafeArchive(
                f"The entry “{name}” is {what}.", hint="Pack the files themselves, not links to them."
            )
        if info.flag_bits & _ENCRYPTED:
            raise UnsafeArchive(
                f"The entry “{name}” is encrypted.",
                hint="Unpack the archive with its password, then import the folder.",
            )
        if info.compress_type not in (_STORED, _DEFLATED):
            raise UnknownArchive(
                f"{name} is packed by a method that Modelkeep does not read (number {info.compress_type}).",
                hint="Unpack it, then import the folder; or pack it again as a plain zip.",
            )
        if info.compress_type == _STORED and info.compress_size != info.file_size:
            raise damaged(self.path, f"{name} is stored, and yet has two different sizes")
        if _is_folder(info) and info.file_size:
            raise damaged(self.path, f"{name} is a folder, and yet has content")

    def _check_local_header(self, info: zipfile.ZipInfo, name: str) -> int:
        """Where the content starts; the header before it must say the same as the directory."""
        raw = info.orig_filename.encode("utf-8" if info.flag_bits & _UTF8 else "cp437")
        with reading(self.path):
            header = self._source.read_at(info.header_offset, _LOCAL.size)
            mark, _, flags, method, _, _, crc, stored, size, name_size, extra_size = _LOCAL.unpack(header)
            rest = self._source.read_at(info.header_offset + _LOCAL.size, name_size + extra_size)
        extra = rest[name_size:]
        if _UNKNOWN_SIZE in (stored, size):
            size, stored = _zip64_sizes(extra, size, stored)
        said = (rest[:name_size], method, flags & _ENCRYPTED)
        if mark != b"PK\3\4" or said != (raw, info.compress_type, 0):
            raise damaged(self.path, f"what it says of {name} at its start and at its end differs")
        differs = (size, stored, crc) != (info.file_size, info.compress_size, info.CRC)
        if differs and not (flags & _SIZES_FOLLOW and not any((size, stored, crc))):
            raise damaged(self.path, f"the size or CRC of {name} at its start and at its end differs")
        return int(info.header_offset + _LOCAL.size + name_size + extra_size)

    # ---- the contents

    def _stored(self, entry: _Entry) -> Iterator[memoryview]:
        buffer = memoryview(bytearray(min(CHUNK, entry.stored)))
        done = 0
        while done < entry.stored:
            piece = buffer[: min(CHUNK, entry.stored - done)]
            got = self._read_at(entry.start + done, piece)
            if not got:
                return
            done += got
            yield piece[:got]

    def _read_at(self, offset: int, buffer: memoryview) -> int:
        with reading(self.path):
            return self._source.readinto_at(offset, buffer)

    def _inflated(self, entry: _Entry, name: str) -> Iterator[memoryview]:
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        for piece in self._stored(entry):
            data: bytes | memoryview = piece
            while data and not inflate.eof:
                with reading(self.path):
                    content = inflate.decompress(data, CHUNK)
                data = inflate.unconsumed_tail
                if content:
                    yield memoryview(content)
            if inflate.eof and (data or inflate.unused_data):
                raise damaged(self.path, f"{name} has more in the archive than it needs")
        if not inflate.eof:
            raise damaged(self.path, f"{name} is cut off")


class _Bounded(io.BufferedReader):
    """A file of which nobody reads more at once than a directory may have, however large it says to be."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _MOST_DIRECTORY:
            raise zipfile.BadZipFile("its directory is too large")
        return super().read(size)


def _is_folder(info: zipfile.ZipInfo) -> bool:
    return info.orig_filename.endswith("/")


def _name(info: zipfile.ZipInfo) -> str:
    """The name as it was meant: Finder and others write UTF-8 without saying so.

    `orig_filename`, because `filename` ends at a NUL and has other separators.
    """
    if info.flag_bits & _UTF8:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode()
    except UnicodeDecodeError:
        return info.orig_filename


def _zip64_sizes(extra: bytes, size: int, stored: int) -> tuple[int, int]:
    """The sizes of a local header that says they are in its zip64 field, if they are."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if kind == 1 and length >= 16 and len(extra) >= 20:
            return struct.unpack_from("<QQ", extra, 4)
        extra = extra[4 + length :]
    return size, stored

"""Opens whatever a model comes in: a zip, a tar (plain, gzip, zstd), a folder, a clone.

A container is opened by its content, not by its name, and opening it checks all that can be checked without reading
the files: their names, their kinds, that what it says of itself agrees. The rest is checked while reading.
"""

from __future__ import annotations

import stat
import sys
from pathlib import Path

from modelkeep.archive.folders import FolderContainer
from modelkeep.archive.members import Container, Digests, Member, reading
from modelkeep.archive.tars import PackedTarContainer, TarContainer, gunzipped, is_tar, unzstd
from modelkeep.archive.volumes import VolumeReader, find_volumes
from modelkeep.archive.zips import ZipContainer
from modelkeep.errors import DamagedArchive, UnknownArchive
from modelkeep.progress import Report, ignore

__all__ = ["Container", "Digests", "Member", "is_archive", "open_container"]

_ZIP = (b"PK\3\4", b"PK\5\6", b"PK\7\x08")  # the last begins a split one
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_FOREIGN = {
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"\xfd7zXZ": "compressed with xz",
    b"BZh": "compressed with bzip2",
}


def open_container(
    path: Path, *, members: tuple[Member, ...] = (), limit: int = sys.maxsize, report: Report = ignore
) -> Container:
    """Open an archive, one volume of a split one, or a folder.

    Opening a compressed tar reads all of it, unless its `members` are known from an earlier opening; `limit` is the
    most bytes that its files may have together. Everything else opens at once.
    Raises `UnknownArchive`, `UnsafeArchive`, `DamagedArchive`.
    """
    with reading(path):
        is_folder = path.is_dir()
    if is_folder:
        return FolderContainer(path)
    source = _open_volumes(path)
    try:
        with reading(path):
            start = source.read_at(0, 512)
        if start.startswith(_ZIP):
            return ZipContainer(path, source)
        if start.startswith(_GZIP):
            return PackedTarContainer(path, source, gunzipped, members=members, limit=limit, report=report)
        if start.startswith(_ZSTD):
            return PackedTarContainer(path, source, unzstd, members=members, limit=limit, report=report)
        if is_tar(start):
            return TarContainer(path, source)
        raise _unknown(path, start)
    except BaseException:
        source.close()
        raise


def is_archive(path: Path) -> bool:
    """Whether a file begins as an archive does that `open_container` reads."""
    try:
        with path.open("rb") as file:
            start = file.read(512)
    except OSError:
        return False
    return start.startswith((*_ZIP, _GZIP, _ZSTD)) or is_tar(start)


def _open_volumes(path: Path) -> VolumeReader:
    with reading(path):
        paths = find_volumes(path)
        for volume in paths:
            if not stat.S_ISREG(volume.stat().st_mode):
                raise UnknownArchive(f"{volume} is neither a file nor a folder.")
        return VolumeReader(paths)


def _unknown(path: Path, start: bytes) -> UnknownArchive | DamagedArchive:
    if not start:
        return DamagedArchive(f"{path.name} is empty.", hint="Copy or download the archive again.")
    what = next((what for mark, what in _FOREIGN.items() if start.startswith(mark)), "")
    return UnknownArchive(
        f"{path.name} is {what}, which Modelkeep does not read."
        if what
        else f"{path.name} is not an archive that Modelkeep knows.",
        hint="Unpack it, then import the folder."
        if what
        else "Zip and tar archives (also .tar.gz and .tar.zst), folders and clones can be imported.",
    )

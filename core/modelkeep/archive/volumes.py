"""An archive as one file, or split into volumes: `model.zip.001`, `model.zip.002`, ...

Volumes are plain consecutive bytes, so `cat` joins them; here they are read and written in place, by several threads
at once, as if they were one file. After 999 comes 1000.

An export is written to `<name>.part` files. Only when all bytes are on the disk are they renamed, the first volume
last: an archive that can be opened is whole. A kill leaves `.part` files, which the next export overwrites.
"""

from __future__ import annotations

import errno
import io
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from modelkeep.archive.joined import BINARY, JoinedFiles, read_into, share_blocks, write_from
from modelkeep.disk import disk_errors, sync_folder
from modelkeep.errors import ArchiveError, CacheBusy, DamagedArchive, UnknownArchive

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = [
    "ALIGNMENT",
    "VolumeFile",
    "VolumeReader",
    "VolumeWriter",
    "existing_volumes",
    "find_volumes",
    "volume_paths",
]

ALIGNMENT = 4096
"""What file systems that share blocks between files want offsets to be multiples of, in bytes."""

_NUMBER = re.compile(r"00[1-9]|0[1-9][0-9]|[1-9][0-9]{2,}")
_VOLUME = re.compile(rf"(.+\.(?:zip|tar|tgz|gz|zst))\.(?:{_NUMBER.pattern})", re.IGNORECASE)
_PART = ".part"
_FAR = 4 << 20


# ---- names


def find_volumes(path: Path) -> tuple[Path, ...]:
    """All volumes of the archive that `path` is, or is one volume of, in order; `path` itself when it is not split.

    Raises `UnknownArchive` when nothing is there, `DamagedArchive` naming a volume that is missing between others.
    How many there should be only the archive's own content can say.
    """
    if match := _VOLUME.fullmatch(path.name):
        whole = path.with_name(match[1])
    elif os.path.lexists(path):
        return (path,)
    else:
        whole = path
    found = dict(_numbered(whole))
    if not found:
        raise UnknownArchive(f"{path} is not there.")
    for number in range(1, max(found) + 1):
        if number not in found:
            raise DamagedArchive(
                f"The volume {_numbered_name(whole, number)} is missing.",
                hint="Put all volumes of the archive into one folder.",
            )
    return tuple(found[number] for number in sorted(found))


def volume_paths(target: Path, size: int, volume_size: int | None) -> tuple[Path, ...]:
    """The files that an archive of `size` bytes makes: `target` alone where it fits one volume."""
    count = len(_volume_sizes(size, volume_size))
    if count == 1:
        return (target,)
    return tuple(target.with_name(_numbered_name(target, number)) for number in range(1, count + 1))


def existing_volumes(target: Path, suffix: str = "") -> tuple[Path, ...]:
    """What is there under the name of an archive, split or not: what an export of that name replaces."""
    with disk_errors(target.parent):
        whole = target.with_name(f"{target.name}{suffix}")
        numbered = sorted(_numbered(target, suffix))
        return (*([whole] if os.path.lexists(whole) else ()), *(path for _, path in numbered))


def _volume_sizes(size: int, volume_size: int | None) -> list[int]:
    if volume_size is None or size <= volume_size:
        return [size]
    if volume_size >= 1 << 20:
        # FAT32's 4 GiB - 1 would put the content of all later volumes off the blocks that can be shared.
        volume_size -= volume_size % ALIGNMENT
    return [min(volume_size, size - start) for start in range(0, size, volume_size)]


def _numbered_name(whole: Path, number: int) -> str:
    return f"{whole.name}.{number:03d}"


def _numbered(whole: Path, suffix: str = "") -> Iterator[tuple[int, Path]]:
    """The volumes of `whole` that are there, in no order."""
    with suppress(FileNotFoundError), os.scandir(whole.parent) as entries:
        for entry in entries:
            if entry.name.startswith(f"{whole.name}.") and entry.name.endswith(suffix):
                number = entry.name.removeprefix(f"{whole.name}.").removesuffix(suffix)
                if _NUMBER.fullmatch(number):
                    yield int(number), whole.with_name(entry.name)


# ---- reading


class VolumeReader:
    """The volumes of an archive as one range of `size` bytes, for several threads at once.

    Nothing here knows what is read, so an `OSError` is left to the reader to put into a sentence.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._files = JoinedFiles(paths, [os.stat(path).st_size for path in paths], os.O_RDONLY)
        self.paths = tuple(paths)
        self.size = self._files.size

    def read_at(self, offset: int, length: int) -> bytes:
        """The bytes there; fewer than `length` only at the end."""
        buffer = bytearray(max(0, min(length, self.size - offset)))
        return bytes(memoryview(buffer)[: self.readinto_at(offset, buffer)])

    def readinto_at(self, offset: int, buffer: WriteableBuffer) -> int:
        """Fill `buffer` with the bytes there; returns how many they are: fewer than it holds only at the end."""
        view = memoryview(buffer).cast("B")
        done = 0
        for handle, start, count in self._files.pieces(offset, len(view)):
            piece = view[done : done + count]
            while piece:
                got = read_into(handle, piece, start)
                if not got:
                    return done
                piece = piece[got:]
                start += got
                done += got
        return done

    def clone_to(self, target: int, offset: int, length: int) -> bool:
        """Share the blocks there with the open file `target`, from its start; False where that cannot be.

        Both numbers must be multiples of `ALIGNMENT`. After False some of it may have been shared.
        """
        place = 0
        for handle, start, count in self._files.pieces(offset, length):
            if not share_blocks(target, place, handle, start, count):
                return False
            place += count
        return True

    def as_file(self) -> VolumeFile:
        """For what wants a file, as `zipfile.ZipFile` does."""
        return VolumeFile(self)

    def close(self) -> None:
        self._files.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class VolumeFile(io.RawIOBase):
    """The volumes as a file that can be read and sought in. Closing it leaves the volumes open."""

    def __init__(self, volumes: VolumeReader) -> None:
        super().__init__()
        self._volumes = volumes
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        count = self._volumes.readinto_at(self._position, buffer)
        self._position += count
        return count

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._volumes.size}[whence]
        if base + offset < 0:
            raise ValueError("A position before the start of the file.")
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        return self._position


# ---- writing


class VolumeWriter:
    """The volumes of an archive of `size` bytes that is being written, in any order, by several threads at once.

    Split when `size` is more than `volume_size` bytes. Nothing appears at `paths` before `commit`; leaving the
    context without it removes what was written. Raises `CacheBusy` when another process is writing this archive.
    """

    def __init__(self, target: Path, size: int, volume_size: int | None = None) -> None:
        self.target = target
        self.size = size
        self.paths = volume_paths(target, size, volume_size)
        self._parts = [_part(path) for path in self.paths]
        with disk_errors(self._parts[0]):
            self._claim: int | None = _claim(self._parts[0])
            try:
                self._remove(p for p in existing_volumes(target, _PART) if p not in self._parts)
                for part in self._parts[1:]:
                    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | BINARY, 0o666))
                self._files = JoinedFiles(self._parts, _volume_sizes(size, volume_size), os.O_RDWR)
                self.has_holes = self._find_out_about_holes()
            except BaseException:
                self._remove(self._parts)
                self._let_go()
                raise

    def write_at(self, offset: int, data: bytes | bytearray | memoryview) -> None:
        view = memoryview(data)
        with disk_errors(self._parts[0]):
            try:
                for handle, start, count in self._files.pieces(offset, len(view)):
                    piece = view[:count]
                    view = view[count:]
                    while piece:
                        put = write_from(handle, piece, start)
                        piece = piece[put:]
                        start += put
            except OSError as error:
                if error.errno != errno.EFBIG:
                    raise
                raise ArchiveError(
                    f"{self.target.parent} has a file system that cannot hold a file as large as {self.target.name}.",
                    hint="Split the archive: FAT32 holds files of up to 4 GiB - 1.",
                ) from error

    def clone_at(self, offset: int, source: int, start: int, length: int) -> bool:
        """Share blocks of the file `source` instead of copying them; False where that cannot be.

        All three numbers must be multiples of `ALIGNMENT`. After False some of it may have been written.
        """
        for handle, place, count in self._files.pieces(offset, length):
            if not share_blocks(handle, place, source, start, count):
                return False
            start += count
        return True

    def flush(self) -> None:
        """Make what was written survive a power cut; `commit` does so too."""
        with disk_errors(self._parts[0]):
            self._files.sync()

    def commit(self) -> None:
        """Make it appear: flushed to the disk, the first volume last, in place of an older export of this name."""
        self.flush()
        with disk_errors(self._parts[0]):
            self._close()
            first, *others = self.paths
            if others:
                # From here until the end there is no archive to open, rather than a mixture of two.
                first.unlink(missing_ok=True)
                for path in others:
                    os.replace(_part(path), path)
                self._remove_older(but=self.target)
            os.replace(_part(first), first)
            self._parts = []
            self._remove_older()
            sync_folder(self.target.parent)
            self._let_go()

    def discard(self) -> None:
        """Remove what was written and not committed; what cannot be removed now, the next export overwrites."""
        self._close()
        for part in self._parts:
            with suppress(OSError):
                part.unlink()
        self._parts = []
        self._let_go()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def _close(self) -> None:
        self._files.close()
        if sys.platform == "win32":
            self._let_go()  # what is open cannot be renamed or removed there

    def _let_go(self) -> None:
        if self._claim is not None:
            os.close(self._claim)
            self._claim = None

    def _remove_older(self, but: Path | None = None) -> None:
        self._remove(path for path in existing_volumes(self.target) if path not in (*self.paths, but))

    @staticmethod
    def _remove(paths: Iterable[Path]) -> None:
        for path in paths:
            with suppress(FileNotFoundError):
                path.unlink()

    def _find_out_about_holes(self) -> bool:
        """Whether a write far into a file costs nothing for the space before it.

        FAT, exFAT and NTFS fill that space with zeros first, so there it is best to write from front to back.
        """
        if self._files.sizes[0] <= _FAR:
            return True
        with self._files.opened(0) as handle:
            write_from(handle, memoryview(b"\0"), _FAR)
            blocks: int | None = getattr(os.fstat(handle), "st_blocks", None)
        return blocks is not None and blocks * 512 < _FAR


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}{_PART}")


def _claim(path: Path) -> int:
    """Create the first part, or empty what a killed export left of it; held open, it keeps other exports away.

    It is locked where there are such locks; on Windows a file that is open cannot be removed.
    """
    busy = CacheBusy(
        f"Another export is writing {path.name.removesuffix(_PART)}.", hint="Wait for it to end."
    )
    if sys.platform == "win32":
        try:
            path.unlink(missing_ok=True)
        except PermissionError as error:
            raise busy from error
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | BINARY, 0o666)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _lock(handle)
        # The other export may have ended in between: then this is its archive, under its final name.
        if not os.path.samestat(os.fstat(handle), os.stat(path)):
            raise busy
        os.ftruncate(handle, 0)
    except (BlockingIOError, FileNotFoundError) as error:
        os.close(handle)
        raise busy from error
    except BaseException:
        os.close(handle)
        raise
    return handle


def _lock(handle: int) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:
        pass  # a file system without locks: then two exports of one name at once are not noticed

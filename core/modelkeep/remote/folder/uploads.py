"""Contents on their way into a folder: files that their writers alone know, until they are whole.

An unfinished upload is `<sha256>.<writer>`. Whoever uploads the same content later takes over what a dead writer
left, by renaming it: of several who try exactly one succeeds. What is there is hashed before it is gone on from.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from typing import NamedTuple

from modelkeep.disk import free_space
from modelkeep.errors import NotEnoughSpace, WrongContent
from modelkeep.remote.folder.place import Place, flush
from modelkeep.remote.folder.writer import Writer
from modelkeep.remote.objects import Content
from modelkeep.text import size_text

__all__ = ["Unfinished", "received", "unfinished"]

_CHUNK = 1 << 20
_STALE = 3600.0  # seconds after which an upload from elsewhere that does not grow is taken for broken off


class Unfinished(NamedTuple):
    """Something that is being written, or was: its path, bytes, when it was written last, and by whom."""

    path: str
    what: str
    size: int
    modified: float
    writer: Writer | None

    def is_left(self, now: float, after: float) -> bool:
        """Whether nobody writes it any more: its writer is dead, or elsewhere and silent for so many seconds."""
        dead = self.writer.is_dead if self.writer else None
        return now - self.modified > after if dead is None else dead


def unfinished(place: Place) -> Iterator[Unfinished]:
    """All that is being written in a folder, or was."""
    try:
        entries = list(os.scandir(place.unfinished))
    except FileNotFoundError:
        return
    for entry in entries:
        with suppress(FileNotFoundError):
            status = entry.stat(follow_symlinks=False)
            what, _, writer = entry.name.partition(".")
            yield Unfinished(entry.path, what, status.st_size, status.st_mtime, Writer.read(writer))


@contextmanager
def received(place: Place, content: Content) -> Iterator[str]:
    """Write a content and flush it; gives the path of the file that has all of it, to be renamed.

    Raises `WrongContent`, `NotEnoughSpace`, and what `content` raises; but for the first two what came is kept for
    the next one.
    """
    alike = [one for one in unfinished(place) if one.what == content.sha256]
    path = _own(place, content, alike)
    try:
        _write(place, path, content)
        yield path
    except (WrongContent, NotEnoughSpace):
        with suppress(OSError):
            os.unlink(path)
        raise
    except OSError as error:
        _leave(place, path, content, for_others=error.errno not in (errno.ENOSPC, errno.EDQUOT))
        raise
    except BaseException:
        _leave(place, path, content)
        raise
    for left in alike:
        if left.writer and left.writer.is_dead:
            with suppress(OSError):
                os.unlink(left.path)


def _leave(place: Place, path: str, content: Content, *, for_others: bool = True) -> None:
    """What came stays, unless it is what filled the disk."""
    with suppress(OSError):
        if for_others:
            os.rename(path, _path(place, content, Writer.nobody()))
        else:
            os.unlink(path)


def _path(place: Place, content: Content, writer: Writer) -> str:
    return os.path.join(place.unfinished, f"{content.sha256}.{writer}")


def _own(place: Place, content: Content, alike: list[Unfinished]) -> str:
    """The file to write to: the longest that was left of this content, or a new one."""
    path = _path(place, content, Writer.new())
    if alike:
        now = place.now()
        left = [one for one in alike if one.size <= content.size and one.is_left(now, _STALE)]
        for one in sorted(left, key=lambda one: one.size, reverse=True):
            with suppress(FileNotFoundError):  # another took it over
                os.rename(one.path, path)
                return path
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    return path


def _write(place: Place, path: str, content: Content) -> None:
    with open(path, "r+b", buffering=0) as file:
        have = os.fstat(file.fileno()).st_size
        _check_fits(place, file, content, content.size - have)
        hashed = hashlib.sha256()
        for chunk in _chunks(file.readinto, have):
            hashed.update(chunk)
            content.told(len(chunk))
        _go_on(file, content, hashed)
        if have and hashed.hexdigest() != content.sha256:
            # What was left is not the beginning of it: a power cut, or another wrote there.
            content.told(-content.size)
            file.seek(0)
            file.truncate()
            hashed = hashlib.sha256()
            _go_on(file, content, hashed)
        if hashed.hexdigest() != content.sha256:
            raise _wrong(content, f"its SHA-256 is {hashed.hexdigest()}")
        place.share(path, for_good=True)
        flush(file.fileno())


def _go_on(file: FileIO, content: Content, hashed: hashlib._Hash) -> None:
    """Write the rest of a content, from where `file` is."""
    at = file.tell()
    with content.read(at, None) as stream:
        for chunk in _chunks(stream.readinto, content.size - at):
            hashed.update(chunk)
            written = 0
            while written < len(chunk):
                written += file.write(chunk[written:])
            at += written
            content.told(written)
        if at == content.size and stream.readinto(memoryview(bytearray(1))):
            raise _wrong(content, f"it has more than {content.size:,} bytes")
    if at < content.size:
        raise _wrong(content, f"it ends after {at:,} of {content.size:,} bytes")


def _chunks(readinto: Callable[[memoryview], int], size: int) -> Iterator[memoryview]:
    """So many bytes; fewer where there are no more."""
    view = memoryview(bytearray(min(_CHUNK, size)))
    while size and (count := readinto(view[: min(_CHUNK, size)])):
        yield view[:count]
        size -= count


def _check_fits(place: Place, file: FileIO, content: Content, missing: int) -> None:
    try:
        file.seek(content.size)  # fails beyond what the file system can hold in one file
        file.seek(0)
    except OSError as error:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG)) from error
    free = free_space(place.unfinished).free
    if missing > free:
        raise NotEnoughSpace(
            f"{size_text(missing - free)} more are needed on the disk of {place.top}.",
            hint="Free some space there, as by collecting its garbage, then push again.",
        )


def _wrong(content: Content, why: str) -> WrongContent:
    return WrongContent(
        f"What was to be the content {content.sha256} is not that: {why}.",
        hint="It may have changed meanwhile, or is damaged: verify it, then push again.",
    )

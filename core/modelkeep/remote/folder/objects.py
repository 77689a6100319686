"""Objects as files of a folder. See `modelkeep.remote.objects.Objects`, whose words are not repeated here."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self, TypeVar

from modelkeep.disk import sync_folder
from modelkeep.errors import BadReply, NotOnRemote, RemoteBusy, RemoteUnreachable
from modelkeep.progress import Progress, Report, ignore
from modelkeep.remote.folder.claims import claimed
from modelkeep.remote.folder.place import UNFINISHED, Place, flush
from modelkeep.remote.folder.uploads import received, unfinished
from modelkeep.remote.folder.writer import Writer
from modelkeep.remote.names import MARKER, is_of_a_store
from modelkeep.remote.objects import SMALL, Content, ObjectInfo
from modelkeep.streams import FileStream

__all__ = ["FolderObjects"]

_DEEPEST = 64  # folders within one another; a store has few
_ATTEMPTS = 10  # at putting a file into a folder that another removes because it is empty
T = TypeVar("T")

_NO_LINKS = {
    errno.EPERM,
    errno.EACCES,
    errno.ENOSYS,
    errno.ENOTSUP,
    errno.EOPNOTSUPP,
    errno.EINVAL,
    errno.EMLINK,
}


class FolderObjects:
    """Objects in the folder at `path`, which has to be there: it is never made, since it may be where a disk is to
    be mounted.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._place = Place(path)

    @property
    def url(self) -> str:
        """The path of the folder."""
        return self._place.top

    def list(self, prefix: str, *, report: Report = ignore) -> Iterator[ObjectInfo]:
        """See `Objects`."""
        with self._place.reading(prefix):
            folder = prefix.removesuffix("/")
            if not folder:
                yield from self._below("", self.url, report)
            elif not self._place.alike(folder):
                self._place.check_own(folder.split("/"))
                yield from self._below(prefix, self._place.path(folder), report)

    def info(self, name: str) -> ObjectInfo | None:
        """See `Objects`."""
        path = self._place.path(name)
        with self._place.reading(name):
            try:
                status = os.lstat(path)
            except (FileNotFoundError, NotADirectoryError):
                self._place.check()
                return None
            if not stat.S_ISREG(status.st_mode) or self._place.alike(name):
                return None
            return ObjectInfo(name, status.st_size, status.st_mtime)

    def read(self, name: str) -> bytes:
        """See `Objects`."""
        with self.open(name) as stream:
            if (size := stream.size or 0) > SMALL:
                raise BadReply(
                    f"{name} in {self.url} has {size:,} bytes, which is too much.",
                    hint="No Modelkeep wrote that. Look at it, and remove it if it is nobody's.",
                )
            content = bytearray(size)
            at = 0
            while count := stream.readinto(memoryview(content)[at:]):
                at += count
        return bytes(content[:at])

    def open(self, name: str, *, start: int = 0, stop: int | None = None) -> FileStream:
        """See `Objects`."""
        if self.info(name) is None:
            raise NotOnRemote(f"{self.url} has no {name}.")
        with self._place.reading(name):
            return _Object(self._place, name, start, stop)

    def create(self, name: str, content: bytes) -> bool:
        """See `Objects`."""
        with self._place.writing(name), self._written(content) as temporary:
            return self._under_name(name, lambda path: self._link(temporary, name, path))

    @property
    def is_exclusive(self) -> bool:
        """See `Objects`."""
        return True

    def put(self, name: str, content: bytes) -> None:
        """See `Objects`."""
        with self._place.writing(name), self._written(content) as temporary:
            self._under_name(name, lambda path: os.replace(temporary, path))

    def upload(self, name: str, content: Content) -> None:
        """See `Objects`."""
        with self._place.writing(name):
            self._place.check_alike(name)
            with received(self._place, content) as temporary:
                self._under_name(name, lambda path: os.replace(temporary, path))

    def refresh(self, name: str) -> bool:
        """See `Objects`."""
        with self._place.writing(name):
            if self.info(name) is None:
                return False
            try:
                os.utime(self._place.path(name))
            except FileNotFoundError:
                return False
            return True

    def remove(self, names: Iterable[str]) -> None:
        """See `Objects`. Folders that become empty go with them."""
        for name in names:
            with self._place.writing(name):
                if self._place.alike(name):
                    continue
                path = self._place.path(name)
                with suppress(FileNotFoundError, NotADirectoryError):
                    _unlink(path)
                    self._place.forget(name)
                self._prune(os.path.dirname(path))

    def clear_unfinished(self, older_than: float, *, dry_run: bool = False) -> int:
        """See `Objects`."""
        with self._place.reading() if dry_run else self._place.writing():
            self._place.check_own([UNFINISHED])
            now = self._now(dry_run)
            left = [
                one
                for one in unfinished(self._place)
                if now - one.modified > older_than and one.is_left(now, older_than)
            ]
            for one in left if not dry_run else ():
                with suppress(FileNotFoundError):
                    _unlink(one.path)
            return len(left)

    def close(self) -> None:
        """See `Objects`. Nothing is open between calls, so that a stick can be pulled out."""
        self._place.leave()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _now(self, is_any_good: bool) -> float:
        """The time by the clock of the folder; where nothing can be written there, ours is as good as any."""
        try:
            return self._place.now()
        except OSError:
            if not is_any_good:
                raise
            return time.time()

    def _below(self, prefix: str, folder: str, report: Report) -> Iterator[ObjectInfo]:
        """Files below a folder by name: a folder counts as its name with "/", as names compare."""
        report(Progress("Listing", item=prefix, unit="objects"))
        try:
            with os.scandir(folder) as found:
                entries = sorted(
                    (f"{e.name}/" if e.is_dir(follow_symlinks=False) else e.name, e) for e in found
                )
        except (FileNotFoundError, NotADirectoryError):
            self._place.check()
            return
        except PermissionError:
            if not prefix or is_of_a_store(prefix):
                raise
            return  # of the system, or of somebody else
        for name, entry in entries:
            if name.endswith("/"):
                if (prefix or entry.name != UNFINISHED) and prefix.count("/") < _DEEPEST:
                    yield from self._below(prefix + name, entry.path, report)
            elif entry.is_file(follow_symlinks=False):
                with suppress(FileNotFoundError):
                    status = entry.stat(follow_symlinks=False)
                    yield ObjectInfo(prefix + name, status.st_size, status.st_mtime)

    @contextmanager
    def _written(self, content: bytes) -> Iterator[str]:
        """A file with this content, on the disk, which is removed at the end if it is still there."""
        path = os.path.join(self._place.unfinished, f"small.{Writer.new()}")
        try:
            with open(path, "xb") as file:
                file.write(content)
                self._place.share(path)
                file.flush()
                flush(file.fileno())
            yield path
        finally:
            with suppress(OSError):
                os.unlink(path)

    def _under_name(self, name: str, give: Callable[[str], T]) -> T:
        """Let `give` put a file where the object of that name is to be, in a folder that may go any moment
        because it is empty."""
        path = self._place.path(name)
        self._place.check_alike(name)
        for rest in range(_ATTEMPTS - 1, -1, -1):
            try:
                self._place.make_folders(os.path.dirname(path))
                given = give(path)
            except FileNotFoundError:
                if not rest:
                    raise
            else:
                sync_folder(os.path.dirname(path))
                return given
        raise AssertionError

    def _link(self, temporary: str, name: str, path: str) -> bool:
        """Give a file a name that nothing has, whole; whether nothing had it."""
        try:
            os.link(temporary, path)
            return True
        except FileExistsError:
            # On NFS the first answer may be lost, and the link be made.
            return os.path.samefile(temporary, path)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
        with claimed(self._place.unfinished, name, lambda: os.stat(temporary).st_mtime) as is_held:
            if os.path.lexists(path):
                return False
            if not is_held():
                raise RemoteBusy(
                    f"Writing {name} took too long, and another began to.", hint="Do this again."
                )
            os.rename(temporary, path)
            return True

    def _prune(self, folder: str) -> None:
        """Remove a folder, and those above it, that became empty, but for those that every store has."""
        top = self._place.top
        while folder != top:
            if os.path.dirname(folder) == top and os.path.lexists(os.path.join(top, MARKER)):
                return
            try:
                os.rmdir(folder)
            except OSError:
                return
            folder = os.path.dirname(folder)


class _Object(FileStream):
    """An object on its way; its errors say whether it is the folder that is gone."""

    def __init__(self, place: Place, name: str, start: int, stop: int | None) -> None:
        self._place, self._name = place, name
        super().__init__(place.path(name), start=start, stop=stop)
        self.host = place.top

    def readinto(self, view: memoryview) -> int:
        """See `Stream`."""
        wanted = min(len(view), self._left)
        with self._place.errors(self._name):
            try:
                count = super().readinto(view)
            except ValueError as error:
                raise RemoteUnreachable(f"Reading {self._name} was stopped.") from error
        if wanted and not count:
            raise RemoteUnreachable(
                f"{self._name} in {self._place.top} ended too early.",
                hint="Do this again; if it stays so, verify it.",
            )
        return count


def _unlink(path: str) -> None:
    """Remove a file, also one that nobody is to write to: some systems take that to mean its name too."""
    try:
        os.unlink(path)
    except PermissionError:
        os.chmod(path, 0o600)
        os.unlink(path)

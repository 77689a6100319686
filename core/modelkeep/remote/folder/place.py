"""The folder that a store is in: whether it is there, what it can hold, and what its errors mean."""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from modelkeep.disk import disk_errors, sync_folder
from modelkeep.errors import (
    AccessDenied,
    AlreadyOnRemote,
    CacheError,
    NotAllowed,
    NotOnRemote,
    RemoteError,
    RemoteUnreachable,
)
from modelkeep.remote.folder.writer import Writer
from modelkeep.remote.names import MARKER, PUSHES

__all__ = ["UNFINISHED", "Place", "flush"]

UNFINISHED = ".modelkeep-unfinished"
"""The folder of what is being written; no object is in it."""

_FSTAB = "/etc/fstab"
_FORBIDDEN = re.compile(r'[\x00-\x1f\\:*?"<>|]|[. ]\Z')
# What systems put into folders by themselves: a folder with nothing else is empty.
_OF_SYSTEMS = frozenset(
    {"lost+found", "system volume information", "$recycle.bin", "desktop.ini", "thumbs.db"}
)
_GONE = {
    errno.EIO,
    errno.ENODEV,
    errno.ENXIO,
    errno.ESTALE,
    errno.ENOTCONN,
    errno.EHOSTDOWN,
    errno.EHOSTUNREACH,
    errno.ENETDOWN,
    errno.ENETUNREACH,
    errno.ETIMEDOUT,
    errno.ECONNRESET,
    errno.ECONNABORTED,
    getattr(errno, "EREMOTEIO", errno.EIO),
    getattr(errno, "ENOMEDIUM", errno.EIO),
}
_UNSUPPORTED = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOTTY}


class Place:
    """The folder of a store at `top`."""

    def __init__(self, top: str | os.PathLike[str]) -> None:
        self.top = os.path.abspath(os.fspath(top))
        self.unfinished = os.path.join(self.top, UNFINISHED)
        self._marker = os.path.join(self.top, MARKER)
        self._was_there = False
        self._is_begun = False
        self._device = -1
        self._is_caseless: bool | None = None
        self._spelled: set[str] = set()
        self._own: set[str] = set()

    # ---- whether it is there

    def check(self) -> int:
        """Raise `RemoteUnreachable` where the folder is not there, or not any more; returns its device."""
        try:
            device = os.stat(self.top).st_dev
        except (FileNotFoundError, NotADirectoryError) as error:
            raise self._away() from error
        try:
            os.lstat(self._marker)
        except FileNotFoundError as error:
            if self._was_there:
                raise self._away() from error
        except NotADirectoryError as error:
            raise RemoteUnreachable(
                f"{self.top} is no folder.", hint="Choose the folder that holds the store."
            ) from error
        else:
            self._was_there = True
        return device

    def _away(self) -> RemoteUnreachable:
        if self._was_there or self._is_begun:
            return RemoteUnreachable(
                f"The folder {self.top} is not there any more, or no longer holds the store.",
                hint="Plug it in or mount it again, then do this again: it goes on from there.",
            )
        return RemoteUnreachable(
            f"There is no folder {self.top}.",
            hint="Plug it in or mount it; to begin a store there, make the folder first.",
        )

    def _check_begun(self) -> None:
        """A folder without a store is written to only if it is empty: it may be where a disk is to be
        mounted, or something else altogether."""
        if self._was_there or self._is_begun:
            return
        ours = {
            *_OF_SYSTEMS,
            PUSHES.rstrip("/"),
        }  # the second is left of a test of an empty folder that was killed
        found = [name for name in os.listdir(self.top) if name[0] != "." and name.lower() not in ours]
        if found and MARKER not in found:
            raise RemoteError(
                f"{self.top} holds other files, and no store: there is no {MARKER}.",
                hint="Use the folder that holds the store, or an empty one for a new store.",
            )
        if point := _not_mounted(self.top):
            raise RemoteUnreachable(
                f"Nothing is mounted at {point}, so {self.top} is not the folder it should be.",
                hint="Mount it, then do this again.",
            )
        self._is_begun = True

    def forget(self, name: str) -> None:
        """An object was removed; if it is what says that the store is there, that is no accident."""
        self._was_there = self._was_there and name != MARKER

    def leave(self) -> None:
        """Leave nothing in a folder that became no store."""
        if not self._was_there:
            with suppress(OSError):
                os.rmdir(self.unfinished)

    @contextmanager
    def reading(self, name: str = "") -> Iterator[None]:
        """Around what reads: errors become ours, and what is not there because the folder is not says so."""
        with self.errors(name):
            if not self._was_there:
                self.check()
            yield

    @contextmanager
    def writing(self, name: str = "") -> Iterator[None]:
        """Around what writes: what was written is on the disk that was there before."""
        with self.errors(name):
            self._device = device = self.check()
            self._check_begun()
            self.check_own([UNFINISHED])
            self.make_folders(self.unfinished)
            yield
            if self.check() != device:
                raise self._away()

    @contextmanager
    def errors(self, name: str = "") -> Iterator[None]:
        """Turn the operating system's errors into ours."""
        try:
            yield
        except OSError as error:
            raise self._translated(error, name) from error
        except CacheError as error:  # of a stream on a file
            if not isinstance(error.__cause__, OSError):
                raise
            raise self._translated(error.__cause__, name) from error.__cause__

    def _translated(self, error: OSError, name: str) -> Exception:
        what = name or self.top
        match error.errno:
            case errno.EROFS:
                return AccessDenied(
                    f"{self.top} is on a file system that can only be read.",
                    hint="Mount it writable; a stick may have a switch.",
                )
            case errno.EACCES | errno.EPERM:
                return AccessDenied(
                    f"You may not do this in {self.top}: {name or 'the folder'} does not let you.",
                    hint="Ask its owner for the right to write there, or use another remote.",
                )
            case errno.EFBIG:
                return RemoteError(
                    f"The file system of {self.top} cannot hold a file as large as {what}.",
                    hint="vfat holds files of less than 4 GiB. Format the disk as exFAT, or use another one.",
                )
            case errno.ENAMETOOLONG | errno.EILSEQ:
                return RemoteError(f"The file system of {self.top} cannot hold the name {what}.")
        if error.errno in _GONE or error.errno in (errno.ENOENT, errno.ENOTDIR):
            try:
                self.check()
            except RemoteError as away:
                return away
            except OSError:
                return self._away()
            if error.errno in _GONE:
                return RemoteUnreachable(
                    f"{what} in {self.top} cannot be reached: {error.strerror or error}.",
                    hint="Look whether the disk or the share is well, then do this again.",
                )
            return NotOnRemote(f"{self.top} has no {what}.")
        try:
            with disk_errors(error.filename or self.top):
                raise error
        except CacheError as ours:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                return ours
            return RemoteError(str(ours), hint=ours.hint)

    # ---- names

    def path(self, name: str) -> str:
        """Where the object of that name is, if it is. Raises `RemoteError` for one that not every system can
        hold, or that is behind a link."""
        parts = name.split("/")
        if parts[0] == UNFINISHED or any(not part or _FORBIDDEN.search(part) for part in parts):
            raise RemoteError(f"“{name}” cannot be the name of a file everywhere.")
        self.check_own(parts[:-1])
        return os.path.join(self.top, *parts)

    def check_own(self, folders: Sequence[str]) -> None:
        """Raise `NotAllowed` for a folder that is a link: what lies behind it is no part of the store."""
        path = self.top
        for folder in folders:
            path = os.path.join(path, folder)
            if path in self._own:
                continue
            try:
                mode = os.lstat(path).st_mode
            except OSError:
                return
            if stat.S_ISLNK(mode):
                raise NotAllowed(
                    f"{path} is a link that leads out of the store, and is not followed.",
                    hint="Put the folder itself there; the store as a whole may be behind a link.",
                )
            self._own.add(path)

    def alike(self, name: str) -> str:
        """The object or folder that the disk takes for `name` although it is spelled otherwise; "" for
        none."""
        if not self._takes_cases_for_one():
            return ""
        folder, parts = self.top, name.split("/")
        for number, part in enumerate(parts):
            path = os.path.join(folder, part)
            if path not in self._spelled:
                try:
                    found = os.listdir(folder)
                except (FileNotFoundError, NotADirectoryError):
                    return ""
                if part in found:
                    if number + 1 < len(parts):
                        self._spelled.add(path)
                else:
                    other = [one for one in found if one.casefold() == part.casefold()]
                    return "/".join([*parts[:number], *other[:1]]) if other else ""
            folder = path
        return ""

    def check_alike(self, name: str) -> None:
        """Raise `AlreadyOnRemote` where the disk would take another's file for the one of this name."""
        if other := self.alike(name):
            raise AlreadyOnRemote(
                f"{self.top} cannot hold {name} beside {other}: its file system takes upper and lower case for "
                "the same.",
                hint="Push it under another name, or to a remote that tells them apart.",
            )

    def _takes_cases_for_one(self) -> bool:
        if self._is_caseless is None:
            if self._was_there:
                self._is_caseless = os.path.lexists(os.path.join(self.top, MARKER.upper()))
            elif os.path.lexists(self.unfinished):
                return os.path.lexists(os.path.join(self.top, UNFINISHED.upper()))
            else:
                return False
        return self._is_caseless

    # ---- writing

    def make_folders(self, path: str) -> None:
        """Make a folder below the top one and those above it, never the top one itself; they are as open to
        others as the top one is."""
        missing = []
        while path != self.top and not os.path.isdir(path):
            missing.append(path)
            path = os.path.dirname(path)
        for folder in reversed(missing):
            with suppress(FileExistsError):
                self._make_folder(folder)
                self._open_to_others(folder, 0o7777)
                sync_folder(os.path.dirname(folder))

    def _make_folder(self, path: str) -> None:
        """Make a folder where the store is, and not where it was until a moment ago: below a bare mount point."""
        if os.mkdir not in os.supports_dir_fd:
            os.mkdir(path)
            return
        top = os.open(self.top, os.O_RDONLY | os.O_DIRECTORY)
        try:
            if os.fstat(top).st_dev != self._device:
                raise self._away()
            if self._was_there:
                os.stat(MARKER, dir_fd=top, follow_symlinks=False)
            os.mkdir(os.path.relpath(path, self.top), dir_fd=top)
        finally:
            os.close(top)

    def now(self) -> float:
        """The time by the clock of the folder."""
        path = os.path.join(self.unfinished, f"clock.{Writer.new()}")
        with open(path, "xb") as file:
            file.write(b"\n")
        try:
            return os.stat(path).st_mtime
        finally:
            os.unlink(path)

    def share(self, path: str, *, for_good: bool = False) -> None:
        """Let others read a new file who may read the top folder; `for_good`: nobody is to write to it.

        Where others may write to the top folder they need to make such a file new again (see `Objects.refresh`),
        which takes the right to write to it.
        """
        mode = stat.S_IMODE(os.stat(self.top).st_mode)
        for_good = for_good and not mode & 0o022
        self._open_to_others(path, 0o444 if for_good else 0o666, mode)

    def _open_to_others(self, path: str, mask: int, mode: int | None = None) -> None:
        if os.name == "nt":
            return
        if mode is None:
            mode = stat.S_IMODE(os.stat(self.top).st_mode)
        mode &= mask & ~stat.S_ISVTX
        if stat.S_IMODE(os.stat(path).st_mode) != mode:
            with suppress(OSError):  # shares, vfat
                os.chmod(path, mode)


def _not_mounted(path: str) -> str:
    """Where this machine is set up to mount a file system, at or above a folder, and has not; "" for nowhere."""
    try:
        with open(_FSTAB, encoding="utf-8", errors="surrogateescape") as file:
            lines = [line.split() for line in file]
    except OSError:
        return ""
    for fields in lines:
        point = fields[1].replace("\\040", " ") if len(fields) > 2 and fields[0][0] != "#" else ""
        if (
            point.startswith("/")
            and f"{path}/".startswith(f"{point.rstrip('/')}/")
            and not os.path.ismount(point)
        ):
            return point
    return ""


def flush(handle: int) -> None:
    """See to it that a file is on the disk, where the file system can tell."""
    try:
        if sys.platform == "darwin":
            import fcntl

            with suppress(OSError):
                fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
                return
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise

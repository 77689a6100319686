"""Reads a folder as if it were an archive: an unpacked one, a clone, or a snapshot of a Hub cache."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from modelkeep.archive.joined import share_blocks
from modelkeep.archive.members import CHUNK, MOST_MEMBERS, Container, Member, damaged, reading
from modelkeep.archive.names import check_entry_name, check_no_clashes
from modelkeep.cache import layout
from modelkeep.disk import without_waiting
from modelkeep.errors import UnknownArchive, UnsafeArchive

__all__ = ["FolderContainer", "snapshot_of"]

# What is read of a clone's `.git`; its objects may be larger than the model itself.
_GIT_FILES = frozenset({"HEAD", "config", "index", "packed-refs"})


class _File(NamedTuple):
    path: str
    size: int


class FolderContainer(Container):
    """The files in and below a folder. A link may lead to another file in it, or to a blob of its own cache."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._top = os.path.realpath(path)
        self._inside = [self._top]
        if snapshot := snapshot_of(path):
            self._inside += [
                f"{snapshot.repo}/blobs",
                f"{os.path.dirname(snapshot.repo)}/{layout.SHARED_STORE}",
            ]
        self._files: dict[str, _File] = {}
        self._changed = 0
        with reading(path):
            self._walk(self._top, "")
        check_no_clashes(self._files)
        self._files = dict(sorted(self._files.items()))
        self.state = ((sum(file.size for file in self._files.values()), self._changed),)
        self.members = tuple(Member(name, file.size) for name, file in self._files.items())

    def chunks(self, member: Member, *, checked: bool = True) -> Iterator[memoryview]:
        size = self._files[member.name].size
        buffer = memoryview(bytearray(CHUNK))
        done = 0
        with reading(self.path), self._open(member) as file:
            while got := file.readinto(buffer):
                done += got
                if done > size:
                    break
                yield buffer[:got]
        if done != size:
            raise damaged(self.path, f"{member.name} changed while it was read")

    def share(self, member: Member, target: int) -> bool:
        with reading(self.path), self._open(member) as file:
            return share_blocks(target, 0, file.fileno(), 0, 0) and os.fstat(target).st_size == member.size

    def _raw_window(self, member: Member) -> io.RawIOBase | None:
        with reading(self.path):
            return self._open(member)

    def _open(self, member: Member) -> io.FileIO:
        """A file, whose access time stays: it may be of a cache, where that says when a model was last used."""
        file = io.FileIO(self._files[member.name].path, "rb", opener=without_waiting)
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return file
        file.close()
        raise damaged(self.path, f"{member.name} is no file any more")

    def _walk(self, folder: str, before: str) -> None:
        pending = [(folder, before)]
        while pending:
            folder, before = pending.pop()
            with os.scandir(folder) as entries:
                for entry in entries:
                    name = check_entry_name(f"{before}{entry.name}")
                    status = entry.stat(follow_symlinks=False)
                    if stat.S_ISDIR(status.st_mode):
                        if _is_worth_entering(name):
                            pending.append((entry.path, f"{name}/"))
                    elif _is_worth_reading(name):
                        self._files[name] = self._file(entry.path, name, status)
            if len(self._files) > MOST_MEMBERS:
                raise UnknownArchive(f"{self.path} has more than {MOST_MEMBERS:,} files; that is no model.")

    def _file(self, path: str, name: str, status: os.stat_result) -> _File:
        if stat.S_ISLNK(status.st_mode):
            path = os.path.realpath(path)
            if not any(path.startswith(f"{folder}{os.sep}") for folder in self._inside):
                raise UnsafeArchive(
                    f"“{name}” is a link that leads out of its folder.", hint="Put the file itself there."
                )
            status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            what = (
                "a link to a folder" if stat.S_ISDIR(status.st_mode) else "a device or another special file"
            )
            raise UnsafeArchive(f"“{name}” is {what}.", hint="Put plain files there.")
        self._changed = max(self._changed, status.st_mtime_ns)
        return _File(path, status.st_size)


class Snapshot(NamedTuple):
    """A snapshot folder of a Hub cache: the folder of its repository, and its commit."""

    repo: str
    folder: str
    commit: str


def snapshot_of(path: Path) -> Snapshot | None:
    """What a folder is when it is `models--org--name/snapshots/<commit>`, else None."""
    top = Path(os.path.realpath(path))
    repo = top.parent.parent
    if (
        top.parent.name != "snapshots"
        or not layout.is_commit(top.name)
        or not layout.parse_repo_folder(repo.name)
    ):
        return None
    return Snapshot(os.fspath(repo), repo.name, top.name)


def _is_worth_entering(name: str) -> bool:
    parts = name.split("/")
    if ".git" not in parts:
        return True
    return parts[parts.index(".git") + 1 :][:1] in ([], ["refs"])


def _is_worth_reading(name: str) -> bool:
    parts = name.split("/")
    if ".git" not in parts[:-1]:
        return True
    inside = parts[parts.index(".git") + 1 :]
    return inside[0] == "refs" or (len(inside) == 1 and inside[0] in _GIT_FILES)

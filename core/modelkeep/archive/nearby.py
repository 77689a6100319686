"""Where a content is on this machine that an archive leaves out: in the root it is to come into, then in others."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from modelkeep.archive.container import Digests
from modelkeep.archive.joined import share_blocks
from modelkeep.archive.members import CHUNK, Container, Member
from modelkeep.cache import layout
from modelkeep.cache.existing import Blobs
from modelkeep.cache.trees import read_tree
from modelkeep.disk import without_waiting
from modelkeep.errors import DamagedArchive

__all__ = ["Borrowed", "IsWrong", "Nearby", "content_digests", "nothing_wrong"]

IsWrong = Callable[[Path, str], bool]
"""Answers whether a file is known not to be what it is called; see `exchange.is_disproven`."""


def nothing_wrong(path: Path, etag: str) -> bool:
    """The answer of a caller who knows of nothing."""
    return False


class Nearby:
    """The contents of several roots by their names; the first is the one that something is to come into."""

    def __init__(self, roots: Sequence[Path], is_wrong: IsWrong = nothing_wrong) -> None:
        self._roots = list(dict.fromkeys(roots))
        self._blobs = {root: Blobs(root) for root in self._roots}
        self.blobs = self._blobs[self._roots[0]]
        """Those of the first root."""
        self._is_wrong = is_wrong

    def find(self, etag: str, size: int, repo: Path) -> Iterator[Path]:
        """Files of that name and size, nearest first. What they are is to be proven yet."""
        for root in self._roots:
            for path in self._blobs[root].find_all(etag, size, repo):
                if not self._is_wrong(path, etag):
                    yield path
        for path in self._copies.get((etag, size), ()):
            if not self._is_wrong(path, etag):
                yield path

    @cached_property
    def _copies(self) -> dict[tuple[str, int], list[Path]]:
        """Files of snapshots that are no links, by what the listings of their repositories call them."""
        found: dict[tuple[str, int], list[Path]] = {}
        for root in self._roots:
            for listing in sorted(root.glob("*--*/trees/*.json")):
                repo = listing.parent.parent
                if not layout.parse_repo_folder(repo.name):
                    continue
                for name, file in (read_tree(repo, listing.stem) or {}).items():
                    path = repo / "snapshots" / listing.stem / name
                    if _is_plain(path, file.size):
                        found.setdefault((file.etag, file.size), []).append(path)
        return found


class Borrowed(Container):
    """A file of this machine as a container, so that it comes in as one of an archive does: read, hashed, proven."""

    def __init__(self, path: Path, member: Member) -> None:
        super().__init__()
        self.path = path
        self.members = (member,)

    def chunks(self, member: Member, *, checked: bool = True) -> Iterator[memoryview]:
        buffer = memoryview(bytearray(CHUNK))
        left = member.size + 1  # one byte more than it may have is enough to see that it is another
        with self._opened() as file:
            while got := self._read(file, buffer[:left]):
                left -= got
                yield buffer[:got]

    def share(self, member: Member, target: int) -> bool:
        with self._opened() as file:
            return share_blocks(target, 0, file.fileno(), 0, 0) and os.fstat(target).st_size == member.size

    def _opened(self) -> io.FileIO:
        try:
            return io.FileIO(self.path, "rb", opener=without_waiting)
        except OSError as error:
            raise DamagedArchive(f"{self.path} cannot be read.") from error

    def _read(self, file: io.FileIO, buffer: memoryview) -> int:
        try:
            return file.readinto(buffer) or 0
        except OSError as error:
            raise DamagedArchive(f"{self.path} cannot be read.") from error


def content_digests(path: Path, count: Callable[[int], None] = lambda size: None) -> Digests:
    """What the content of a file is called, both ways. Reads all of it; `count` as for `content_name`."""
    with io.FileIO(path, "rb", opener=without_waiting) as file:
        sha256 = hashlib.sha256()
        sha1 = hashlib.sha1(layout.git_blob_header(os.fstat(file.fileno()).st_size))
        buffer = memoryview(bytearray(CHUNK))
        while size := file.readinto(buffer):
            sha256.update(buffer[:size])
            sha1.update(buffer[:size])
            count(size)
    return Digests(sha256.hexdigest(), sha1.hexdigest())


def _is_plain(path: Path, size: int) -> bool:
    try:
        status = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size == size

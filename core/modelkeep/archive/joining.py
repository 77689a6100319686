"""Files that an archive leaves out: their contents are found on this machine, proven, and brought in.

A content is believed by nothing but its SHA-256 (and its git SHA-1, where that is what its blob is called). One that
is damaged here is passed over for another of the same name.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from modelkeep.archive.arriving import Arriving
from modelkeep.archive.import_plan import ImportItem, not_here
from modelkeep.archive.incoming import ImportFile
from modelkeep.archive.nearby import Borrowed, Nearby, content_digests
from modelkeep.archive.parallel import Count, Task
from modelkeep.cache import layout
from modelkeep.cache.staging import Staging, Verified
from modelkeep.errors import DamagedArchive

__all__ = ["Joining"]


class Joining:
    """The left-out files of a model on its way into the first of `roots`, where it has the folder `repo`.

    `brought` are the contents that were copied into the staging folder, by the names of files; `written` and
    `shared` their bytes, `shared` of those that share the blocks of what they were copied from.
    """

    def __init__(self, item: ImportItem, repo: Path, roots: Sequence[Path]) -> None:
        self.brought: dict[str, Verified] = {}
        self.written = self.shared = 0
        self._item = item
        self._repo = repo
        self._root = roots[0]
        self._nearby = Nearby(roots)

    def prove(self, file: ImportFile, count: Count) -> Path | None:
        """Where the root has the content of a file as a blob, or as that very file; it was read and is right."""
        for path in self._places(file):
            if not self._is_at_home(path, file):
                continue
            try:
                found = content_digests(path, count)
            except OSError:
                continue
            if _is(file, found.sha256, found.git_sha1):
                return path
        return None

    def tasks(
        self, staging: Staging, files: Sequence[ImportFile], check_space: Callable[[], None]
    ) -> Iterator[tuple[str, Task]]:
        """Tasks that copy the contents of files into the staging folder, each content once."""
        groups: dict[str, list[ImportFile]] = {}
        for file in files:
            groups.setdefault(str(file.etag), []).append(file)
        for number, group in enumerate(groups.values()):
            yield group[0].name, partial(self._bring, staging, number, group, check_space)

    def _bring(
        self,
        staging: Staging,
        number: int,
        files: Sequence[ImportFile],
        check_space: Callable[[], None],
        count: Count,
    ) -> None:
        """Copy the first content that proves to be right. Raises `ArchiveError` when there is none."""
        for path in self._places(files[0]):
            arriving = Arriving(Borrowed(path, files[0].member), staging, number, files, check_space)
            try:
                for _, task in arriving.tasks(apart=False):
                    task(count)
            except DamagedArchive:
                continue
            if arriving.verified:
                self.brought |= {file.name: arriving.verified for file in files}
            if arriving.shared:
                self.shared += files[0].size
            else:
                self.written += files[0].size
            return
        raise not_here(self._item, [file.name for file in files])

    def _places(self, file: ImportFile) -> Iterator[Path]:
        """Where it may be: where the plan found it, then everywhere else, each place once."""
        seen: set[str] = set()
        found = [Path(file.existing)] if file.existing else []
        for path in (*found, *self._nearby.find(str(file.etag), file.size, self._repo)):
            place = os.path.realpath(path)
            if place not in seen:
                seen.add(place)
                yield path

    def _is_at_home(self, path: Path, file: ImportFile) -> bool:
        """Whether it can be linked from where it is: it is a blob of the root, or the file of this very revision."""
        own = self._repo / "snapshots" / str(self._item.commit) / file.name
        return path == own or (path.parent.name == "blobs" and path.is_relative_to(self._root))


def _is(file: ImportFile, sha256: str, git_sha1: str) -> bool:
    etag = sha256 if layout.is_sha256(str(file.etag)) else git_sha1
    return (sha256, etag) == (file.sha256, file.etag)

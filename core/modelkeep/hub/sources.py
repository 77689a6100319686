"""Where the contents of a commit are already: in its snapshot, in its repository, in another known cache."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from modelkeep.cache import layout
from modelkeep.cache.existing import Blobs, read_revision
from modelkeep.hub.download_plan import FileAction
from modelkeep.hub.replies import HubFile
from modelkeep.keys import ModelKey

__all__ = ["Found", "IsDisproven", "Sources", "staged_elsewhere"]

IsDisproven = Callable[[Path, str], bool]
"""Answers whether a content is known not to be what its name, the etag, says, though its size is right."""


class Found(NamedTuple):
    """Where a content is, `path` "" for nowhere; `in_place` when the revision has that very file."""

    action: FileAction
    path: str = ""
    in_place: bool = False


class Sources:
    """What the caches at `roots` have of a commit that is to come into `root`. Looked at once.

    What is `disproven` counts as if it were not there.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        roots: Iterable[str | os.PathLike[str]],
        key: ModelKey,
        commit: str,
        disproven: IsDisproven = lambda path, etag: False,
    ) -> None:
        self._folder = layout.repo_folder(key.repo_type, key.repo_id)
        self._repo = Path(root) / self._folder
        places = dict.fromkeys(os.fspath(place) for place in (root, *roots))
        self._blobs = [(Path(place) / self._folder, Blobs(Path(place))) for place in places]
        self._here = read_revision(self._repo, commit)
        self._disproven = disproven

    def find(self, file: HubFile) -> Found:
        """Where the content of a file of the commit is."""
        here = self._here.get(file.path)
        if (
            here
            and here.size == file.size
            and here.etag in (None, file.etag)
            and self._is_good(here.path, file)
        ):
            return Found(FileAction.PRESENT, os.fspath(here.path), in_place=True)
        for repo, blobs in self._blobs:
            for path in blobs.find_all(file.etag, file.size, repo):
                if self._is_good(path, file):
                    ours = path.parent.parent == self._repo
                    return Found(FileAction.PRESENT if ours else FileAction.LINK, os.fspath(path))
        # Where the cache has copies in place of links, the same content may be there under another name.
        for other in self._here.values():
            if (other.etag, other.size) == (file.etag, file.size) and self._is_good(other.path, file):
                return Found(FileAction.LINK, os.fspath(other.path))
        return Found(FileAction.FETCH)

    def is_bad(self, file: HubFile) -> bool:
        """Whether the repository has a file's content, and it is not what its name says."""
        here = self._here.get(file.path)
        return here is not None and here.size == file.size and not self._is_good(here.path, file)

    def _is_good(self, path: Path, file: HubFile) -> bool:
        return not self._disproven(path, file.etag)


def staged_elsewhere(root: str | os.PathLike[str], etag: str, size: int, own: Path) -> Path | None:
    """A content that is whole in the staging folder of another download or import, on its way into this root."""
    for path in Path(root, layout.STAGING).glob(f"*/blobs/{etag}"):
        with suppress(OSError):
            if path.parent.parent != own and path.stat().st_size == size:
                return path
    return None

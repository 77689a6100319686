"""What differs between two commits of a repository, as their files say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from modelkeep.cache.inventory import CachedRevision
from modelkeep.cache.trees import TreeFile

__all__ = ["FileChange", "differences", "files_here"]


class FileChange(NamedTuple):
    """A file that differs between two commits; a size is None on the side that lacks the file. Bytes."""

    path: str
    old_size: int | None
    new_size: int | None

    @property
    def kind(self) -> str:
        """ "added", "removed" or "changed"."""
        if self.old_size is None:
            return "added"
        return "removed" if self.new_size is None else "changed"


def differences(old: Mapping[str, TreeFile], new: Mapping[str, TreeFile]) -> tuple[FileChange, ...]:
    """The files that are not the same in both, by their paths."""
    changed = sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))
    return tuple(
        FileChange(path, old[path].size if path in old else None, new[path].size if path in new else None)
        for path in changed
    )


def files_here(revision: CachedRevision) -> dict[str, TreeFile]:
    """The files of a snapshot. Where they are no links, the etag is the file's own name, which says nothing."""
    return {file.name: TreeFile(file.size, file.blob.name) for file in revision.files if file.blob}

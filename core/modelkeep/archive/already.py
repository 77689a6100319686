"""What a cache has already of a model that is to be imported: its revision, where that is there, and its contents."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from modelkeep.archive.incoming import ImportFile
from modelkeep.archive.lfs import LFS_FROM
from modelkeep.archive.nearby import Nearby
from modelkeep.cache import layout
from modelkeep.cache.existing import ExistingFile, content_name, read_revision
from modelkeep.cache.trees import TreeFile, read_tree
from modelkeep.keys import ModelKey

__all__ = ["Already"]


class Already:
    """See the module."""

    def __init__(self, root: Path, key: ModelKey | None, commit: str | None) -> None:
        self.root = root
        self.repo = root / (layout.repo_folder(key.repo_type, key.repo_id) if key else "")
        known = key is not None and commit is not None
        self.files: Mapping[str, ExistingFile] = read_revision(self.repo, commit) if known and commit else {}
        self.tree: Mapping[str, TreeFile] = (read_tree(self.repo, commit) or {}) if known and commit else {}

    @property
    def named(self) -> dict[str, str]:
        """The names of blobs by path: what the Hub said before what is here."""
        here = {name: file.etag for name, file in self.files.items() if file.etag}
        return here | {name: file.etag for name, file in self.tree.items()}

    def lacks(self, files: Sequence[ImportFile]) -> list[str]:
        """What the listing names that is neither here nor among these files."""
        coming = {file.name for file in files}
        return sorted(name for name in self.tree if name not in coming and name not in self.files)

    def differs(self, file: ImportFile) -> bool:
        """Whether the same commit is known to have other content under the same name here."""
        listed = self.tree.get(file.name)
        if listed and listed != (file.size, file.etag or listed.etag):
            return True
        here = self.files.get(file.name)
        if here is None or file.etag is None:
            return here is not None and here.size != file.size
        if here.etag is None and here.size == file.size <= LFS_FROM:
            return content_name(here.path, file.etag) != file.etag
        return (here.size, here.etag or file.etag) != (file.size, file.etag)

    def located(self, file: ImportFile, nearby: Nearby) -> ImportFile:
        """The file, with where its content is already.

        An LFS file without a listed checksum is taken to be the one that the same commit has here, or is known to
        have: a commit never changes.
        """
        here = self.files.get(file.name)
        if file.etag is None and not self.differs(file):
            file = file._replace(etag=self.named.get(file.name))
        if file.etag is None:
            return file
        if here and here.size == file.size and here.etag in (None, file.etag):
            return file._replace(present="cache", existing=os.fspath(here.path))
        found = next(nearby.find(file.etag, file.size, self.repo), None) if file.absent else None
        found = found or nearby.blobs.find(file.etag, file.size, self.repo)
        if found is None:
            return file
        present: Literal["cache", "other-repo", "other-root"] = "other-root"
        if found.parent.name == "blobs" and found.is_relative_to(self.root):
            present = "cache" if found.parent.parent == self.repo else "other-repo"
        return file._replace(present=present, existing=os.fspath(found))

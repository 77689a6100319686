"""What bad and missing files must be.

The repository's listing says it, else the manifest of the import, else the name of the blob that a file leads to.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from modelkeep.archive.names import check_entry_name
from modelkeep.cache import layout
from modelkeep.cache.inventory import CachedModel
from modelkeep.cache.trees import TreeFile, read_tree
from modelkeep.checking.headers import shards_of
from modelkeep.checking.outcome import FileCheck, Outcome, RevisionCheck, Verification
from modelkeep.errors import UnsafeArchive
from modelkeep.keys import ModelKey
from modelkeep.metadata.reading import Unreadable

if TYPE_CHECKING:
    from modelkeep.library import Library

__all__ = ["Wanted", "blob_of", "wanted"]


class Wanted(NamedTuple):
    """A bad or missing file, and what it must be: `etag` "" and `size` -1 where nothing says it.

    `blob` is the place of its content, where that itself has to be mended: all that lead there are mended with it.
    """

    root: str
    key: ModelKey
    commit: str
    name: str
    path: str
    outcome: Outcome
    etag: str = ""
    size: int = -1
    blob: str = ""
    others: tuple[str, ...] = ()
    problem: str = ""
    hint: str = ""


def wanted(library: Library, found: Verification) -> list[Wanted]:
    """The bad files of a verification, those that lead to the same content as one."""
    files: dict[tuple[str, str], Wanted] = {}
    for check in found.revisions:
        model = library.inventory(check.root).by_key.get(check.key.at(None))
        if model is None or not check.bad:
            continue
        leading = _leading(model)
        for file in _Bad(library, model, check).files():
            place = (file.root, file.blob or file.path)
            known = files.get(place)
            if known is None or known.size < file.size:
                others = [other for other in leading.get(file.blob, ()) if other != (file.commit, file.name)]
                files[place] = file._replace(others=tuple(_shown(other, file.commit) for other in others))
    return list(files.values())


def blob_of(path: str | os.PathLike[str]) -> str:
    """Where the link at `path` leads by its own text, "" for what is no link."""
    try:
        return os.path.normpath(os.path.join(os.path.dirname(path), os.readlink(path)))
    except OSError:
        return ""


def _leading(model: CachedModel) -> Mapping[str, list[tuple[str, str]]]:
    """The files that lead to each blob, as (commit, name)."""
    found: dict[str, list[tuple[str, str]]] = {}
    for revision in model.revisions:
        for file in revision.files:
            if blob := blob_of(file.path):
                found.setdefault(blob, []).append((revision.commit, file.name))
    return found


def _shown(other: tuple[str, str], commit: str) -> str:
    return other[1] if other[0] == commit else f"{other[1]} ({other[0][:8]})"


class _Bad:
    """The bad files of one revision, and all that says what they must be."""

    def __init__(self, library: Library, model: CachedModel, check: RevisionCheck) -> None:
        self.model = model
        self.check = check
        self.said: dict[str, TreeFile] = {}
        origin = library.catalog.origin(model.root, model.key, check.commit)
        if origin and origin.source == "import":
            imported = library.catalog.manifest(model.root, model.key, check.commit) or {}
            self.said |= {name: TreeFile(file.size, file.etag) for name, file in imported.items()}
        self.said |= read_tree(model.path, check.commit) or {}

    def files(self) -> Iterator[Wanted]:
        for file in self.check.bad:
            if file.outcome is Outcome.INDEX_INCOMPLETE:
                yield from self._missing_shards(file)
            elif file.outcome is Outcome.HEADER_DAMAGED and file.is_proven:
                yield _as_published(self.check, file)
            else:
                yield self._wanted(file)

    def _wanted(self, file: FileCheck) -> Wanted:
        bad = _plain(self.check, file)
        if not _is_safe(file.name):
            return bad._replace(
                problem="Its name leads out of the model.",
                hint="Nothing good has such a name: delete the model.",
            )
        blob = blob_of(file.path)
        own = os.path.basename(blob) if os.path.dirname(blob) == f"{self.model.path}/blobs" else ""
        size, etag = self.said.get(file.name, TreeFile(-1, own))
        if not (layout.is_sha256(etag) or layout.is_git_sha1(etag)):
            return bad._replace(
                problem="Nothing says what it must be.",
                hint="Download or import the model again: only what it lacks is fetched.",
            )
        return bad._replace(etag=etag, size=size, blob=blob if own == etag else "")

    def _missing_shards(self, index: FileCheck) -> Iterable[Wanted]:
        """What an index names and no listing does: what a listing has is among the bad files already."""
        try:
            shards = shards_of(index.name, index.path)
        except (Unreadable, OSError):
            return [_as_published(self.check, index)]
        known = {file.name for file in self.check.files}
        folder = f"{self.model.path}/snapshots/{self.check.commit}"
        return [
            self._wanted(FileCheck(shard, f"{folder}/{shard}", 0, Outcome.MISSING))
            for shard in shards
            if shard not in known
        ]


def _as_published(check: RevisionCheck, file: FileCheck) -> Wanted:
    if not file.is_proven:
        return _plain(check, file)._replace(problem="Nothing says what it must be.")
    return _plain(check, file)._replace(
        problem="Its checksum is right: it was published like this.", hint="Tell who published it."
    )


def _plain(check: RevisionCheck, file: FileCheck) -> Wanted:
    return Wanted(check.root, check.key.at(None), check.commit, file.name, file.path, file.outcome)


def _is_safe(name: str) -> bool:
    """Whether a name of a listing or an index, which anybody may have written, stays in its folder."""
    try:
        return check_entry_name(name) == name
    except UnsafeArchive:
        return False

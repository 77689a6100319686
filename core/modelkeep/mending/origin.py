"""Where a good content can come from, and which of these places have it: caches of the library, archives.

Remotes are in `modelkeep.mending.remotes`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from modelkeep.archive.checksums import parse_sums
from modelkeep.archive.container import Container, is_archive, open_container
from modelkeep.archive.found import FoundModel, find_models
from modelkeep.archive.manifest import MAX_METADATA, MODEL_FOLDER, ModelMetadata
from modelkeep.archive.sources import find_sources
from modelkeep.cache.inventory import CachedModel
from modelkeep.cache.trees import read_tree
from modelkeep.checking.outcome import Outcome, Verification
from modelkeep.errors import ArchiveError, CacheError
from modelkeep.keys import ModelKey
from modelkeep.mending.wanted import Wanted
from modelkeep.progress import Report

if TYPE_CHECKING:
    from modelkeep.library import Library

__all__ = ["Archives", "Caches", "Origin", "Where"]

_MOST_SUMS = 64 << 20
_WRONG = frozenset({Outcome.WRONG_SIZE, Outcome.WRONG_CONTENT, Outcome.UNREADABLE})


class Where(StrEnum):
    """The kinds of places that a good content can come from, in the order in which they are preferred."""

    CACHE = "cache"
    ARCHIVE = "archive"
    REMOTE = "remote"
    HUB = "hub"


class Origin(NamedTuple):
    """A place that has, or should have, the good content. `place` is a path, or the name of a remote or a profile."""

    where: Where
    place: str
    """The blob in a cache, the archive, the remote, or the profile."""
    member: str = ""
    """The member of an archive; of a remote the file, as `hf@org/name@commit path`."""


class Caches:
    """The contents of all caches of a library, but for those that a verification found to be wrong."""

    def __init__(self, library: Library, found: Verification) -> None:
        from modelkeep.exchange import is_verified

        self._library = library
        self._verified = is_verified(library.catalog)
        self._copies: dict[ModelKey, list[tuple[str, str]]] = {}
        self._wrong: set[tuple[int, int]] = set()
        for check in found.revisions:
            for file in check.bad:
                with suppress(OSError):
                    if file.outcome in _WRONG:
                        self._wrong.add(_inode(os.stat(file.path)))

    def find(self, wanted: Wanted) -> Iterator[Origin]:
        """Where it is, each content once; first where it is known to be right, and then in the same cache."""
        found: dict[tuple[int, int], tuple[bool, str]] = {}
        for path in self._named(wanted):
            try:
                status = os.stat(path)
            except OSError:
                continue
            inode = _inode(status)
            if not stat.S_ISREG(status.st_mode) or inode in self._wrong or inode in found:
                continue
            if wanted.size in (-1, status.st_size):
                found[inode] = (self._verified(Path(path), status), path)
        for _, path in sorted(found.values(), key=lambda one: not one[0]):
            yield Origin(Where.CACHE, path)

    def _named(self, wanted: Wanted) -> Iterator[str]:
        roots = sorted(self._library.roots, key=lambda root: root != wanted.root)
        for root in roots:
            for model in self._library.inventory(root).models:
                yield f"{model.path}/blobs/{wanted.etag}"
        yield from (path for etag, path in self._copies_of(wanted.key) if etag == wanted.etag)

    def _copies_of(self, key: ModelKey) -> list[tuple[str, str]]:
        """The files that no blob names, but the listing of their repository does."""
        if key not in self._copies:
            self._copies[key] = [one for model in self._library.find(key) for one in _copies(model)]
        return self._copies[key]


def _copies(model: CachedModel) -> Iterator[tuple[str, str]]:
    for revision in model.revisions:
        listing = read_tree(model.path, revision.commit) or {}
        for file in revision.files:
            if not file.linked and file.name in listing:
                yield listing[file.name].etag, file.path


def _inode(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


class _Packed(NamedTuple):
    """A file in an archive, and what that says of it: "", None where it says nothing."""

    archive: str
    member: str
    name: str
    size: int
    key: ModelKey | None
    sha256: str

    def may_be(self, wanted: Wanted) -> bool:
        """Whether it can be what is wanted; what it really is, is seen when it is read."""
        if wanted.size not in (-1, self.size):
            return False
        if self.sha256 and len(wanted.etag) == len(self.sha256):
            return self.sha256 == wanted.etag
        return self.name == wanted.name and self.key in (None, wanted.key)


class Archives:
    """The files in archives, folders and bundles. Each is opened once, when it is first asked for."""

    def __init__(self, library: Library, named: Sequence[str | Path], report: Report) -> None:
        self._catalog = library.catalog
        self._named = [Path(path).expanduser() for path in named]
        self._report = report
        self._looked: dict[Path, list[_Packed]] = {}

    def find(self, wanted: Wanted) -> Iterator[Origin]:
        """Where it may be: in those that were named, then in the one that its revision was imported from.

        Raises `ArchiveError` where one that was named cannot be read.
        """
        for path in self._named:
            yield from self._in(path, wanted)
        origin = self._catalog.origin(wanted.root, wanted.key, wanted.commit)
        if origin and origin.archive and os.path.exists(origin.archive):
            with suppress(ArchiveError, CacheError):  # nobody asked for it
                yield from self._in(Path(origin.archive), wanted)

    def _in(self, path: Path, wanted: Wanted) -> Iterator[Origin]:
        if path not in self._looked:
            self._looked[path] = list(self._look(path))
        for file in self._looked[path]:
            if file.may_be(wanted):
                yield Origin(Where.ARCHIVE, file.archive, file.member)

    def _look(self, path: Path) -> Iterator[_Packed]:
        for source in find_sources([path]):
            if source.error:
                raise source.error
            with open_container(source.path, report=self._report) as container:
                models = find_models(container)
                for model in models:
                    yield from _packed(container, model)
            if not models and source.path.is_dir():  # a folder of archives
                for archive in filter(is_archive, sorted(source.path.iterdir())):
                    yield from self._look(archive)


def _packed(container: Container, model: FoundModel) -> Iterator[_Packed]:
    """The files of a model. One damaged file in it is no reason to do without the others."""
    key, sums = None, {}
    if model.metadata:
        with suppress(ArchiveError):
            key = ModelMetadata.parse(container.read(model.metadata, MAX_METADATA)).key.at(None)
    if model.sums:
        with suppress(ArchiveError):
            sums = parse_sums(container.read(model.sums, _MOST_SUMS))
    for name, member in model.files.items():
        listed = sums.get(f"{MODEL_FOLDER}/{name}", "")
        yield _Packed(os.fspath(container.path), member.name, name, member.size, key, listed)

"""Planning a verification: which files there should be, what each of them must be, and what has to be read for it.

What a file must be is said by the name of its blob (64 hex digits: SHA-256; 40: git's SHA-1 of a blob) and by the
listing of the repository; where both speak, both must be right.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import NamedTuple

from modelkeep.cache import layout
from modelkeep.cache.catalog import Catalog, Checksums
from modelkeep.cache.inventory import CachedFile, CachedModel, CachedRevision, ProblemKind
from modelkeep.cache.trees import TreeFile, read_tree
from modelkeep.checking.headers import WITH_HEADER, recall_header
from modelkeep.checking.outcome import FileCheck, Outcome
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report, ignore

__all__ = ["PlannedContent", "PlannedFile", "PlannedRevision", "VerificationPlan", "plan_verification"]

Inode = tuple[int, int]


class PlannedContent(NamedTuple):
    """A content that is checked once, whatever leads to it. `paths` are all its own places, `names` what it must be.

    `known` is what is remembered of it, `reads` whether it is read, again or for the first time. `header` is the
    suffix of a format whose header is checked; `header_error` what is remembered of that, None for nothing.
    """

    paths: tuple[str, ...]
    status: os.stat_result
    names: frozenset[str]
    known: Checksums | None
    reads: bool
    header: str
    header_error: str | None

    @property
    def size(self) -> int:
        return self.status.st_size


class PlannedFile(NamedTuple):
    """A file to be checked. `own` is the name of its blob and `listed` what the repository lists, "" where nothing.

    `found` is what is wrong with it that need not be read for it; else `content` is there.
    """

    name: str
    path: str
    own: str = ""
    listed: str = ""
    content: Inode | None = None
    found: FileCheck | None = None


@dataclass(frozen=True)
class PlannedRevision:
    """A revision to be checked; `revision` is None for a model of which nothing but its folder is here."""

    model: CachedModel
    revision: CachedRevision | None
    files: tuple[PlannedFile, ...]
    is_listed: bool

    @property
    def key(self) -> ModelKey:
        return self.model.key


@dataclass(frozen=True)
class VerificationPlan:
    """What a verification would look at. A content is in `contents` once, the largest first."""

    revisions: tuple[PlannedRevision, ...]
    contents: dict[Inode, PlannedContent]
    deep: bool

    @property
    def bytes_to_read(self) -> int:
        return sum(content.size for content in self.contents.values() if content.reads)

    @property
    def files(self) -> int:
        return sum(len(revision.files) for revision in self.revisions)


def plan_verification(
    chosen: Sequence[tuple[CachedModel, CachedRevision | None]],
    catalog: Catalog,
    *,
    deep: bool = False,
    report: Report = ignore,
) -> VerificationPlan:
    """What verifying these revisions (all of a model when None) takes.

    What the catalog remembers of a content that has not changed is believed, unless it is to be `deep`.
    """
    gathered: dict[Inode, _Gathered] = {}
    planned = []
    for number, (model, revision) in enumerate(chosen):
        report(Progress("Looking at what is there", number, len(chosen), model.repo_id, unit="models"))
        if not model.revisions:
            planned.append(PlannedRevision(model, None, (), False))
        revisions = model.revisions if revision is None else (revision,)
        planned += [_revision(model, one, gathered) for one in revisions]
    contents = {inode: _content(found, catalog, deep) for inode, found in gathered.items()}
    ordered = sorted(contents, key=lambda inode: -contents[inode].size)
    return VerificationPlan(tuple(planned), {inode: contents[inode] for inode in ordered}, deep)


@dataclass
class _Gathered:
    """A content while its names are being collected."""

    status: os.stat_result
    paths: dict[str, None] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    header: str = ""


def _revision(
    model: CachedModel, revision: CachedRevision, gathered: dict[Inode, _Gathered]
) -> PlannedRevision:
    listing = read_tree(model.path, revision.commit)
    listed = listing or {}
    files = [_file(file, listed.get(file.name), gathered) for file in revision.files]
    files += _unread(revision)
    here = {file.name for file in files}
    for name in listed.keys() - here:
        path = f"{revision.path}/{name}"
        files.append(_bad(name, path, 0, Outcome.MISSING, "It is not here, but the repository has it."))
    return PlannedRevision(model, revision, tuple(sorted(files, key=itemgetter(0))), listing is not None)


def _file(file: CachedFile, listed: TreeFile | None, gathered: dict[Inode, _Gathered]) -> PlannedFile:
    if file.blob is None:
        return _bad(file.name, file.path, 0, Outcome.MISSING, "It leads to a content that is not here.")
    payload = file.blob.payload
    try:
        status = os.stat(payload)
    except FileNotFoundError:
        return _bad(file.name, file.path, 0, Outcome.MISSING, "Its content is not here any more.")
    except OSError as error:
        return _bad(file.name, file.path, 0, Outcome.UNREADABLE, f"It cannot be read: {error.strerror}.")
    if listed and status.st_size != listed.size:
        said = f"It has {status.st_size:,} bytes, but the repository says {listed.size:,}."
        return _bad(file.name, file.path, status.st_size, Outcome.WRONG_SIZE, said)
    own = _hash_in(file.blob.name) if file.linked and _is_blob(file.blob.path) else ""
    etag = _hash_in(listed.etag) if listed else ""
    inode = (status.st_dev, status.st_ino)
    content = gathered.setdefault(inode, _Gathered(status))
    content.paths[payload] = None
    content.names |= {name for name in (own, etag) if name}
    content.header = content.header or next((s for s in WITH_HEADER if file.name.lower().endswith(s)), "")
    return PlannedFile(file.name, file.path, own, etag, inode)


def _unread(revision: CachedRevision) -> Iterable[PlannedFile]:
    """What the scan could not look at."""
    for problem in revision.problems:
        if problem.kind is ProblemKind.UNREADABLE:
            name = problem.path.removeprefix(f"{revision.path}/")
            yield _bad(name, problem.path, 0, Outcome.UNREADABLE, problem.message)


def _content(found: _Gathered, catalog: Catalog, deep: bool) -> PlannedContent:
    known = next((sums for path in found.paths if (sums := catalog.checksums(path, found.status))), None)
    return PlannedContent(
        paths=tuple(found.paths),
        status=found.status,
        names=frozenset(found.names),
        known=known,
        reads=deep or known is None or not found.names <= {known.sha256, known.git_sha1},
        header=found.header,
        header_error=recall_header(catalog, found.paths, found.status) if found.header and not deep else None,
    )


def _is_blob(path: str) -> bool:
    """Whether it lies in the `blobs` of a repository; the shared store has a folder more, and other hashes."""
    return os.path.basename(os.path.dirname(path)) == "blobs"


def _hash_in(name: str) -> str:
    return name if layout.is_sha256(name) or layout.is_git_sha1(name) else ""


def _bad(name: str, path: str, size: int, outcome: Outcome, message: str) -> PlannedFile:
    return PlannedFile(name, path, found=FileCheck(name, path, size, outcome, message))

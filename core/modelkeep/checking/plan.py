"""Planning a verification: which files there should be, what each of them must be, and what has to be read for it.

What a file must be is said by the name of its blob (64 hex digits: SHA-256; 40: git's SHA-1 of a blob) and by the
listing of the repository; where both speak, both must be right. Of what was imported, and not fetched anew since, the
manifest of its import says it too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import NamedTuple

from modelkeep.cache import layout
from modelkeep.cache.catalog import Catalog, Checksums, ManifestFile, content_key
from modelkeep.cache.inventory import CachedFile, CachedModel, CachedRevision, ProblemKind
from modelkeep.cache.trees import TreeFile, read_tree
from modelkeep.checking.headers import WITH_HEADER, recall_header
from modelkeep.checking.outcome import FileCheck, Outcome
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report, ignore

__all__ = ["PlannedContent", "PlannedFile", "PlannedRevision", "VerificationPlan", "plan_verification"]

Inode = tuple[int, int]
_Sums = Callable[[str, os.stat_result], Checksums | None]


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
    """A file to be checked. `own` is the name of its blob, `listed` what the repository lists, "" where nothing.

    `imported` is what the manifest of its import says, a SHA-256 where that is known. `found` is what is wrong with
    it that need not be read for it; else `content` is there.
    """

    name: str
    path: str
    own: str = ""
    listed: str = ""
    imported: str = ""
    content: Inode | None = None
    found: FileCheck | None = None

    @property
    def names(self) -> frozenset[str]:
        """All that its content must be."""
        return frozenset(filter(None, (self.own, self.listed, self.imported)))

    @property
    def is_named(self) -> bool:
        """Whether anything says what its content must be."""
        return bool(self.own or self.listed or self.imported)


@dataclass(frozen=True)
class PlannedRevision:
    """A revision to be checked; `revision` is None for a model of which nothing but its folder is here.

    `archive` is what it was imported from, "" for what was not.
    """

    model: CachedModel
    revision: CachedRevision | None
    files: tuple[PlannedFile, ...]
    is_listed: bool
    archive: str = ""

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
    def devices(self) -> frozenset[int]:
        """The devices (`st_dev`) of what is read."""
        return frozenset(device for (device, _), content in self.contents.items() if content.reads)

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
        sums = _sums_of(model, catalog)
        planned += [_revision(model, one, catalog, sums, gathered) for one in revisions]
    contents = {inode: _content(found, catalog, deep) for inode, found in gathered.items()}
    ordered = sorted(contents, key=lambda inode: -contents[inode].size)
    return VerificationPlan(tuple(planned), {inode: contents[inode] for inode in ordered}, deep)


@dataclass
class _Gathered:
    """A content while its names are being collected."""

    status: os.stat_result
    paths: dict[str, None] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    known: Checksums | None = None
    header: str = ""


def _sums_of(model: CachedModel, catalog: Catalog) -> _Sums:
    """What looks up the check sums of a model's contents: they are read at once."""
    folder, known = f"{model.path}/", catalog.all_checksums(model.path)

    def look(path: str, status: os.stat_result) -> Checksums | None:
        if path.startswith(folder):
            return known.get(content_key(path, status))
        return catalog.checksums(path, status)  # of the store that models share

    return look


def _revision(
    model: CachedModel,
    revision: CachedRevision,
    catalog: Catalog,
    sums: _Sums,
    gathered: dict[Inode, _Gathered],
) -> PlannedRevision:
    listing = read_tree(model.path, revision.commit)
    listed = listing or {}
    imported, archive = _imported(model, revision, catalog)
    files = [
        _file(file, listed.get(file.name), imported.get(file.name), sums, gathered) for file in revision.files
    ]
    files += _unread(revision)
    here = {file.name for file in files}
    for listed_name in (listed.keys() | imported.keys()) - here:
        name = _as_it_can_be_written(listed_name)
        said = "the repository has it" if listed_name in listed else "it was imported"
        files.append(
            _bad(name, f"{revision.path}/{name}", 0, Outcome.MISSING, f"It is not here, but {said}.")
        )
    is_listed = listing is not None or bool(imported)
    return PlannedRevision(model, revision, tuple(sorted(files, key=itemgetter(0))), is_listed, archive)


def _imported(
    model: CachedModel, revision: CachedRevision, catalog: Catalog
) -> tuple[Mapping[str, ManifestFile], str]:
    """What an import brought of a revision, and from where; nothing where it was downloaded since."""
    origin = catalog.origin(model.root, model.key, revision.commit)
    if origin is None or origin.source != "import":
        return {}, ""
    return catalog.manifest(model.root, model.key, revision.commit) or {}, origin.archive


def _file(
    file: CachedFile,
    listed: TreeFile | None,
    imported: ManifestFile | None,
    sums: _Sums,
    gathered: dict[Inode, _Gathered],
) -> PlannedFile:
    if file.blob is None:
        return _bad(file.name, file.path, 0, Outcome.MISSING, "It leads to a content that is not here.")
    payload = file.blob.payload
    try:
        status = os.stat(payload)
    except FileNotFoundError:
        return _bad(file.name, file.path, 0, Outcome.MISSING, "Its content is not here any more.")
    except OSError as error:
        return _bad(file.name, file.path, 0, Outcome.UNREADABLE, f"It cannot be read: {error.strerror}.")
    if listed and imported and imported.etag != listed.etag and _hash_in(listed.etag):
        imported = None  # another program fetched it anew since, and that listing is of the commit itself
    for said, who in ((listed, "the repository says"), (imported, "what was imported has")):
        if said and status.st_size != said.size:
            message = f"It has {status.st_size:,} bytes, but {who} {said.size:,}."
            return _bad(file.name, file.path, status.st_size, Outcome.WRONG_SIZE, message)
    planned = PlannedFile(
        file.name,
        file.path,
        own=_hash_in(file.blob.name) if file.linked and _is_blob(file.blob.path) else "",
        listed=_hash_in(listed.etag) if listed else "",
        imported=_hash_in(imported.sha256 or imported.etag) if imported else "",
        content=(status.st_dev, status.st_ino),
    )
    content = gathered.setdefault((status.st_dev, status.st_ino), _Gathered(status))
    if payload not in content.paths:
        content.paths[payload] = None
        content.known = content.known or sums(payload, content.status)
    content.names |= planned.names
    content.header = content.header or next((s for s in WITH_HEADER if file.name.lower().endswith(s)), "")
    return planned


def _unread(revision: CachedRevision) -> Iterable[PlannedFile]:
    """What the scan could not look at."""
    for problem in revision.problems:
        if problem.kind is ProblemKind.UNREADABLE:
            name = problem.path.removeprefix(f"{revision.path}/")
            yield _bad(name, problem.path, 0, Outcome.UNREADABLE, problem.message)


def _content(found: _Gathered, catalog: Catalog, deep: bool) -> PlannedContent:
    known = found.known
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


def _as_it_can_be_written(name: str) -> str:
    """A name of a listing, which may hold halves of characters: no file is called so, and nothing prints it."""
    try:
        name.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return name.encode(errors="replace").decode()
    return name


def _bad(name: str, path: str, size: int, outcome: Outcome, message: str) -> PlannedFile:
    return PlannedFile(name, path, found=FileCheck(name, path, size, outcome, message))

"""What a cache directory holds: plain values, made by `scan`.

Sizes are bytes and times are seconds since the epoch (UTC), as the file system gives them. Three sizes
are told apart everywhere:

`size`      what the files say they are (logical), each content once;
`on_disk`   what the disk really holds for it: allocated blocks of every file, link and folder, hard links and
            shared payloads once;
`frees`     what the disk really gains when exactly this is deleted: less than `on_disk` when something else still
            needs a part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from modelkeep.keys import ModelKey, RepoType

__all__ = [
    "Blob",
    "CachedFile",
    "CachedModel",
    "CachedRevision",
    "IncompleteFile",
    "Inventory",
    "Names",
    "Other",
    "Payload",
    "Problem",
    "ProblemKind",
    "RootState",
    "SharedStore",
    "State",
]


class State(StrEnum):
    """How whole a revision is, from best to worst; a model has the worst state of its revisions.

    WHOLE: every file that the repository has at this commit is here, which its tree listing proves.
    UNPROVEN: every link leads to a file; no tree listing is here to compare with.
    INCOMPLETE: files of the repository are not here, as after a partial or interrupted download.
    DAMAGED: something is here that cannot work: a broken link, a wrong size, a ref to nothing.
    """

    WHOLE = "whole"
    UNPROVEN = "unproven"
    INCOMPLETE = "incomplete"
    DAMAGED = "damaged"

    @property
    def rank(self) -> int:
        """0 for the best; the larger the worse."""
        return _STATE_ORDER[self]


_STATE_ORDER = {state: rank for rank, state in enumerate(State)}


class ProblemKind(StrEnum):
    """What can be wrong in a cache. Damage is data: none of these hides a model."""

    BROKEN_LINK = "broken-link"
    DANGLING_REF = "dangling-ref"
    UNREADABLE_REF = "unreadable-ref"
    NO_SNAPSHOTS = "no-snapshots"
    MISSING_FILES = "missing-files"
    WRONG_SIZE = "wrong-size"
    STRAY_FILE = "stray-file"
    ORPHAN_BLOB = "orphan-blob"
    UNREADABLE = "unreadable"
    UNREADABLE_TREE = "unreadable-tree"
    UNREFERENCED_PAYLOAD = "unreferenced-payload"


class Problem(NamedTuple):
    """Something that is not as it should be; `message` is a sentence for the user."""

    kind: ProblemKind
    path: str
    message: str


class Blob(NamedTuple):
    """A content in the cache.

    `path` is the first hop: `<repo>/blobs/<etag>`, or the snapshot's own file where it is no link.
    `payload` is the file that holds the bytes; it differs from `path` for contents in the shared store.
    """

    path: str
    payload: str
    size: int
    on_disk: int
    device: int
    inode: int
    links: int
    accessed: float
    modified: float

    @property
    def name(self) -> str:
        """The etag for a blob of the Hub layout, else the file's own name."""
        return self.path.rpartition("/")[2]


class CachedFile(NamedTuple):
    """A file of a revision. `name` is its path in the repository, with "/"; `blob` is None for a broken link."""

    name: str
    path: str
    blob: Blob | None
    linked: bool

    @property
    def size(self) -> int:
        return self.blob.size if self.blob else 0


class IncompleteFile(NamedTuple):
    """An unfinished download in `blobs/`: `size` bytes arrived so far, `modified` when the last ones did."""

    path: str
    size: int
    on_disk: int
    modified: float


@dataclass(frozen=True, slots=True)
class CachedRevision:
    """A commit of a model that has a snapshot folder."""

    commit: str
    path: str
    refs: tuple[str, ...]
    files: tuple[CachedFile, ...]
    size: int
    on_disk: int
    frees: int
    modified: float
    state: State
    missing: tuple[str, ...] = ()
    """Files that the tree listing names and the snapshot does not have."""
    problems: tuple[Problem, ...] = ()

    def file(self, name: str) -> CachedFile | None:
        """The file of that path in the repository, or None."""
        return next((file for file in self.files if file.name == name), None)


@dataclass(frozen=True)
class CachedModel:
    """A repository in a cache: a model, or a dataset, space or kernel that lies beside the models."""

    repo_id: str
    repo_type: RepoType
    path: str
    root: str
    revisions: tuple[CachedRevision, ...]
    refs: tuple[tuple[str, str], ...]
    """Every ref with the commit it names, whether or not a snapshot of it is here."""
    size: int
    on_disk: int
    frees: int
    accessed: float
    modified: float
    state: State
    file_count: int
    """Distinct contents, as the Hub client counts files."""
    sharing: bool = False
    """Whether a content may have names outside this repository: a hard link, the shared store."""
    incomplete: tuple[IncompleteFile, ...] = ()
    orphans: tuple[Blob, ...] = ()
    """Contents in `blobs/` that no snapshot leads to."""
    problems: tuple[Problem, ...] = ()
    """All of it: the repository's own problems first, then each revision's."""

    @property
    def key(self) -> ModelKey:
        return ModelKey(self.repo_id, None, self.repo_type)

    @property
    def folder(self) -> str:
        """The name of its folder in the root."""
        return self.path.rpartition("/")[2]

    def revision(self, name: str) -> CachedRevision | None:
        """The revision that a ref, a commit or the unambiguous beginning of a commit (7 or more digits) names."""
        commit = dict(self.refs).get(name, name)
        found = [r for r in self.revisions if r.commit == commit]
        if not found and len(name) >= 7:
            found = [r for r in self.revisions if r.commit.startswith(name)]
        return found[0] if len(found) == 1 else None

    @property
    def main(self) -> CachedRevision | None:
        """The revision that loading by name uses: `main`, else the only one, else the newest."""
        if found := self.revision("main"):
            return found
        return max(self.revisions, key=lambda r: r.modified, default=None)


class Other(NamedTuple):
    """Something beside the models: another tool's folder, a stray file. `what` names it where we know it."""

    path: str
    on_disk: int
    what: str


class Names(NamedTuple):
    """The names of one content in a root: `files` are names of its own, `links` lead to its place in the store."""

    files: frozenset[str]
    links: frozenset[str]


class Payload(NamedTuple):
    """A content of the shared store. `manifest` is the space its `.refs` takes, or None when it has none.

    Without a manifest the Hub's client never removes a payload, and neither do we.
    """

    blob: Blob
    manifest: int | None


@dataclass(frozen=True)
class SharedStore:
    """The shared store of a root as it was found: its payloads by path, and what all of it takes on the disk."""

    payloads: Mapping[str, Payload] = field(default_factory=dict)
    overhead: int = 0
    """Bytes on disk of everything in the store but its payloads."""


class RootState(StrEnum):
    """What became of a root when it was looked at.

    NOT_MOUNTED is told from MISSING by the parent: a path on a disk that is away has no parent either, or lies on
    a mount point that is empty.
    """

    READY = "ready"
    READ_ONLY = "read-only"
    UNREADABLE = "unreadable"
    MISSING = "missing"
    NOT_MOUNTED = "not-mounted"
    NOT_A_FOLDER = "not-a-folder"

    @property
    def is_here(self) -> bool:
        return self in (RootState.READY, RootState.READ_ONLY)


@dataclass(frozen=True)
class Inventory:
    """Everything in one cache root at the time `scanned`. Models are sorted by type and id."""

    root: str
    state: RootState
    scanned: float
    models: tuple[CachedModel, ...] = ()
    others: tuple[Other, ...] = ()
    problems: tuple[Problem, ...] = ()
    """What is wrong outside any repository, and why the root could not be read."""
    payloads_size: int = 0
    """Logical bytes of all contents, each once, with payloads that nobody references: the Hub client's total."""
    models_on_disk: int = 0
    """Blocks of all repositories and the shared store, each payload once."""
    other: int = 0
    trash: int = 0
    staging: int = 0
    device: int = 0
    """Of the file system the root is on: two roots with the same one share their free space."""
    disk_total: int = 0
    disk_free: int = 0
    """What this user can still write, bytes."""
    names: Mapping[tuple[int, int], Names] = field(default_factory=dict, repr=False)
    """The contents that have more than one name, by (device, inode): see `cache.sharing`."""
    store: SharedStore = field(default_factory=SharedStore, repr=False)

    @cached_property
    def by_key(self) -> dict[ModelKey, CachedModel]:
        return {model.key: model for model in self.models}

    @property
    def incomplete(self) -> int:
        """Bytes on disk of unfinished downloads."""
        return sum(file.on_disk for model in self.models for file in model.incomplete)

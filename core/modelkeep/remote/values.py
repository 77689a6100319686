"""What remotes hold and say: plain values, in words that do not depend on the kind of the remote.

Sizes are bytes, times seconds since the epoch (UTC), 0.0 when not known; texts are "" when not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from modelkeep.keys import ModelKey

__all__ = [
    "BlobProblem",
    "Check",
    "Collected",
    "Collection",
    "Garbage",
    "Lineage",
    "Manifest",
    "ManifestFile",
    "RefEntry",
    "RemoteCheck",
    "RemoteDeletion",
    "RemoteModel",
    "RemoteRevision",
    "Summary",
    "Where",
]


class ManifestFile(NamedTuple):
    """A file of a revision. `etag` is what a cache calls the content: its git blob SHA-1, or its SHA-256
    from 10 MB on or where git's rules say LFS. `sha256` is "" where a hub does not say.
    """

    path: str
    size: int
    sha256: str
    etag: str


class Lineage(NamedTuple):
    """What a revision was made from, as keys with commits (`hf@org/name@commit`): its parent, and the first
    of all."""

    parent: str = ""
    root: str = ""


class Summary(NamedTuple):
    """What a model says of itself, as far as a list shows it; the fields are those of `ModelRow`."""

    library: str = ""
    task: str = ""
    licence: str = ""
    languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    parameters: int = 0
    custom_code: bool = False


_NO_SUMMARY, _NO_LINEAGE = Summary(), Lineage()


@dataclass(frozen=True)
class Manifest:
    """A revision as a remote holds it. It never changes.

    `key` has the commit as its revision. `is_complete`: these are all files that the commit has at its origin.
    `description` is the publisher's, `origin` the URL that the model first came from.
    """

    key: ModelKey
    files: tuple[ManifestFile, ...]
    is_complete: bool = False
    summary: Summary = _NO_SUMMARY
    lineage: Lineage = _NO_LINEAGE
    description: str = ""
    origin: str = ""
    created_at: float = 0.0
    created_by: str = ""
    last_modified: str = ""
    """When the commit was made at its origin, ISO 8601."""

    @property
    def commit(self) -> str:
        return self.key.revision or ""

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


class RefEntry(NamedTuple):
    """One step of a branch or tag: who let it lead where, when and why. `number` counts from 1; `commit` "":
    removed."""

    ref: str
    number: int
    commit: str
    was: str = ""
    message: str = ""
    by: str = ""
    at: float = 0.0


class RemoteRevision(NamedTuple):
    """A revision in the list of a remote. `message` is what its pusher said, `id` the remote's own name of
    it."""

    commit: str
    refs: tuple[str, ...]
    size: int
    files: int
    pushed_at: float = 0.0
    pushed_by: str = ""
    message: str = ""
    id: str = ""
    is_complete: bool = False


@dataclass(frozen=True)
class RemoteModel:
    """A model in the list of a remote, its revisions the newest first. `on_remote`: bytes that it takes
    there."""

    key: ModelKey
    revisions: tuple[RemoteRevision, ...]
    summary: Summary = _NO_SUMMARY
    lineage: Lineage = _NO_LINEAGE
    on_remote: int = 0

    @property
    def main(self) -> RemoteRevision | None:
        """What the name alone means: where main leads, else the newest."""
        for revision in self.revisions:
            if "main" in revision.refs:
                return revision
        return self.revisions[0] if self.revisions else None


class Where(StrEnum):
    """Where a model is, seen from the caches of this machine; NEWER: in both, and the remote's main is
    another."""

    HERE = "here"
    THERE = "there"
    BOTH = "both"
    NEWER = "newer"


class Check(NamedTuple):
    """One thing that testing a remote found out. `outcome` is "ok", "warn", "bad" or "skipped"."""

    name: str
    outcome: str
    sentence: str
    hint: str = ""


class BlobProblem(NamedTuple):
    """What is wrong with a content of a remote: "missing", "wrong-size", "wrong-content" or "unreadable"; `files`
    need it."""

    sha256: str
    problem: str
    files: tuple[str, ...]
    """Each as `hf@org/name@commit path`."""


@dataclass(frozen=True)
class RemoteCheck:
    """What verifying a remote found. `read` are bytes whose content was hashed; 0 when only names and sizes
    were looked at. `left_out`: revisions whose manifests cannot be read, a sentence each.
    """

    revisions: int
    files: int
    read: int
    problems: tuple[BlobProblem, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        return not (self.problems or self.left_out)


@dataclass(frozen=True)
class RemoteDeletion:
    """What deleting from a remote takes away: revisions by commit, of one model, and the refs that lead to
    them.

    `frees` is what collecting garbage can free afterwards, once `kept_for` seconds are over; 0.0 when it goes at once
    and for good, as on a hub. `derived` are keys of models made from it.
    """

    remote: str
    key: ModelKey
    commits: tuple[str, ...]
    refs: tuple[str, ...]
    frees: int
    kept_for: float = 0.0
    derived: tuple[str, ...] = ()


class Garbage(NamedTuple):
    """An object of a store that nothing needs any more, and why."""

    name: str
    size: int
    modified: float
    reason: str


@dataclass(frozen=True)
class Collection:
    """What collecting garbage would remove from a store. `kept` are bytes that nothing needs, but younger
    than `grace` seconds; `unfinished` uploads are broken off ones, older than that. `problems` are manifests that
    cannot be read, a sentence each: no content goes then. `foreign`: objects that are no store's, and stay.
    """

    remote: str
    grace: float
    garbage: tuple[Garbage, ...]
    kept: int = 0
    unfinished: int = 0
    problems: tuple[str, ...] = ()
    foreign: int = 0

    @property
    def frees(self) -> int:
        return sum(one.size for one in self.garbage)


@dataclass(frozen=True)
class Collected:
    """What collecting garbage did. `spared` are names that were needed again meanwhile."""

    removed: int
    freed: int
    spared: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    by_reason: Mapping[str, int] = field(default_factory=dict)

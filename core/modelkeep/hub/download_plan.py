"""What a download would do, worked out before anything is written: files, bytes, room, memory, warnings.

Making a plan asks the hub and looks at the caches. It writes nothing, no ref and no tree listing either.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from modelkeep.hub.replies import HubModel
from modelkeep.keys import ModelKey

__all__ = ["DownloadPlan", "FileAction", "FileFlag", "MemoryFit", "PlannedFile"]


class FileAction(StrEnum):
    """Where a file's content comes from: this revision or repository has it, another known cache has it, the hub."""

    PRESENT = "present"
    LINK = "link"
    FETCH = "fetch"


class FileFlag(StrEnum):
    """What a person should know of a file before it is fetched, from its name alone."""

    PICKLE = "pickle"
    CODE = "code"
    EXECUTABLE = "executable"


class PlannedFile(NamedTuple):
    """A file of the repository. `staged` are bytes that an interrupted download of it left.

    `group` is what kind of thing it is, to be chosen together: "weights:safetensors", "weights:pickle",
    "weights:gguf:Q4_K_M", "tokenizer", "config", "card", "code", "other". `reason` says in words why it was chosen or
    left out by default.
    """

    path: str
    size: int
    etag: str
    action: FileAction
    chosen: bool
    group: str
    reason: str = ""
    flags: tuple[FileFlag, ...] = ()
    staged: int = 0
    source: str = ""
    """Where the content is, for `LINK` and `PRESENT`: a path."""
    git_sha1: str = ""
    xet_hash: str = ""
    is_copied: bool = False
    """Whether a `LINK` takes its size again, for it is on another disk."""
    sha256: str = ""
    """Where that is known besides git's name for the content."""


class MemoryFit(NamedTuple):
    """Whether a model fits the memory, with how that was worked out. Bytes; 0 where not known.

    `weights` is what the chosen weights take, `run` an estimate for running it; `formula` says how it was made.
    """

    weights: int
    run: int
    formula: str
    ram_free: int
    ram_total: int
    gpu: str = ""
    gpu_free: int = 0
    dtypes: tuple[tuple[str, int], ...] = ()
    """Bytes of weights by the name of their type."""

    @property
    def fits_ram(self) -> bool:
        return self.run <= self.ram_free

    @property
    def fits_gpu(self) -> bool:
        return bool(self.gpu) and self.run <= self.gpu_free


@dataclass(frozen=True)
class DownloadPlan:
    """What a download will do. Sizes are bytes.

    `key` is the name that was asked for, under which the model will lie in `root`, also where the hub has renamed it
    (`model.repo_id` then differs). `profile` is `remote:NAME` where a remote gives it, and `endpoint` that one's URL.
    `ref` will lead to `commit`, unless it is "" because a commit was asked for. `ref_was` is where it leads now, ""
    for nowhere.
    """

    root: str
    key: ModelKey
    profile: str
    endpoint: str
    model: HubModel
    commit: str
    ref: str
    ref_was: str
    files: tuple[PlannedFile, ...]
    free: int
    reserve: int
    fit: MemoryFit | None = None
    notes: tuple[str, ...] = ()
    """What else a person should know: "renamed to …", "gated: …", a sentence each."""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    lists_all: bool = True
    """Whether `files` are all that the commit has; a remote may hold some of them only."""
    origin: str = ""
    """Where the model first came from, as a remote says it: a URL."""
    lineage: tuple[str, str] = ("", "")
    """What it was made from, as a remote says it: the keys of its parent, and of the first of all."""

    @property
    def chosen(self) -> tuple[PlannedFile, ...]:
        return tuple(file for file in self.files if file.chosen)

    @property
    def bytes_total(self) -> int:
        """Bytes of all chosen files."""
        return sum(file.size for file in self.chosen)

    @property
    def bytes_present(self) -> int:
        return sum(file.size for file in self.chosen if file.action is FileAction.PRESENT)

    @property
    def bytes_linked(self) -> int:
        return sum(file.size for file in self.chosen if file.action is FileAction.LINK)

    @property
    def bytes_missing(self) -> int:
        """Bytes that have to come over the network: each content once, less what an interrupted download left."""
        wanted = {file.etag: file for file in self.chosen if file.action is FileAction.FETCH}
        return sum(max(0, file.size - file.staged) for file in wanted.values())

    @property
    def bytes_written(self) -> int:
        """Bytes that the disk needs: what comes, and what is copied from another disk."""
        copied = {file.etag: file.size for file in self.chosen if file.is_copied}
        return self.bytes_missing + sum(copied.values())

    @property
    def free_after(self) -> int:
        return self.free - self.bytes_written

    @property
    def fits_disk(self) -> bool:
        return self.free_after >= self.reserve

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing to do: all chosen files are here, and the ref leads to them."""
        here = all(file.action is FileAction.PRESENT for file in self.chosen)
        return here and self.ref_was in (self.commit, "" if not self.ref else self.commit)

"""What a window shows of models and roots: flat values that are cheap to make, to sort and to send elsewhere.

A row holds only strings, numbers and tuples of them. Sizes are bytes, times seconds since the epoch (UTC), 0.0
when not known; texts are "" when not known.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["ModelRow", "RevisionRow", "RootRows", "RootView", "Selection"]


def _condition(row: RevisionRow | ModelRow) -> str:
    """The state by names and sizes, unless verifying the contents found something worse."""
    return row.verified if _BADNESS.get(row.verified, 0) > _BADNESS.get(row.state, 0) else row.state


_BADNESS = {"incomplete": 1, "damaged": 2}


class RevisionRow(NamedTuple):
    """A revision, as a line beneath its model."""

    commit: str
    refs: tuple[str, ...]
    size: int
    on_disk: int
    frees: int
    files: int
    missing: int
    state: str
    modified: float
    verified: str = ""
    """What verifying it came to last, "" when it never was or has changed since; `verified_at` is when."""
    verified_at: float = 0.0
    safety: str = ""
    """The verdict of the last scan for what would run when it is loaded, "" when there is none."""

    @property
    def condition(self) -> str:
        """How it is as far as is known: "whole", "unproven", "incomplete" or "damaged"."""
        return _condition(self)


class ModelRow(NamedTuple):
    """A model, or a dataset, space or kernel. `key` with `root` identifies it."""

    key: str
    root: str
    repo_id: str
    repo_type: str
    size: int
    on_disk: int
    frees: int
    last_used: float
    last_used_source: str
    """How we know: "journal" (we saw it), "atime" (a lower bound), "atime-unreliable" (the mount keeps none)."""
    modified: float
    state: str
    pinned: bool
    note: str
    library: str
    task: str
    licence: str
    languages: tuple[str, ...]
    tags: tuple[str, ...]
    formats: tuple[str, ...]
    """Kinds of weight files: "safetensors", "gguf", "pickle", "onnx", ..."""
    parameters: int
    custom_code: bool
    incomplete: int
    problems: int
    revisions: tuple[RevisionRow, ...]
    verified: str = ""
    """As of the revision that loading by name uses; see `RevisionRow`."""
    verified_at: float = 0.0
    safety: str = ""
    where: str = ""
    """In the list of a remote: "here", "there", "both" or "newer"; "" in that of a cache."""

    @property
    def condition(self) -> str:
        """How it is as far as is known: "whole", "unproven", "incomplete" or "damaged"."""
        return _condition(self)


class RootView(NamedTuple):
    """A cache root at a glance. Sizes are bytes on disk, `scanned` seconds since the epoch (0.0 for never)."""

    path: str
    name: str
    state: str
    message: str
    is_default: bool
    models: int
    models_on_disk: int
    other: int
    trash: int
    staging: int
    incomplete: int
    device: int
    disk_total: int
    disk_free: int
    problems: tuple[tuple[str, str, str], ...]
    """What is wrong outside any model: (kind, path, message)."""
    scanned: float


class RootRows(NamedTuple):
    """Rows of a root, passed on while they come. `first` begins a new list of all that is in the root."""

    root: str
    rows: tuple[ModelRow, ...]
    first: bool
    last: bool


class Selection(NamedTuple):
    """Something chosen from a root: a model or a revision by its key, or files of it."""

    root: str
    key: str
    files: tuple[str, ...] = ()

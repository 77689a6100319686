"""A download as it is seen from outside: a place in the queue, a state, a row for each file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from modelkeep.errors import ModelKeepError
from modelkeep.keys import ModelKey
from modelkeep.safety.verdict import ModelVerdict

__all__ = ["DownloadResult", "FileState", "Transfer", "TransferFile", "TransferState"]


class TransferState(StrEnum):
    """QUEUED: to be run, by whoever runs the queue. RUNNING: a living process has it. PAUSED: the user said so, and
    only the user makes it go on. FAILED: it stopped by itself, `error` says why; what came is kept.
    """

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    FAILED = "failed"


class FileState(StrEnum):
    """WAITING, FETCHING, CHECKING (its content is compared with its name), then one of the others."""

    WAITING = "waiting"
    FETCHING = "fetching"
    CHECKING = "checking"
    DONE = "done"
    FAILED = "failed"


class TransferFile(NamedTuple):
    """A file of a transfer. Bytes; `note` says what happened ("wrong content, fetched again")."""

    path: str
    size: int
    done: int
    state: FileState
    note: str = ""


@dataclass(frozen=True)
class Transfer:
    """A download. `id` with `root` identifies it. Sizes are bytes, `added` seconds since the epoch.

    `position` orders the queue, the lowest first. `rate` is bytes a second over the last moments, 0.0 when it does
    not run in the process that asks.
    """

    id: str
    root: str
    key: ModelKey
    commit: str
    profile: str
    endpoint: str
    state: TransferState
    bytes_done: int
    bytes_total: int
    files: tuple[TransferFile, ...]
    added: float
    position: float
    rate: float = 0.0
    error: str = ""
    hint: str = ""


@dataclass(frozen=True)
class DownloadResult:
    """What a download did. `fetched` are bytes that came over the network, `linked` those that other caches had.

    `ref_kept` says why the ref was left where it is, "" when it leads to the commit now. `safety` is what is in the
    files of the revision; a download is not stopped by it, loading is. `error` is None when the
    snapshot is here as it was planned.
    """

    key: ModelKey
    root: str
    commit: str
    snapshot: str
    fetched: int
    linked: int
    seconds: float
    ref_kept: str = ""
    notes: tuple[str, ...] = ()
    safety: ModelVerdict | None = None
    error: ModelKeepError | None = None

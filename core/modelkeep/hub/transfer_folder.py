"""The folder of a transfer, in which it outlives the process that runs it.

::

    <root>/.modelkeep/staging/<id>/
        journal.json        the download: key, commit, files; its kind is "download"
        state.json          queued, paused or failed, and why; written by whoever holds the lock
        position            its place in the queue
        request             "pause" or "cancel": whoever holds the lock looks at it several times a second
        room                bytes that are kept for the word that the disk is full
        lock                held as long as a process runs it
        <etag>.part         being fetched
        <etag>.journal      which bytes of it have come (`modelkeep.hub.journal`)
        unflushed/<etag>    whole, and not flushed to the disk: after a kill it has to be checked once more
        blobs/<etag>        whole: checked, and flushed to the disk
        out/<etag>          another name of it, that is moved into the cache

The id is made of the repository and the commit, so that the same download finds what an earlier one left, from
whichever hub that came and whichever files were chosen.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import BaseFileLock

from modelkeep.archive.names import check_entry_name
from modelkeep.cache import layout
from modelkeep.cache.locks import is_held
from modelkeep.cache.staging import DOWNLOAD, read_journal, remove_staging, take_staging
from modelkeep.disk import disk_errors, released, write_atomically
from modelkeep.errors import CacheBusy, ModelKeepError, UnsafeArchive
from modelkeep.hub.journal import boot_id
from modelkeep.hub.journal import read_journal as read_ranges
from modelkeep.hub.replies import HubFile
from modelkeep.hub.transfer import TransferState
from modelkeep.keys import ModelKey

__all__ = ["CANCEL", "PATIENCE", "PAUSE", "STEP", "Download", "Folder", "staged", "transfer_id"]

PAUSE, CANCEL = "pause", "cancel"

PATIENCE = 10.0  # seconds in which a living process has to obey
STEP = 0.05
_STATE, _POSITION, _REQUEST, _ROOM = "state.json", "position", "request", "room"
_PROMISED = "promised"
_STATE_SIZE = 4096  # bytes


@dataclass(frozen=True)
class Download:
    """What is to be downloaded. `files` are all of the repository, `chosen` the paths of those that are wanted.

    `ref` is to lead to `commit`, "" for none; `ref_was` is where it led when this was planned. `last_modified` is
    what the hub said of the commit. `lists_all`, `origin` and `lineage` are those of the plan.
    """

    key: ModelKey
    commit: str
    ref: str
    ref_was: str
    profile: str
    endpoint: str
    files: tuple[HubFile, ...]
    chosen: frozenset[str]
    added: float
    last_modified: str = ""
    lists_all: bool = True
    origin: str = ""
    lineage: tuple[str, str] = ("", "")

    @property
    def wanted(self) -> tuple[HubFile, ...]:
        return tuple(file for file in self.files if file.path in self.chosen)

    @property
    def id(self) -> str:
        return transfer_id(self.key, self.commit)

    def to_json(self) -> dict[str, object]:
        return {
            "key": str(self.key),
            "commit": self.commit,
            "ref": self.ref,
            "ref_was": self.ref_was,
            "profile": self.profile,
            "endpoint": self.endpoint,
            "added": self.added,
            "last_modified": self.last_modified,
            "lists_all": self.lists_all,
            "origin": self.origin,
            "lineage": list(self.lineage),
            "files": [
                [*file[:3], file.path in self.chosen, file.xet_hash, *([file.sha256] if file.sha256 else [])]
                for file in self.files
            ],
        }

    @classmethod
    def of_json(cls, said: Mapping[str, object]) -> Download | None:
        """What a journal says; None when it makes no sense."""
        match said:
            case {
                "key": str(key),
                "commit": str(commit),
                "ref": str(ref),
                "ref_was": str(ref_was),
                "profile": str(profile),
                "endpoint": str(endpoint),
                "added": int() | float() as added,
                "files": list(rows),
            }:
                pass
            case _:
                return None
        try:
            files = tuple(
                HubFile(str(path), int(size), str(etag), xet_hash=str(xet_hash), sha256=str(*sha256))
                for path, size, etag, _, xet_hash, *sha256 in rows
            )
            chosen = frozenset(str(path) for path, _, _, is_chosen, *_ in rows if is_chosen)
            known = ModelKey.known(key)
        except (ValueError, TypeError, OverflowError, ModelKeepError):
            return None
        if not (layout.is_commit(commit) and _is_ref(ref) and all(map(_is_file, files))):
            return None
        modified = str(said.get("last_modified", ""))
        return cls(
            known,
            commit,
            ref,
            ref_was,
            profile,
            endpoint,
            files,
            chosen,
            float(added),
            modified,
            said.get("lists_all", True) is not False,
            str(said.get("origin", "")),
            _lineage(said.get("lineage")),
        )


def _lineage(said: object) -> tuple[str, str]:
    match said:
        case [str(parent), str(root)]:
            return parent, root
    return "", ""


def _is_file(file: HubFile) -> bool:
    """Whether it can be a file of a repository: in a cache of several users, anybody may have written the journal."""
    try:
        is_named = check_entry_name(file.path) == file.path
    except UnsafeArchive:
        return False
    has_etag = layout.is_git_sha1(file.etag) or layout.is_sha256(file.etag)
    return is_named and file.size >= 0 and has_etag and (not file.sha256 or layout.is_sha256(file.sha256))


def _is_ref(ref: str) -> bool:
    return not ref or (not os.path.isabs(ref) and ".." not in ref.replace("\\", "/").split("/"))


class Folder:
    """The folder of a transfer."""

    def __init__(self, root: str | os.PathLike[str], id: str) -> None:
        self.root = Path(root)
        self.id = id
        self.path = self.root / layout.STAGING / id

    # ---- what is in it

    def download(self) -> Download | None:
        """What is to be downloaded; None where there is no transfer."""
        journal = read_journal(self.path)
        said = journal.get("download") if journal.get("kind") == DOWNLOAD else None
        return Download.of_json(said) if isinstance(said, dict) else None

    def state(self) -> tuple[TransferState, str, str]:
        """What was said last, with the sentence and the hint of an error. Never RUNNING: the lock says that."""
        try:
            said = json.loads((self.path / _STATE).read_bytes())
            return TransferState(said["state"]), str(said["error"]), str(said["hint"])
        except (OSError, ValueError, KeyError, TypeError):
            return TransferState.QUEUED, "", ""

    def position(self, default: float) -> float:
        try:
            return float((self.path / _POSITION).read_text("ascii"))
        except (OSError, ValueError):
            return default

    def request(self) -> str:
        """What another process asks for: "pause", "cancel" or ""."""
        try:
            said = (self.path / _REQUEST).read_text("ascii")
        except (OSError, ValueError):
            return ""
        return said if said in (PAUSE, CANCEL) else ""

    def part(self, etag: str) -> Path:
        return self.path / f"{etag}.part"

    def journal(self, etag: str) -> Path:
        return self.path / f"{etag}.journal"

    def blob(self, etag: str) -> Path:
        return self.path / "blobs" / etag

    def unflushed(self, etag: str) -> str:
        return f"{self.path}/unflushed/{etag}"

    def make(self) -> None:
        """The folders in it."""
        for name in ("unflushed", "blobs", "out"):
            (self.path / name).mkdir(exist_ok=True)

    def has(self, etag: str, size: int) -> bool:
        """Whether a content is here, whole and checked."""
        try:
            return os.stat(f"{self.path}/blobs/{etag}").st_size == size
        except OSError:
            return False

    # ---- what is said of it

    def write_download(self, download: Download) -> None:
        self.make()
        journal = {"kind": DOWNLOAD, "download": download.to_json()}
        write_atomically(self.path / "journal.json", json.dumps(journal).encode())

    def write_state(self, state: TransferState, error: ModelKeepError | None = None) -> None:
        (self.path / _ROOM).unlink(missing_ok=True)
        said = {"state": state, "error": str(error or ""), "hint": error.hint if error else ""}
        if (self.path / _STATE).exists() and (state, said["error"], said["hint"]) == self.state():
            return
        # Always as long, so that where the disk has room for nothing it can be written over.
        content = json.dumps(said).encode().ljust(_STATE_SIZE)
        try:
            write_atomically(self.path / _STATE, content)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            with (self.path / _STATE).open("rb+") as file:
                file.write(content)
                file.truncate()

    def keep_room(self) -> None:
        """Keep some bytes of the disk, so that a disk that became full can be told to be so."""
        (self.path / _ROOM).write_bytes(os.urandom(64 << 10))  # zeros take no room on some file systems

    def promise(self) -> None:
        """Say that room was made in the cache for all that this brings."""
        with suppress(OSError):  # where the disk is full, that is found out next
            (self.path / _PROMISED).touch()

    def is_promised(self) -> bool:
        """Whether it was promised room, and is running."""
        return (self.path / _PROMISED).exists() and self.is_running()

    def write_position(self, position: float) -> None:
        write_atomically(self.path / _POSITION, repr(position).encode())

    def write_request(self, request: str) -> None:
        write_atomically(self.path / _REQUEST, request.encode())

    def forget_request(self) -> None:
        (self.path / _REQUEST).unlink(missing_ok=True)

    # ---- who has it

    def is_running(self) -> bool:
        return is_held(self.path / "lock")

    def take(self) -> BaseFileLock | None:
        """The lock, which makes the folder where it is not there; None while somebody else has it."""
        with disk_errors(self.root):
            return take_staging(self.path)

    @contextmanager
    def held(self, patience: float = PATIENCE) -> Iterator[None]:
        """Hold the lock, which others have for moments only. Raises `CacheBusy`."""
        until = time.monotonic() + patience
        while (lock := self.take()) is None:
            if time.monotonic() > until:
                raise CacheBusy(
                    "The process that downloads this does not answer.", hint="Wait for it to end, or stop it."
                )
            time.sleep(STEP)
        try:
            yield
        finally:
            lock.release()

    def remove(self) -> int:
        """Remove all of it; the caller holds the lock. Returns the bytes that the disk gains."""
        freed = released(self.path)
        with disk_errors(self.path), suppress(FileNotFoundError):  # somebody else was faster
            remove_staging(self.root, self.path)
        return freed


def transfer_id(key: ModelKey, commit: str) -> str:
    return hashlib.sha256(json.dumps([DOWNLOAD, key.name, commit]).encode()).hexdigest()[:16]


def staged(journal: Path, size: int) -> int:
    """Bytes of a file that its journal says are there."""
    try:
        known = read_ranges(journal.read_bytes(), boot_id())
    except OSError:
        return 0
    return known.here.size if known and known.size == size else 0

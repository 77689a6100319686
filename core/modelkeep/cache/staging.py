"""Where a model is put together before it is published, and what an interrupted work left there.

::

    <root>/.modelkeep/staging/<id>/
        journal.json        what is being done, by whom, since when; its kind is "download" where a download goes on
        verified.jsonl      a line for each file that is whole: its name, and its blob's
        lock                held as long as the work lives
        <number>.part       being written
        blobs/<etag>        whole: checked, and flushed to the disk

The id is made of what is being done, so that doing the same again finds what an interrupted run left and goes on
from there. Downloads lie beside the imports that this module knows, and are kept by `modelkeep.hub.queue`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

from filelock import BaseFileLock

from modelkeep.cache import layout
from modelkeep.cache.locks import acquired, is_held
from modelkeep.disk import disk_errors, measure, write_atomically
from modelkeep.errors import CacheBusy, InvalidKey
from modelkeep.keys import ModelKey

__all__ = [
    "DOWNLOAD",
    "LeftStaging",
    "Staging",
    "Verified",
    "Work",
    "clear_finished",
    "clear_staging",
    "find_staging",
    "open_staging",
    "read_journal",
    "remove_staging",
    "staged_bytes",
    "staging_folders",
    "take_staging",
]

_JOURNAL, _VERIFIED, _LOCK, _BLOBS = "journal.json", "verified.jsonl", "lock", "blobs"

DOWNLOAD = "download"
"""The `kind` that the journal of a download has; those of imports have none."""


@dataclass(frozen=True)
class Work:
    """What is being done: these sources, the model in this folder of theirs, to become this key and commit.

    `state` tells a source from one of the same name with other content: (size, mtime in ns) of each.
    """

    sources: tuple[str, ...]
    folder: str
    key: str
    commit: str | None
    state: tuple[tuple[int, int], ...] = ()

    @property
    def id(self) -> str:
        text = json.dumps([self.sources, self.folder, self.key, self.commit])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class Verified(NamedTuple):
    """A file whose content is known: the name of its blob, and its SHA-256."""

    etag: str
    sha256: str


class LeftStaging(NamedTuple):
    """A staging folder as it was found. `started` is seconds since the epoch; `on_disk` bytes.

    `alive` means that a process works on it now. `key` is None where the journal cannot be read, or the work is of no
    one model. `folder` says what was done where it was no import, which has `sources`.
    """

    id: str
    path: str
    key: ModelKey | None
    commit: str | None
    sources: tuple[str, ...]
    started: float
    on_disk: int
    alive: bool
    folder: str = ""


class Staging:
    """A staging folder that this process holds."""

    def __init__(self, root: Path, path: Path) -> None:
        self.root = root
        self.path = path
        self.verified: dict[str, Verified] = {}
        """Files of this work that are known to be whole, by name; what was staged may be published by now."""

    def part(self, number: int) -> Path:
        """Where to write the content of the file of that number."""
        return self.path / f"{number}.part"

    def blob(self, etag: str) -> Path:
        """Where the content of that name lies when it is whole."""
        return self.path / _BLOBS / etag

    def has(self, etag: str, size: int) -> bool:
        """Whether a content is here already, from this run or one that was interrupted."""
        try:
            return self.blob(etag).stat().st_size == size
        except OSError:
            return False

    def keep(self, part: Path, name: str, verified: Verified) -> None:
        """Take a part, which is whole and flushed to the disk, as the content of a file."""
        with disk_errors(self.root):
            os.replace(part, self.blob(verified.etag))
        self.note(name, verified)

    def note(self, name: str, verified: Verified) -> None:
        """Remember for an interrupted run's successor that a file of the source is known to have this content."""
        self.verified[name] = verified
        with disk_errors(self.root), open(self.path / _VERIFIED, "a", encoding="utf-8") as file:
            file.write(json.dumps([name, *verified]) + "\n")

    def clear(self) -> None:
        """Remove it all. The lock goes last, so that an interrupted clearing is found again.

        What cannot be removed now is found again too: whether the work was done does not hang on it.
        """
        with suppress(OSError):
            remove_staging(self.root, self.path)


@contextmanager
def open_staging(root: str | os.PathLike[str], work: Work) -> Iterator[Staging]:
    """Hold the staging folder of a work; what an interrupted run of the same work left is in it.

    It stays when the block is left, unless the block clears it. Raises `CacheBusy` while another process holds it.
    """
    path = Path(root) / layout.STAGING / work.id
    with disk_errors(root):
        lock = take_staging(path)
    if lock is None:
        raise CacheBusy(
            f"Another Modelkeep is doing the same for {work.key}.", hint="Wait for it to end, or stop it."
        )
    try:
        staging = Staging(Path(root), path)
        with disk_errors(root):
            if read_journal(path).get("work") != _plain(work):
                _empty(path)
            (path / _BLOBS).mkdir(exist_ok=True)
            for part in path.glob("*.part"):
                part.unlink()
            for blob in path.glob("*--*/blobs/*"):
                os.replace(blob, staging.blob(blob.name))  # killed while it was being published
            staging.verified.update(_read_verified(path / _VERIFIED))
            journal = {
                "work": _plain(work),
                "started": time.time(),
                "pid": os.getpid(),
                "host": socket.gethostname(),
            }
            write_atomically(path / _JOURNAL, json.dumps(journal, indent=1).encode())
        yield staging
    finally:
        lock.release()


def staged_bytes(root: str | os.PathLike[str], work: Work) -> int:
    """Bytes of whole contents that an interrupted run of this work left."""
    blobs = Path(root) / layout.STAGING / work.id / _BLOBS
    try:
        with os.scandir(blobs) as entries:
            return sum(entry.stat().st_size for entry in entries)
    except OSError:
        return 0


def find_staging(root: str | os.PathLike[str]) -> tuple[LeftStaging, ...]:
    """Every staging folder of an import of a root: those of interrupted works, and those that live."""
    found = []
    for folder in staging_folders(root):
        with suppress(FileNotFoundError):  # cleared by the process that worked there
            if (journal := read_journal(folder)).get("kind") != DOWNLOAD:
                found.append(_found(folder, journal))
    return tuple(found)


def staging_folders(root: str | os.PathLike[str]) -> list[Path]:
    """All staging folders of a root, of whatever kind."""
    try:
        with os.scandir(Path(root) / layout.STAGING) as entries:
            return sorted(Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:
        return []


def clear_staging(root: str | os.PathLike[str], left: LeftStaging) -> None:
    """Remove what an interrupted work left. Raises `CacheBusy` when it lives."""
    path = Path(root) / layout.STAGING / left.id
    with disk_errors(path):
        lock = take_staging(path)
        if lock is None:
            raise CacheBusy("A Modelkeep is still working on this.", hint="Wait for it to end, or stop it.")
        try:
            remove_staging(Path(root), path)
        finally:
            lock.release()


def clear_finished(root: str | os.PathLike[str], work: Work) -> None:
    """Remove what is left of a work that was published: whoever did it was killed before it could tidy up.

    What a process holds stays, and so does what cannot be removed now.
    """
    path = Path(root) / layout.STAGING / work.id
    if not path.is_dir():
        return
    with suppress(OSError):
        lock = take_staging(path)
        if lock is not None:
            try:
                remove_staging(Path(root), path)
            finally:
                lock.release()


def take_staging(path: Path) -> BaseFileLock | None:
    """The lock of a staging folder, which is made when it is not there; None while another process has it."""
    while True:
        try:
            lock = acquired(path / _LOCK, 0)
        except FileNotFoundError:
            continue  # cleared by another process between making the folder and the lock
        if lock is None or (path / _LOCK).exists():
            return lock
        lock.release()


def _found(path: Path, journal: Mapping[str, object]) -> LeftStaging:
    work = journal.get("work")
    work = work if isinstance(work, dict) else {}
    commit, sources, started = work.get("commit"), work.get("sources"), journal.get("started")
    return LeftStaging(
        path.name,
        os.fspath(path),
        _parsed(work.get("key")),
        commit if isinstance(commit, str) else None,
        tuple(map(str, sources)) if isinstance(sources, list) else (),
        float(started) if isinstance(started, (int, float)) else path.stat().st_mtime,
        measure(path),
        is_held(path / _LOCK),
        str(work.get("folder", "")),
    )


def _parsed(key: object) -> ModelKey | None:
    try:
        return ModelKey.parse(key) if isinstance(key, str) else None
    except InvalidKey:
        return None


def _plain(work: Work) -> object:
    """A work as it comes back from JSON, to be compared."""
    return json.loads(json.dumps(asdict(work)))


def read_journal(path: Path) -> dict[str, object]:
    """What the journal of a staging folder says; {} where it cannot be read."""
    try:
        journal = json.loads((path / _JOURNAL).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return journal if isinstance(journal, dict) else {}


def _read_verified(path: Path) -> Iterator[tuple[str, Verified]]:
    """The lines that are whole: the last one is not, when the process was killed while writing it."""
    try:
        lines: Sequence[str] = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return
    for line in lines:
        with suppress(ValueError, TypeError):
            name, etag, sha256 = json.loads(line)
            if layout.is_sha256(sha256) and (layout.is_git_sha1(etag) or etag == sha256):
                yield name, Verified(etag, sha256)


def _empty(path: Path) -> None:
    """Remove everything but the lock."""
    for entry in path.iterdir():
        if entry.name == _LOCK:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def remove_staging(root: Path, path: Path) -> None:
    """Remove a staging folder whose lock the caller holds, and those above it that are empty then."""
    _empty(path)
    with suppress(OSError):  # others are at work there
        (path / _LOCK).unlink()
        for folder in (path, path.parent, root / layout.OURS):
            folder.rmdir()

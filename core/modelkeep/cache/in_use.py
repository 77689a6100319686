"""Who uses a part of a cache now: processes that have a file open or mapped, and downloads that go on.

A model that was loaded from safetensors is often mapped, not open; both are looked at. Processes of other users
cannot be looked into without being the superuser: how many there were is part of the answer.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from modelkeep.cache import layout
from modelkeep.cache.inventory import CachedModel
from modelkeep.cache.locks import is_held

__all__ = ["OpenFile", "OpenFiles", "living_downloads", "open_files"]

_FRESH = 600.0  # seconds; a client that got no byte for so long has given up (its own timeout is 10 s)


class OpenFile(NamedTuple):
    """A file of a cache that the process `pid` called `process` has open; pid 0 when it is not known which."""

    pid: int
    process: str
    path: str


class OpenFiles(NamedTuple):
    """What was found, and how many processes could not be looked into."""

    files: tuple[OpenFile, ...]
    unseen: int

    def below(self, folder: str) -> Iterator[OpenFile]:
        prefix = f"{folder}/"
        return (file for file in self.files if file.path.startswith(prefix))

    def of(self, paths: Iterable[str]) -> Iterator[OpenFile]:
        wanted = set(paths)
        return (file for file in self.files if file.path in wanted)


def open_files(*folders: str) -> OpenFiles:
    """Every file below these folders that a process has open or mapped."""
    below = tuple(f"{folder}/" for folder in folders)
    return _by_proc(below) if sys.platform == "linux" else _by_psutil(below)


def living_downloads(model: CachedModel, *, now: float | None = None) -> tuple[str, ...]:
    """The unfinished files of a model that are growing, and the locks of its files that are held: their paths."""
    now = time.time() if now is None else now
    fresh = [file.path for file in model.incomplete if now - file.modified < _FRESH]
    folder = Path(model.root) / layout.LOCKS / model.folder
    held = [lock.as_posix() for lock in folder.glob("*.lock") if is_held(lock)]
    return (*fresh, *held)


def _by_proc(below: tuple[str, ...]) -> OpenFiles:
    found: set[OpenFile] = set()
    unseen = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            paths = {path for path in _descriptors(pid) if path.startswith(below)}
            paths |= {path for path in _mappings(pid) if path.startswith(below)}
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended meanwhile
        except PermissionError:
            unseen += 1
            continue
        if paths:
            name = _process_name(pid)
            found.update(OpenFile(int(pid), name, path) for path in paths)
    return OpenFiles(tuple(sorted(found)), unseen)


def _descriptors(pid: str) -> Iterator[str]:
    for descriptor in os.listdir(f"/proc/{pid}/fd"):
        try:
            yield os.readlink(f"/proc/{pid}/fd/{descriptor}")
        except FileNotFoundError:
            continue


def _mappings(pid: str) -> Iterator[str]:
    with open(f"/proc/{pid}/maps", encoding="utf-8", errors="surrogateescape") as maps:
        for line in maps:
            fields = line.rstrip("\n").split(maxsplit=5)
            if len(fields) == 6:
                yield fields[5]


def _process_name(pid: str) -> str:
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as comm:
            return comm.read().strip()
    except OSError:
        return "a process"


def _by_psutil(below: tuple[str, ...]) -> OpenFiles:
    import psutil

    found: list[OpenFile] = []
    unseen = 0
    for process in psutil.process_iter(["name"]):
        try:
            opened = process.open_files()
        except psutil.NoSuchProcess:
            continue
        except (psutil.AccessDenied, OSError):
            unseen += 1
            continue
        for file in opened:
            path = Path(file.path).as_posix()
            if path.startswith(below):
                found.append(OpenFile(process.pid, process.info["name"] or "a process", path))
    return OpenFiles(tuple(sorted(found)), unseen)

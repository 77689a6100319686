"""One entry of a trash as it lies on the disk: its journal, its contents, what they take.

::

    .modelkeep/trash/<id>/
        entry.json          the journal, written before anything moves
        content/<path>      what was taken out, at its path relative to the root
        held/<name>         a hard link to a content that others need too, so that it cannot vanish meanwhile

An entry that is being removed for good is first renamed to `<id>.going`, so that nobody restores a half of it.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from modelkeep.cache import layout
from modelkeep.disk import allocated, write_json
from modelkeep.keys import ModelKey

__all__ = [
    "GOING",
    "Journal",
    "contents",
    "entry_folder",
    "entry_names",
    "frees",
    "new_entry",
    "read_journal",
    "tidy",
    "walk",
]

GOING = ".going"
_VERSION = 1


@dataclass(frozen=True)
class Journal:
    """What an entry was. All paths are relative to the root, with "/"; times of folders are nanoseconds."""

    repo_id: str
    repo_type: Any
    revision: str | None
    what: str
    deleted_at: float
    deleted_by: str
    size: int
    files: int
    moves: tuple[str, ...]
    links: Mapping[str, str]
    """Blobs that lead into the shared store, with the payload each leads to."""
    manifests: Mapping[str, tuple[str, int] | None]
    """Payloads they lead to, each with its manifest's text and time before the deletion."""
    parents: Mapping[str, int]
    """Folders that lost an entry, each with its time before."""
    stays: Mapping[str, str] = field(default_factory=dict)
    """Blobs that its files lead to and that were not moved, with the file that has their bytes."""
    parents_after: Mapping[str, int | None] = field(default_factory=dict)
    """The same after, to tell whether somebody changed them since; empty while the deletion is under way."""

    @property
    def key(self) -> ModelKey:
        return ModelKey(self.repo_id, self.revision, self.repo_type)

    def links_to(self, payload: str) -> list[str]:
        return [link for link, target in self.links.items() if target == payload]

    def write(self, folder: Path) -> None:
        """Put it into the entry's folder, flushed to the disk."""
        write_json(folder / "entry.json", {"version": _VERSION, **asdict(self)})


def read_journal(folder: Path) -> Journal | None:
    """The journal of an entry, or None when there is none that can be read."""
    try:
        data = json.loads((folder / "entry.json").read_bytes())
        if data.pop("version") != _VERSION:
            return None
        data["manifests"] = {name: tuple(old) if old else None for name, old in data["manifests"].items()}
        return Journal(**data | {"moves": tuple(data["moves"])})
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        return None


def new_entry() -> str:
    """An id for a new entry: when it was made (UTC), and what no other has."""
    return f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{secrets.token_hex(4)}"


def entry_folder(root: str, entry: str) -> Path:
    return Path(root) / layout.TRASH / entry


def entry_names(root: str) -> list[str]:
    """The ids in a root's trash, the oldest first."""
    try:
        return sorted(os.listdir(f"{root}/{layout.TRASH}"))
    except OSError:
        return []


def contents(folder: Path) -> list[str]:
    """The paths in an entry that came from the cache, or hold something of it."""
    journal = read_journal(folder)
    if journal is None:
        found = [folder / "content", folder / "held"]
    else:
        names = [*journal.moves, *(f"{name}{end}" for name in journal.manifests for end in ("", ".refs"))]
        found = [*(folder / "content" / name for name in names), *sorted((folder / "held").glob("*"))]
    return [path.as_posix() for path in found if os.path.lexists(path)]


def frees(root: str, entries: Iterable[str]) -> int:
    """Bytes that the disk gains when these entries are emptied together: contents with names elsewhere stay.

    What the trash itself adds (its folders and journals) is not counted: it was not there before.
    """
    shared: dict[tuple[int, int], list[int]] = {}
    total = 0
    for entry in entries:
        for path in contents(entry_folder(root, entry)):
            for _, status in walk(path):
                if stat.S_ISDIR(status.st_mode) or status.st_nlink == 1:
                    total += allocated(status)
                else:
                    inode = (status.st_dev, status.st_ino)
                    shared.setdefault(inode, [0, status.st_nlink, allocated(status)])[0] += 1
    return total + sum(size for names, links, size in shared.values() if names == links)


def walk(path: str) -> Iterator[tuple[str, os.stat_result]]:
    """`path` and everything below it, a folder before what is in it. What another process takes away is left out."""
    try:
        status = os.lstat(path)
        yield path, status
        # Listed only now: whoever removes a folder may have to make it readable first.
        names = sorted(os.listdir(path)) if stat.S_ISDIR(status.st_mode) else []
    except FileNotFoundError:
        return
    for name in names:
        yield from walk(f"{path}/{name}")


def tidy(root: str) -> None:
    """Leave no empty folder of ours behind."""
    for name in (layout.TRASH, layout.OURS):
        with suppress(OSError):
            os.rmdir(f"{root}/{name}")

"""The trash of a root: taking something out of the cache, putting it back, emptying it.

Taking out is a rename within the root: instant, and an interrupted one is put back from its journal
(`cache.trash_journal`).
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from modelkeep.cache.catalog import user_name
from modelkeep.cache.in_use import open_files
from modelkeep.cache.locks import changing
from modelkeep.cache.putting_back import put_back
from modelkeep.cache.removal import remove
from modelkeep.cache.shared_store import (
    StoredContent,
    drop_references,
    manifest_as_it_is,
    store_lock,
)
from modelkeep.cache.trash_journal import (
    GOING,
    Journal,
    contents,
    entry_folder,
    entry_names,
    frees,
    new_entry,
    read_journal,
    tidy,
)
from modelkeep.disk import disk_errors, sync_folder
from modelkeep.errors import ModelInUse, ModelKeepError, ModelNotFound
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report, ignore

__all__ = ["Emptied", "Restored", "TrashEntry", "empty", "frees", "list_trash", "restore", "take_out"]


class Removable(Protocol):
    """What `take_out` needs to know (a `DeletionItem`)."""

    @property
    def key(self) -> ModelKey: ...
    @property
    def what(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def files(self) -> int: ...
    @property
    def path(self) -> str: ...
    @property
    def moves(self) -> tuple[str, ...]: ...
    @property
    def stays(self) -> tuple[str, ...]: ...
    @property
    def payloads(self) -> tuple[StoredContent, ...]: ...


@dataclass(frozen=True)
class TrashEntry:
    """Something in the trash. `deleted_at` is seconds since the epoch; `frees` what emptying it gives back, bytes.

    `what` is "model", "revision" or "files"; "leftover" is what remains of an interrupted emptying.
    """

    id: str
    root: str
    key: ModelKey
    what: str
    deleted_at: float
    deleted_by: str
    size: int
    frees: int
    files: int


@dataclass(frozen=True)
class Restored:
    """What became of an entry. `kept` are paths that exist in the cache again, and stayed as they are there."""

    id: str
    key: ModelKey | None = None
    kept: tuple[str, ...] = ()
    error: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Emptied:
    """What became of an entry; `freed` is measured while removing it."""

    id: str
    freed: int = 0
    error: str = ""
    hint: str = ""


# ---- taking out


def take_out(root: str, item: Removable) -> str:
    """Move an item into the trash, journal first; returns the id of the new entry. The caller holds the locks.

    Raises `ModelNotFound` when nothing of it is there, OSError when it cannot be moved; then all is as before.
    """
    moves = [path for path in item.moves if os.path.lexists(path)]
    if not moves:
        raise ModelNotFound(f"{item.key} is not there any more.", hint="Scan again.")
    entry = new_entry()
    folder = entry_folder(root, entry)
    journal = _new_journal(root, item, moves)
    (folder / "content").mkdir(parents=True)
    try:
        journal.write(folder)
        for payload in (*(content.payload for content in item.payloads), *map(os.path.realpath, item.stays)):
            _hold(payload, folder)
        for path in moves:
            _rename(path, folder / "content" / _relative(root, path))
        for content in item.payloads:
            _leave_store(root, content, folder, journal)
    except OSError:
        with suppress(OSError):
            _, left = put_back(root, folder, journal)
            if not left:  # else another program has brought something that it would replace
                shutil.rmtree(folder)
            tidy(root)
        raise
    replace(journal, parents_after={p: _mtime(f"{root}/{p}") for p in journal.parents}).write(folder)
    return entry


def _new_journal(root: str, item: Removable, moves: list[str]) -> Journal:
    payloads = {content.payload for content in item.payloads}
    blobs = f"{item.path}/blobs"
    going = {*moves} if item.what != "model" else {f"{blobs}/{name}" for name in _names(blobs)}
    links = [path for path in sorted(going) if path.startswith(f"{blobs}/") and os.path.islink(path)]
    targets = {path: os.path.realpath(path) for path in links}
    parents = {os.path.dirname(path) for path in (*moves, *payloads)}
    return Journal(
        repo_id=item.key.repo_id,
        repo_type=item.key.repo_type,
        revision=item.key.revision,
        what=item.what,
        deleted_at=time.time(),
        deleted_by=user_name(),
        size=item.size,
        files=item.files,
        moves=tuple(_relative(root, path) for path in moves),
        links={_relative(root, path): _relative(root, to) for path, to in targets.items() if to in payloads},
        stays={_relative(root, path): _relative(root, os.path.realpath(path)) for path in item.stays},
        manifests={_relative(root, payload): manifest_as_it_is(payload) for payload in payloads},
        parents={_relative(root, parent): os.stat(parent).st_mtime_ns for parent in sorted(parents)},
    )


def _hold(payload: str, folder: Path) -> None:
    """Keep a content's bytes while the trash has links to it, even when its last other user goes."""
    (folder / "held").mkdir(exist_ok=True)
    # Without hard links on this file system the content is safe only as long as others use it, as for any client.
    with suppress(OSError):
        os.link(payload, folder / "held" / os.path.basename(payload))


def _leave_store(root: str, content: StoredContent, folder: Path, journal: Journal) -> None:
    """Take a payload that nobody needs any more out of the store; sign off from one that others need."""
    payload = content.payload
    with store_lock(payload):
        if content.is_needed(root):
            drop_references(payload, journal.links_to(_relative(root, payload)))
            return
        for path in (payload, f"{payload}.refs"):
            _rename(path, folder / "content" / _relative(root, path))
        with suppress(OSError):
            os.unlink(folder / "held" / os.path.basename(payload))


# ---- looking


def list_trash(root: str | os.PathLike[str]) -> tuple[TrashEntry, ...]:
    """What is in the trash of a root, the newest first. What cannot be read is listed as a leftover."""
    place = os.path.realpath(root)
    found = [_entry(place, name) for name in entry_names(place)]
    found = [entry for entry in found if os.path.lexists(entry_folder(place, entry.id))]  # restored meanwhile
    return tuple(sorted(found, key=lambda entry: entry.deleted_at, reverse=True))


def _entry(root: str, name: str) -> TrashEntry:
    folder = entry_folder(root, name)
    journal = read_journal(folder)
    freed = frees(root, [name])
    if journal is None:
        when = (_mtime(folder.as_posix()) or 0) / 1e9
        return TrashEntry(name, root, ModelKey("?"), "leftover", when, "", freed, freed, 0)
    return TrashEntry(
        id=name,
        root=root,
        key=journal.key,
        what="leftover" if name.endswith(GOING) else journal.what,
        deleted_at=journal.deleted_at,
        deleted_by=journal.deleted_by,
        size=journal.size,
        frees=freed,
        files=journal.files,
    )


# ---- putting back


def restore(
    root: str | os.PathLike[str], entries: Sequence[str], *, report: Report = ignore
) -> tuple[Restored, ...]:
    """Put entries back exactly: links, refs, times, manifests of the shared store.

    What exists in the cache again by now stays as it is there and is named in `kept`; where its content differs,
    the trash keeps its own. An entry that fails says why, the others are put back. Later deletions are undone
    before earlier ones, so that times and manifests go back step by step.
    """
    place = os.path.realpath(root)
    done = []
    with changing(place):
        for number, entry in enumerate(sorted(entries, key=lambda e: _deleted_at(place, e), reverse=True)):
            report(Progress("Restoring", number, len(entries), entry, unit="models"))
            done.append(_restore(place, entry))
        tidy(place)
    return tuple(done)


def _deleted_at(root: str, entry: str) -> float:
    journal = read_journal(entry_folder(root, entry))
    return journal.deleted_at if journal else 0.0


def _restore(root: str, entry: str) -> Restored:
    folder = entry_folder(root, entry)
    journal = read_journal(folder) if entry in entry_names(root) else None
    if journal is None or entry.endswith(GOING):
        return Restored(
            entry,
            error=f"There is nothing to restore as {entry}.",
            hint="`modelkeep trash list` shows what is in the trash.",
        )
    try:
        with disk_errors(root):
            after = journal.parents_after
            untouched = [parent for parent in after if _mtime(f"{root}/{parent}") == after[parent]]
            kept, left = put_back(root, folder, journal)
            if not left:
                shutil.rmtree(folder)
                tidy(root)
            # Every rename into a folder changed its time. One that others changed since keeps its new time.
            for parent in untouched:
                path = f"{root}/{parent}"
                os.utime(path, ns=(os.stat(path).st_atime_ns, journal.parents[parent]))
    except ModelKeepError as error:
        return Restored(entry, journal.key, error=str(error), hint=error.hint)
    lost = [name for name in (*journal.links, *journal.stays) if not os.path.exists(f"{root}/{name}")]
    if lost:
        return Restored(
            entry,
            journal.key,
            kept,
            error=f"{journal.key} is back without {len(lost)} of its contents, which another program deleted.",
            hint="Import or download the model again: only what is missing is fetched.",
        )
    return Restored(entry, journal.key, kept)


# ---- emptying


def empty(
    root: str | os.PathLike[str],
    entries: Sequence[str] | None = None,
    *,
    force: bool = False,
    report: Report = ignore,
) -> tuple[Emptied, ...]:
    """Remove entries (all when None) for good, and say what that freed.

    An entry of which a process still has a file open stays unless forced: its space would not come back.
    """
    place = os.path.realpath(root)
    chosen = list(entries) if entries is not None else entry_names(place)
    done = []
    with changing(place):
        opened = open_files(place)
        for number, entry in enumerate(chosen):
            report(Progress("Emptying the trash", number, len(chosen), entry, unit="models"))
            try:
                users = [*opened.below(entry_folder(place, entry).as_posix())]
                if users and not force:
                    raise ModelInUse(
                        f"{users[0].process} ({users[0].pid}) still has files of it open.",
                        hint="Their space comes back only when it ends. Close it, or force.",
                    )
                with disk_errors(place):
                    done.append(Emptied(entry, _remove(place, entry)))
            except ModelKeepError as error:
                done.append(Emptied(entry, error=str(error), hint=error.hint))
        tidy(place)
    return tuple(done)


def _remove(root: str, entry: str) -> int:
    folder = entry_folder(root, entry)
    if entry not in entry_names(root):
        raise ModelNotFound(f"{entry} is not in the trash.", hint="`modelkeep trash list` shows what is.")
    if not entry.endswith(GOING):
        folder = folder.rename(folder.with_name(f"{entry}{GOING}"))
    freed = sum(remove(path) for path in contents(folder))
    shutil.rmtree(folder)
    return freed


def _rename(source: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    os.rename(source, target)
    sync_folder(os.path.dirname(source))


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _relative(root: str, path: str) -> str:
    return path[len(root) + 1 :]


def _mtime(path: str) -> int | None:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return None

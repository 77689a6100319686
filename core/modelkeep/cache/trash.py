"""The trash of a root: taking something out of the cache, putting it back, emptying it.

Taking out is a rename within the root: instant, and an interrupted one is put back from its journal
(`cache.trash_journal`).
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from modelkeep.cache import layout
from modelkeep.cache.catalog import user_name
from modelkeep.cache.in_use import open_files
from modelkeep.cache.locks import changing
from modelkeep.cache.removal import remove
from modelkeep.cache.shared_store import (
    StoredContent,
    add_references,
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
    read_journal,
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
    entry = f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{secrets.token_hex(4)}"
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
            _, left = _put_back(root, folder, journal)
            if not left:  # else another program has brought something that it would replace
                shutil.rmtree(folder)
            _tidy(root)
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
    found = (_entry(place, name) for name in entry_names(place))
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
        _tidy(place)
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
            kept, left = _put_back(root, folder, journal)
            if not left:
                shutil.rmtree(folder)
                _tidy(root)
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


def _put_back(root: str, folder: Path, journal: Journal) -> tuple[tuple[str, ...], bool]:
    """Move everything back, what is led to before what leads there; also whether something had to stay behind."""
    for payload in journal.manifests:
        _put_payload_back(root, folder, journal, payload)
    for link, payload in journal.stays.items():
        _put_content_back(root, folder, link, payload)
    kept: list[str] = []
    left = False
    for name in reversed(journal.moves):
        source = folder / "content" / name
        if os.path.lexists(source):
            left = _merge(source, Path(root) / name, kept) or left
    return tuple(kept), left


def _put_payload_back(root: str, folder: Path, journal: Journal, name: str) -> None:
    """Have a shared payload there, with a manifest that names our links, before the links come back."""
    payload, moved, held = (
        f"{root}/{name}",
        folder / "content" / name,
        folder / "held" / os.path.basename(name),
    )
    if not any(os.path.lexists(path) for path in (payload, moved, held)):
        return  # it could not be held, and went with its last other user: the rest comes back without it
    os.makedirs(os.path.dirname(payload), exist_ok=True)
    with store_lock(payload):
        if not os.path.lexists(payload):
            os.rename(moved if os.path.lexists(moved) else held, payload)
        elif os.path.lexists(moved):
            os.unlink(moved)  # it was downloaded again: the store's name is a hash of its content
        manifest = moved.with_name(f"{moved.name}.refs")
        if os.path.lexists(manifest):
            if os.path.lexists(f"{payload}.refs"):
                os.unlink(manifest)
            else:
                os.rename(manifest, f"{payload}.refs")
        add_references(payload, journal.links_to(name), original=journal.manifests[name])


def _put_content_back(root: str, folder: Path, name: str, payload: str) -> None:
    """Have a blob there that stayed when the entry was taken out, and went with its last other user since."""
    blob, held = f"{root}/{name}", folder / "held" / os.path.basename(payload)
    if os.path.exists(blob) or not (held.exists() or os.path.exists(f"{root}/{payload}")):
        return
    for path in (blob, f"{root}/{payload}"):
        os.makedirs(os.path.dirname(path), exist_ok=True)
    if name == payload:
        os.rename(held, blob)
        return
    with store_lock(f"{root}/{payload}"):
        if not os.path.lexists(f"{root}/{payload}"):
            os.rename(held, f"{root}/{payload}")
        add_references(f"{root}/{payload}", [name])
    if not os.path.lexists(blob):
        os.symlink(os.path.relpath(f"{root}/{payload}", os.path.dirname(blob)), blob)


def _merge(source: Path, target: Path, kept: list[str]) -> bool:
    """Move `source` to `target`, or its parts where the target exists; whether a part had to stay behind."""
    if not os.path.lexists(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(source, target)
        return False
    if source.is_dir() and not source.is_symlink() and target.is_dir() and not target.is_symlink():
        left = [_merge(child, target / child.name, kept) for child in sorted(source.iterdir())]
        if any(left):
            return True
        os.rmdir(source)
        return False
    kept.append(target.as_posix())
    if _is_same(source, target):
        os.unlink(source)
        return False
    return True


def _is_same(source: Path, target: Path) -> bool:
    """Whether two files are surely the same: links by their text, blobs by name and size, small ones by content."""
    if source.is_symlink() or target.is_symlink():
        return source.is_symlink() and target.is_symlink() and os.readlink(source) == os.readlink(target)
    if not source.is_file() or not target.is_file() or source.stat().st_size != target.stat().st_size:
        return False
    if target.parent.name == "blobs":
        return True
    return source.stat().st_size < 1 << 20 and source.read_bytes() == target.read_bytes()


def _tidy(root: str) -> None:
    """Leave no empty folder of ours behind."""
    for name in (layout.TRASH, layout.OURS):
        with suppress(OSError):
            os.rmdir(f"{root}/{name}")


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
        _tidy(place)
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

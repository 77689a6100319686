"""What can be wrong outside the repositories: the shared store, locks, staging, the trash, Modelkeep's own files."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from modelkeep.cache import layout
from modelkeep.cache.inventory import Inventory, ProblemKind
from modelkeep.cache.locks import is_held
from modelkeep.cache.shared_store import StoredContent, read_manifest
from modelkeep.cache.staging import find_staging
from modelkeep.cache.trash_journal import GOING, entry_folder, entry_names, read_journal
from modelkeep.disk import allocated, measure, released
from modelkeep.doctor.findings import Finding
from modelkeep.doctor.models import Look, newest_change
from modelkeep.keys import ModelKey
from modelkeep.paths import catalog_file, settings_file

__all__ = ["TEMPORARY", "around_models", "set_aside_files"]

TEMPORARY = ("ref-", "doctor-")
"""How names of files begin that lie in `.modelkeep` for the moment of a change."""


def around_models(look: Look) -> Iterator[Finding]:
    """Everything that is wrong in a root and in none of its repositories."""
    yield from _of_the_scan(look)
    yield from _trash(look.inventory.root)
    yield from _temporary(look)
    yield from _staging(look.inventory.root)
    yield from _locks(look)
    yield from _permissions(look.inventory)


def _of_the_scan(look: Look) -> Iterator[Finding]:
    root = look.inventory.root
    closed = any(
        problem.kind is ProblemKind.UNREADABLE
        for model in look.inventory.models
        for problem in model.problems
    )
    for problem in look.inventory.problems:
        if problem.kind is ProblemKind.UNREFERENCED_PAYLOAD:
            yield _payload(look, problem.path, closed)
        elif problem.kind is ProblemKind.UNREADABLE:
            hint = "Ask the owner for the right to read it, or mount its disk."
            yield Finding("unreadable", root, problem.path, problem.message, hint)
        else:
            hint = "Move it elsewhere or remove it yourself: it may be yours."
            yield Finding("stray-file", root, problem.path, problem.message, hint, measure(problem.path))


def _payload(look: Look, path: str, closed: bool) -> Finding:
    payload = look.inventory.store.payloads[path]
    text = read_manifest(path)
    message = f"No model uses the shared content {payload.blob.name[:12]}."
    refusal = "A part of the cache cannot be read, so nobody knows who uses it." if closed else ""
    if text is not None and not refusal and StoredContent(path, ()).is_needed(look.inventory.root):
        refusal = "Its list of users names a link that leads to it."
    if text is not None:
        refusal = refusal or look.young(max(newest_change(path), newest_change(f"{path}.refs")))
    size = payload.blob.on_disk + (payload.manifest or 0)
    if text is None:
        repair = "None: it has no list of its users, so nobody can say that it has none."
    else:
        repair = "It goes to the trash, with the list of its users."
    return look.finding(
        Finding(
            "unreferenced-payload",
            look.inventory.root,
            path,
            message,
            repair,
            size,
            _last_user(text or ""),
            (path, f"{path}.refs"),
            refusal or look.users(path),
            text is not None,
            size,
        )
    )


def _last_user(manifest: str) -> ModelKey | None:
    for line in manifest.splitlines():
        if named := layout.parse_repo_folder(line.partition("/")[0]):
            return ModelKey(named[1], None, named[0])
    return None


def _trash(root: str) -> Iterator[Finding]:
    for name in entry_names(root):
        folder = entry_folder(root, name)
        path, journal = folder.as_posix(), read_journal(folder)
        size = measure(path)
        if name.endswith(GOING) or (journal is None and not _has_files(folder)):
            yield Finding(
                "trash-leftover",
                root,
                path,
                "The emptying of the trash, or a deletion at its first step, was interrupted.",
                "What is left of it is removed for good, as was asked for.",
                size,
                paths=(path,),
                around=released(path),
                frees=released(path),
            )
        elif journal is None:
            yield Finding(
                "trash-leftover",
                root,
                path,
                "Something is in the trash of which nobody knows what it was.",
                "None: look at it, then remove it with `modelkeep trash empty ID`.",
                size,
                repairable=False,
            )
        elif not journal.parents_after:
            yield Finding(
                "interrupted-deletion",
                root,
                path,
                f"{journal.key}: a deletion was interrupted.",
                "What it has taken out so far is put back.",
                0,
                journal.key,
                (path,),
            )


def _has_files(folder: Path) -> bool:
    """Whether something of a cache is in an entry. Before its journal is whole, nothing is."""
    places = (folder / "content", folder / "held")
    return any(not stat.S_ISDIR(path.lstat().st_mode) for place in places for path in place.rglob("*"))


def _temporary(look: Look) -> Iterator[Finding]:
    ours = f"{look.inventory.root}/{layout.OURS}"
    try:
        names = sorted(os.listdir(ours))
    except OSError:
        return
    for name in names:
        path = f"{ours}/{name}"
        if name.startswith(TEMPORARY) and not os.path.isdir(path):
            size = released(path)
            yield look.finding(
                Finding(
                    "temporary-file",
                    look.inventory.root,
                    path,
                    f"{name} was left by a change that was interrupted.",
                    "It is removed for good: nothing ever leads to it.",
                    size,
                    paths=(path,),
                    around=size,
                )
            )


def _staging(root: str) -> Iterator[Finding]:
    for left in find_staging(root):
        if left.alive:
            continue
        what = f"{left.key}: an import or upload" if left.key else "An import or upload"
        yield Finding(
            "interrupted-import",
            root,
            left.path,
            f"{what} was interrupted; `modelkeep staging resume` goes on from there.",
            "What was staged is removed for good.",
            left.on_disk,
            left.key,
            (left.path,),
            around=released(left.path),
            frees=released(left.path),
        )


def _locks(look: Look) -> Iterator[Finding]:
    """One finding for each repository that has lock files of which a process holds none."""
    root = look.inventory.root
    try:
        folders = sorted(os.listdir(f"{root}/{layout.LOCKS}"))
    except OSError:
        return
    for name in folders:
        path = f"{root}/{layout.LOCKS}/{name}"
        named = layout.parse_repo_folder(name)
        if named is None or not os.path.isdir(path) or os.path.islink(path):
            continue
        files = sorted(file for file in os.listdir(path) if file.endswith(".lock"))
        locks = tuple(f"{path}/{file}" for file in files)
        gone = not os.path.lexists(f"{root}/{name}")
        key = ModelKey(named[1], None, named[0])
        count = f"{len(locks)} lock{'' if len(locks) == 1 else 's'}"
        held = any(is_held(lock) for lock in locks)
        yield look.finding(
            Finding(
                "stale-lock" if gone else "idle-lock",
                root,
                path,
                f"{key}: {count} of downloads long done" + (", and the model is gone." if gone else "."),
                "The locks are removed for good, each while it is held, and their folder when it is empty.",
                measure(path),
                key,
                locks,
                "It is being downloaded now." if held else look.users(path),
                around=sum(released(lock) for lock in locks) + _folder_size(path, locks),
            )
        )


def _folder_size(path: str, locks: tuple[str, ...]) -> int:
    """What the folder itself gives back, which goes when nothing else is in it."""
    return allocated(os.lstat(path)) if len(os.listdir(path)) == len(locks) else 0


def _permissions(inventory: Inventory) -> Iterator[Finding]:
    """What a group cannot use although the root is meant to be shared by one: it may write there."""
    root = inventory.root
    mode = os.stat(root).st_mode
    if os.name == "nt" or not mode & stat.S_IWGRP:
        return
    places = [(model.path, model.key) for model in inventory.models]
    places += [(f"{root}/{layout.LOCKS}/{model.folder}", model.key) for model in inventory.models]
    for path, key in places:
        closed = [found for found in _below(path) if _is_closed(found)]
        if closed:
            count = f"{len(closed)} {'file or folder' if len(closed) == 1 else 'files and folders'}"
            yield Finding(
                "permissions",
                root,
                path,
                f"{key}: the group of this cache cannot use {count}, such as {closed[0]}.",
                "Their owner can say: chmod -R g+rwX on the folder.",
                0,
                key,
            )


def _below(path: str) -> Iterator[str]:
    if os.path.isdir(path) and not os.path.islink(path):
        yield path
        for folder, folders, files in os.walk(path):
            yield from (f"{folder}/{name}" for name in (*folders, *files))


def _is_closed(path: str) -> bool:
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return False
    if stat.S_ISLNK(mode):
        return False
    if stat.S_ISDIR(mode):
        return mode & (stat.S_IRGRP | stat.S_IXGRP) != stat.S_IRGRP | stat.S_IXGRP
    locks = stat.S_IWGRP if path.endswith(".lock") else 0  # a lock is opened for writing
    return mode & (stat.S_IRGRP | locks) != stat.S_IRGRP | locks


def set_aside_files() -> Iterator[Finding]:
    """Broken files of Modelkeep's own that it has put aside; they belong to no root."""
    for path in (settings_file(), catalog_file()):
        for aside in sorted(path.parent.glob(f"{path.name}.broken-*")):
            place = aside.parent.as_posix()
            message = f"{path.name} was broken once; it is kept as {aside.name}."
            hint = "Remove it yourself when you miss nothing."
            yield Finding("set-aside", place, aside.as_posix(), message, hint, measure(aside))

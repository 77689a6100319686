"""What can be wrong outside the repositories: the shared store, locks, staging, the trash."""

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
from modelkeep.doctor.manifests import temporary_manifests, wrong_manifests
from modelkeep.doctor.models import Look, newest_change
from modelkeep.doctor.permissions import closed_to_others
from modelkeep.keys import ModelKey
from modelkeep.leftovers import BegunBy, begun_by

__all__ = ["TEMPORARY", "around_models"]

TEMPORARY = ("ref-", "doctor-")
"""How names of files begin that lie in `.modelkeep` for the moment of a change."""

_STAGED = {
    BegunBy.IMPORT: ("an import", "was interrupted; `modelkeep staging resume` goes on from there."),
    BegunBy.MENDING: ("a mending", "was interrupted; mend it again, and it goes on from there."),
    BegunBy.CONVERSION: ("a conversion", "was interrupted; convert it again, from the beginning."),
    BegunBy.PUSH: ("what clients have pushed", "waits for a commit; the same push goes on from there."),
    BegunBy.UNKNOWN: ("something", "is staged of which nobody knows what it was to become."),
}
"""What lies there, and what can be done, by what began it."""


def around_models(look: Look) -> Iterator[Finding]:
    """Everything that is wrong in a root and in none of its repositories."""
    closed = _has_closed_parts(look.inventory)
    yield from _of_the_scan(look, closed)
    yield from wrong_manifests(look, closed)
    yield from _trash(look.inventory.root)
    yield from _temporary(look)
    yield from temporary_manifests(look)
    yield from _staging(look.inventory.root)
    yield from _locks(look)
    yield from closed_to_others(look.inventory)


def _has_closed_parts(inventory: Inventory) -> bool:
    """Whether something cannot be read, which may lead to anything."""
    problems = [problem for model in inventory.models for problem in model.problems]
    return any(problem.kind is ProblemKind.UNREADABLE for problem in (*problems, *inventory.problems))


def _of_the_scan(look: Look, closed: bool) -> Iterator[Finding]:
    root = look.inventory.root
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
        what, goes_on = _STAGED[begun_by(left)]
        said = f"{left.key}: {what}" if left.key else f"{what[0].upper()}{what[1:]}"
        yield Finding(
            "interrupted-import",
            root,
            left.path,
            f"{said} {goes_on}",
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

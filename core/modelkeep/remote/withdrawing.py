"""Takes revisions out of a store, so that they can be brought back until their garbage is collected.

A deleted revision has a mark beside it, and the refs that led to it lead nowhere. A revision that a ref leads to is
there, whatever marks it has: so refs go before marks are made, and come back before they go.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from contextlib import suppress

from modelkeep.cache.catalog import user_name
from modelkeep.errors import BadReply, NotOnRemote, RemoteConflict
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report, ignore
from modelkeep.remote.manifests import canonical
from modelkeep.remote.names import mark_name
from modelkeep.remote.objects import Objects
from modelkeep.remote.refs import advance
from modelkeep.remote.shelves import Held, Shelf, Shelves
from modelkeep.remote.values import RemoteDeletion

__all__ = ["execute_withdrawal", "keep", "plan_withdrawal", "refs_of_mark", "restore"]

FORMAT = "modelkeep-deletion"
_DELETED = "Deleted"


def plan_withdrawal(
    shelves: Shelves, key: ModelKey, commits: Iterable[str], *, remote: str, kept_for: float
) -> RemoteDeletion:
    """What deleting these revisions of a model takes away."""
    every = shelves.all()
    own = next((shelf for shelf in every if shelf.key == key.at(None)), Shelf(key.at(None)))
    gone = {*commits}
    freed: dict[str, int] = {}
    needed: set[str] = set()
    derived = []
    for shelf in every:
        for held in shelf.held:
            if held.manifest is None or not shelf.is_live(held):
                continue
            if shelf is own and held.commit in gone:
                freed |= {file.sha256: file.size for file in held.manifest.files}
            else:
                needed |= {file.sha256 for file in held.manifest.files}
        if shelf is not own and _is_made_from(shelf, own.key, gone, everything={*own.revisions} <= gone):
            derived.append(str(shelf.key))
    refs = {ref for commit in gone for ref in own.refs_to(commit)}
    return RemoteDeletion(
        remote=remote,
        key=key,
        commits=tuple(commit for commit in own.revisions if commit in gone),
        refs=tuple(sorted(refs)),
        frees=sum(size for sha256, size in freed.items() if sha256 not in needed),
        kept_for=kept_for,
        derived=tuple(sorted(derived)),
    )


def execute_withdrawal(
    objects: Objects, shelves: Shelves, plan: RemoteDeletion, *, report: Report = ignore
) -> None:
    """Carry out a plan. Raises `RemoteConflict` where a ref leads to one of them that did not when it was made."""
    key, gone = plan.key.at(None), {*plan.commits}
    shelf = shelves.one(key, report=report)
    leading = {ref for commit in gone for ref in shelf.refs_to(commit)}
    if new := sorted(leading - {*plan.refs}):
        raise RemoteConflict(
            f"“{new[0]}” of {key.repo_id} leads to what was to be deleted; it did not when that was planned.",
            hint="Look at what is there, then delete again.",
        )
    by = user_name()
    for ref in sorted(leading):
        report(Progress("Deleting", item=ref))
        with suppress(RemoteConflict):  # somebody let it lead elsewhere meanwhile: so it stays
            advance(objects, key, ref, "", was=shelf.refs[ref].commit, message=_DELETED, by=by)
    marks: dict[str, str] = {}
    for held in shelf.held:
        if held.commit in gone and not held.is_marked:
            refs = _refs_of(shelf, held.commit)
            marks[mark_name(key, held.commit, held.name.id)] = held.commit
            mark = {"format": FORMAT, "version": 1, "refs": refs, "by": by, "at": time.time()}
            objects.put(mark_name(key, held.commit, held.name.id), canonical(mark))
    # Whoever pushed it meanwhile looked for a mark after moving a ref; this looks at the refs after marking.
    again = shelves.one(key)
    objects.remove([mark for mark, commit in marks.items() if again.refs_to(commit)])


def restore(objects: Objects, shelves: Shelves, key: ModelKey, *, report: Report = ignore) -> tuple[str, ...]:
    """Bring back the deleted revision of the key, or all of its model; their refs too, where they lead nowhere since.

    Returns the commits. Raises `NotOnRemote` where nothing is to be brought back, or not all of it is there any more.
    """
    shelf = shelves.one(key, report=report)
    chosen = _chosen(shelf, key)
    marks = {(name.commit, name.id): info for name, info in shelf.marks}
    for held in chosen:
        report(Progress("Bringing back", item=held.commit[:12]))
        mark = marks[held.commit, held.name.id]
        _check_is_there(objects, shelves, held)
        # Before the mark goes: it alone says which they were, and whoever breaks off here can do this again.
        for ref in refs_of_mark(objects, mark.name):
            _lead(objects, shelf, ref, "", held.commit, "Brought back")
        content = objects.read(mark.name)
        objects.remove([mark.name])
        try:
            # Once more, now that it is kept again: garbage may just be collected.
            _check_is_there(objects, shelves, held)
        except NotOnRemote:
            objects.put(mark.name, content)
            for ref in refs_of_mark(objects, mark.name):
                _lead(objects, shelf, ref, held.commit, "", _DELETED)
            raise
    return tuple(held.commit for held in chosen)


def keep(objects: Objects, shelves: Shelves, key: ModelKey, commit: str) -> None:
    """Take the marks from a revision that a ref was just led to: somebody may be deleting it."""
    marks = shelves.one(key).marks
    objects.remove([info.name for name, info in marks if name.commit == commit])


def refs_of_mark(objects: Objects, mark: str) -> tuple[str, ...]:
    """The refs that led to a revision when it was deleted; none where its mark cannot be read."""
    try:
        refs = json.loads(objects.read(mark))["refs"]
        return tuple(ref for ref in refs if isinstance(ref, str))
    except (BadReply, NotOnRemote, ValueError, RecursionError, KeyError, TypeError):
        return ()


def _refs_of(shelf: Shelf, commit: str) -> list[str]:
    """The refs that lead to a commit, and those that led there until a deletion of it that broke off."""
    left = (
        ref
        for ref, entry in shelf.refs.items()
        if not entry.commit and entry.was == commit and entry.message == _DELETED
    )
    return [*shelf.refs_to(commit), *sorted(left)]


def _lead(objects: Objects, shelf: Shelf, ref: str, was: str, commit: str, message: str) -> None:
    """Let a ref of a deleted revision lead there again, or nowhere again, unless somebody let it lead elsewhere."""
    entry = shelf.refs.get(ref)
    if entry is not None and not entry.commit and entry.was == (commit or was):
        with suppress(RemoteConflict):
            advance(objects, shelf.key, ref, commit, was=was, message=message, by=user_name())


def _check_is_there(objects: Objects, shelves: Shelves, held: Held) -> None:
    assert held.manifest is not None
    sizes = {file.sha256: file.size for file in held.manifest.files}
    if objects.info(held.info.name) is None or len(shelves.present(sizes)) != len(sizes):
        raise NotOnRemote(
            f"{held.manifest.key} cannot be brought back: its contents were collected as garbage.",
            hint="Push it again from where it still is.",
        )


def _chosen(shelf: Shelf, key: ModelKey) -> list[Held]:
    text = key.revision or ""
    deleted = [held for held in shelf.deleted.values() if held.manifest is not None]
    chosen = [held for held in deleted if held.commit.startswith(text)] if len(text) != 40 else []
    chosen = chosen or [held for held in deleted if held.commit == text]
    if not chosen:
        there = ", ".join(held.commit[:8] for held in deleted)
        raise NotOnRemote(
            f"Nothing of {key} is deleted there that could be brought back.",
            hint=f"What could be: {there}." if there else "Garbage may have been collected since.",
        )
    return chosen


def _is_made_from(shelf: Shelf, key: ModelKey, commits: set[str], *, everything: bool) -> bool:
    """Whether a revision of a model names one of these, or the model itself, as what it was made from."""
    for held in shelf.revisions.values():
        for text in held.manifest.lineage if held.manifest else ():
            name, revision = _read_key(text)
            if name == key.name and (revision in commits or (everything and not revision)):
                return True
    return False


def _read_key(text: str) -> tuple[str, str]:
    key = ModelKey.known(text)
    return key.name, key.revision or ""

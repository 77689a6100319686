"""Deleting: what goes, what stays because something else needs it, who uses it, what the disk gains; then doing it.

A plan is made from a fresh look at the repositories it is about, because a scan may be minutes old and a plan is a
promise. After it was carried out the disk is looked at again, and the result says what really happened.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NamedTuple

from modelkeep.cache import layout, trash
from modelkeep.cache.in_use import OpenFile, OpenFiles, living_downloads, open_files
from modelkeep.cache.inventory import Blob, CachedModel, Inventory
from modelkeep.cache.locks import blob_locks, changing
from modelkeep.cache.parts import Kept, Part, Target, parts
from modelkeep.cache.removal import remove_in_place
from modelkeep.cache.repository import read_repository
from modelkeep.cache.scan import look_again
from modelkeep.cache.shared_store import StoredContent
from modelkeep.cache.sharing import freed_by
from modelkeep.disk import disk_errors, released
from modelkeep.errors import (
    CacheError,
    ModelInUse,
    ModelKeepError,
    ModelNotFound,
    ModelPinned,
    NotEnoughSpace,
)
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report, ignore

__all__ = [
    "Deleted",
    "DeletionItem",
    "DeletionPlan",
    "DeletionResult",
    "Kept",
    "Target",
    "execute_deletion",
    "plan_deletion",
]


@dataclass(frozen=True)
class DeletionItem:
    """One thing that goes: `what` is "model", "revision" or "files".

    `frees` is bytes, as if this item alone went. `payloads` are the contents of the shared store that it leads to.
    """

    key: ModelKey
    what: str
    path: str
    size: int
    frees: int
    files: int
    refs: tuple[str, ...]
    moves: tuple[str, ...]
    payloads: tuple[StoredContent, ...]
    kept: tuple[Kept, ...]
    in_use: tuple[OpenFile, ...]
    downloading: tuple[str, ...]
    pinned: bool
    stays: tuple[str, ...] = ()
    """Blobs that it leads to and that are to stay, by path."""

    @property
    def refusal(self) -> str:
        """Why it does not go unless forced, as a sentence; "" when it may."""
        if self.in_use:
            users = sorted({f"{file.process} ({file.pid})" for file in self.in_use})
            return f"{self.key} is in use by {', '.join(users)}."
        if self.downloading:
            return f"{self.key} is being downloaded."
        if self.pinned:
            return f"{self.key} is pinned."
        return ""


class Together(NamedTuple):
    """What is freed, in bytes, only when all of these items go, by their numbers: contents that they share."""

    items: frozenset[int]
    frees: int


@dataclass(frozen=True)
class DeletionPlan:
    """What deleting would do. `frees` is exact for all items together, so it may be more than their sum."""

    root: str
    items: tuple[DeletionItem, ...]
    frees: int
    size: int
    permanently: bool
    unseen_processes: int
    """Processes of other users that could not be looked into for open files."""
    together: tuple[Together, ...] = ()
    """What `frees` has beyond the sum of the items."""

    def promised(self, done: Iterable[int]) -> int:
        """What the disk gains when just these items go, by their numbers."""
        numbers = set(done)
        shared = sum(group.frees for group in self.together if group.items <= numbers)
        return shared + sum(self.items[number].frees for number in numbers)


@dataclass(frozen=True)
class Deleted:
    """What became of one item. `freed` is measured: what the disk gained, or gains when the trash is emptied."""

    key: ModelKey
    what: str
    promised: int
    freed: int
    entry: str
    """The id in the trash; "" when it is gone for good or was not deleted."""
    error: str = ""
    hint: str = ""


@dataclass(frozen=True)
class DeletionResult:
    """What really happened, item by item. `promised` leaves out what was refused or failed."""

    root: str
    items: tuple[Deleted, ...]
    promised: int
    freed: int
    permanently: bool

    @property
    def failures(self) -> tuple[str, ...]:
        return tuple(item.error for item in self.items if item.error)

    @property
    def entries(self) -> tuple[str, ...]:
        """The ids to give to `trash.restore` for an undo."""
        return tuple(item.entry for item in self.items if item.entry)


# ---- the plan


def plan_deletion(
    inventory: Inventory,
    targets: Sequence[Target],
    *,
    pinned: Iterable[ModelKey] = (),
    permanently: bool = False,
) -> DeletionPlan:
    """Plan to delete `targets` from the root of `inventory`. Changes nothing.

    Raises `ModelNotFound` for a target that is not there.
    """
    grouped: dict[ModelKey, list[Target]] = {}
    for target in targets:
        grouped.setdefault(target.key.at(None), []).append(target)
    fresh = look_again(inventory, grouped)
    # The system names what is open by its real path, and a repository's folder may be a link.
    places = {os.path.realpath(model.path) for model in fresh.models if model.key in grouped}
    opened = open_files(inventory.root, *places)
    pins = set(pinned)
    found: list[tuple[CachedModel, Part]] = []
    for key, wanted in grouped.items():
        model = fresh.by_key.get(key)
        if model is None:
            raise ModelNotFound(
                f"{key} is not in {inventory.root}.", hint="`modelkeep list` shows what is there."
            )
        found += [(model, part) for part in parts(model, wanted)]
    contents = _contents(fresh, [part for _, part in found])
    items = tuple(
        _item(fresh, model, part, opened, model.key in pins, contents.get(frozenset([number]), 0))
        for number, (model, part) in enumerate(found)
    )
    together = tuple(Together(users, size) for users, size in contents.items() if size and len(users) > 1)
    frees = sum(item.frees for item in items) + sum(group.frees for group in together)
    size = sum(item.size for item in items)
    return DeletionPlan(inventory.root, items, frees, size, permanently, opened.unseen, together)


def _contents(inventory: Inventory, found: Sequence[Part]) -> dict[frozenset[int], int]:
    """Bytes of contents that are freed, by the parts that have to go for it, by their numbers."""
    users: dict[str, set[int]] = {}
    for number, part in enumerate(found):
        for path in part.leads_to:
            users.setdefault(path, set()).add(number)
    removed = {path: blob for part in found for path, blob in part.blobs.items()}
    wholes = {path for part in found if part.what == "model" for path in part.blobs}
    freed: dict[frozenset[int], int] = {}

    def add(paths: Iterable[str], size: int) -> None:
        who = frozenset(number for path in paths for number in users[path])
        freed[who] = freed.get(who, 0) + size

    for _, group in groupby(sorted(removed.values(), key=_inode), key=_inode):
        blobs = {blob.path: blob for blob in group}
        links = {path: blob for path, blob in blobs.items() if path != blob.payload}
        # A payload leaves the shared store with the last link to it; its bytes, with the last hard link as well.
        leaving, _ = freed_by(links, inventory.names, inventory.store)
        add(links, leaving)
        add(blobs, freed_by(blobs, inventory.names, inventory.store)[0] - leaving)
        for path in links.keys() - wholes:
            add([path], released(path))
    return freed


def _inode(blob: Blob) -> tuple[int, int]:
    return blob.device, blob.inode


def _item(
    inventory: Inventory, model: CachedModel, part: Part, opened: OpenFiles, pinned: bool, gained: int
) -> DeletionItem:
    payloads = []
    kept = list(part.kept)
    for blob in part.blobs.values():
        if blob.payload in inventory.store.payloads:
            links = inventory.names[blob.device, blob.inode].links
            content = StoredContent(blob.payload, tuple(sorted(links - part.blobs.keys())))
            payloads.append(content)
            if content.others:
                kept.append(Kept(blob.name, blob.size, "other models share it"))
    blobs = f"{model.path}/blobs/"
    return DeletionItem(
        key=part.key,
        what=part.what,
        path=model.path,
        size=part.size,
        frees=part.around + gained,
        files=part.files,
        refs=part.refs,
        moves=part.moves,
        payloads=tuple(sorted(set(payloads))),
        kept=tuple(kept),
        in_use=_users(opened, part.uses, part.moves),
        downloading=living_downloads(model),
        pinned=pinned,
        stays=tuple(sorted(p for p in part.leads_to - part.blobs.keys() if p.startswith(blobs))),
    )


def _users(opened: OpenFiles, uses: Iterable[str], moves: Iterable[str]) -> tuple[OpenFile, ...]:
    uses, moves = map(os.path.realpath, uses), {os.path.realpath(path) for path in moves}
    users = {*opened.of(uses), *opened.of(moves), *(file for move in moves for file in opened.below(move))}
    return tuple(sorted(users))


# ---- carrying it out


def execute_deletion(plan: DeletionPlan, *, force: bool = False, report: Report = ignore) -> DeletionResult:
    """Carry out a plan: everything into the trash, and out of it again at once when it is meant permanently.

    What is refused or fails is named in the result, and the rest is done. Raises `ReadOnlyCache` or `CacheBusy`
    when nothing can be done at all.
    """
    done: list[Deleted] = []
    with changing(plan.root):
        for number, item in enumerate(plan.items):
            report(Progress("Deleting", number, len(plan.items), str(item.key), unit="models"))
            done.append(_delete(plan.root, item, force, plan.permanently))
    entries = [item.entry for item in done if item.entry]
    if plan.permanently:
        gone = {
            emptied.id: emptied for emptied in trash.empty(plan.root, entries, force=force, report=report)
        }
        done = [_for_good(item, gone[item.entry]) if item.entry else item for item in done]
        freed = sum(item.freed for item in done)
    else:
        freed = trash.frees(plan.root, entries)
    promised = plan.promised(number for number, item in enumerate(done) if not item.error)
    return DeletionResult(plan.root, tuple(done), promised, freed, plan.permanently)


def _for_good(item: Deleted, emptied: trash.Emptied) -> Deleted:
    entry = item.entry if emptied.error else ""
    return replace(item, freed=emptied.freed, entry=entry, error=emptied.error, hint=emptied.hint)


def _delete(root: str, item: DeletionItem, force: bool, permanently: bool) -> Deleted:
    try:
        if item.refusal and not force:
            kind = ModelInUse if item.in_use or item.downloading else ModelPinned
            raise kind(item.refusal, hint="Close what uses it or unpin it, or force the deletion.")
        with ExitStack() as locks:
            if not force:
                locks.enter_context(blob_locks(root, os.path.basename(item.path), _contents_to_lock(item)))
                _check_again(root, item)
            going = _without_needed(root, item)
            try:
                with disk_errors(item.path):
                    entry = trash.take_out(root, going)
            except NotEnoughSpace as error:
                if not permanently:
                    raise NotEnoughSpace(
                        str(error), hint="Delete it permanently: that needs no space."
                    ) from error
                # On a full disk even a rename may need a block more.
                with disk_errors(item.path):
                    freed = remove_in_place(root, going.moves, going.payloads)
                return Deleted(item.key, item.what, item.frees, freed, "")
        if left := [path for path in going.moves if os.path.lexists(path)]:
            raise CacheError(f"{left[0]} is there again.", hint="Another program may be downloading it.")
    except ModelKeepError as error:
        return Deleted(item.key, item.what, item.frees, 0, "", str(error), error.hint)
    return Deleted(item.key, item.what, item.frees, trash.frees(root, [entry]), entry)


def _check_again(root: str, item: DeletionItem) -> None:
    """Between the plan and now a process may have opened what goes."""
    if users := _users(open_files(root, os.path.realpath(item.path)), (), item.moves):
        raise ModelInUse(
            f"{item.key} has just been opened by {users[0].process} ({users[0].pid}).",
            hint="Close what uses it, or force the deletion.",
        )


def _without_needed(root: str, item: DeletionItem) -> DeletionItem:
    """The item without the blobs that a revision leads to which stays.

    Since the plan another program may have brought one, and one that was to go with this one may have been refused.
    """
    if item.what == "model":
        return item
    model = read_repository(root, os.path.basename(item.path), item.key.repo_type, item.key.repo_id, {})
    going = {*item.moves}
    needed = {
        file.blob.path
        for revision in model.revisions
        for file in revision.files
        if file.blob and file.path not in going and revision.path not in going
    }
    stay = tuple(sorted(needed & going))
    if not stay:
        return item
    ends = {os.path.realpath(path) for path in going - needed}
    return replace(
        item,
        moves=tuple(path for path in item.moves if path not in needed),
        payloads=tuple(
            StoredContent(content.payload, (*content.others, *stay))
            for content in item.payloads
            if content.payload in ends
        ),
        stays=(*item.stays, *stay),
    )


def _contents_to_lock(item: DeletionItem) -> list[tuple[str, int]]:
    """The blobs whose Hub locks must be free, with their sizes: all of a model, else those that go."""
    blobs = f"{item.path}/blobs/"
    if item.what == "model":
        with suppress(OSError), os.scandir(blobs) as entries:
            return [
                (entry.name, entry.stat(follow_symlinks=False).st_size)
                for entry in entries
                if _is_etag(entry.name)
            ]
        return []
    found = []
    for path in item.moves:
        if path.startswith(blobs):
            with suppress(OSError):
                found.append((path.rpartition("/")[2], os.stat(path).st_size))
    return found


def _is_etag(name: str) -> bool:
    return layout.is_sha256(name) or layout.is_git_sha1(name)

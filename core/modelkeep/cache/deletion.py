"""Deleting: what goes, what stays because something else needs it, who uses it, what the disk gains; then doing it.

A plan is made from a fresh look at the repositories it is about, because a scan may be minutes old and a plan is a
promise. After it was carried out the disk is looked at again, and the result says what really happened.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from modelkeep.cache import layout, trash
from modelkeep.cache.in_use import OpenFile, OpenFiles, living_downloads, open_files
from modelkeep.cache.inventory import Blob, CachedModel, Inventory
from modelkeep.cache.locks import blob_locks, changing
from modelkeep.cache.parts import Kept, Part, Target, parts
from modelkeep.cache.scan import look_again
from modelkeep.cache.shared_store import StoredContent
from modelkeep.cache.sharing import freed_by
from modelkeep.disk import disk_errors
from modelkeep.errors import CacheError, ModelInUse, ModelKeepError, ModelNotFound, ModelPinned
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
    opened = open_files(inventory.root)
    pins = set(pinned)
    items: list[DeletionItem] = []
    removed: dict[str, Blob] = {}
    around = size = 0
    for key, wanted in grouped.items():
        model = fresh.by_key.get(key)
        if model is None:
            raise ModelNotFound(
                f"{key} is not in {inventory.root}.", hint="`modelkeep list` shows what is there."
            )
        for part in parts(model, wanted):
            items.append(_item(fresh, model, part, opened, key in pins))
            around += part.around
            size += part.size
            removed.update(part.blobs)
    gained, _ = freed_by(removed, fresh.names, fresh.store)
    return DeletionPlan(inventory.root, tuple(items), around + gained, size, permanently, opened.unseen)


def _item(
    inventory: Inventory, model: CachedModel, part: Part, opened: OpenFiles, pinned: bool
) -> DeletionItem:
    gained, _ = freed_by(part.blobs, inventory.names, inventory.store)
    payloads = []
    kept = list(part.kept)
    for blob in part.blobs.values():
        if blob.payload in inventory.store.payloads:
            links = inventory.names[blob.device, blob.inode].links
            content = StoredContent(blob.payload, tuple(sorted(links - part.blobs.keys())))
            payloads.append(content)
            if content.others:
                kept.append(Kept(blob.name, blob.size, "other models share it"))
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
    )


def _users(opened: OpenFiles, uses: frozenset[str], moves: Iterable[str]) -> tuple[OpenFile, ...]:
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
            done.append(_delete(plan.root, item, force))
    entries = [item.entry for item in done if item.entry]
    if plan.permanently:
        gone = {
            emptied.id: emptied for emptied in trash.empty(plan.root, entries, force=force, report=report)
        }
        done = [_for_good(item, gone[item.entry]) if item.entry else item for item in done]
        freed = sum(item.freed for item in done)
    else:
        freed = trash.frees(plan.root, entries)
    failed = sum(item.promised for item in done if item.error)
    return DeletionResult(plan.root, tuple(done), plan.frees - failed, freed, plan.permanently)


def _for_good(item: Deleted, emptied: trash.Emptied) -> Deleted:
    entry = item.entry if emptied.error else ""
    return replace(item, freed=emptied.freed, entry=entry, error=emptied.error, hint=emptied.hint)


def _delete(root: str, item: DeletionItem, force: bool) -> Deleted:
    try:
        if item.refusal and not force:
            kind = ModelInUse if item.in_use or item.downloading else ModelPinned
            raise kind(item.refusal, hint="Close what uses it or unpin it, or force the deletion.")
        with disk_errors(item.path):
            if force:
                entry = trash.take_out(root, item)
            else:
                with blob_locks(root, os.path.basename(item.path), _etags(item)):
                    _check_again(root, item)
                    entry = trash.take_out(root, item)
        if left := [path for path in item.moves if os.path.lexists(path)]:
            raise CacheError(f"{left[0]} is there again.", hint="Another program may be downloading it.")
    except ModelKeepError as error:
        return Deleted(item.key, item.what, item.frees, 0, "", str(error), error.hint)
    return Deleted(item.key, item.what, item.frees, trash.frees(root, [entry]), entry)


def _check_again(root: str, item: DeletionItem) -> None:
    """Between the plan and now a process may have opened what goes."""
    if users := _users(open_files(root), frozenset(), item.moves):
        raise ModelInUse(
            f"{item.key} has just been opened by {users[0].process} ({users[0].pid}).",
            hint="Close what uses it, or force the deletion.",
        )


def _etags(item: DeletionItem) -> list[str]:
    """The blobs whose Hub locks must be free: all of a model, else those that go."""
    if item.what != "model":
        return [path.rpartition("/")[2] for path in item.moves if path.startswith(f"{item.path}/blobs/")]
    with suppress(OSError):
        names = os.listdir(f"{item.path}/blobs")
        return [name for name in names if layout.is_sha256(name) or layout.is_git_sha1(name)]
    return []

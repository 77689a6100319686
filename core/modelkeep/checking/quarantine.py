"""Taking damaged contents out of the way: into the trash, so that they can be fetched again."""

from __future__ import annotations

import os
from collections.abc import Iterable

from modelkeep.cache.deletion import DeletionPlan, Target, plan_deletion
from modelkeep.cache.inventory import Inventory
from modelkeep.checking.outcome import FileCheck, Outcome, RevisionCheck, Verification
from modelkeep.errors import ModelNotFound
from modelkeep.keys import ModelKey

__all__ = ["plan_quarantine"]

# Not what cannot be read (a permission may be all), what only a listing or an index contradicts, or what was
# published with a damaged header: a second download would bring the same.
_DAMAGED = frozenset({Outcome.WRONG_SIZE, Outcome.WRONG_CONTENT})


def plan_quarantine(
    inventory: Inventory, result: Verification, *, pinned: Iterable[ModelKey] = ()
) -> DeletionPlan:
    """Plan to move the damaged files of a cache into its trash: `execute_deletion` does it, the trash undoes it.

    A content goes when nothing leads to it any more; a model then lacks these files, so that a download fetches just
    them. Raises `ModelNotFound` when nothing of this cache is damaged, or still is.
    """
    targets = [
        Target(check.key.at(check.commit), names)
        for check in result.revisions
        if check.root == inventory.root and (names := _damaged(check))
    ]
    if not targets:
        raise ModelNotFound(f"Nothing in {inventory.root} was found to be damaged.")
    return plan_deletion(inventory, targets, pinned=pinned)


def _damaged(check: RevisionCheck) -> tuple[str, ...]:
    return tuple(file.name for file in check.files if file.outcome in _DAMAGED and _is_still_here(file))


def _is_still_here(file: FileCheck) -> bool:
    """Whether it is still what was checked: another program may have fetched a good one meanwhile."""
    try:
        now = os.stat(file.path)
    except OSError:
        return False
    return (now.st_ino, now.st_size, now.st_mtime_ns) == file.seen if file.seen else now.st_size == file.size

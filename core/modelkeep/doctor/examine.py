"""Looking at a whole root. Nothing is changed by it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from modelkeep.cache.in_use import OpenFiles, open_files
from modelkeep.cache.inventory import CachedModel, Inventory
from modelkeep.cache.scan import scan
from modelkeep.doctor.around import around_models
from modelkeep.doctor.copies import copies
from modelkeep.doctor.findings import PROBLEMS, Finding
from modelkeep.doctor.models import Look, in_model
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report, ignore

__all__ = ["Examination", "examine", "findings_in"]


class Examination(NamedTuple):
    """What was found in a root, the worst first, and the inventory that it was found in."""

    inventory: Inventory
    findings: tuple[Finding, ...]


def examine(
    root: str | os.PathLike[str],
    *,
    pinned: Iterable[ModelKey] = (),
    now: float | None = None,
    report: Report = ignore,
) -> Examination:
    """Look at a root for everything that the doctor knows. `now` is seconds since the epoch.

    Copies are compared byte by byte with what they may be copies of; nothing else of any model is read.
    """
    inventory = scan(root, report=report)
    if not inventory.state.is_here:
        problems = inventory.problems
        hint = "See that the path is right, the disk is mounted and you may read it."
        found = [Finding("unreadable", inventory.root, one.path, one.message, hint) for one in problems]
        return Examination(inventory, tuple(found))
    look = Look(
        inventory,
        _opened(inventory),
        time.time() if now is None else now,
        frozenset(map(str, pinned)),
    )
    found = list(around_models(look))
    for number, model in enumerate(inventory.models):
        report(Progress("Examining", number, len(inventory.models), model.repo_id, unit="models"))
        found += findings_in(look, model)
    order = {name: number for number, name in enumerate(PROBLEMS)}
    unique = {one.id: one for one in found}
    return Examination(
        inventory, tuple(sorted(unique.values(), key=lambda one: (order[one.problem], one.path)))
    )


def findings_in(look: Look, model: CachedModel) -> Iterator[Finding]:
    """Everything that is found in one repository."""
    yield from in_model(look, model)
    yield from copies(look, model)


def _opened(inventory: Inventory) -> OpenFiles:
    # The system names what is open by its real path, and a repository's folder may be a link.
    return open_files(inventory.root, *{os.path.realpath(model.path) for model in inventory.models})

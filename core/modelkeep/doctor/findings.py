"""What the doctor finds: plain values, and the table of all problems that it knows.

Sizes are bytes. `on_disk` is what something costs now; what a repair gives back is `around` together with the
contents in `blobs`, of which each counts once, however many findings lead to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from modelkeep.cache.inventory import Blob, Inventory
from modelkeep.cache.sharing import freed_by
from modelkeep.errors import InvalidKey
from modelkeep.keys import ModelKey

__all__ = [
    "DAY",
    "HOUR",
    "PROBLEMS",
    "Finding",
    "Known",
    "Repair",
    "RepairPlan",
    "Weight",
    "in_order",
    "plan_again",
    "plan_repair",
]

HOUR, DAY = 3600.0, 86400.0


class Weight(StrEnum):
    """DAMAGE keeps something from working, WASTE takes space for nothing, NOTE is worth knowing."""

    DAMAGE = "damage"
    WASTE = "waste"
    NOTE = "note"


class Repair(StrEnum):
    """When a problem is repaired: with all others, only by name, or never, because no repair is safe."""

    WITH_ALL = "with-all"
    BY_NAME = "by-name"
    NONE = "none"


class Known(NamedTuple):
    """A problem that the doctor knows. `undo`: what its repair removes lies in the trash afterwards."""

    title: str
    weight: Weight
    repair: Repair
    undo: bool = False


PROBLEMS = {
    "interrupted-deletion": Known("Deletions that were interrupted", Weight.DAMAGE, Repair.WITH_ALL),
    "trash-leftover": Known("What interrupted emptyings left", Weight.WASTE, Repair.WITH_ALL),
    "no-snapshots": Known("Models without any snapshot", Weight.DAMAGE, Repair.WITH_ALL, True),
    "unreadable-ref": Known("Refs that cannot be read", Weight.DAMAGE, Repair.WITH_ALL, True),
    "dangling-ref": Known("Refs that lead nowhere", Weight.DAMAGE, Repair.WITH_ALL, True),
    "unreadable-tree": Known("File lists that are broken", Weight.DAMAGE, Repair.WITH_ALL, True),
    "broken-link": Known("Links that lead nowhere", Weight.DAMAGE, Repair.BY_NAME, True),
    "wrong-size": Known("Files of a wrong size", Weight.DAMAGE, Repair.NONE),
    "missing-files": Known("Snapshots that lack files", Weight.NOTE, Repair.NONE),
    "unreadable": Known("What cannot be read", Weight.DAMAGE, Repair.NONE),
    "permissions": Known("What keeps others from sharing the cache", Weight.DAMAGE, Repair.BY_NAME),
    "orphan-blob": Known("Contents that nothing leads to", Weight.WASTE, Repair.WITH_ALL, True),
    "dead-download": Known("Downloads that died", Weight.WASTE, Repair.WITH_ALL, True),
    "revision-leftover": Known("What deleted revisions left", Weight.WASTE, Repair.WITH_ALL, True),
    "unreferenced-payload": Known("Shared contents that nobody uses", Weight.WASTE, Repair.WITH_ALL, True),
    "wrong-manifest": Known(
        "Lists of who uses shared contents that are wrong", Weight.DAMAGE, Repair.WITH_ALL
    ),
    "copy": Known("Copies that could be links", Weight.WASTE, Repair.WITH_ALL),
    "temporary-file": Known("What an interrupted change left", Weight.WASTE, Repair.WITH_ALL),
    "interrupted-import": Known("What interrupted works have staged", Weight.WASTE, Repair.BY_NAME),
    "stale-lock": Known("Locks of models that are gone", Weight.WASTE, Repair.WITH_ALL),
    "idle-lock": Known("Locks that nobody holds", Weight.NOTE, Repair.BY_NAME),
    "stray-file": Known("What does not belong in a cache", Weight.NOTE, Repair.NONE),
    "broken-catalog": Known("What a broken catalog still says", Weight.DAMAGE, Repair.BY_NAME),
    "broken-own-file": Known(
        "Files of Modelkeep's own that cannot be understood", Weight.DAMAGE, Repair.BY_NAME
    ),
    "broken-lines": Known("Lines of the log that are not whole", Weight.NOTE, Repair.NONE),
    "set-aside": Known("Broken files of Modelkeep's own", Weight.NOTE, Repair.NONE),
}
"""All problems by name, in the order in which they are repaired: each repair leaves nothing for those before it."""


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be.

    `message` says what it is and `repair` what the repair does, a sentence each; `repair` says what the user can do
    where there is none of ours. `refusal` says why it is not repaired now, "" when it may be. `paths` are what the
    repair touches.
    """

    problem: str
    root: str
    path: str
    message: str
    repair: str
    on_disk: int = 0
    key: ModelKey | None = None
    paths: tuple[str, ...] = ()
    refusal: str = ""
    repairable: bool = True
    around: int = 0
    blobs: tuple[Blob, ...] = field(default=(), repr=False)
    frees: int = 0
    """What the disk gains from this repair alone, once the trash is emptied too."""
    to: str = ""
    """The commit that a ref is to lead to, "" when it is removed; the blob that a copy is to be a link to."""

    @property
    def id(self) -> str:
        """Names the same thing again as long as it is there: made of the problem and the place in the root."""
        place = self.path.removeprefix(f"{self.root}/")
        digest = hashlib.sha256(place.encode("utf-8", "surrogateescape")).hexdigest()
        return f"{self.problem}-{digest[:8]}"

    @property
    def known(self) -> Known:
        return PROBLEMS[self.problem]

    @property
    def can_be_repaired(self) -> bool:
        return self.repairable and self.known.repair is not Repair.NONE and not self.refusal


@dataclass(frozen=True)
class RepairPlan:
    """What is to be repaired in one root, in order. `frees` is bytes, all repairs together.

    `asked` and `everything` are what it was chosen by: a deletion that comes back may change what is wrong, and then
    the rest is chosen again.
    """

    root: str
    findings: tuple[Finding, ...]
    frees: int
    asked: frozenset[str] = frozenset()
    everything: bool = False


def plan_repair(
    inventory: Inventory,
    findings: Iterable[Finding],
    problems: Iterable[str] = (),
    *,
    everything: bool = False,
) -> RepairPlan:
    """Choose what is repaired: problems by name or single findings by id, or all that is repaired with all others.

    Raises `InvalidKey` for a problem that the doctor does not know, or that nothing repairs.
    """
    found = list(findings)
    asked = frozenset(problems)
    for name in sorted(asked):
        if name in PROBLEMS and PROBLEMS[name].repair is Repair.NONE:
            raise InvalidKey(
                f"Nothing repairs “{name}” by itself.", hint="`modelkeep doctor` says what you can do."
            )
        if name not in PROBLEMS and name not in {one.id for one in found}:
            raise InvalidKey(
                f"There is no problem “{name}”.", hint=f"The problems are {', '.join(PROBLEMS)}."
            )
    return _plan(inventory, found, asked, everything)


def plan_again(plan: RepairPlan, inventory: Inventory, findings: Iterable[Finding]) -> RepairPlan:
    """Choose from what is found now as `plan` was chosen."""
    return _plan(inventory, findings, plan.asked, plan.everything)


def _plan(
    inventory: Inventory, found: Iterable[Finding], asked: frozenset[str], everything: bool
) -> RepairPlan:
    chosen = [
        one
        for one in found
        if one.can_be_repaired
        and (one.problem in asked or one.id in asked or (everything and one.known.repair is Repair.WITH_ALL))
    ]
    blobs = {blob.path: blob for one in chosen for blob in one.blobs}
    freed, _ = freed_by(blobs, inventory.names, inventory.store)
    frees = freed + sum(one.around for one in chosen)
    return RepairPlan(inventory.root, tuple(in_order(chosen)), frees, asked, everything)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """The findings in the order in which they are repaired."""
    order = {name: number for number, name in enumerate(PROBLEMS)}
    return sorted(findings, key=lambda one: (order[one.problem], one.path))

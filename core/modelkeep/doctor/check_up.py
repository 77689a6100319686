"""What the doctor found in all roots, as it crosses a border: without the inventories, which the repairs take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from modelkeep.doctor.examine import Examination
from modelkeep.doctor.findings import Finding, Weight

__all__ = ["CheckUp", "LookedAt", "check_up_of"]


class LookedAt(NamedTuple):
    """A root that was looked at, and how many models are in it. `is_here`: whether it could be."""

    root: str
    models: int
    is_here: bool


@dataclass(frozen=True)
class CheckUp:
    """All findings, the worst first within each root, those of Modelkeep's own files at the end.

    `at` is seconds since the epoch.
    """

    roots: tuple[LookedAt, ...]
    findings: tuple[Finding, ...]
    at: float

    @property
    def models(self) -> int:
        return sum(one.models for one in self.roots)

    @property
    def problems(self) -> tuple[Finding, ...]:
        """Those that are more than worth knowing."""
        return tuple(one for one in self.findings if one.known.weight is not Weight.NOTE)


def check_up_of(looked: tuple[Examination, ...], own: tuple[Finding, ...], at: float) -> CheckUp:
    """The same without what is only needed to plan; a disk that is away has nothing wrong."""
    roots, findings = [], []
    for inventory, found in looked:
        roots.append(LookedAt(inventory.root, len(inventory.models), inventory.state.is_here))
        if inventory.state not in ("missing", "not-mounted"):
            findings += [replace(one, blobs=(), paths=()) for one in found]
    return CheckUp(tuple(roots), (*findings, *own), at)

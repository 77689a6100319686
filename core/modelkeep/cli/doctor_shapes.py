"""The JSON of `modelkeep doctor`, as `docs/json.md` describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modelkeep.doctor.findings import Finding
    from modelkeep.doctor.repair import Repaired

__all__ = ["finding", "status"]

Json = dict[str, object]


def finding(found: Finding, planned: bool, done: Repaired | None) -> Json:
    """A finding with what became of it; `done` is None before anything was done."""
    return {
        "id": found.id,
        "problem": found.problem,
        "weight": found.known.weight.value,
        "root": found.root,
        "key": str(found.key) if found.key else None,
        "path": found.path,
        "message": found.message,
        "size_on_disk": found.on_disk,
        "repair": found.repair,
        "repairable": found.can_be_repaired,
        "repaired_with": found.known.repair.value,
        "undo": found.known.undo,
        "refusal": found.refusal or None,
        "frees": found.frees,
        "status": status(planned, done),
        "entry": (done.entry or None) if done else None,
        "error": (done.error or None) if done else None,
        "hint": (done.hint or None) if done else None,
    }


def status(planned: bool, done: Repaired | None) -> str:
    """Whether it was only found, is planned, or what became of it."""
    if done is None:
        return "planned" if planned else "found"
    return "failed" if done.error else "gone" if done.gone else "repaired"

"""What the doctor finds, in the words of the window."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from modelkeep.doctor.findings import PROBLEMS, Finding, Repair, Weight
from modelkeep.text import size_text

__all__ = [
    "count_text",
    "message_text",
    "problem_title",
    "repair_button",
    "state_tooltip",
    "state_word",
    "titles_of",
    "weight_sign",
    "weight_word",
]


def problem_title(problem: str) -> str:
    """What findings of one kind have in common."""
    titles = {
        "interrupted-deletion": _tr("Deletions that were interrupted"),
        "trash-leftover": _tr("What interrupted emptyings left"),
        "no-snapshots": _tr("Models without any snapshot"),
        "unreadable-ref": _tr("Refs that cannot be read"),
        "dangling-ref": _tr("Refs that lead nowhere"),
        "unreadable-tree": _tr("File lists that are broken"),
        "broken-link": _tr("Links that lead nowhere"),
        "wrong-size": _tr("Files of a wrong size"),
        "missing-files": _tr("Snapshots that lack files"),
        "unreadable": _tr("What cannot be read"),
        "permissions": _tr("What keeps others from sharing the cache"),
        "orphan-blob": _tr("Contents that nothing leads to"),
        "dead-download": _tr("Downloads that died"),
        "revision-leftover": _tr("What deleted revisions left"),
        "unreferenced-payload": _tr("Shared contents that nobody uses"),
        "wrong-manifest": _tr("Lists of who uses shared contents that are wrong"),
        "copy": _tr("Copies that could be links"),
        "temporary-file": _tr("What an interrupted change left"),
        "interrupted-import": _tr("What interrupted works have staged"),
        "stale-lock": _tr("Locks of models that are gone"),
        "idle-lock": _tr("Locks that nobody holds"),
        "stray-file": _tr("What does not belong in a cache"),
        "broken-catalog": _tr("What a broken catalog still says"),
        "broken-own-file": _tr("Files of Modelkeep's own that cannot be understood"),
        "broken-lines": _tr("Lines of the log that are not whole"),
        "set-aside": _tr("Broken files of Modelkeep's own"),
    }
    return titles.get(problem) or PROBLEMS[problem].title


def weight_word(weight: Weight) -> str:
    """How bad it is."""
    return {Weight.DAMAGE: _tr("damage"), Weight.WASTE: _tr("waste"), Weight.NOTE: _tr("note")}[weight]


def weight_sign(weight: Weight) -> tuple[str, str]:
    """The icon and the tone of how bad it is."""
    return {
        Weight.DAMAGE: ("damaged", "bad"),
        Weight.WASTE: ("disk", "warn"),
        Weight.NOTE: ("info", "muted"),
    }[weight]


def state_word(one: Finding) -> str:
    """Whether it can be repaired."""
    if one.can_be_repaired:
        return _tr("if you choose it") if one.known.repair is Repair.BY_NAME else _tr("can be repaired")
    if one.refusal:
        return _tr("not now")
    return _tr("only by you")


def state_tooltip(one: Finding) -> str:
    """What would be done, or why it is not."""
    return one.refusal or one.repair


def count_text(count: int) -> str:
    """So many problems."""
    return _tr("1 problem") if count == 1 else _tr("{} problems").format(f"{count:,}")


def repair_button(count: int, frees: int | None) -> str:
    """What the button says; `frees` is None while nobody knows."""
    if not count:
        return _tr("Repair")
    if not frees:
        return _tr("Repair {}").format(count_text(count))
    return _tr("Repair {}, free {}").format(count_text(count), size_text(frees))


def titles_of(findings: Sequence[Finding]) -> list[str]:
    """The titles of the problems among findings, each once."""
    return [problem_title(problem) for problem in dict.fromkeys(one.problem for one in findings)]


def message_text(finding: Finding) -> str:
    """What was found; the model in front of it as people call it."""
    return finding.message.removeprefix("hf@")


def _tr(text: str) -> str:
    return QCoreApplication.translate("doctor", text)

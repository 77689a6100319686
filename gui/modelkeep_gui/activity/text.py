"""What was done, in the words of the window."""

from __future__ import annotations

import time

from PySide6.QtCore import QCoreApplication

from modelkeep.cache.catalog import Event
from modelkeep.doctor.findings import PROBLEMS
from modelkeep.safety.verdict import Verdict
from modelkeep.text import time_text
from modelkeep_gui.ages import age_text
from modelkeep_gui.dialogs.safety_text import verdict_text
from modelkeep_gui.doctor.text import problem_title

__all__ = [
    "model_name",
    "outcome_sign",
    "outcome_word",
    "result_text",
    "verb_word",
    "when_text",
    "when_tooltip",
]


def verb_word(verb: str) -> str:
    """What an operation is called; one that nobody knows is called as it calls itself."""
    words = {
        "download": _tr("Download"),
        "import": _tr("Import"),
        "export": _tr("Export"),
        "push": _tr("Push"),
        "receive": _tr("Push from another"),
        "copy": _tr("Copy"),
        "move": _tr("Move"),
        "sync": _tr("Sync"),
        "collect": _tr("Collect garbage"),
        "delete": _tr("Delete"),
        "evict": _tr("Evict"),
        "restore": _tr("Restore"),
        "empty-trash": _tr("Empty trash"),
        "clear-staging": _tr("Clear leftovers"),
        "set-ref": _tr("Move branch"),
        "verify": _tr("Verify"),
        "scan": _tr("Scan"),
        "mend": _tr("Mend"),
        "repair": _tr("Repair"),
        "convert": _tr("Convert"),
        "try-loading": _tr("Try loading"),
        "try": _tr("Try"),
        "train": _tr("Train"),
        "allow": _tr("Allow"),
    }
    return words.get(verb, verb)


def outcome_word(outcome: str) -> str:
    """What came of it."""
    words = {"done": _tr("done"), "failed": _tr("failed"), "cancelled": _tr("cancelled")}
    return words.get(outcome, outcome)


def outcome_sign(outcome: str) -> tuple[str, str]:
    """The icon and the tone of an outcome."""
    signs = {"done": ("done", "good"), "cancelled": ("cancel", "muted")}
    return signs.get(outcome, ("warning", "bad"))


def result_text(event: Event) -> str:
    """What came of it, and what there is to say of that."""
    if event.verb == "verify" and (found := _found_words().get(event.detail)):
        return found  # what it found is not how it went
    if event.verb == "scan" and (verdict := _VERDICTS.get(event.detail)) is not None:
        return verdict_text(verdict)
    if event.verb == "repair" and event.detail:
        return f"{outcome_word(event.outcome)}: {_repaired(event.detail)}"
    word = outcome_word(event.outcome)
    return f"{word}: {event.detail}" if event.detail else word


_VERDICTS = {verdict.text: verdict for verdict in Verdict}


def _found_words() -> dict[str, str]:
    """What a verification found a model to be, by its verdict."""
    return {
        "good": _tr("good"),
        "unproven": _tr("nothing wrong, not all proven"),
        "incomplete": _tr("files are missing"),
        "damaged": _tr("damaged"),
    }


def _repaired(detail: str) -> str:
    """What was repaired, in the doctor's words: the log has the names of problems, then why some are still there."""
    names, dot, errors = detail.partition(".")
    titles = [problem_title(name) if name in PROBLEMS else name for name in names.split(", ")]
    return f"{', '.join(titles)}{dot if errors else ''}{errors}"


def model_name(event: Event) -> str:
    """The model as people call it, with the beginning of its commit."""
    name, at, revision = event.key.removeprefix("hf@").partition("@")
    return f"{name}{at}{revision[:7] if len(revision) == 40 else revision}"


def when_text(event: Event) -> str:
    """When it was over, to the minute, where the reader is."""
    return time_text(event.at)[:-3]


def when_tooltip(event: Event) -> str:
    """The same to the second, and how long ago that is."""
    age = age_text(max(0.0, time.time() - event.at))
    return f"{time_text(event.at)} ({age})"


def _tr(text: str) -> str:
    return QCoreApplication.translate("activity", text)

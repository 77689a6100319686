"""What a verification found, in words."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication

from modelkeep.checking.outcome import FileCheck, Outcome, RevisionCheck, Verdict, Verification
from modelkeep.text import path_text

__all__ = ["advice", "heading", "outcome_sign", "outcome_text", "report_text", "revision_text", "summary"]


def summary(found: Verification) -> str:
    """What all of it comes to, in a sentence."""
    models = _models(found.revisions)
    if not models:
        return _tr("There is no model to verify.")
    if found.failures:
        bad = _models(check for check in found.revisions if check.verdict.is_bad)
        if len(models) == 1:
            return _tr("{} is not what it should be.").format(_name(found))
        if len(bad) == 1:
            return _tr("1 of {} models is not what it should be.").format(f"{len(models):,}")
        return _tr("{} of {} models are not what they should be.").format(f"{len(bad):,}", f"{len(models):,}")
    what = _name(found) if len(models) == 1 else _tr("{} models").format(f"{len(models):,}")
    unproven = _models(check for check in found.revisions if check.verdict is Verdict.UNPROVEN)
    if not unproven:
        return _tr("Verified {}: all files are what they should be.").format(what)
    if len(models) == 1:
        return _tr("Verified {}: nothing is wrong, but nothing says what all of its files should be.").format(
            what
        )
    if len(unproven) == len(models):
        return _tr("Verified {}: nothing is wrong, but nothing says what all files should be.").format(what)
    return _tr(
        "Verified {}: nothing is wrong, but nothing says what all files of {} of them should be."
    ).format(what, f"{len(unproven):,}")


def heading(bad: tuple[RevisionCheck, ...]) -> str:
    """What a dialog about these is about."""
    models = _models(bad)
    if len(models) == 1:
        return _tr("{} is not what it should be").format(bad[0].key.repo_id)
    return _tr("{} models are not what they should be").format(f"{len(models):,}")


def revision_text(check: RevisionCheck) -> str:
    """What is wrong with a revision, counted: "1 file bad, 2 files missing"."""
    missing = sum(file.outcome is Outcome.MISSING for file in check.bad)
    damaged = len(check.bad) - missing
    if not check.bad:
        return _tr("nothing of it is here")
    words = []
    if damaged:
        words.append(_tr("1 file bad") if damaged == 1 else _tr("{} files bad").format(f"{damaged:,}"))
    if missing:
        text = _tr("1 file missing") if missing == 1 else _tr("{} files missing").format(f"{missing:,}")
        words.append(text)
    return ", ".join(words)


def outcome_text(outcome: Outcome) -> str:
    """What became of a file, in a word or two."""
    return {
        Outcome.MISSING: _tr("missing"),
        Outcome.WRONG_SIZE: _tr("wrong size"),
        Outcome.WRONG_CONTENT: _tr("wrong content"),
        Outcome.NOT_AS_LISTED: _tr("not as listed"),
        Outcome.UNREADABLE: _tr("cannot be read"),
        Outcome.HEADER_DAMAGED: _tr("damaged header"),
        Outcome.INDEX_INCOMPLETE: _tr("names missing files"),
    }.get(outcome, str(outcome))


def outcome_sign(outcome: Outcome) -> tuple[str, str]:
    """The icon and the tone that go with it."""
    if outcome in (Outcome.MISSING, Outcome.INDEX_INCOMPLETE):
        return "incomplete", "warn"
    return "damaged", "bad"


def advice(file: FileCheck) -> str:
    """What can be done about a bad file, as a sentence."""
    match file.outcome:
        case Outcome.UNREADABLE:
            return _tr("See that you may read it, and that its disk is sound.")
        case Outcome.HEADER_DAMAGED if file.is_proven:
            return _tr("Its checksum is right, so it was published like this. Tell who published it.")
        case Outcome.NOT_AS_LISTED:
            return _tr("The list of the repository's files may be what is damaged.")
        case Outcome.INDEX_INCOMPLETE:
            return _tr("Mend the files that it names, or download the model again.")
        case Outcome.MISSING:
            return _tr("Mending fetches it.")
    return _tr("Mending fetches a good one; this one goes to the trash.")


def report_text(found: Verification) -> str:
    """All that is bad, to be copied."""
    lines = [summary(found)]
    for check in found.revisions:
        if not check.verdict.is_bad:
            continue
        name = str(check.key.at(check.commit or None))
        lines += ["", f"{name} ({path_text(check.root)}): {revision_text(check)}"]
        lines += [f"  {file.name}: {outcome_text(file.outcome)}. {file.message}" for file in check.bad]
    return "\n".join(lines) + "\n"


def _models(checks: Iterable[RevisionCheck]) -> set[tuple[str, str]]:
    return {(check.root, str(check.key)) for check in checks}


def _name(found: Verification) -> str:
    return found.revisions[0].key.repo_id


def _tr(text: str) -> str:
    return QCoreApplication.translate("verify", text)

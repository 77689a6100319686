"""Scanning models for what would run when they are loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from modelkeep.keys import ModelKey
from modelkeep.rows import Selection
from modelkeep.safety.verdict import ModelVerdict, Verdict, worst_of
from modelkeep_gui.dialogs.safety_text import report, summary
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.operations.convert import convert
from modelkeep_gui.operations.delete import delete
from modelkeep_gui.session import Session

if TYPE_CHECKING:
    from modelkeep_gui.dialogs.safety_dialog import Examined

__all__ = ["scan", "show"]

_Found = Sequence[tuple[Selection, ModelVerdict]]


def scan(session: Session, parent: QWidget, selected: Sequence[Selection]) -> None:
    """Scan the selected models, or all of them when none is selected."""
    chosen = list(selected) or None
    so_far: list[tuple[Selection, ModelVerdict]] = []
    job = session.runner.run(_title(chosen), "trust.scan", chosen, lane="safety", on_batch=so_far.append)
    job.started.connect(lambda _: so_far.clear())  # anew, when it is tried again
    job.succeeded.connect(lambda found: _tell(session, parent, job, found))
    job.canceled.connect(lambda _: _tell_stopped(session, parent, job, so_far))
    job.ended.connect(lambda _: session.feed.refresh())


def _title(chosen: Sequence[Selection] | None) -> str:
    if chosen is None:
        return _tr("Scan all models")
    if len(chosen) == 1:
        return _tr("Scan {}").format(ModelKey.known(chosen[0].key).repo_id)
    return _tr("Scan {} models").format(f"{len(chosen):,}")


def _tell(session: Session, parent: QWidget, job: Job, found: _Found) -> None:
    worst = worst_of([verdict.verdict for _, verdict in found])
    if worst > Verdict.NOTICE:
        bad = sum(verdict.verdict > Verdict.NOTICE for _, verdict in found)
        job.summary = _summary(found, bad)
        job.findings = report([(ModelKey.known(one.key).repo_id, verdict) for one, verdict in found])
        show(session, parent, found)
        return
    if not found:
        text = _tr("There is nothing to scan.")
    elif len(found) == 1:
        name = ModelKey.known(found[0][0].key).repo_id
        text = _tr("Nothing unsafe was found in {}. A scan is a filter and no proof.").format(name)
    else:
        text = _tr("Nothing unsafe was found in {} revisions. A scan is a filter and no proof.").format(
            f"{len(found):,}"
        )
    job.summary = _summary(found, 0)
    _say(session, parent, found, text, tone="good" if found else "text")


def _summary(found: _Found, bad: int) -> str:
    """What a scan came to, as its line says it."""
    if len(found) == 1:
        [(about, verdict)] = found
        return _tr("{}: {}").format(ModelKey.known(about.key).repo_id, summary(verdict))
    if not bad:
        return _tr("Scanned {} revisions: nothing unsafe found").format(f"{len(found):,}")
    return _tr("Scanned {} revisions: {} not clean").format(f"{len(found):,}", f"{bad:,}")


def _tell_stopped(session: Session, parent: QWidget, job: Job, found: _Found) -> None:
    bad = sum(verdict.verdict > Verdict.NOTICE for _, verdict in found)
    if bad:
        text = _tr("The scan was stopped. Revisions scanned: {}, not clean: {}.")
        _say(session, parent, found, text.format(f"{len(found):,}", f"{bad:,}"), tone="warn")


def _say(session: Session, parent: QWidget, found: _Found, text: str, *, tone: str) -> None:
    """Say it quietly; what there is to read is one click away."""
    if worst_of([verdict.verdict for _, verdict in found]) > Verdict.CLEAN:
        about = partial(show, session, parent, tuple(found))
        session.tell(text, action=_tr("Details"), about=about, tone=tone)
    else:
        session.tell(text, tone=tone)


def show(session: Session, parent: QWidget, found: _Found) -> None:
    """Show what was found in revisions of caches, and what helps."""
    from modelkeep_gui.dialogs.safety_dialog import Examined, SafetyDialog

    dialog = SafetyDialog([Examined(*one) for one in found], parent)
    dialog.offer_cache_remedies()
    # Above the window: this dialog may be closed long before a conversion has ended.
    dialog.convert_requested.connect(lambda chosen: convert(session, parent, [chosen]))
    dialog.delete_requested.connect(lambda chosen: delete(session, parent, [chosen]))

    def look_again(_: object) -> None:
        dialog.keep_only(_is_here(session))

    session.feed.rows_changed.connect(look_again)
    dialog.finished.connect(lambda _: session.feed.rows_changed.disconnect(look_again))
    dialog.open()


def _is_here(session: Session) -> Callable[[Examined], bool]:
    """Answers whether a revision is still in the table's rows, shown or not."""
    here = {(row.root, row.key, one.commit) for row in session.table.rows for one in row.revisions}
    return lambda one: (one.about.root, one.key.name, one.key.revision or "") in here


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

"""Verifying models in the background, and what can be done about what is damaged."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication, QWidget

from modelkeep.keys import ModelKey
from modelkeep.rows import Selection
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.session import Session

if TYPE_CHECKING:
    from modelkeep.checking.outcome import Verification

__all__ = ["LANE", "verify"]

LANE = "verify"
"""Of what reads files for a long time: it holds up nothing else, and two of it would only slow each other."""


def verify(session: Session, parent: QWidget, selected: Sequence[Selection], *, deep: bool = False) -> None:
    """Verify the selected models, or all of them when none is selected."""
    job = session.runner.run(
        _title(selected), "trust.check", list(selected) or None, deep=deep, lane=LANE, can_pause=True
    )
    job.succeeded.connect(lambda found: _tell(session, parent, job, found))
    job.ended.connect(lambda _: session.feed.refresh())


def _title(selected: Sequence[Selection]) -> str:
    if not selected:
        return _tr("Verify all models")
    if len(selected) == 1:
        return _tr("Verify {}").format(ModelKey.known(selected[0].key).repo_id)
    return _tr("Verify {} models").format(f"{len(selected):,}")


def _tell(session: Session, parent: QWidget, job: Job, found: Verification) -> None:
    from modelkeep_gui.dialogs.verify_text import report_text, summary

    job.summary = summary(found)
    if not found.failures:
        session.tell(job.summary, tone="good")
        return
    job.findings = report_text(found)
    if QApplication.activeModalWidget() is None:
        _show(session, parent, found)
    else:  # whoever is busy with another question is not to be interrupted
        show = partial(_show, session, parent, found)
        session.tell(job.summary, action=_tr("Show"), about=show, tone="bad")


def _show(session: Session, parent: QWidget, found: Verification) -> None:
    from modelkeep_gui.dialogs.verify_dialog import VerifyDialog
    from modelkeep_gui.operations.mend import mend

    dialog = VerifyDialog(found, parent)
    dialog.mend_requested.connect(partial(mend, session, parent))
    dialog.open()


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

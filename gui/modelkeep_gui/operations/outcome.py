"""What is said when a job that had several things to do is over, and not all of them were done."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from modelkeep.errors import PartlyDone
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.session import Session

__all__ = ["tell_failures"]


def tell_failures(
    session: Session, parent: QWidget, job: Job, text: str, failures: Sequence[str], hint: str
) -> None:
    """Say `text` ("2 of 3 imported") with the first of the sentences `failures`; the others are one click away."""
    from modelkeep_gui.dialogs.error_dialog import show_error

    job.summary = text
    job.error = PartlyDone(failures[0], failures=failures, hint=hint)
    session.tell(
        _tr("{}: {}").format(text, failures[0]),
        action=_tr("Details"),
        about=partial(show_error, parent, job.error),
        tone="bad",
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

"""What went wrong, in one sentence, and what to do about it."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialogButtonBox, QPlainTextEdit, QWidget

from modelkeep.errors import ModelKeepError, PartlyDone
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.folded import Folded
from modelkeep_gui.widgets.labels import fixed_font, remark

__all__ = ["ErrorDialog", "show_error", "show_failed_job"]


class ErrorDialog(Sheet):
    """Says `sentence` and `hint`; `details`, such as what a process wrote last, are folded away."""

    def __init__(
        self, sentence: str, hint: str = "", details: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(sentence, "damaged", "bad", parent)
        self.setWindowTitle(self.tr("That did not work"))
        self.setMinimumWidth(110 * GRID)
        self._all = "\n\n".join(filter(None, (sentence, hint, details)))
        if hint:
            self.body.addWidget(remark(hint))
        if details.strip():
            self._add_details(details.strip())
        self.body.addStretch()
        self._copy = self.add_button(
            self.tr("&Copy"), QDialogButtonBox.ButtonRole.ActionRole, icon_name="copy"
        )
        self._copy.clicked.connect(self._copy_all)
        self.close_button = self.add_button(self.tr("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        self.set_default(self.close_button)

    def _add_details(self, details: str) -> None:
        text = QPlainTextEdit(details, readOnly=True)
        text.setFont(fixed_font())
        text.setAccessibleName(self.tr("Details"))
        text.setTabChangesFocus(True)
        text.setMinimumHeight(30 * GRID)
        self.body.addWidget(Folded(self.tr("Details"), text), 1)

    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText(self._all)
        self._copy.setText(self.tr("Copied"))


def show_error(parent: QWidget | None, error: ModelKeepError) -> None:
    """Say above `parent` what went wrong."""
    details = list(error.failures) if isinstance(error, PartlyDone) else []
    if error.__cause__ is not None:
        details.append(f"{type(error.__cause__).__name__}: {error.__cause__}")
    ErrorDialog(str(error), error.hint, "\n".join(details), parent).open()


def show_failed_job(parent: QWidget | None, job: Job) -> None:
    """Say above `parent` what went wrong with a job, with all that is known of how."""
    error = job.error
    ErrorDialog(str(error or job.title), error.hint if error else "", job.details, parent).open()

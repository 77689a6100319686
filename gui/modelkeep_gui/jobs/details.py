"""What happened to a job, to read and to copy."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from modelkeep_gui.icons import icon
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.theme import GRID

__all__ = ["JobDetails"]


class JobDetails(QDialog):
    """Shows a job's details, beside the window and not before it; goes when it is closed."""

    def __init__(self, job: Job, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("What happened: {job}").format(job=job.title))
        self._job = job
        self._text = QPlainTextEdit(readOnly=True)
        self._text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._text.setAccessibleName(self.tr("What happened"))
        self._text.setTabChangesFocus(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton(self.tr("&Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.setIcon(icon("copy"))
        copy.clicked.connect(self._copy)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 3 * GRID)
        layout.setSpacing(3 * GRID)
        layout.addWidget(self._text)
        layout.addWidget(buttons)
        self.resize(170 * GRID, 90 * GRID)
        job.started.connect(self._refresh)
        job.ended.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        self._text.setPlainText(self._job.details)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text.toPlainText())

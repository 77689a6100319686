"""What is wrong in the files that register models, with the place of each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from modelkeep.registrations.values import FileProblem
from modelkeep_gui.icons import icon
from modelkeep_gui.registry.text import where_problem_text
from modelkeep_gui.widgets.own_keys import OwnKeys
from modelkeep_gui.widgets.plain_table import PlainTable, TableColumn

__all__ = ["ProblemTable"]

_MOST = 4  # lines that are seen at once


class ProblemTable(PlainTable):
    """A line for each problem. What is copied is the whole path, the line and the sentence.

    Signals:
        folder_requested: the path of a file whose folder the user wants to see (str).
    """

    folder_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_tr("What is wrong in the files"), _columns(), parent=parent)
        keys = OwnKeys(self)
        self.open_folder = keys.add(icon("folder"), self.tr("Open the &folder"))
        self.copy = keys.add(icon("copy"), self.tr("&Copy"), QKeySequence.StandardKey.Copy)
        self.open_folder.triggered.connect(self._request_folder)
        self.copy.triggered.connect(self._copy)
        self.doubleClicked.connect(lambda index: self._open(index.row()))
        self.selection_changed.connect(lambda _: self._enable())
        self._enable()

    def show_problems(self, problems: Sequence[FileProblem]) -> None:
        """Show these."""
        self.set_values(problems)
        self._enable()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        count = min(max(self.rows.rowCount(), 1), _MOST)
        header = self.horizontalHeader()
        head = 0 if header.isHidden() else header.sizeHint().height()
        return QSize(super().sizeHint().width(), count * self.row_height + head + 2 * self.frameWidth() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.selected:
            self._request_folder()
        else:
            super().keyPressEvent(event)

    def _enable(self) -> None:
        for action in (self.open_folder, self.copy):
            action.setEnabled(bool(self.selected))

    def _request_folder(self) -> None:
        if selected := self.selected:
            self.folder_requested.emit(selected[0].file)

    def _open(self, row: int) -> None:
        self.folder_requested.emit(self.rows.value_at(row).file)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(map(str, self.selected)))


def _columns() -> tuple[TableColumn[FileProblem], ...]:
    return (
        TableColumn(
            _tr("What is wrong"),
            lambda one: one.message,
            lambda one: one.message.casefold(),
            40,
            tooltip=lambda one: one.message,
        ),
        TableColumn(
            _tr("File and line"),
            where_problem_text,
            lambda one: (one.file, one.line),
            22,
            tooltip=lambda one: one.file,
        ),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Registry", text)

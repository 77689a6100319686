"""A place to drop something on, with a button for who has no mouse."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from modelkeep_gui.dialogs.import_start import centred, paint_frame
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.drops import local_files
from modelkeep_gui.widgets.labels import heading, remark

__all__ = ["DropArea"]


class DropArea(QWidget):
    """Says what belongs here.

    Signals:
        dropped: the paths (list of str).
    """

    dropped = Signal(object)

    def __init__(self, icon_name: str, title: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(2 * GRID)
        self._buttons.addStretch()
        self._buttons.addStretch()
        self.title, self.said = heading(title), remark(text)
        layout = centred(self, icon_name, self.title, self.said)
        layout.addSpacing(2 * GRID)
        layout.addLayout(self._buttons)
        layout.addStretch(3)

    def add_button(self, text: str, icon_name: str) -> QPushButton:
        """One more way to come to a file."""
        button = QPushButton(icon(icon_name), text)
        button.setAutoDefault(False)
        self._buttons.insertWidget(self._buttons.count() - 1, button)
        if self.focusProxy() is None:
            self.setFocusProxy(button)
        return button

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_frame(self, Qt.PenStyle.DashLine)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if files := local_files(event.mimeData()):
            event.acceptProposedAction()
            self.dropped.emit(files)

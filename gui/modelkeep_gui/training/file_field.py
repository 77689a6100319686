"""A field for the path of a file: typed, browsed for, or dropped there."""

from __future__ import annotations

import os

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.translations import plain_text
from modelkeep_gui.widgets.drops import local_files

__all__ = ["FileField"]

_PAUSE = 400  # milliseconds after the last key


class FileField(QWidget):
    """`name` is what the file is, for those who cannot see the label; `browse` the text of its button.

    Signals:
        typed: that another path is being typed.
        changed: that there is another path, once nobody types.
    """

    typed = Signal()
    changed = Signal()

    def __init__(self, name: str, browse: str) -> None:
        super().__init__()
        self._name = name
        self.field = QLineEdit()
        self.field.setAccessibleName(name)
        self.field.setClearButtonEnabled(True)
        self.field.setAcceptDrops(False)  # it would take a file for its address
        self.browse = QPushButton(icon("folder"), browse)
        self.browse.setAccessibleName(f"{plain_text(browse)} {name}")
        self.browse.setAutoDefault(False)
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE)
        self._soon.timeout.connect(self.changed)
        self.field.textEdited.connect(lambda _: self._soon.start())
        self.field.textEdited.connect(lambda _: self.typed.emit())
        self.browse.clicked.connect(lambda _: self.choose())
        self.setAcceptDrops(True)
        self.setFocusProxy(self.field)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self.field, 1)
        layout.addWidget(self.browse)

    @property
    def path(self) -> str:
        return self.field.text().strip()

    def set_path(self, path: str) -> None:
        """Take this one, as if the user had chosen it."""
        self._soon.stop()
        self.field.setText(path)
        self.changed.emit()

    def choose(self) -> None:
        """Ask for a file."""
        dialog = QFileDialog(self.window(), self._name)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(
            [self.tr("Examples (*.tsv *.txt *.jsonl *.ndjson *.json)"), self.tr("All files (*)")]
        )
        if folder := os.path.dirname(self.path):
            dialog.setDirectory(folder)
        dialog.fileSelected.connect(self.set_path)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if len(local_files(event.mimeData())) == 1:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if len(files := local_files(event.mimeData())) == 1:
            event.acceptProposedAction()
            self.set_path(files[0])

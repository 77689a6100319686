"""Where the files lie that register models."""

from __future__ import annotations

import os
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QVBoxLayout, QWidget

from modelkeep.registrations.folder import deciding_variable, models_folder, usual_folder
from modelkeep.settings import Settings
from modelkeep.text import path_text
from modelkeep_gui.dialogs.noted_field import NotedField
from modelkeep_gui.icons import icon
from modelkeep_gui.settings.remote_address import folder_problem
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import caption

__all__ = ["RegistryFolder"]


class RegistryFolder(QWidget):
    """A folder, or none for the usual one. Where a variable of the environment decides, it is shown and cannot be
    changed."""

    def __init__(self) -> None:
        super().__init__()
        self._variable = deciding_variable()
        self.folder = QLineEdit()
        self.folder.setAccessibleName(self.tr("Files that register models"))
        self.folder.setPlaceholderText(path_text(str(usual_folder())))
        self.folder.setClearButtonEnabled(True)
        self.browse = QPushButton(icon("folder"), self.tr("&Browse…"))
        self.browse.setAutoDefault(False)
        self.browse.clicked.connect(lambda _: self._choose())
        self.field = NotedField(self.folder, self.browse)
        self.folder.textChanged.connect(lambda _: self._follow())
        if self._variable:
            self.folder.setReadOnly(True)
            self.folder.setClearButtonEnabled(False)
            self.browse.setEnabled(False)
            text = self.tr("The variable {} of the environment says so.").format(self._variable)
            self.field.say(text, name="lock", tone="muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(caption(self.tr("Files that register models")))
        layout.addWidget(self.field)

    def load(self, settings: Settings) -> None:
        self.folder.setText(str(models_folder()) if self._variable else settings.registry)

    def save(self, settings: Settings) -> Settings:
        """What cannot be a folder is not kept, nor what a variable says."""
        text = self.folder.text().strip()
        if self._variable or (text and folder_problem(text)):
            return settings
        return replace(settings, registry=os.path.expanduser(text))

    def _follow(self) -> None:
        text = self.folder.text().strip()
        if not self._variable:
            self.field.say(folder_problem(text) if text else "")

    def _choose(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose a folder"), self.folder.text())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.folder.setText)
        dialog.open()

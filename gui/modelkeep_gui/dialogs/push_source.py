"""What is pushed: a revision or files that were selected, or a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QPushButton, QWidget

from modelkeep.keys import ModelKey
from modelkeep.rows import Selection
from modelkeep.text import path_text
from modelkeep_gui.dialogs.export_text import key_text
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID

__all__ = ["PushSource"]


class PushSource(QWidget):
    """A list of what was selected, to which the chosen folder is added.

    Signals:
        changed: something else is chosen.
    """

    changed = Signal()

    def __init__(self, selections: Sequence[Selection]) -> None:
        super().__init__()
        self.choice = QComboBox()
        self.choice.setAccessibleName(self.tr("What to push"))
        self.choice.setPlaceholderText(self.tr("Choose a folder"))
        # A named tuple would come back from Qt as a list: the places of the sources are kept there instead.
        self._sources: list[Selection | str] = []
        self.browse = QPushButton(icon("folder"), self.tr("&Folder…"))
        self.browse.setAutoDefault(False)
        self.browse.clicked.connect(self._choose_folder)
        for selection in selections:
            self._add(selection, self._text(selection))
        self.choice.setCurrentIndex(0 if selections else -1)  # with a placeholder Qt chooses none
        self.choice.currentIndexChanged.connect(lambda _: self.changed.emit())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self.choice, 1)
        layout.addWidget(self.browse)
        self.setFocusProxy(self.choice)

    @property
    def source(self) -> Selection | str | None:
        """What is chosen: a folder by its path; None for nothing yet."""
        index = self.choice.currentIndex()
        return self._sources[index] if index >= 0 else None

    @property
    def name(self) -> str:
        """How the source is called: `org/name` of a model, `name` of a folder; "" for nothing yet."""
        source = self.source
        if isinstance(source, Selection):
            return ModelKey.known(source.key).repo_id
        return Path(source).name if source else ""

    def choose(self, source: Selection | str) -> None:
        """Choose one of these, or a folder."""
        if isinstance(source, str) and source not in self._sources:
            self._add(source, path_text(source))
        if source in self._sources:
            self.choice.setCurrentIndex(self._sources.index(source))

    def _add(self, source: Selection | str, text: str) -> None:
        self._sources.append(source)
        self.choice.addItem(icon("folder" if isinstance(source, str) else "model"), text)

    def _text(self, selection: Selection) -> str:
        name = key_text(ModelKey.known(selection.key))
        count = len(selection.files)
        if not count:
            return name
        files = self.tr("1 file") if count == 1 else self.tr("{} files").format(f"{count:,}")
        return f"{name} · {files}"

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, self.tr("Push a folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.choose)
        dialog.open()

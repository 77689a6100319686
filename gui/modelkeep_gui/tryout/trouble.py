"""What went wrong with a try: a sentence, what to do, and the rest in a fold."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from modelkeep.errors import ModelKeepError, RuntimeMissing
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.copy_button import CopyButton
from modelkeep_gui.widgets.folded import Folded
from modelkeep_gui.widgets.labels import fixed_font, remark

__all__ = ["Trouble"]


class Trouble(QWidget):
    """Stands where the answer would.

    Signals:
        preferences_wanted: to choose another Python.
        force_wanted: to load it although it seems not to fit the memory.
    """

    preferences_wanted = Signal()
    force_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._sentence = TonedNotice("", "damaged", "bad")
        self._hint = remark("")
        self._details = QPlainTextEdit(readOnly=True)
        self._details.setFont(fixed_font())
        self._details.setAccessibleName(self.tr("Details"))
        self._details.setTabChangesFocus(True)
        self._details.setMinimumHeight(40 * GRID)
        self._fold = Folded(self.tr("Details"), self._details)
        self._all = ""
        self.preferences = QPushButton(self.tr("&Preferences…"))
        self.preferences.setAutoDefault(False)
        self.preferences.clicked.connect(lambda _: self.preferences_wanted.emit())
        self.force = QPushButton(self.tr("&Load it all the same"))
        self.force.setAutoDefault(False)
        self.force.clicked.connect(lambda _: self.force_wanted.emit())
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * GRID)
        copy = CopyButton(self.tr("Copy what went wrong"), lambda: self._all)
        copy.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        buttons.addWidget(self.preferences)
        buttons.addWidget(self.force)
        buttons.addWidget(copy)
        buttons.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2 * GRID, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self._sentence)
        layout.addWidget(self._hint)
        layout.addLayout(buttons)
        layout.addWidget(self._fold)
        layout.addStretch()

    @property
    def text(self) -> str:
        """What is said."""
        return " ".join(filter(None, (self._sentence.text, self._hint.text())))

    def say(self, error: ModelKeepError, details: str = "", *, can_force: bool = False) -> None:
        """Say this; `can_force`: it was not even loaded, and could be."""
        self._sentence.say(str(error), "damaged", "bad")
        self._hint.setText(error.hint)
        self._hint.setVisible(bool(error.hint))
        self._details.setPlainText(details.strip())
        self._fold.setVisible(bool(details.strip()))
        self._fold.set_open(False)
        self.preferences.setVisible(isinstance(error, RuntimeMissing))
        self.force.setVisible(can_force)
        self._all = "\n\n".join(filter(None, (str(error), error.hint, details.strip())))

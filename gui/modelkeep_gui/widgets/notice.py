"""A sentence with a sign before it: what one should know before going on."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import value
from modelkeep_gui.widgets.sign import Sign

__all__ = ["Notice"]


class Notice(QWidget):
    """Shows the icon `name` in the theme's colour `tone`, and beside it the sentence."""

    def __init__(self, text: str = "", name: str = "info", tone: str = "muted", *, tooltip: str = "") -> None:
        super().__init__()
        self._sign = Sign()
        self._label = value("")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._label, 1, Qt.AlignmentFlag.AlignTop)
        self.say(text, name, tone, tooltip=tooltip)

    @property
    def text(self) -> str:
        return self._label.text()

    def say(self, text: str, name: str, tone: str, *, tooltip: str = "") -> None:
        """Say something else."""
        self._sign.show_icon(name, tone)
        self._label.setText(text)
        self.setToolTip(tooltip)
        self.setAccessibleName(text)

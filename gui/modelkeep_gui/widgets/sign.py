"""An icon in the theme's colours that stands for a state."""

from __future__ import annotations

from PySide6.QtGui import QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID

__all__ = ["Sign"]

_ICON = 4 * GRID


class Sign(QWidget):
    """An icon that says what state something is in; the text beside it says the same."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = QIcon()
        self.setFixedSize(_ICON, _ICON)

    def show_icon(self, name: str, tone: str) -> None:
        self._icon = icon(name, tone)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        self._icon.paint(QPainter(self), self.rect())

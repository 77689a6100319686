"""A sentence with a sign, in red where it says that something cannot be."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QLabel

from modelkeep_gui.theme import colours_of
from modelkeep_gui.widgets.notice import Notice

__all__ = ["TonedNotice"]


class TonedNotice(Notice):
    """Writes its words in the colour of its sign when that is "bad"; otherwise as any other text."""

    _tone = ""

    def say(self, text: str, name: str, tone: str, *, tooltip: str = "") -> None:
        super().say(text, name, tone, tooltip=tooltip)
        self._tone = tone
        self._dye()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._dye()

    def _dye(self) -> None:
        colours = colours_of(QGuiApplication.palette())
        wanted = QColor(colours.bad if self._tone == "bad" else colours.text)
        # On the label itself: under a style sheet it does not inherit its parent's palette.
        for label in self.findChildren(QLabel):
            palette = label.palette()
            if palette.color(QPalette.ColorRole.WindowText) != wanted:
                palette.setColor(QPalette.ColorRole.WindowText, wanted)
                label.setPalette(palette)

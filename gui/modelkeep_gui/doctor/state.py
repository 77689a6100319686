"""One thing at a time, large and calm, in place of the findings: it looks, it could not, nothing is wrong."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QVBoxLayout, QWidget

from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import heading, remark
from modelkeep_gui.widgets.progress_line import ProgressLine
from modelkeep_gui.widgets.sign import Sign

__all__ = ["LargeState"]

_SIGN = 16 * GRID


class LargeState(QWidget):
    """A sign, a word in large type, and what there is to say of it."""

    def __init__(self) -> None:
        super().__init__()
        self._sign = Sign()
        self._sign.setFixedSize(_SIGN, _SIGN)
        self._title = heading("")
        font = QFont(self._title.font())
        font.setPointSizeF(font.pointSizeF() * 1.6)
        self._title.setFont(font)
        self._text = remark("")
        self._bar = ProgressLine()
        self._bar.setAccessibleName(self.tr("Progress"))
        self._bar.setFixedSize(60 * GRID, 6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6 * GRID, 4 * GRID, 6 * GRID, 4 * GRID)
        layout.setSpacing(3 * GRID)
        layout.addStretch(2)
        layout.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignHCenter)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            layout.addWidget(label)
        layout.addWidget(self._bar, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)

    @property
    def text(self) -> str:
        """What is said."""
        return " ".join(filter(None, (self._title.text(), self._text.text())))

    def say(self, title: str, text: str, name: str, tone: str) -> None:
        """Say this from now on."""
        self._sign.show_icon(name, tone)
        self._title.setText(title)
        self._text.setText(text)
        self._bar.hide()
        self.setAccessibleName(self.text)

    def show_progress(self, text: str, done: int, total: int) -> None:
        """Say how far it is; a total of 0 is one that nobody knows."""
        self._text.setText(text)
        self._bar.show()
        self._bar.show_share(done, total)

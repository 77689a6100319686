"""A button that reads like a link: for what can be done about the text beside it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent

from modelkeep_gui.theme import GRID, colours_of
from modelkeep_gui.widgets.flat_button import FlatButton

__all__ = ["LinkButton"]

_AROUND = GRID // 2  # left and right of the words


class LinkButton(FlatButton):
    """Its words are in the accent's colour, underlined beneath the mouse and while it has the focus."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setToolTip("")
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.text()) + 2 * _AROUND, metrics.height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = colours_of(self.palette())
        painter = QPainter(self)
        font = self.font()
        font.setUnderline(self.underMouse() or self.hasFocus())
        painter.setFont(font)
        painter.setPen(QColor(colours.accent if self.isEnabled() else colours.disabled))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)

"""A ref as a small rounded frame with its name in it."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter

from modelkeep_gui.theme import GRID, Colours

__all__ = ["paint_chip"]


def paint_chip(painter: QPainter, area: QRect, text: str, metrics: QFontMetrics, colours: Colours) -> QRect:
    """Paint a chip at the left of `area`; returns what is left of it."""
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, area.width() - 4 * GRID)
    chip = QRect(0, 0, metrics.horizontalAdvance(shown) + 3 * GRID, metrics.height() + 2)
    chip.moveCenter(area.center())
    chip.moveLeft(area.left())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(colours.strong_line))
    painter.setBrush(QColor(colours.raised))
    painter.drawRoundedRect(chip, GRID, GRID)
    painter.setPen(QColor(colours.text))
    painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, shown)
    return area.adjusted(chip.width() + 2 * GRID, 0, 0, 0)

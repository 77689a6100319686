"""What is written in the middle of a list or a table that has no rows."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QAbstractScrollArea

from modelkeep_gui.theme import GRID, colours_of

__all__ = ["paint_placeholder"]


def paint_placeholder(view: QAbstractScrollArea, text: str) -> None:
    """Write `text` into the empty `view`; only within its `paintEvent`, after its own."""
    painter = QPainter(view.viewport())
    painter.setPen(QColor(colours_of(view.palette()).muted))
    area = view.viewport().rect().adjusted(6 * GRID, 0, -6 * GRID, 0)
    painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), text)
    painter.end()

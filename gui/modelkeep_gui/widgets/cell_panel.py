"""What lies behind a cell that a delegate of ours paints."""

from __future__ import annotations

from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyleOptionViewItem

__all__ = ["paint_panel"]


def paint_panel(painter: QPainter, option: QStyleOptionViewItem) -> None:
    """Paint the selection, if the cell is selected."""
    widget = option.widget
    style = widget.style() if widget else QApplication.style()
    style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, widget)

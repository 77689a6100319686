"""How high rows are in trees and tables."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from modelkeep_gui.theme import GRID

__all__ = ["RowDelegate"]


class RowDelegate(QStyledItemDelegate):
    """Gives rows the height that they have in the library."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        # A finger's breadth would be too sparse for a table of 5,000.
        return QSize(super().sizeHint(option, index).width(), option.fontMetrics.height() + 3 * GRID)

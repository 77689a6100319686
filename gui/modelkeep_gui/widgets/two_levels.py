"""A tree of lines with lines beneath them, and nothing deeper."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex

__all__ = ["TwoLevelModel"]

_NOWHERE = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


class TwoLevelModel(QAbstractItemModel):
    """Knows where its lines are; whoever derives from it says how many, and what they show.

    The internal id of an index is 0 for a line at the top, otherwise one more than the row of the line above it.
    """

    def top_count(self) -> int:
        """How many lines are at the top."""
        raise NotImplementedError

    def count_beneath(self, row: int) -> int:
        """How many lines are beneath one at the top."""
        raise NotImplementedError

    def index(self, row: int, column: int, parent: _Index = _NOWHERE) -> QModelIndex:
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else 0)

    def parent(self, index: _Index = _NOWHERE) -> QModelIndex:  # type: ignore[override]
        owner = index.internalId() if index.isValid() else 0
        return self.createIndex(owner - 1, 0, 0) if owner else QModelIndex()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        if not parent.isValid():
            return self.top_count()
        return 0 if parent.internalId() or parent.column() else self.count_beneath(parent.row())

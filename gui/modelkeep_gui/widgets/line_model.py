"""The lines of a short list that paints itself: a value each, what a screen reader says of it, and its tooltip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

__all__ = ["LINE", "LineModel"]

LINE = int(Qt.ItemDataRole.UserRole)
"""The role under which a delegate finds the value of a line."""

_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_TOOLTIP = int(Qt.ItemDataRole.ToolTipRole)
_NOWHERE = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex
_T = TypeVar("_T")


class LineModel(QAbstractListModel, Generic[_T]):
    """Values in their order. Setting those that are there already changes nothing, also not what is current."""

    def __init__(
        self, spoken: Callable[[_T], str], tooltip: Callable[[_T], str], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._spoken = spoken
        self._tooltip = tooltip
        self._lines: tuple[_T, ...] = ()

    def set_lines(self, lines: Sequence[_T]) -> None:
        """Show these."""
        if (new := tuple(lines)) != self._lines:
            self.beginResetModel()
            self._lines = new
            self.endResetModel()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        line = self._lines[index.row()]
        if role == LINE:
            return line
        if role == _DISPLAY:
            return self._spoken(line)
        return self._tooltip(line) or None if role == _TOOLTIP else None

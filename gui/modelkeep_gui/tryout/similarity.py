"""How alike sentences are, each with each: figures on grounds that are the more coloured the more alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QHeaderView, QSizePolicy, QTableView

from modelkeep_gui.theme import GRID, colours_of, text_upon
from modelkeep_gui.tryout.text import one_line
from modelkeep_gui.tryout.tints import shade

__all__ = ["SimilarityTable"]

_MOST = 10  # lines that are seen at once
_CELL = 16 * GRID
_NOWHERE = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex
_ROLE = Qt.ItemDataRole
_CENTRE = int(Qt.AlignmentFlag.AlignCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class SimilarityTable(QTableView):
    """A matrix with the sentences at its left, and their numbers above."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._cells = _Cells(self)
        self.setAccessibleName(name)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setModel(self._cells)
        across, down = self.horizontalHeader(), self.verticalHeader()
        across.setDefaultSectionSize(_CELL)
        across.setHighlightSections(False)
        across.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        down.setDefaultSectionSize(self._height)
        down.setMinimumSectionSize(self._height)
        down.setMaximumWidth(80 * GRID)
        down.setHighlightSections(False)
        down.setTextElideMode(Qt.TextElideMode.ElideRight)

    @property
    def _height(self) -> int:
        return self.fontMetrics().height() + 3 * GRID

    def set_similarity(self, texts: Sequence[str], similarity: Sequence[Sequence[float]]) -> None:
        """Show how alike these are, -1.0 to 1.0."""
        self._cells.show_all(texts, similarity)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        rows = min(self._cells.rowCount(), _MOST)
        head = self.horizontalHeader().sizeHint().height()
        return QSize(100 * GRID, head + rows * self._height + 2 + 3 * GRID)

    def minimumSizeHint(self) -> QSize:
        return QSize(40 * GRID, self.sizeHint().height())


class _Cells(QAbstractTableModel):
    _texts: Sequence[str] = ()
    _similarity: Sequence[Sequence[float]] = ()

    def show_all(self, texts: Sequence[str], similarity: Sequence[Sequence[float]]) -> None:
        self.beginResetModel()
        self._texts, self._similarity = tuple(texts), similarity
        self.endResetModel()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._similarity)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._similarity)

    def data(self, index: _Index, role: int = _ROLE.DisplayRole) -> Any:
        value = self._similarity[index.row()][index.column()]
        if role == _ROLE.DisplayRole:
            return f"{value:.3f}"
        if role == _ROLE.TextAlignmentRole:
            return _CENTRE
        if role in (_ROLE.BackgroundRole, _ROLE.ForegroundRole):
            upon = shade(colours_of(QGuiApplication.palette()), value)
            return QColor(upon if role == _ROLE.BackgroundRole else text_upon(upon))
        if role in (_ROLE.ToolTipRole, _ROLE.AccessibleTextRole):
            return f"{self._text(index.row())} – {self._text(index.column())}: {value:.3f}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole) -> Any:
        is_across = orientation == Qt.Orientation.Horizontal
        if role == _ROLE.DisplayRole:
            return f"{section + 1}" if is_across else f"{section + 1}  {self._text(section)}"
        if role == _ROLE.ToolTipRole:
            return self._text(section)
        if role == _ROLE.TextAlignmentRole:
            return _CENTRE if is_across else _LEFT
        return None

    def _text(self, number: int) -> str:
        return one_line(self._texts[number]) if number < len(self._texts) else ""

"""The items of a plan as a table, with a sign and a word for what becomes of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QTreeView, QWidget

from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID, colours_of
from modelkeep_gui.widgets.plain_table import PlainTableModel, TableColumn
from modelkeep_gui.widgets.row_delegate import RowDelegate

__all__ = ["PlanRows", "PlanTable"]

_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_DECORATION = int(Qt.ItemDataRole.DecorationRole)
_FOREGROUND = int(Qt.ItemDataRole.ForegroundRole)
_COLOURED = ("bad", "warn", "muted")
_FEWEST, _MOST = 2, 7  # rows that are seen at once

_Index = QModelIndex | QPersistentModelIndex

Value = TypeVar("Value")


class PlanRows(PlainTableModel[Value]):
    """The rows. `sign` gives the icon and the tone of what the column `sign_column` says of a value."""

    def __init__(
        self,
        columns: Sequence[TableColumn[Value]],
        sign: Callable[[Value], tuple[str, str]],
        sign_column: int,
        is_muted: Callable[[Value], bool],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(columns, is_muted, parent)
        self._sign = sign
        self._sign_column = sign_column

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        if index.column() == self._sign_column and role in (_DECORATION, _FOREGROUND):
            name, tone = self._sign(self.value_at(index.row()))
            if role == _DECORATION:
                return icon(name, tone)
            if tone in _COLOURED:
                return QColor(getattr(colours_of(QGuiApplication.palette()), tone))
        return super().data(index, role)


class PlanTable(QTreeView):
    """Shows `rows`, of which one can be chosen, and is as high as they need."""

    def __init__(self, name: str, rows: PlanRows[Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        rows.setParent(self)
        self._rows = rows
        self.setAccessibleName(name)
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.setAllColumnsShowFocus(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setModel(rows)
        self.setItemDelegate(RowDelegate(self))
        self._set_up_header()

    def set_values(self, values: Sequence[Any]) -> None:
        """Show these, unless they are what is shown."""
        self._rows.set_values(values)
        self.updateGeometry()

    def height_for(self, count: int) -> int:
        """How high it is when it has so many rows, of which not all need be seen at once."""
        rows = min(max(count, _FEWEST), _MOST)
        row = self.fontMetrics().height() + 3 * GRID
        return rows * row + self.header().sizeHint().height() + 2 * self.frameWidth() + 2

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.height_for(self._rows.rowCount()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _set_up_header(self) -> None:
        header = self.header()
        header.setStretchLastSection(False)
        header.setHighlightSections(False)
        character = self.fontMetrics().averageCharWidth()
        for number, column in enumerate(self._rows.columns):
            header.resizeSection(number, column.width * character + 4 * GRID)
        header.sectionResized.connect(lambda number, *_: self._fit() if number else None)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)

    def _fit(self) -> None:
        header = self.header()
        others = sum(header.sectionSize(number) for number in range(1, header.count()))
        header.resizeSection(0, max(30 * GRID, self.viewport().width() - others))

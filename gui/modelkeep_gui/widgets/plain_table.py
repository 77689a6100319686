"""A flat table of values that sorts itself: its columns are data, its rows any values at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.quiet_table import QuietTable

__all__ = ["PlainTable", "PlainTableModel", "TableColumn"]

# As plain integers: looking up `Qt.DisplayRole` takes 4 microseconds.
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_TOOLTIP = int(Qt.ItemDataRole.ToolTipRole)
_ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
_FOREGROUND = int(Qt.ItemDataRole.ForegroundRole)
_ACCESSIBLE = int(Qt.ItemDataRole.AccessibleTextRole)
_INITIAL_ORDER = int(Qt.ItemDataRole.InitialSortOrderRole)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_DOWN = Qt.SortOrder.DescendingOrder

_NOWHERE = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex

Value = TypeVar("Value")


def _nothing(value: Any) -> str:
    return ""


def _never(value: Any) -> bool:
    return False


@dataclass(frozen=True)
class TableColumn(Generic[Value]):
    """A column. `width` is in average characters; the first column takes what the others leave."""

    title: str
    text: Callable[[Value], str]
    sort_key: Callable[[Value], Any]
    width: int = 10
    tooltip: Callable[[Value], str] = _nothing
    is_figure: bool = False
    """Whether it is right-aligned, and the first click on its title sorts the largest first."""


class PlainTableModel(QAbstractTableModel, Generic[Value]):
    """The rows of a `PlainTable`. A new order keeps the selection, new values do not.

    Rows for which `is_muted` holds are there to be known of, not to be used.
    """

    def __init__(
        self,
        columns: Sequence[TableColumn[Value]],
        is_muted: Callable[[Value], bool] = _never,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._is_muted = is_muted
        self._given: list[Value] = []
        self._values: list[Value] = []
        self._order: tuple[int, Qt.SortOrder] | None = None

    @property
    def values(self) -> list[Value]:
        """All values in the order of the table."""
        return self._values.copy()

    def set_values(self, values: Sequence[Value]) -> None:
        """Show these, unless they are what is shown."""
        given = list(values)
        if given != self._given:
            self.beginResetModel()
            self._given = given
            self._values = self._sorted(given)
            self.endResetModel()

    def value_at(self, row: int) -> Value:
        return self._values[row]

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._values)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        column = self.columns[index.column()]
        if role == _DISPLAY:
            return column.text(self._values[index.row()])
        if role == _ALIGNMENT:
            return _RIGHT if column.is_figure else _LEFT
        if role == _TOOLTIP:
            return column.tooltip(self._values[index.row()]) or None
        if role == _FOREGROUND and self._is_muted(self._values[index.row()]):
            return QGuiApplication.palette().placeholderText()
        if role == _ACCESSIBLE:
            text = column.text(self._values[index.row()])
            return f"{column.title}: {text}" if index.column() and text else text
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == _DISPLAY:
            return column.title
        if role == _ALIGNMENT:
            return _RIGHT if column.is_figure else _LEFT
        if role == _INITIAL_ORDER and column.is_figure:
            return int(_DOWN.value)
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if not 0 <= column < len(self.columns):
            return
        self._order = (column, order)
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        held = [self._values[index.row()] for index in before]
        self._values = self._sorted(self._values)
        rows = {id(value): row for row, value in enumerate(self._values)}
        after = [self.index(rows[id(value)], index.column()) for index, value in zip(before, held)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _sorted(self, values: Sequence[Value]) -> list[Value]:
        if self._order is None:
            return list(values)
        column, order = self._order
        return sorted(values, key=self.columns[column].sort_key, reverse=order == _DOWN)


class PlainTable(QuietTable):
    """A table of values of which several can be selected.

    Signals:
        selection_changed: list of the selected values, in the order of the table.
    """

    selection_changed = Signal(object)

    def __init__(
        self,
        name: str,
        columns: Sequence[TableColumn[Any]],
        *,
        is_muted: Callable[[Any], bool] = _never,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.rows: PlainTableModel[Any] = PlainTableModel(columns, is_muted, self)
        self.setAccessibleName(name)
        self.setFrameShape(QuietTable.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setModel(self.rows)
        self.selectionModel().selectionChanged.connect(lambda *_: self.selection_changed.emit(self.selected))
        self._set_up_header()

    @property
    def selected(self) -> list[Any]:
        """The selected values, in the order of the table."""
        return [self.rows.value_at(row) for row in sorted(self._selected_rows())]

    def set_values(self, values: Sequence[Any]) -> None:
        """Show these, unless they are what is shown."""
        had_selection = self.selectionModel().hasSelection()
        self.rows.set_values(values)
        if had_selection and not self.selectionModel().hasSelection():
            self.selection_changed.emit([])  # new values come with a reset, which does not say so

    def _selected_rows(self) -> set[int]:
        ranges = self.selectionModel().selection().toList()
        return {row for area in ranges for row in range(area.top(), area.bottom() + 1)}

    def _set_up_header(self) -> None:
        header = self.horizontalHeader()
        # With the table's own it asks about every row of each column, to paint a title.
        header.setSelectionModel(QItemSelectionModel(self.rows, header))
        header.setMinimumSectionSize(10 * GRID)
        self.set_widths(column.width for column in self.rows.columns)
        header.sectionResized.connect(lambda number, *_: self._fit() if number else None)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setSortIndicatorClearable(False)
        self.setSortingEnabled(True)

    def _fit(self) -> None:
        header = self.horizontalHeader()
        others = sum(header.sectionSize(number) for number in range(1, header.count()))
        least = self.rows.columns[0].width * self.fontMetrics().averageCharWidth()
        header.resizeSection(0, max(least, self.viewport().width() - others))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

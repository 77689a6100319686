"""The rows behind the library table: models, and beneath each its revisions. It sorts and filters by itself.

A change of any size, be it a sort, a filter or a new scan, is one change of layout in which every row that stays
keeps its persistent indexes. So a view keeps its selection and what is expanded, and lays itself out once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from operator import attrgetter
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon

from modelkeep.filter import EVERYTHING, Filter, searched_text
from modelkeep.rows import ModelRow, RevisionRow
from modelkeep_gui.icons import icon
from modelkeep_gui.library.columns import Column, columns

__all__ = ["LibraryTableModel"]

# As plain integers: looking up `Qt.DisplayRole` takes 4 microseconds, and a page asks for it a thousand times.
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_DECORATION = int(Qt.ItemDataRole.DecorationRole)
_TOOLTIP = int(Qt.ItemDataRole.ToolTipRole)
_ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
_ACCESSIBLE = int(Qt.ItemDataRole.AccessibleTextRole)
_INITIAL_ORDER = int(Qt.ItemDataRole.InitialSortOrderRole)
_HORIZONTAL = Qt.Orientation.Horizontal
_DESCENDING = Qt.SortOrder.DescendingOrder

_NOWHERE = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex

_MANY = 50
"""Changed rows from which on one signal for all is cheaper than one for each."""


class _Line:
    """A model in the table. `id` never changes and never comes twice: it is what an index of a revision holds."""

    __slots__ = ("id", "order", "row", "text")

    def __init__(self, id: int, row: ModelRow) -> None:
        self.id = id
        self.set(row)

    def set(self, row: ModelRow) -> None:
        self.row = row
        self.text = searched_text(row)
        self.order = (row.repo_id.casefold(), row.repo_type, row.root)


class LibraryTableModel(QAbstractItemModel):
    """A tree of two levels over plain rows.

    An index with `internalId` 0 is a model; any other is a revision, and holds the id of its model's line. Its
    columns are those `shown`, those of caches when None.
    """

    def __init__(self, parent: QObject | None = None, *, shown: tuple[Column, ...] | None = None) -> None:
        super().__init__(parent)
        self.columns = shown or columns()
        self._texts = [column.text for column in self.columns]
        self._alignments = [column.alignment for column in self.columns]
        self._ids = count(1)
        self._lines: dict[str, dict[str, _Line]] = {}
        self._by_id: dict[int, _Line] = {}
        self._by_name: list[_Line] = []
        self._sorted: list[_Line] = []
        self._shown: list[_Line] = []
        self._positions: dict[int, int] | None = None
        self._filter = EVERYTHING
        self._scope: Callable[[ModelRow], bool] | None = None
        self._newer: set[tuple[str, str]] = set()
        self.is_sorting = False
        """Whether the change of layout that is announced just now is a new order, and no new rows."""
        self._sort_column = 0
        self._sort_order = Qt.SortOrder.AscendingOrder

    # What the window tells it -----------------------------------------------------------------------------------

    def replace_rows(self, root: str, rows: Iterable[ModelRow]) -> None:
        """Take `rows` as all that is in the cache `root` now."""
        new = {row.key: row for row in rows}
        gone = self._lines.get(root, {}).keys() - new.keys()
        self._update(root, new, gone)

    def set_newer(self, newer: set[tuple[str, str]], asked: set[tuple[str, str]]) -> None:
        """Mark the models (root, key) of which a hub has something newer, among those that were asked about."""
        self._newer = (self._newer - asked) | newer
        if self._shown:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._shown) - 1, 0))

    def is_newer_elsewhere(self, row: ModelRow) -> bool:
        """Whether a hub had something newer of a model when it was asked."""
        return (row.root, row.key) in self._newer

    def add_rows(self, root: str, rows: Iterable[ModelRow]) -> None:
        """Add or change rows of `root` and leave its others: for a batch of a scan that goes on."""
        self._update(root, {row.key: row for row in rows}, ())

    def remove_root(self, root: str) -> None:
        """Forget a cache."""
        self.replace_rows(root, ())
        self._lines.pop(root, None)

    def set_filter(self, wanted: Filter) -> None:
        """Show only rows that pass `wanted`."""
        if wanted != self._filter:
            self._filter = wanted
            self._show(self._passing())

    def set_scope(self, scope: Callable[[ModelRow], bool] | None) -> None:
        """Show only rows that `scope` holds for, beside the filter; None shows all."""
        self._scope = scope
        self._show(self._passing())

    # What the window asks ---------------------------------------------------------------------------------------

    @property
    def rows(self) -> list[ModelRow]:
        """All rows, shown or not, by name."""
        return [line.row for line in self._by_name]

    @property
    def roots(self) -> list[str]:
        """The caches that have models."""
        return [root for root, lines in self._lines.items() if lines]

    @property
    def shown_rows(self) -> list[ModelRow]:
        """The rows that pass the filter and the scope, in the order of the table."""
        return [line.row for line in self._shown]

    def row_at(self, index: _Index) -> ModelRow | None:
        """The model of an index, also when the index is of one of its revisions."""
        if not index.isValid():
            return None
        id = index.internalId()
        return (self._by_id[id] if id else self._shown[index.row()]).row

    def revision_at(self, index: _Index) -> RevisionRow | None:
        """The revision of an index, or None when it is of a model."""
        if not index.isValid() or not index.internalId():
            return None
        return self._by_id[index.internalId()].row.revisions[index.row()]

    def index_of(self, root: str, key: str, commit: str | None = None) -> QModelIndex:
        """Where a model, or its revision `commit`, is shown; an invalid index when it is not."""
        line = self._lines.get(root, {}).get(key)
        return self._index_of(line, commit, 0) if line else _NOWHERE

    # QAbstractItemModel -----------------------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: _Index = _NOWHERE) -> QModelIndex:
        if row < 0 or not 0 <= column < len(self._texts):
            return _NOWHERE
        if not parent.isValid():
            return self.createIndex(row, column, 0) if row < len(self._shown) else _NOWHERE
        if row >= self.rowCount(parent):
            return _NOWHERE
        return self.createIndex(row, column, self._shown[parent.row()].id)

    def parent(self, index: _Index = _NOWHERE) -> Any:  # QObject.parent() shares the name
        id = index.internalId() if index.isValid() else 0
        position = self._position(id) if id else None
        return _NOWHERE if position is None else self.createIndex(position, 0, 0)

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        if not parent.isValid():
            return len(self._shown)
        if parent.internalId() or parent.column():
            return 0
        return len(self._shown[parent.row()].row.revisions)

    def hasChildren(self, parent: _Index = _NOWHERE) -> bool:
        # Spelled out, not by way of rowCount(): a tree asks this for each row whenever it lays itself out.
        if not parent.isValid():
            return bool(self._shown)
        if parent.internalId():
            return False
        return not parent.column() and bool(self._shown[parent.row()].row.revisions)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return len(self._texts)

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        if role == _DISPLAY:
            if not (id := index.internalId()):
                return self._texts[index.column()](self._shown[index.row()].row)
            revision = self._by_id[id].row.revisions[index.row()]
            return self.columns[index.column()].revision_text(revision)
        if role == _ALIGNMENT:
            return self._alignments[index.column()]
        if role == _DECORATION:
            return self._sign(index)
        if role == _TOOLTIP:
            return self._tooltip(index)
        if role == _ACCESSIBLE:
            # A screen reader reads cells one by one: each says what it is of.
            text = self._tooltip(index) if self._sign(index) else self.data(index, _DISPLAY)
            return f"{self.columns[index.column()].title}: {text}" if index.column() and text else text
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation != _HORIZONTAL or not 0 <= section < len(self.columns):
            return None
        if role == _DISPLAY:
            return self.columns[section].title
        if role == _ALIGNMENT:
            return self._alignments[section]
        if role == _TOOLTIP:
            return self.columns[section].explanation or None
        if role == _INITIAL_ORDER and self.columns[section].largest_first:
            return int(_DESCENDING.value)
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if not 0 <= column < len(self.columns):
            return
        self._sort_column, self._sort_order = column, order
        self._sort()
        self.is_sorting = True
        self._show(self._passing())
        self.is_sorting = False

    # Within -----------------------------------------------------------------------------------------------------

    def _update(self, root: str, new: dict[str, ModelRow], gone: Iterable[str]) -> None:
        lines = self._lines.setdefault(root, {})
        added = [_Line(next(self._ids), row) for key, row in new.items() if key not in lines]
        changed = [
            (line, row)
            for key, row in new.items()
            if (line := lines.get(key)) is not None and line.row != row
        ]
        removed = [lines[key] for key in gone]
        if added or removed or any(_commits(line.row) != _commits(row) for line, row in changed):
            with self._rearranging():
                for line in removed:
                    del lines[line.row.key], self._by_id[line.id]
                for line in added:
                    lines[line.row.key] = self._by_id[line.id] = line
                self._by_name = [line for by_key in self._lines.values() for line in by_key.values()]
                self._take(changed)
                self._shown = self._passing()
        elif changed:
            self._take(changed)
            self._show(self._passing())
        self._say_changed([line for line, _ in changed])

    def _take(self, changed: list[tuple[_Line, ModelRow]]) -> None:
        for line, row in changed:
            line.set(row)
        self._by_name.sort(key=attrgetter("order"))
        self._sort()

    def _sort(self) -> None:
        # From the order of names: the sort is stable, backwards too, so equal rows stay in it.
        self._sorted = self._by_name.copy()
        key = self.columns[self._sort_column].sort_key
        self._sorted.sort(key=lambda line: key(line.row), reverse=self._sort_order == _DESCENDING)

    def _passing(self) -> list[_Line]:
        scope = self._scope
        lines = self._sorted if scope is None else [line for line in self._sorted if scope(line.row)]
        if self._filter.passes_all:
            return lines.copy()
        test = self._filter.at(time.time())
        return [line for line in lines if test(line.row, line.text)]

    def _show(self, wanted: list[_Line]) -> None:
        if wanted != self._shown:
            with self._rearranging():
                self._shown = wanted

    @contextmanager
    def _rearranging(self) -> Iterator[None]:
        """Let rows come, go and move within; persistent indexes follow their model or revision."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        places = [self._place(index) for index in before]
        yield
        self._positions = None
        after = [self._index_of(*place, index.column()) for index, place in zip(before, places)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _place(self, index: QModelIndex) -> tuple[_Line, str | None]:
        if not (id := index.internalId()):
            return self._shown[index.row()], None
        line = self._by_id[id]
        return line, line.row.revisions[index.row()].commit

    def _index_of(self, line: _Line, commit: str | None, column: int) -> QModelIndex:
        position = self._position(line.id)
        if position is None:
            return _NOWHERE
        if commit is None:
            return self.createIndex(position, column, 0)
        commits = _commits(line.row)
        return self.createIndex(commits.index(commit), column, line.id) if commit in commits else _NOWHERE

    def _position(self, id: int) -> int | None:
        """The row in which the line of that id is shown. Worked out when it is first asked for after a change."""
        if self._positions is None:
            self._positions = {line.id: row for row, line in enumerate(self._shown)}
        return self._positions.get(id)

    def _say_changed(self, lines: list[_Line]) -> None:
        rows = [row for line in lines if (row := self._position(line.id)) is not None]
        if len(rows) > _MANY:
            rows = [min(rows), max(rows)]
            self.dataChanged.emit(self.index(rows[0], 0), self.index(rows[1], len(self.columns) - 1))
            return
        last = len(self.columns) - 1
        for row in rows:
            model = self.index(row, 0)
            self.dataChanged.emit(model, self.index(row, last))
            if count := self.rowCount(model):
                self.dataChanged.emit(self.index(0, 0, model), self.index(count - 1, last, model))

    def _sign(self, index: _Index) -> QIcon | None:
        sign_of = self.columns[index.column()].sign
        sign = sign_of(self.revision_at(index) or self.row_at(index)) if sign_of else None
        return icon(sign.icon, sign.tone) if sign else None

    def _tooltip(self, index: _Index) -> str | None:
        column = self.columns[index.column()]
        if revision := self.revision_at(index):
            return column.revision_tooltip(revision) or None
        return column.tooltip(self._shown[index.row()].row) or None


def _commits(row: ModelRow) -> list[str]:
    return [revision.commit for revision in row.revisions]

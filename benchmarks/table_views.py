"""A table of models on the screen, ours or Qt's own, timed at what a person does with it: for `table.py`.

    python table_views.py ours|items|proxy ROWS scroll|arrange

`items` is a `QStandardItemModel` in a `QTreeView`, `proxy` a `QSortFilterProxyModel` over a plain model in Python.
What is printed is JSON, in milliseconds.
"""

from __future__ import annotations

import json
import os
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median, quantiles
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QApplication, QTreeView

from modelkeep.filter import parse_filter
from modelkeep.rows import ModelRow
from modelkeep.text import size_text
from modelkeep_gui.app import make_application
from modelkeep_gui.library.table_model import LibraryTableModel
from modelkeep_gui.library.view import LibraryView
from modelkeep_gui.theme import Theme
from windows import make_rows

_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_FRAMES = 200
_STEP = 37  # pixels
_WORDS = ("m", "mo", "mod", "model-1", "model-12", "")  # what is typed into the filter
_ROOT = "/caches/hub"
_SIZE = 4  # the column of sizes, in the peers


class Table(ABC):
    """A view with its rows, and what can be done with them."""

    view: QTreeView

    @abstractmethod
    def fill(self, rows: Sequence[ModelRow]) -> None: ...
    @abstractmethod
    def sort_by_size(self, order: Qt.SortOrder) -> None: ...
    @abstractmethod
    def filter(self, word: str) -> None: ...


class Ours(Table):
    def __init__(self) -> None:
        self._model = LibraryTableModel()
        self.view = LibraryView(self._model)
        self._size = next(n for n, column in enumerate(self._model.columns) if column.id == "size")

    def fill(self, rows: Sequence[ModelRow]) -> None:
        self._model.replace_rows(_ROOT, rows)

    def sort_by_size(self, order: Qt.SortOrder) -> None:
        self._model.sort(self._size, order)

    def filter(self, word: str) -> None:
        self._model.set_filter(parse_filter(word))


class Items(Table):
    """What Qt offers, with all in C++."""

    def __init__(self) -> None:
        self._model = QStandardItemModel()
        self._proxy = QSortFilterProxyModel()
        self.view = _plain_view()

    def fill(self, rows: Sequence[ModelRow]) -> None:
        for row in rows:
            self._model.appendRow([QStandardItem(text) for text in _texts(row)])
        self._show(self._model)

    def _show(self, model: QStandardItemModel | QAbstractTableModel) -> None:
        self._proxy.setSourceModel(model)
        self.view.setModel(self._proxy)

    def sort_by_size(self, order: Qt.SortOrder) -> None:
        self._proxy.sort(_SIZE, order)

    def filter(self, word: str) -> None:
        self._proxy.setFilterFixedString(word)


class Proxy(Items):
    """What Qt offers over a model in Python."""

    def fill(self, rows: Sequence[ModelRow]) -> None:
        self._plain = _PlainModel(rows)
        self._show(self._plain)


class _PlainModel(QAbstractTableModel):
    """A model as one writes it, but for its roles, which are integers: that alone makes it ten times quicker."""

    def __init__(self, rows: Sequence[ModelRow]) -> None:
        super().__init__()
        self._texts = [_texts(row) for row in rows]

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._texts)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        return 8

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = _DISPLAY) -> Any:
        return self._texts[index.row()][index.column()] if role == _DISPLAY else None


def _texts(row: ModelRow) -> tuple[str, ...]:
    sizes = (f"{row.size:012}", size_text(row.on_disk), size_text(row.frees))
    return (row.repo_id, row.state, row.task, row.library, *sizes, row.licence)


def _plain_view() -> QTreeView:
    view = QTreeView()
    view.setUniformRowHeights(True)
    view.setAlternatingRowColors(True)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    return view


# ---- what a person does


def scroll(table: Table, rows: Sequence[ModelRow]) -> dict[str, float]:
    """See the rows come, and go through them; "frame" and "p99" are the median and the 99th of 100 frames."""
    filled = _timed(table.view, lambda: table.fill(rows))
    bar = table.view.verticalScrollBar()
    frames = [_timed(table.view, partial(bar.setValue, _STEP * frame)) for frame in range(_FRAMES)]
    return {"fill": filled, "frame": median(frames), "p99": quantiles(frames, n=100)[98]}


def arrange(table: Table, rows: Sequence[ModelRow]) -> dict[str, float]:
    """Sort down and up, and type into the filter; the medians."""
    table.fill(rows)
    orders = (Qt.SortOrder.DescendingOrder, Qt.SortOrder.AscendingOrder)
    sorts = [_timed(table.view, partial(table.sort_by_size, order)) for order in orders]
    keys = [_timed(table.view, partial(table.filter, word)) for word in _WORDS]
    return {"sort": median(sorts), "key": median(keys)}


def _timed(view: QTreeView, act: Callable[[], object]) -> float:
    """Milliseconds until what it did is painted."""
    start = time.perf_counter()
    act()
    view.viewport().repaint()
    took = 1000 * (time.perf_counter() - start)
    QApplication.processEvents()
    return took


def main(kind: str, count: int, what: str) -> None:
    application = make_application(["modelkeep"])
    theme = Theme(application, "light") if kind == "ours" else None
    kinds: dict[str, Callable[[], Table]] = {"ours": Ours, "items": Items, "proxy": Proxy}
    table = kinds[kind]()
    table.view.resize(1200, 800)
    table.view.show()
    QApplication.processEvents()
    rows = make_rows(_ROOT, count)
    print(json.dumps(scroll(table, rows) if what == "scroll" else arrange(table, rows)), flush=True)
    assert theme is None or theme.colours, "it dresses the window for as long as there is one"
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])

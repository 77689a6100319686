"""The events as a table, the newest first, which asks for older ones as one scrolls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication

from modelkeep.activity import ActivityPage
from modelkeep.cache.catalog import Event
from modelkeep.text import exact_size_text, size_text
from modelkeep_gui.activity.text import (
    model_name,
    outcome_sign,
    result_text,
    verb_word,
    when_text,
    when_tooltip,
)
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import colours_of

__all__ = ["ActivityTableModel"]

# As plain integers: looking up `Qt.DisplayRole` takes 4 microseconds.
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_TOOLTIP = int(Qt.ItemDataRole.ToolTipRole)
_ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
_DECORATION = int(Qt.ItemDataRole.DecorationRole)
_FOREGROUND = int(Qt.ItemDataRole.ForegroundRole)
_ACCESSIBLE = int(Qt.ItemDataRole.AccessibleTextRole)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

_NOWHERE = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex
_RESULT = 5


@dataclass(frozen=True)
class _Column:
    title: str
    text: Callable[[Event], str]
    tooltip: Callable[[Event], str]
    is_figure: bool = False


class ActivityTableModel(QAbstractTableModel):
    """Holds the pages that were read so far.

    Signals:
        more_wanted: the `before` of the next page (int); asked for once until `add_page`.
    """

    more_wanted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        tr = self.tr
        self._columns = (
            _Column(tr("When"), when_text, when_tooltip),
            _Column(tr("Who"), lambda event: event.by, lambda event: event.by),
            _Column(tr("What"), lambda event: verb_word(event.verb), lambda event: event.verb),
            _Column(tr("Model"), model_name, _place),
            _Column(tr("Size"), _size, lambda event: exact_size_text(event.bytes), is_figure=True),
            _Column(tr("Result"), result_text, result_text),
        )
        self._events: list[tuple[int, Event]] = []
        self._next = 0
        self._asked = 0

    @property
    def events(self) -> list[Event]:
        """Those that were read so far, the newest first."""
        return [event for _, event in self._events]

    def event_at(self, index: _Index) -> Event:
        return self._events[index.row()][1]

    def set_page(self, page: ActivityPage) -> None:
        """Show the first page of a new search."""
        self.beginResetModel()
        self._events, self._next, self._asked = list(page.events), page.next, 0
        self.endResetModel()

    def update_page(self, page: ActivityPage) -> None:
        """Show what is new on the first page of the same search above what is there, which stays as it is."""
        ids = [id for id, _ in page.events]
        first = self._events[0][0] if self._events else 0
        if first not in ids:
            self.set_page(page)
        elif new := ids.index(first):
            self.beginInsertRows(_NOWHERE, 0, new - 1)
            self._events[:0] = page.events[:new]
            self.endInsertRows()

    def add_page(self, page: ActivityPage) -> None:
        """Show older ones beneath."""
        if page.events and self._asked and page.events[0][0] < self._asked:
            last = len(self._events)
            self.beginInsertRows(_NOWHERE, last, last + len(page.events) - 1)
            self._events += page.events
            self.endInsertRows()
        self._next, self._asked = page.next, 0

    # ---- what Qt asks

    def canFetchMore(self, parent: _Index = _NOWHERE) -> bool:
        return not parent.isValid() and self._next != 0 and self._asked != self._next

    def fetchMore(self, parent: _Index = _NOWHERE) -> None:
        if self.canFetchMore(parent):
            self._asked = self._next
            self.more_wanted.emit(self._next)

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._events)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        column, event = self._columns[index.column()], self._events[index.row()][1]
        if role == _DISPLAY:
            return column.text(event)
        if role == _ALIGNMENT:
            return _RIGHT if column.is_figure else _LEFT
        if role == _TOOLTIP:
            return column.tooltip(event) or None
        if role == _DECORATION and index.column() == _RESULT:
            return icon(*outcome_sign(event.outcome))
        if role == _FOREGROUND and index.column() == _RESULT and event.outcome == "failed":
            return QColor(colours_of(QGuiApplication.palette()).bad)
        if role == _ACCESSIBLE:
            text = column.text(event)
            return f"{column.title}: {text}" if index.column() and text else text
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        if role == _DISPLAY:
            return self._columns[section].title
        if role == _ALIGNMENT:
            return _RIGHT if self._columns[section].is_figure else _LEFT
        return None


def _place(event: Event) -> str:
    return "\n".join(filter(None, (event.key, event.root)))


def _size(event: Event) -> str:
    return size_text(event.bytes) if event.bytes else ""

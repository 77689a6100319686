"""The models that go to free up space, in their order, with a tick that keeps one when it is taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from modelkeep.cache.ranking import Candidate, Ranking
from modelkeep.keys import ModelKey
from modelkeep.text import exact_size_text, size_text
from modelkeep_gui.dialogs.space_text import frees_tooltip, used_text, used_tooltip, why_text
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.quiet_table import QuietTable

__all__ = ["SpaceRows", "SpaceTable"]

_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_TOOLTIP = int(Qt.ItemDataRole.ToolTipRole)
_ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
_FOREGROUND = int(Qt.ItemDataRole.ForegroundRole)
_ACCESSIBLE = int(Qt.ItemDataRole.AccessibleTextRole)
_CHECK = int(Qt.ItemDataRole.CheckStateRole)
_EDIT = int(Qt.ItemDataRole.EditRole)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

_NAME, _USED, _WHY, _FREES, _RUNNING = range(5)
_WIDTHS = (26, 10, 32, 9, 9)  # in average characters; the first takes what the others leave

_NOWHERE = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


class SpaceRows(QAbstractTableModel):
    """The first candidates of a ranking: as many as it takes. More or fewer of them cost nothing.

    Signals:
        toggled: the `ModelKey` whose tick was changed.
    """

    toggled = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ranking: Ranking | None = None
        self._running: Sequence[int] = ()
        self._kept: frozenset[ModelKey] = frozenset()
        self._busy: Mapping[ModelKey, str] = {}
        self._count = self._going = 0
        self._titles = (
            self.tr("Model"),
            self.tr("Last used"),
            self.tr("Why"),
            self.tr("Frees"),
            self.tr("In all"),
        )

    def set_ranking(self, ranking: Ranking | None) -> None:
        """Begin anew with another order, of which nothing is shown yet."""
        self.beginResetModel()
        self._ranking, self._count, self._going = ranking, 0, 0
        self.endResetModel()

    def show_first(
        self,
        count: int,
        going: int,
        running: Sequence[int],
        kept: frozenset[ModelKey],
        busy: Mapping[ModelKey, str],
    ) -> None:
        """Show so many. The first `going` of them go, but for those that are `kept` and those in use.

        `running` is what all up to each of them free.
        """
        self._going, self._running, self._kept, self._busy = going, running, kept, busy
        if count > self._count:
            self.beginInsertRows(_NOWHERE, self._count, count - 1)
            self._count = count
            self.endInsertRows()
        elif count < self._count:
            self.beginRemoveRows(_NOWHERE, count, self._count - 1)
            self._count = count
            self.endRemoveRows()
        if count:
            self.dataChanged.emit(self.index(0, 0), self.index(count - 1, _RUNNING))

    def candidate(self, row: int) -> Candidate:
        assert self._ranking is not None
        return self._ranking.candidates[row]

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._titles)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.column() == _NAME and self.candidate(index.row()).key not in self._busy:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        one, column = self.candidate(index.row()), index.column()
        if role == _DISPLAY:
            return self._text(one, index.row(), column)
        if role == _CHECK and column == _NAME:
            return int(
                (Qt.CheckState.Checked if self._goes(one, index.row()) else Qt.CheckState.Unchecked).value
            )
        if role == _ALIGNMENT:
            return _RIGHT if column in (_FREES, _RUNNING) else _LEFT
        if role == _FOREGROUND and not self._goes(one, index.row()):
            return QGuiApplication.palette().placeholderText()
        if role == _TOOLTIP:
            return self._tooltip(one, index.row(), column)
        if role == _ACCESSIBLE:
            text = self._text(one, index.row(), column)
            return f"{self._titles[column]}: {text}" if column and text else text
        return None

    def setData(self, index: _Index, value: Any, role: int = _EDIT) -> bool:
        if role != _CHECK or not index.isValid() or not self.flags(index) & Qt.ItemFlag.ItemIsUserCheckable:
            return False
        self.toggled.emit(self.candidate(index.row()).key)
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == _DISPLAY:
            return self._titles[section]
        if role == _ALIGNMENT:
            return _RIGHT if section in (_FREES, _RUNNING) else _LEFT
        return None

    def _goes(self, one: Candidate, row: int) -> bool:
        return row < self._going and one.key not in self._kept and one.key not in self._busy

    def _text(self, one: Candidate, row: int, column: int) -> str:
        assert self._ranking is not None
        if column == _NAME:
            return one.key.repo_id
        if column == _USED:
            return used_text(one, self._ranking.now)
        if column == _FREES:
            return size_text(one.frees)
        if column == _RUNNING:
            return size_text(self._running[row]) if self._goes(one, row) else ""
        if one.key in self._busy:
            return self.tr("in use or being downloaded")
        return self.tr("you keep it") if one.key in self._kept else why_text(one, self._ranking)

    def _tooltip(self, one: Candidate, row: int, column: int) -> str:
        if column == _NAME:
            return str(one.key)
        if column == _USED:
            return used_tooltip(one)
        if column == _FREES:
            return frees_tooltip(one)
        if column == _RUNNING:
            return exact_size_text(self._running[row])
        if said := self._busy.get(one.key):
            return said
        return self._text(one, row, column)


class SpaceTable(QuietTable):
    """Shows `rows`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = SpaceRows(self)
        self.setAccessibleName(self.tr("Models that go"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setModel(self.rows)
        self._set_up_header()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current = self.currentIndex()
        # In whichever column the cursor is: only the first one has the tick.
        if event.key() == Qt.Key.Key_Space and current.isValid():
            self.rows.setData(self.rows.index(current.row(), _NAME), None, _CHECK)
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _set_up_header(self) -> None:
        self.setMinimumHeight(5 * self.row_height)
        self.set_widths(_WIDTHS)
        self.horizontalHeader().sectionResized.connect(lambda number, *_: self._fit() if number else None)

    def _fit(self) -> None:
        header = self.horizontalHeader()
        others = sum(header.sectionSize(number) for number in range(1, header.count()))
        header.resizeSection(0, max(30 * GRID, self.viewport().width() - others))

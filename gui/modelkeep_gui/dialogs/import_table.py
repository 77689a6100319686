"""The models of an import plan as a table: a tick for each that is wanted, and what becomes of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import QWidget

from modelkeep.archive.import_plan import Action, ImportItem
from modelkeep.text import exact_size_text, size_text
from modelkeep_gui.dialogs.import_choices import Identity, identity
from modelkeep_gui.dialogs.import_text import (
    WRITING,
    commit_text,
    name_text,
    sign,
    what_happens,
)
from modelkeep_gui.dialogs.plan_table import PlanRows, PlanTable
from modelkeep_gui.widgets.plain_table import TableColumn

__all__ = ["ImportTable"]

_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_DECORATION = int(Qt.ItemDataRole.DecorationRole)
_EDIT = int(Qt.ItemDataRole.EditRole)
_CHECK = int(Qt.ItemDataRole.CheckStateRole)
_NAME, _ACTION = 0, 2

_Index = QModelIndex | QPersistentModelIndex


class ImportTable(PlanTable):
    """Shows the items of a plan, one of which is chosen.

    Signals:
        chosen: the `ImportItem` that is current now, None for none.
        toggled: the `ImportItem` whose tick was changed.
    """

    chosen = Signal(object)
    toggled = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.rows = _Rows()
        super().__init__(self.rows.title, self.rows, parent)
        self.rows.toggled.connect(self.toggled)
        self.selectionModel().currentChanged.connect(lambda *_: self.chosen.emit(self.current))

    @property
    def current(self) -> ImportItem | None:
        """The item that is chosen."""
        index = self.currentIndex()
        return self.rows.value_at(index.row()) if index.isValid() else None

    def show_items(self, items: Sequence[ImportItem], wanted: Collection[Identity]) -> None:
        """Show these, with a tick at those that are wanted. The chosen one stays chosen."""
        before = self.current
        self.rows.wanted = frozenset(wanted)
        self.set_values(items)
        self.choose(identity(before) if before else None)
        self.viewport().update()

    def choose(self, wanted: Identity | None) -> None:
        """Choose an item; else the first that needs a decision, else the first."""
        items = self.rows.values
        places = [row for row, item in enumerate(items) if identity(item) == wanted]
        places += [
            row for row, item in enumerate(items) if item.action in (Action.REPLACE, Action.NEEDS_NAME)
        ]
        places += range(len(items))
        if places and places[0] != self.currentIndex().row():
            self.setCurrentIndex(self.rows.index(places[0], 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.current
        # In whichever column the cursor is: only the first one has the tick.
        if event.key() == Qt.Key.Key_Space and item is not None:
            if item.action in WRITING:
                self.toggled.emit(item)
            return
        super().keyPressEvent(event)


class _Rows(PlanRows[ImportItem]):
    """The rows of the table, with ticks."""

    toggled = Signal(object)

    def __init__(self) -> None:
        self.wanted: frozenset[Identity] = frozenset()
        super().__init__(
            (),
            lambda item: sign(item, self.is_wanted(item)),
            _ACTION,
            lambda item: item.action is Action.PRESENT,
        )
        self.columns = self._columns()

    @property
    def title(self) -> str:
        """What the table is called."""
        return self.tr("Models to import")

    def is_wanted(self, item: ImportItem) -> bool:
        return identity(item) in self.wanted

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.column() == _NAME and self.value_at(index.row()).action in WRITING:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        if index.column() == _NAME and role in (_CHECK, _DECORATION):
            item = self.value_at(index.row())
            if item.action not in WRITING:
                return _no_tick() if role == _DECORATION else None
            if role == _CHECK:
                state = Qt.CheckState.Checked if self.is_wanted(item) else Qt.CheckState.Unchecked
                return int(state.value)
        return super().data(index, role)

    def setData(self, index: _Index, value: Any, role: int = _EDIT) -> bool:
        if role != _CHECK or not self.flags(index) & Qt.ItemFlag.ItemIsUserCheckable:
            return False
        self.toggled.emit(self.value_at(index.row()))
        return True

    def _what_happens(self, item: ImportItem) -> str:
        return what_happens(item, self.is_wanted(item))

    def _columns(self) -> tuple[TableColumn[ImportItem], ...]:
        return (
            TableColumn(
                self.tr("Model"),
                name_text,
                lambda item: name_text(item).casefold(),
                30,
                tooltip=lambda item: "\n".join((name_text(item), item.source)),
            ),
            TableColumn(
                self.tr("Commit"),
                lambda item: commit_text(item.commit),
                lambda item: item.commit or "",
                9,
                tooltip=lambda item: item.commit or "",
            ),
            TableColumn(
                self.tr("What happens"),
                self._what_happens,
                self._what_happens,
                42,
                tooltip=lambda item: item.problem or self._what_happens(item),
            ),
            TableColumn(
                self.tr("Size"),
                lambda item: size_text(item.size) if item.files else "",
                lambda item: item.size,
                9,
                tooltip=lambda item: exact_size_text(item.size),
                is_figure=True,
            ),
            TableColumn(
                self.tr("To write"),
                lambda item: size_text(item.bytes_needed) if self.is_wanted(item) else "",
                lambda item: item.bytes_needed,
                9,
                tooltip=lambda item: exact_size_text(item.bytes_needed),
                is_figure=True,
            ),
        )


@cache
def _no_tick() -> QIcon:
    """As wide as a tick, so that all names begin in one line."""
    pixmap = QPixmap(16, 16)
    pixmap.fill(Qt.GlobalColor.transparent)
    return QIcon(pixmap)

"""The files of a push as a table with ticks, and what in them looks like a secret."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import cache
from typing import Any, TypeVar

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import QWidget

from modelkeep.hub.push_plan import PushAction, PushFile
from modelkeep.safety.secrets import SecretFound
from modelkeep.text import exact_size_text, size_text
from modelkeep_gui.dialogs.plan_table import PlanRows, PlanTable
from modelkeep_gui.dialogs.push_text import action_text, secret_text, sign
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.plain_table import TableColumn

__all__ = ["FilesTable", "SecretsTable", "TickTable"]

_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_DECORATION = int(Qt.ItemDataRole.DecorationRole)
_EDIT = int(Qt.ItemDataRole.EditRole)
_CHECK = int(Qt.ItemDataRole.CheckStateRole)

_Index = QModelIndex | QPersistentModelIndex

Value = TypeVar("Value")


class TickRows(PlanRows[Value]):
    """Rows with a tick in the first column, for those that can have one. `ticked` holds the keys of those that do.

    Signals:
        toggled: the value whose tick is to be changed.
    """

    toggled = Signal(object)

    def __init__(
        self, sign: Callable[[Value], tuple[str, str]], sign_column: int, key: Callable[[Value], Hashable]
    ) -> None:
        super().__init__((), sign, sign_column, lambda value: not self.is_ticked(value))
        self._key = key
        self.ticked: set[Hashable] = set()
        self.is_fixed = False
        """Whether nothing can be ticked, for it is all or nothing."""

    def is_ticked(self, value: Value) -> bool:
        return self._key(value) in self.ticked

    def can_tick(self, value: Value) -> bool:
        return not self.is_fixed

    def turn(self, value: Value) -> None:
        """Set its tick, or take it away."""
        self.ticked ^= {self._key(value)}
        if rows := self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(rows - 1, len(self.columns) - 1))

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.column() == 0 and self.can_tick(self.value_at(index.row())):
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        if index.column() == 0 and role in (_CHECK, _DECORATION):
            value = self.value_at(index.row())
            if not self.can_tick(value):
                return _no_tick() if role == _DECORATION else None
            if role == _CHECK:
                state = Qt.CheckState.Checked if self.is_ticked(value) else Qt.CheckState.Unchecked
                return int(state.value)
        return super().data(index, role)

    def setData(self, index: _Index, value: Any, role: int = _EDIT) -> bool:
        if role != _CHECK or not self.flags(index) & Qt.ItemFlag.ItemIsUserCheckable:
            return False
        self.turn(self.value_at(index.row()))
        self.toggled.emit(self.value_at(index.row()))
        return True


class TickTable(PlanTable):
    """A table of such rows. The space bar turns the tick of the row one is in, in whichever column.

    Signals:
        toggled: the value whose tick was changed.
    """

    toggled = Signal(object)

    def __init__(self, name: str, rows: TickRows[Any], parent: QWidget | None = None) -> None:
        super().__init__(name, rows, parent)
        self.rows = rows
        rows.toggled.connect(self.toggled)

    def show_values(self, values: Sequence[Any], ticked: set[Hashable]) -> None:
        """Show these, with ticks at those whose keys are `ticked`."""
        self.rows.ticked = ticked
        self.set_values(values)
        self.viewport().update()

    def height_for(self, count: int) -> int:
        """How high it is with so many rows, in pixels."""
        row = self.fontMetrics().height() + 3 * GRID
        return count * row + self.header().sizeHint().height() + 2 * self.frameWidth() + 2

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if event.key() == Qt.Key.Key_Space and index.isValid():
            first = index.siblingAtColumn(0)
            self.rows.setData(first, None, _CHECK)
            return
        super().keyPressEvent(event)


class _FileRows(TickRows[PushFile]):
    def __init__(self) -> None:
        super().__init__(lambda file: sign(file, self.is_wanted(file)), 1, lambda file: file.path)
        self.columns = self._columns()

    @property
    def title(self) -> str:
        """What the table is called."""
        return self.tr("Files to push")

    def can_tick(self, value: PushFile) -> bool:
        return not self.is_fixed and value.action is not PushAction.SAME

    def is_wanted(self, file: PushFile) -> bool:
        return not self.can_tick(file) or self.is_ticked(file)

    def _columns(self) -> tuple[TableColumn[PushFile], ...]:
        return (
            TableColumn(
                self.tr("File"),
                lambda file: file.path,
                lambda file: file.path.casefold(),
                30,
                tooltip=lambda file: "\n".join(filter(None, (file.path, file.source))),
            ),
            TableColumn(
                self.tr("What happens"),
                self._what_happens,
                self._what_happens,
                30,
                tooltip=self._what_happens,
            ),
            TableColumn(
                self.tr("Size"),
                lambda file: size_text(file.size),
                lambda file: file.size,
                9,
                tooltip=lambda file: exact_size_text(file.size),
                is_figure=True,
            ),
            TableColumn(
                self.tr("To send"),
                lambda file: size_text(file.sends) if self.is_wanted(file) and file.sends else "",
                lambda file: file.sends,
                9,
                tooltip=lambda file: exact_size_text(file.sends),
                is_figure=True,
            ),
        )

    def _what_happens(self, file: PushFile) -> str:
        return action_text(file, self.is_wanted(file))


class FilesTable(TickTable):
    """The files of a plan: all but those that the hub has already can be left out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        rows = _FileRows()
        super().__init__(rows.title, rows, parent)


class _SecretRows(TickRows[SecretFound]):
    def __init__(self) -> None:
        super().__init__(self._sign, 1, lambda secret: secret)
        self.columns = (
            TableColumn(
                self.tr("Push it all the same"),
                lambda secret: secret.path,
                lambda secret: secret.path.casefold(),
                30,
                tooltip=lambda secret: secret.path,
            ),
            TableColumn(
                self.tr("What it looks like"),
                secret_text,
                lambda secret: (secret.kind, secret.line),
                50,
                tooltip=secret_text,
            ),
        )

    @property
    def title(self) -> str:
        """What the table is called."""
        return self.tr("What looks like a secret")

    def _sign(self, secret: SecretFound) -> tuple[str, str]:
        return ("done", "warn") if self.is_ticked(secret) else ("warning", "bad")


class SecretsTable(TickTable):
    """What should not leave this machine: each has a tick of its own for who knows better."""

    def __init__(self, parent: QWidget | None = None) -> None:
        rows = _SecretRows()
        super().__init__(rows.title, rows, parent)


@cache
def _no_tick() -> QIcon:
    """As wide as a tick, so that all names begin in one line."""
    pixmap = QPixmap(16, 16)
    pixmap.fill(Qt.GlobalColor.transparent)
    return QIcon(pixmap)

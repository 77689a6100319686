"""The registered models as a table."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from modelkeep.registrations.finding import RegisteredModel
from modelkeep_gui.icons import icon
from modelkeep_gui.registry.text import (
    model_text,
    origin_text,
    origin_tooltip,
    place_text,
    state_sign,
    state_text,
    state_tooltip,
)
from modelkeep_gui.theme import GRID, colours_of
from modelkeep_gui.widgets.plain_table import PlainTable, TableColumn

__all__ = ["RegisteredTable"]

_CACHED = 1
_LEAST_FIRST = (6, 7, 4)  # the columns that a narrow window leaves out: Cache, Description, Tags
_SENTENCES = (4, 7)
_ORDER = ("", "damaged", "incomplete", "unproven", "whole", "folder")
_COLOURED = ("bad", "warn")


class RegisteredTable(PlainTable):
    """Shows `RegisteredModel`s; what is not here is quieter, and is never muted so far that it could not be read.

    Signals:
        opened: the `RegisteredModel` that was double-clicked, or on which Enter was pressed.
    """

    opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_tr("Registered models"), _columns(), parent=parent)
        self.setItemDelegateForColumn(_CACHED, _StateDelegate(self))
        for number in _SENTENCES:
            self.setItemDelegateForColumn(number, _SentenceDelegate(self))
        self.doubleClicked.connect(lambda index: self.opened.emit(self.rows.value_at(index.row())))
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)

    @property
    def current(self) -> RegisteredModel | None:
        """The one line that is selected."""
        selected: list[RegisteredModel] = self.selected
        return selected[0] if len(selected) == 1 else None

    def show_models(self, models: list[RegisteredModel]) -> None:
        """Show these; the names that were selected stay so."""
        names = {one.registration.name for one in self.selected}
        self.set_values(models)
        self.select_names(names)

    def select_names(self, names: set[str]) -> None:
        """Select the models of these names, and see the first of them."""
        flags = self.selectionModel().SelectionFlag
        found = [row for row, one in enumerate(self.rows.values) if one.registration.name in names]
        for number, row in enumerate(found):
            index = self.rows.index(row, 0)
            if not number:
                self.selectionModel().setCurrentIndex(index, flags.NoUpdate)
                self.scrollTo(index)
            self.selectionModel().select(index, flags.Select | flags.Rows)

    def go_to_first(self) -> None:
        """Give the focus to the models."""
        if self.rows.rowCount() and not self.selected:
            self.selectRow(0)
        self.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many columns as there is room for; what the others say is said of the chosen model beneath."""
        character = self.fontMetrics().averageCharWidth()
        widths = {number: one.width * character + 4 * GRID for number, one in enumerate(self.rows.columns)}
        room = self.viewport().width() - sum(
            width for number, width in widths.items() if number not in _LEAST_FIRST
        )
        for number in reversed(_LEAST_FIRST):
            room -= widths[number]
            self.setColumnHidden(number, room < 0)
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current = self.current
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current is not None:
            self.opened.emit(current)
        else:
            super().keyPressEvent(event)


class _SentenceDelegate(QStyledItemDelegate):
    """Cuts a text at its end, where those of names are cut in the middle."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideRight


class _StateDelegate(QStyledItemDelegate):
    """Sets the sign of a state before its word, and writes what is bad in its colour."""

    def __init__(self, table: RegisteredTable) -> None:
        super().__init__(table)
        self._table = table

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        name, tone = state_sign(self._table.rows.value_at(index.row()))
        option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
        option.icon = icon(name, tone)
        if tone in _COLOURED:
            colour = QColor(getattr(colours_of(QGuiApplication.palette()), tone))
            for role in (QPalette.ColorRole.Text, QPalette.ColorRole.HighlightedText):
                option.palette.setColor(role, colour)


def _tags(one: RegisteredModel) -> str:
    return ", ".join(one.registration.tags)


def _columns() -> tuple[TableColumn[RegisteredModel], ...]:
    return (
        TableColumn(
            _tr("Name"),
            lambda one: one.registration.name,
            lambda one: one.registration.name.casefold(),
            22,
            tooltip=lambda one: one.registration.name,
        ),
        TableColumn(
            _tr("Cached"),
            state_text,
            lambda one: (_ORDER.index(one.state) if one.state in _ORDER else 0, one.size),
            13,
            tooltip=state_tooltip,
        ),
        TableColumn(
            _tr("Type"),
            lambda one: one.registration.model_type,
            lambda one: one.registration.model_type,
            11,
        ),
        TableColumn(_tr("Model"), model_text, lambda one: model_text(one).casefold(), 31, tooltip=model_text),
        TableColumn(_tr("Tags"), _tags, _tags, 14, tooltip=_tags),
        TableColumn(
            _tr("From"),
            origin_text,
            lambda one: (one.registration.file, one.registration.line),
            16,
            tooltip=origin_tooltip,
        ),
        TableColumn(_tr("Cache"), place_text, place_text, 18, tooltip=lambda one: one.root),
        TableColumn(
            _tr("Description"),
            lambda one: one.registration.description,
            lambda one: one.registration.description.casefold(),
            40,
            tooltip=lambda one: one.registration.description,
        ),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Registry", text)

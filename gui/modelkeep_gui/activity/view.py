"""The page of what was done: a search that answers as one types, two choices, and the events."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent, QPalette, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from modelkeep.activity import VERBS, ActivityPage, ActivityQuery
from modelkeep.cache.activity_log import OUTCOMES
from modelkeep.errors import ModelKeepError
from modelkeep_gui.activity.table_model import ActivityTableModel
from modelkeep_gui.activity.text import outcome_sign, outcome_word, verb_word
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.action_button import ActionButton
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.quiet_table import QuietTable

__all__ = ["ActivityView"]

_PAUSE = 120  # milliseconds without a key until what was typed is looked for
_WIDTHS = (17, 10, 15, 30, 9, 34)  # of the columns, in average characters; those of _WIDE share what is left
_MODEL, _RESULT = 3, 5


class ActivityView(QWidget):
    """Shows pages of events.

    Signals:
        wanted: the `ActivityQuery` whose page is to be shown, by `show_page` with the same query.
        export_requested: the `ActivityQuery` of what is shown.
        opened: an `Event` of which the user wants to see the model.
    """

    wanted = Signal(object)
    export_requested = Signal(object)
    opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self._query = ActivityQuery()
        self._shown: ActivityQuery | None = None
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search model, user, cache or detail"))
        self.search.setAccessibleName(self.tr("Search what was done"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.installEventFilter(self)
        self.verb = _choice(self.tr("What was done"), self.tr("Everything"))
        for verb in VERBS:
            self.verb.addItem(verb_word(verb), (verb,))
        self.outcome = _choice(self.tr("Result"), self.tr("Any result"))
        for outcome in OUTCOMES:
            self.outcome.addItem(icon(*outcome_sign(outcome)), outcome_word(outcome), (outcome,))
        self.export = QAction(icon("export"), self.tr("&Export…"), self)
        self.export.triggered.connect(lambda: self.export_requested.emit(self._query))
        self.table = _Table()
        self.rows = self.table.rows
        self._summary = ElidedLabel(muted=True, elide=Qt.TextElideMode.ElideRight)
        self._summary.setMinimumWidth(self.fontMetrics().horizontalAdvance(" 999,999 events "))
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE)
        self._pause.timeout.connect(self._ask)
        self._lay_out()
        self.search.textChanged.connect(lambda _: self._pause.start())
        for box in (self.verb, self.outcome):
            box.currentIndexChanged.connect(lambda _: self._ask())
        self.rows.more_wanted.connect(lambda before: self.wanted.emit(replace(self._query, before=before)))
        self.table.doubleClicked.connect(lambda index: self.opened.emit(self.rows.event_at(index)))
        self.table.return_pressed.connect(lambda index: self.opened.emit(self.rows.event_at(index)))
        self.export.setEnabled(False)

    @property
    def summary(self) -> str:
        """How many events there are, in words; or why there are none."""
        return self._summary.text()

    @property
    def placeholder(self) -> str:
        """What stands in place of the events."""
        return self.table.placeholder

    def refresh(self) -> None:
        """Ask again for what is shown."""
        if self.isVisible() and not self._pause.isActive():
            self._pause.start()

    def show_page(self, query: ActivityQuery, page: ActivityPage) -> None:
        """Show what was found for `query`, unless something else is wanted by now."""
        first = replace(query, before=0)
        if first != self._query:
            return
        if query.before:
            self.rows.add_page(page)
        elif self._shown == first:
            self.rows.update_page(page)
        else:
            self.rows.set_page(page)
            self.table.scrollToTop()
        self._shown = first
        self.export.setEnabled(page.total > 0)
        if not page.total:
            self._summary.setText("")
        elif page.total == 1:
            self._summary.setText(self.tr("1 event"))
        else:
            self._summary.setText(self.tr("{} events").format(f"{page.total:,}"))
        is_all = first == ActivityQuery()
        self.table.set_placeholder(
            self.tr("Nothing was done yet. What changes, brings or sends a model will be listed here.")
            if is_all
            else self.tr("Nothing was found.")
        )

    def show_error(self, error: ModelKeepError) -> None:
        """Say why nothing could be looked for."""
        text = f"{error} {error.hint}".strip()
        self._summary.setText(text)
        self.table.set_placeholder(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Down:
                self.table.go_to_first()
                return True
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask()

    def _ask(self) -> None:
        self._pause.stop()
        self._query = ActivityQuery(
            self.search.text().strip(),
            tuple(self.verb.currentData() or ()),
            tuple(self.outcome.currentData() or ()),
        )
        self.wanted.emit(self._query)

    def _lay_out(self) -> None:
        self.search.setMinimumWidth(40 * GRID)
        line = QHBoxLayout()
        line.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        line.setSpacing(2 * GRID)
        line.addWidget(self.search, 3)
        for part in (self.verb, self.outcome, ActionButton(self.export)):
            line.addWidget(part)
        line.addWidget(self._summary, 1)
        table = QHBoxLayout()
        table.setContentsMargins(2 * GRID, 0, GRID, 0)
        table.addWidget(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(line)
        layout.addLayout(table, 1)


class _Table(QuietTable):
    """The events.

    Signals:
        return_pressed: the index of the current event.
    """

    return_pressed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.rows = ActivityTableModel(self)
        self.setAccessibleName(self.tr("What was done"))
        self.setFrameShape(QuietTable.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setModel(self.rows)
        header = self.horizontalHeader()
        header.setSectionsClickable(False)  # another order would be one of those alone that were read so far
        self.set_widths(_WIDTHS)
        for number in (_MODEL, _RESULT):
            header.setSectionResizeMode(number, QHeaderView.ResizeMode.Stretch)

    def go_to_first(self) -> None:
        """Give the focus to the events."""
        if self.rows.rowCount() and not self.currentIndex().isValid():
            self.setCurrentIndex(self.rows.index(0, 0))
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.return_pressed.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)


def _choice(name: str, everything: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(name)
    box.addItem(everything, ())
    return box

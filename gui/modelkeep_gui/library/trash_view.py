"""What was deleted and is not gone yet, in place of the library's table while the sidebar's Trash is chosen."""

from __future__ import annotations

import time
from collections.abc import Sequence
from operator import attrgetter

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QKeySequence, QPalette
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from modelkeep.cache.trash import TrashEntry
from modelkeep.text import exact_size_text, path_text, size_text, time_text
from modelkeep_gui.ages import age_text
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.action_button import ActionButton
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.own_keys import OwnKeys
from modelkeep_gui.widgets.plain_table import PlainTable, TableColumn

__all__ = ["TrashView"]


class TrashView(QWidget):
    """A table of the trash of all caches, with what can be done about it above.

    Signals:
        restore_requested: list of the `TrashEntry`s to put back.
        removal_requested: list of those to remove for good.
        emptying_requested: all of it is to be removed.
    """

    restore_requested = Signal(object)
    removal_requested = Signal(object)
    emptying_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.table = PlainTable(self.tr("Trash"), self._columns())
        self.table.set_placeholder(self.tr("The trash is empty"))
        self.table.selection_changed.connect(self._follow_selection)
        self._summary = ElidedLabel()
        self._summary.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        keys = OwnKeys(self.table)
        self.restore = keys.add(icon("undo"), self.tr("&Restore"))
        self.restore.triggered.connect(lambda: self.restore_requested.emit(self._restorable()))
        self.remove = keys.add(icon("delete"), self.tr("&Delete for good…"), QKeySequence.StandardKey.Delete)
        self.remove.triggered.connect(lambda: self.removal_requested.emit(self.table.selected))
        self.empty = QAction(icon("trash"), self.tr("&Empty trash…"), self)
        self.empty.triggered.connect(self.emptying_requested)
        self._lay_out()
        self.set_entries(())

    def set_entries(self, entries: Sequence[TrashEntry]) -> None:
        """Show what is in the trash now."""
        self.table.set_values(entries)
        self.empty.setEnabled(bool(entries))
        self._follow_selection(self.table.selected)

    @property
    def summary(self) -> str:
        """How much is in the trash, or selected of it."""
        return self._summary.text()

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        line.setSpacing(2 * GRID)
        for action in (self.restore, self.remove, self.empty):
            line.addWidget(ActionButton(action))
        line.addWidget(self._summary, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(line)
        table = QHBoxLayout()
        table.setContentsMargins(2 * GRID, 0, GRID, 0)
        table.addWidget(self.table)
        layout.addLayout(table, 1)

    def _restorable(self) -> list[TrashEntry]:
        return [entry for entry in self.table.selected if entry.what != "leftover"]

    def _follow_selection(self, selected: list[TrashEntry]) -> None:
        self.restore.setEnabled(bool(self._restorable()))
        self.remove.setEnabled(bool(selected))
        shown = selected or self.table.rows.values
        if not shown:
            self._summary.setText("")
            return
        freed = size_text(sum(entry.frees for entry in shown))
        count = f"{len(shown):,}"
        if selected:
            text = self.tr("{} selected · {} to gain").format(count, freed)
        elif len(shown) == 1:
            text = self.tr("1 item · {} to gain").format(freed)
        else:
            text = self.tr("{} items · {} to gain").format(count, freed)
        self._summary.setText(text)

    def _columns(self) -> tuple[TableColumn[TrashEntry], ...]:
        tr = self.tr
        return (
            TableColumn(
                tr("Name"),
                self._name,
                lambda entry: self._name(entry).casefold(),
                24,
                tooltip=lambda entry: str(entry.key),
            ),
            TableColumn(tr("What"), self._what, self._what, 20),
            TableColumn(tr("By"), attrgetter("deleted_by"), attrgetter("deleted_by"), 10),
            TableColumn(
                tr("Cache"),
                lambda entry: path_text(entry.root),
                attrgetter("root"),
                20,
                tooltip=attrgetter("root"),
            ),
            TableColumn(
                tr("Deleted"),
                lambda entry: age_text(time.time() - entry.deleted_at),
                attrgetter("deleted_at"),
                9,
                tooltip=lambda entry: time_text(entry.deleted_at),
                is_figure=True,
            ),
            TableColumn(
                tr("Frees"),
                lambda entry: size_text(entry.frees),
                attrgetter("frees"),
                9,
                tooltip=lambda entry: exact_size_text(entry.frees),
                is_figure=True,
            ),
        )

    def _name(self, entry: TrashEntry) -> str:
        # What is left of an interrupted emptying may have lost its journal, and with it its name.
        return self.tr("not known") if entry.key.repo_id == "?" else entry.key.repo_id

    def _what(self, entry: TrashEntry) -> str:
        match entry.what:
            case "revision":
                return self.tr("revision {}").format((entry.key.revision or "")[:7])
            case "files":
                if entry.files == 1:
                    return self.tr("1 file")
                return self.tr("{} files").format(f"{entry.files:,}")
            case "leftover":
                return self.tr("rest of an emptying")
        kinds = {
            "model": self.tr("model"),
            "dataset": self.tr("dataset"),
            "space": self.tr("space"),
            "kernel": self.tr("kernel"),
        }
        return kinds.get(entry.key.repo_type, entry.key.repo_type)

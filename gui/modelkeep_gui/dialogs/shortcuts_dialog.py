"""The keys of all commands, to look up."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialogButtonBox, QWidget

from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.plain_table import PlainTable, TableColumn

__all__ = ["ShortcutsDialog"]


class Line(NamedTuple):
    """A command with its keys, as they are called on this system."""

    command: str
    keys: str
    help: str


class ShortcutsDialog(Sheet):
    """A table of those `actions` that have a shortcut."""

    def __init__(self, actions: Sequence[QAction], parent: QWidget | None = None) -> None:
        title = QCoreApplication.translate("ShortcutsDialog", "Keyboard shortcuts")
        super().__init__(title, "list", "accent", parent)
        columns = (
            TableColumn[Line](
                self.tr("Command"),
                attrgetter("command"),
                attrgetter("command"),
                30,
                tooltip=attrgetter("help"),
            ),
            TableColumn[Line](self.tr("Keys"), attrgetter("keys"), attrgetter("keys"), 20),
        )
        self.table = PlainTable(title, columns)
        self.table.setSelectionMode(PlainTable.SelectionMode.SingleSelection)
        self.table.set_values([_line(action) for action in actions if not action.shortcut().isEmpty()])
        self.body.addWidget(self.table)
        self.set_default(self.add_button(self.tr("Close"), QDialogButtonBox.ButtonRole.RejectRole))
        self.resize(120 * GRID, 130 * GRID)


def _line(action: QAction) -> Line:
    native = QKeySequence.SequenceFormat.NativeText
    keys = ", ".join(shortcut.toString(native) for shortcut in action.shortcuts())
    return Line(action.iconText(), keys, action.statusTip())

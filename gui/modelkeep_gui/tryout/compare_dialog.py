"""With what a model is to be compared."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtWidgets import QAbstractItemView, QDialogButtonBox, QLineEdit, QWidget

from modelkeep.keys import ModelKey
from modelkeep.rows import ModelRow, Selection
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.plain_table import PlainTable, TableColumn

__all__ = ["CompareDialog", "Other", "others"]


class Other(NamedTuple):
    """A revision to compare with. `is_same`: it is one of the same model."""

    selection: Selection
    name: str
    revision: str
    task: str
    is_same: bool


def others(rows: Sequence[ModelRow], chosen: Selection, commit: str, task: str) -> list[Other]:
    """What there is to compare the revision `commit` of the chosen model with: its other revisions first, then what
    is for the same task, then the rest."""
    name = ModelKey.known(chosen.key).name
    found = []
    for row in rows:
        is_same = (row.root, row.key) == (chosen.root, name)
        for revision in row.revisions if is_same else row.revisions[:1]:
            if row.repo_type != "model" or (is_same and revision.commit == commit):
                continue
            refs = [ref.removeprefix("refs/") for ref in revision.refs]
            said = " · ".join((*refs, revision.commit[:7]))
            selection = Selection(row.root, f"{row.key}@{revision.commit}")
            found.append(Other(selection, row.repo_id, said, row.task, is_same))
    return sorted(found, key=lambda one: (not one.is_same, one.task != task, one.name.casefold()))


class CompareDialog(Sheet):
    """A list that one narrows by typing."""

    def __init__(self, name: str, found: Sequence[Other], parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Compare {} with").format(name), "compare", "accent", parent)
        self.setMinimumSize(160 * GRID, 100 * GRID)
        self._found = list(found)
        self.field = QLineEdit()
        self.field.setPlaceholderText(self.tr("Filter"))
        self.field.setAccessibleName(self.tr("Filter"))
        self.field.setClearButtonEnabled(True)
        tr = self.tr
        self.table = PlainTable(
            tr("Models"),
            [
                TableColumn[Other](
                    tr("Name"), lambda one: one.name, lambda one: one.name.casefold(), width=30
                ),
                TableColumn[Other](
                    tr("Revision"), lambda one: one.revision, lambda one: one.revision, width=20
                ),
                TableColumn[Other](tr("Task"), lambda one: one.task, lambda one: one.task, width=20),
                TableColumn[Other](
                    tr("Cache"),
                    lambda one: os.path.basename(one.selection.root),
                    lambda one: one.selection.root,
                    width=10,
                    tooltip=lambda one: one.selection.root,
                ),
            ],
        )
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.set_placeholder(tr("There is nothing to compare it with."))
        self.body.addWidget(self.field)
        self.body.addWidget(self.table, 1)
        self.compare = self.add_button(tr("&Compare"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = self.add_button(tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self.compare.setDefault(True)
        self.field.textChanged.connect(self._narrow)
        self.table.selection_changed.connect(lambda chosen: self.compare.setEnabled(bool(chosen)))
        self.table.doubleClicked.connect(lambda _: self.accept())
        self._narrow("")
        self.field.setFocus()

    @property
    def chosen(self) -> Selection:
        """What is chosen. Only once it was accepted."""
        other: Other = self.table.selected[0]
        return other.selection

    def _narrow(self, text: str) -> None:
        words = text.casefold().split()
        shown = [
            one
            for one in self._found
            if all(word in f"{one.name} {one.revision} {one.task}".casefold() for word in words)
        ]
        self.table.set_values(shown)
        if shown:
            self.table.selectRow(0)
        self.compare.setEnabled(bool(shown))

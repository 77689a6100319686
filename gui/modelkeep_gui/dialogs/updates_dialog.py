"""What hubs have newer than the caches: which files differ, what fetching them takes, and fetching it."""

from __future__ import annotations

import os
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialogButtonBox, QSplitter, QWidget

from modelkeep.hub.updates import FileChange, Update
from modelkeep.text import exact_size_text, size_text
from modelkeep_gui.dialogs.plan_table import PlanRows, PlanTable
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import remark
from modelkeep_gui.widgets.plain_table import PlainTable, TableColumn

__all__ = ["UpdatesDialog"]


class UpdatesDialog(Sheet):
    """Shows the answers for models; those that are newer are selected at first.

    Signals:
        fetch_requested: list of `Update` to download; the dialog closes itself.
    """

    fetch_requested = Signal(object)

    def __init__(self, updates: Sequence[Update], parent: QWidget | None = None) -> None:
        super().__init__("", "update", "accent", parent)
        self._updates = sorted(updates, key=_order)
        self.resize(210 * GRID, 130 * GRID)
        self.table = PlainTable(self.tr("Models"), self._columns(), is_muted=lambda one: not one.is_newer)
        self.table.setFrameShape(PlainTable.Shape.StyledPanel)
        self.changes = PlanTable(self.tr("Files that differ"), self._change_rows())
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        for part, stretch in ((self.table, 3), (self.changes, 2)):
            parts.addWidget(part)
            parts.setStretchFactor(parts.indexOf(part), stretch)
        self._remark = remark("")
        self.body.addWidget(self._remark)
        self.body.addWidget(parts, 1)
        role = QDialogButtonBox.ButtonRole
        self.fetch = self.add_button("", role.AcceptRole)
        self.later = self.add_button(self.tr("&Close"), role.RejectRole)
        self.accepted.connect(lambda: self.fetch_requested.emit(self._chosen()))
        self.table.selection_changed.connect(lambda _: self._follow())
        self.table.set_values(self._updates)
        self._say()
        self._select_newer()
        self._follow()
        self.set_default(self.fetch if self._chosen() else self.later)

    def _say(self) -> None:
        newer = sum(one.is_newer for one in self._updates)
        if newer == 1:
            title = self.tr("1 model has something newer")
        elif newer:
            title = self.tr("{} models have something newer").format(f"{newer:,}")
        elif self._updates and all(one.error for one in self._updates):
            title = self.tr("No hub could say whether there is something newer")
        else:
            title = self.tr("Nothing newer was found")
        self.setWindowTitle(title)
        self.heading.setText(title)
        self._remark.setText(
            self.tr("Asking changed nothing. What is fetched becomes a revision more; the old one stays.")
        )

    def _select_newer(self) -> None:
        flags = self.table.selectionModel().SelectionFlag
        for row, one in enumerate(self.table.rows.values):
            if one.is_newer:
                index = self.table.rows.index(row, 0)
                self.table.selectionModel().select(index, flags.Select | flags.Rows)

    def _chosen(self) -> list[Update]:
        return [one for one in self.table.selected if one.is_newer]

    def _follow(self) -> None:
        selected, chosen = self.table.selected, self._chosen()
        self.changes.set_values(selected[0].changes if len(selected) == 1 else ())
        self.fetch.setEnabled(bool(chosen))
        size = size_text(sum(one.bytes_new for one in chosen))
        self.fetch.setText(self.tr("&Download {}").format(size) if chosen else self.tr("&Download"))

    # ---- the tables

    def _columns(self) -> tuple[TableColumn[Update], ...]:
        tr = self.tr
        return (
            TableColumn(tr("Name"), lambda one: one.key.repo_id, lambda one: one.key.repo_id.casefold(), 28),
            TableColumn(tr("What"), self._what, self._what, 34, tooltip=self._why),
            TableColumn(tr("Ref"), lambda one: one.ref, lambda one: one.ref, 8),
            TableColumn(
                tr("Cache"),
                lambda one: os.path.basename(one.root),
                lambda one: one.root,
                10,
                tooltip=lambda one: one.root,
            ),
            TableColumn(
                tr("Fetches"),
                lambda one: size_text(one.bytes_new) if one.is_newer else "",
                lambda one: one.bytes_new,
                9,
                tooltip=lambda one: exact_size_text(one.bytes_new) if one.is_newer else "",
                is_figure=True,
            ),
        )

    def _what(self, one: Update) -> str:
        if one.error:
            return str(one.error)
        if one.note and not one.is_newer:
            return one.note
        if not one.is_newer:
            return self.tr("up to date")
        count = len(one.changes)
        files = self.tr("1 file") if count == 1 else self.tr("{} files").format(f"{count:,}")
        return self.tr("{} differ, {} to {}").format(files, one.old[:7], one.new[:7])

    def _why(self, one: Update) -> str:
        return "\n".join(filter(None, (one.error.hint if one.error else "", one.note, one.last_modified)))

    def _change_rows(self) -> PlanRows[FileChange]:
        tr = self.tr
        columns = (
            TableColumn[FileChange](tr("File"), lambda one: one.path, lambda one: one.path.casefold(), 28),
            TableColumn[FileChange](tr("What"), self._change_word, lambda one: one.kind, 12),
            TableColumn[FileChange](
                tr("Now"), lambda one: _size(one.old_size), lambda one: one.old_size or 0, 9, is_figure=True
            ),
            TableColumn[FileChange](
                tr("Newer"), lambda one: _size(one.new_size), lambda one: one.new_size or 0, 9, is_figure=True
            ),
        )
        return PlanRows(columns, _change_sign, 1, lambda one: False)

    def _change_word(self, one: FileChange) -> str:
        words = {"added": self.tr("added"), "removed": self.tr("removed"), "changed": self.tr("changed")}
        return words[one.kind]


def _order(one: Update) -> tuple[int, str]:
    return 0 if one.is_newer else 1 if one.error else 2, one.key.repo_id.casefold()


def _size(size: int | None) -> str:
    return "" if size is None else size_text(size)


def _change_sign(one: FileChange) -> tuple[str, str]:
    return {"added": ("plus", "good"), "removed": ("cancel", "muted"), "changed": ("update", "accent")}[
        one.kind
    ]

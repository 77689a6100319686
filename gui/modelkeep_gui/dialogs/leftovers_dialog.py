"""Imports that were interrupted: to go on with, or to clear what they left."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QDialogButtonBox, QWidget

from modelkeep.cache.staging import LeftStaging
from modelkeep.text import exact_size_text, size_text, time_text
from modelkeep_gui.ages import age_text
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import remark
from modelkeep_gui.widgets.plain_table import PlainTable, TableColumn

__all__ = ["LeftoversDialog", "left_name"]


def left_name(left: LeftStaging) -> str:
    """What was being imported: the model, else the archive."""
    if left.key:
        return left.key.repo_id
    name = os.path.basename(left.sources[0]) if left.sources else ""
    return name or QCoreApplication.translate("LeftoversDialog", "a model")


class LeftoversDialog(Sheet):
    """Shows what was left; all of it is selected at first, and the buttons are about what is selected.

    Signals:
        resume_requested, clearing_requested: list of `LeftStaging`; the dialog closes itself.
    """

    resume_requested = Signal(object)
    clearing_requested = Signal(object)

    def __init__(self, left: Sequence[LeftStaging], parent: QWidget | None = None) -> None:
        super().__init__("", "import", "warn", parent)
        title = self.tr("1 import was interrupted")
        if len(left) > 1:
            title = self.tr("{} imports were interrupted").format(f"{len(left):,}")
        self.setWindowTitle(title)
        self.heading.setText(title)
        self.resize(190 * GRID, 80 * GRID)
        self.table = PlainTable(self.tr("Interrupted imports"), self._columns())
        self.table.setFrameShape(PlainTable.Shape.StyledPanel)
        self.table.set_values(left)
        self.body.addWidget(remark(self.tr("What was read and checked so far is kept, and not read again.")))
        self.body.addWidget(self.table, 1)
        role = QDialogButtonBox.ButtonRole
        self.resume = self.add_button("", role.AcceptRole)
        self.clear = self.add_button("", role.DestructiveRole, icon_name="delete")
        self.later = self.add_button(self.tr("&Later"), role.RejectRole)
        self.accepted.connect(lambda: self.resume_requested.emit(self._resumable()))
        self.clear.clicked.connect(self._clear)
        self.table.selection_changed.connect(lambda _: self._follow())
        self.table.selectAll()
        self._follow()
        self.set_default(self.resume)

    def _resumable(self) -> list[LeftStaging]:
        return [left for left in self.table.selected if left.sources]

    def _clear(self) -> None:
        chosen = self.table.selected
        self.reject()
        self.clearing_requested.emit(chosen)

    def _follow(self) -> None:
        chosen, resumable = self.table.selected, self._resumable()
        self.resume.setEnabled(bool(resumable))
        self.clear.setEnabled(bool(chosen))
        text = self.tr("&Resume") if len(resumable) < 2 else self.tr("&Resume {}").format(len(resumable))
        self.resume.setText(text)
        freed = size_text(sum(left.on_disk for left in chosen))
        self.clear.setText(self.tr("&Clear, free {}").format(freed))

    def _columns(self) -> tuple[TableColumn[LeftStaging], ...]:
        return (
            TableColumn(self.tr("Model"), left_name, lambda left: left_name(left).casefold(), 20),
            TableColumn(
                self.tr("From"),
                lambda left: ", ".join(map(os.path.basename, left.sources)),
                lambda left: left.sources,
                28,
                tooltip=lambda left: "\n".join(left.sources),
            ),
            TableColumn(
                self.tr("Begun"),
                lambda left: age_text(time.time() - left.started),
                lambda left: left.started,
                8,
                tooltip=lambda left: time_text(left.started),
                is_figure=True,
            ),
            TableColumn(
                self.tr("On disk"),
                lambda left: size_text(left.on_disk),
                lambda left: left.on_disk,
                9,
                tooltip=lambda left: exact_size_text(left.on_disk),
                is_figure=True,
            ),
        )

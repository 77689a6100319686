"""Works that were interrupted: imports to go on with, and what they and others left, to clear."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QDialogButtonBox, QWidget

from modelkeep.cache.staging import LeftStaging
from modelkeep.leftovers import BegunBy, begun_by
from modelkeep.text import exact_size_text, size_text, time_text
from modelkeep_gui.ages import age_text
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import remark
from modelkeep_gui.widgets.plain_table import PlainTable, TableColumn

__all__ = ["LeftoversDialog", "can_resume", "heading", "left_name", "left_text"]


def left_name(left: LeftStaging) -> str:
    """What was being imported: the model, else the archive."""
    if left.key:
        return left.key.repo_id
    name = os.path.basename(left.sources[0]) if left.sources else ""
    return name or _tr("a model")


def can_resume(left: LeftStaging) -> bool:
    """Whether it is an import, which can go on by itself."""
    return begun_by(left) is BegunBy.IMPORT


def left_text(left: LeftStaging) -> str:
    """What was interrupted, as a sentence."""
    match begun_by(left):
        case BegunBy.IMPORT:
            text = _tr("An import of {} was interrupted.")
        case BegunBy.MENDING:
            text = _tr("The mending of {} was interrupted: mend it again.")
        case BegunBy.CONVERSION:
            text = _tr("The conversion of {} was interrupted: convert it again.")
        case BegunBy.PUSH:
            text = _tr("A push of {} was not finished: push it again.")
        case BegunBy.UNKNOWN:
            text = _tr("Something of {} was left: nobody knows what it was to become.")
    return text.format(left_name(left))


def heading(left: Sequence[LeftStaging]) -> str:
    """What was interrupted, counted."""
    if len(left) == 1:
        return _tr("1 import was interrupted") if can_resume(left[0]) else _tr("1 work was interrupted")
    if all(map(can_resume, left)):
        return _tr("{} imports were interrupted").format(f"{len(left):,}")
    return _tr("{} works were interrupted").format(f"{len(left):,}")


class LeftoversDialog(Sheet):
    """Shows what was left; all of it is selected at first, and the buttons are about what is selected.

    Signals:
        resume_requested, clearing_requested: list of `LeftStaging`; the dialog closes itself.
    """

    resume_requested = Signal(object)
    clearing_requested = Signal(object)

    def __init__(self, left: Sequence[LeftStaging], parent: QWidget | None = None) -> None:
        super().__init__("", "import", "warn", parent)
        title = heading(left)
        self.setWindowTitle(title)
        self.heading.setText(title)
        self.resize(190 * GRID, 80 * GRID)
        self.table = PlainTable(title, self._columns())
        self.table.setFrameShape(PlainTable.Shape.StyledPanel)
        self.table.set_values(left)
        if any(map(can_resume, left)):
            said = self.tr("What was read and checked so far is kept, and not read again.")
        else:
            said = self.tr("It cannot be resumed here: run it again, or clear what it left.")
        self.body.addWidget(remark(said))
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
        return [left for left in self.table.selected if can_resume(left)]

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
                _from_text,
                _from_text,
                28,
                tooltip=lambda left: "\n".join(left.sources) or left_text(left),
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


def _from_text(left: LeftStaging) -> str:
    """Where it came from: the archives, else the work that has to be done again."""
    match begun_by(left):
        case BegunBy.IMPORT:
            return ", ".join(map(os.path.basename, left.sources))
        case BegunBy.MENDING:
            return _tr("Mending, run it again")
        case BegunBy.CONVERSION:
            return _tr("Conversion, run it again")
        case BegunBy.PUSH:
            return _tr("Push, run it again")
        case BegunBy.UNKNOWN:
            return _tr("Unknown")


def _tr(text: str) -> str:
    return QCoreApplication.translate("LeftoversDialog", text)

"""What converting a model to safetensors would do: which files are made, which stay, which go, and what it takes."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from PySide6.QtWidgets import QCheckBox, QDialogButtonBox, QWidget

from modelkeep.convert.plan import ConversionPlan
from modelkeep.text import exact_size_text, size_text
from modelkeep_gui.dialogs.disk_room import DiskRoom
from modelkeep_gui.dialogs.plan_table import PlanRows, PlanTable
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import remark
from modelkeep_gui.widgets.notice import Notice
from modelkeep_gui.widgets.plain_table import TableColumn

__all__ = ["ConvertDialog"]


class _Line(NamedTuple):
    """A file; `target` is made of it, `is_kept`: both revisions have it, `is_new`: only the new one has."""

    source: str
    target: str = ""
    size: int = 0
    is_kept: bool = False
    is_new: bool = False


class ConvertDialog(Sheet):
    """Shows a `ConversionPlan`. Its `answer` counts once it was accepted."""

    def __init__(self, plan: ConversionPlan, parent: QWidget | None = None) -> None:
        name = plan.key.repo_id
        super().__init__(self.tr("Convert {} to safetensors").format(name), "convert", "accent", parent)
        self._plan = plan
        self.setWindowTitle(self.tr("Convert to safetensors"))
        self.setMinimumWidth(170 * GRID)
        self.notice = TonedNotice()
        self.notice.setVisible(bool(plan.problem))
        self.notice.say(" ".join(filter(None, (plan.problem, plan.hint))), "info", "warn")
        self.files = PlanTable(self.tr("Files of the new revision"), self._rows())
        self.files.set_values(_lines(plan))
        self.room = DiskRoom()
        self.main = QCheckBox(self.tr("Let &main lead to the new revision"))
        self.main.setChecked(plan.moves_main)
        self._consequence = remark("")
        role = QDialogButtonBox.ButtonRole
        self.convert = self.add_button("", role.AcceptRole)
        self.cancel = self.add_button(
            self.tr("Close") if plan.problem else self.tr("Cancel"), role.RejectRole
        )
        self._lay_out()
        self.main.toggled.connect(lambda _: self._explain())
        self._explain()
        self.convert.setVisible(not plan.problem)
        self.set_default(self.convert if self.convert.isEnabled() else self.cancel)

    @property
    def answer(self) -> ConversionPlan:
        """The plan, with what the user decided about `main`."""
        return replace(self._plan, moves_main=self.main.isChecked())

    @property
    def consequence(self) -> str:
        """What is said to follow for programs that load the model."""
        return self._consequence.text()

    def _lay_out(self) -> None:
        plan, can = self._plan, not self._plan.problem
        self.body.addWidget(self.notice)
        if plan.present:
            text = self.tr("It was converted before: {} is here. Nothing is written again.")
            self.body.addWidget(Notice(text.format(plan.present[:7]), "whole", "good"))
        elif can:
            text = self.tr(
                "Makes a revision beside {}, which stays as it is. A process without a network reads the pickles, "
                "and every tensor of the new files is compared with the old, bit for bit."
            )
            self.body.addWidget(remark(text.format(plan.commit[:7])))
        if self._has_files:
            self.body.addWidget(self.files, 1)
        for note in plan.notes:
            self.body.addWidget(Notice(note, "info", "warn"))
        for part in (self.room, self.main, self._consequence):
            self.body.addWidget(part)
            part.setVisible(can)
        self.room.setVisible(can and not plan.present)
        self._consequence.setIndent(6 * GRID)
        if can and not plan.present:
            self.room.show_room(plan.bytes_needed, plan.free, plan.reserve)
        self.body.addStretch()

    @property
    def _has_files(self) -> bool:
        return bool(self._plan.files)

    def _enable(self) -> None:
        plan = self._plan
        can = not plan.problem and plan.fits and bool(plan.files)
        size = sum(file.size for file in plan.files)
        if plan.present:
            text = self.tr("&Let main lead to it") if self.main.isChecked() else self.tr("&Show it")
        else:
            text = self.tr("Con&vert {}").format(size_text(size)) if size else self.tr("Con&vert")
        self.convert.setText(text)
        self.convert.setEnabled(can)

    def _explain(self) -> None:
        name, ref = self._plan.key.repo_id, self._plan.ref
        if self.main.isChecked():
            text = self.tr(
                "Who loads {} by its name gets the new revision, offline and until the hub has something newer. "
                "To go back, make the old one main again."
            )
        else:
            text = self.tr(
                "Who loads {} by its name gets what they get now. The new revision is loaded as revision “{}”."
            )
        self._consequence.setText(text.format(name, ref))
        self._enable()

    def _rows(self) -> PlanRows[_Line]:
        tr = self.tr
        columns = (
            TableColumn[_Line](
                tr("File"), lambda line: line.source, lambda line: line.source.casefold(), 28, tooltip=_source
            ),
            TableColumn[_Line](
                tr("In the new revision"), self._becomes, self._becomes, 34, tooltip=self._becomes
            ),
            TableColumn[_Line](
                tr("Size"),
                lambda line: size_text(line.size) if line.target else "",
                lambda line: line.size,
                9,
                tooltip=lambda line: exact_size_text(line.size) if line.target else "",
                is_figure=True,
            ),
        )
        return PlanRows(columns, _sign, 1, lambda line: line.is_kept)

    def _becomes(self, line: _Line) -> str:
        if line.is_new:
            return self.tr("written anew")
        if line.target:
            return line.target
        return self.tr("the same file") if line.is_kept else self.tr("left out")


def _lines(plan: ConversionPlan) -> list[_Line]:
    return [
        *(_Line(*file) for file in plan.files),
        *(_Line(index.path, is_new=True) for index in plan.indices),
        *(_Line(name) for name in plan.dropped if name not in {file.source for file in plan.files}),
        *(_Line(name, is_kept=True) for name in plan.kept),
    ]


def _source(line: _Line) -> str:
    return line.source


def _sign(line: _Line) -> tuple[str, str]:
    if line.is_new:
        return "plus", "accent"
    if line.target:
        return "convert", "accent"
    return ("whole", "muted") if line.is_kept else ("cancel", "muted")

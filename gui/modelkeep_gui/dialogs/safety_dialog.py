"""What a scan found in models: which are how bad, what was found in the chosen one, and what helps."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialogButtonBox, QPushButton, QSplitter, QWidget

from modelkeep.keys import ModelKey
from modelkeep.rows import Selection
from modelkeep.safety.verdict import ModelVerdict, Verdict, worst_of
from modelkeep_gui.dialogs.plan_table import PlanRows, PlanTable
from modelkeep_gui.dialogs.safety_findings import FindingsList
from modelkeep_gui.dialogs.safety_text import (
    advice,
    filter_text,
    lines,
    pickles_of,
    report,
    sign,
    summary,
    verdict_text,
)
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import remark
from modelkeep_gui.widgets.plain_table import TableColumn

__all__ = ["Examined", "SafetyDialog"]


class Examined(NamedTuple):
    """A revision and what was found in it; `about` is where it is, or the archive that it is in."""

    about: Selection
    verdict: ModelVerdict

    @property
    def key(self) -> ModelKey:
        return ModelKey.known(self.about.key)

    @property
    def name(self) -> str:
        return self.key.repo_id


class SafetyDialog(Sheet):
    """Shows models, the worst first, of which one is chosen; clean ones are only counted.

    Signals:
        convert_requested: the `Selection` of the revision to make safetensors of.
        delete_requested: the `Selection` of the revision to delete.
    """

    convert_requested = Signal(object)
    delete_requested = Signal(object)

    def __init__(
        self,
        found: Sequence[Examined],
        parent: QWidget | None = None,
        *,
        advise: Callable[[Verdict], str] = advice,
    ) -> None:
        worst = worst_of([one.verdict.verdict for one in found])
        super().__init__("", *sign(worst), parent)
        self._found = sorted(found, key=lambda one: (-one.verdict.verdict, one.name.casefold()))
        self._shown = [one for one in self._found if one.verdict.verdict > Verdict.CLEAN]
        self.resize(210 * GRID, 130 * GRID)
        self.remedies: list[QPushButton] = []
        self._advise = advise
        self._advice = remark("")
        rows = PlanRows[Examined](
            self._columns(), lambda one: sign(one.verdict.verdict), 1, lambda one: False
        )
        self.table = PlanTable(self.tr("Models"), rows)
        self._rows = rows
        self.findings = FindingsList(self.tr("Findings"))
        self.findings.setFrameShape(FindingsList.Shape.StyledPanel)
        self.findings.setAlternatingRowColors(True)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        for part, stretch in ((self.table, 2), (self.findings, 3)):
            parts.addWidget(part)
            parts.setStretchFactor(parts.indexOf(part), stretch)
        self._remark = remark("")
        self.body.addWidget(self._remark)
        self.body.addWidget(parts, 1)
        self.body.addWidget(self._advice)
        self._add_buttons()
        self._say(worst)
        self.table.set_values(self._shown)
        self.table.selectionModel().currentChanged.connect(lambda *_: self._follow())
        if self._shown:
            self.table.setCurrentIndex(rows.index(0, 0))
        self._follow()

    @property
    def current(self) -> Examined | None:
        """The model that is chosen."""
        index = self.table.currentIndex()
        return self._rows.value_at(index.row()) if index.isValid() else None

    @property
    def texts(self) -> list[str]:
        """What the chosen model is said to be, column by column, and what to do about it."""
        row = self.table.currentIndex().row()
        cells = [str(self._rows.index(row, column).data()) for column in range(self._rows.columnCount())]
        return [*cells, self._advice.text()]

    def add_remedy(self, text: str, icon_name: str, begin: Callable[[Examined], object]) -> QPushButton:
        """A button at the bottom that does something about the chosen model."""
        button = self.add_button(text, QDialogButtonBox.ButtonRole.ActionRole, icon_name=icon_name)
        button.clicked.connect(lambda: begin(self.current) if self.current else None)
        self.remedies.append(button)
        return button

    def offer_cache_remedies(self) -> None:
        """Offer what helps models that are in a cache: other weights, or none."""
        self.convert = self.add_remedy(
            self.tr("Con&vert to safetensors…"),
            "convert",
            lambda one: self.convert_requested.emit(one.about),
        )
        self.delete = self.add_remedy(
            self.tr("&Delete…"), "delete", lambda one: self.delete_requested.emit(one.about)
        )
        self.table.selectionModel().currentChanged.connect(lambda *_: self._enable_remedies())
        self._enable_remedies()

    def keep_only(self, wanted: Callable[[Examined], bool]) -> None:
        """Show no model any more about which something was done; without any the dialog closes."""
        kept = [one for one in self._shown if wanted(one)]
        if kept == self._shown:
            return
        self._shown = kept
        if not kept:
            self.accept()
            return
        self.table.set_values(kept)
        self.table.setCurrentIndex(self._rows.index(0, 0))

    def _enable_remedies(self) -> None:
        one = self.current
        self.delete.setEnabled(one is not None)
        self.convert.setEnabled(one is not None and bool(pickles_of(file.path for file in one.verdict.files)))

    def _add_buttons(self) -> None:
        role = QDialogButtonBox.ButtonRole
        self._copy = self.add_button(self.tr("Cop&y"), role.ActionRole, icon_name="copy")
        self._copy.clicked.connect(self._copy_all)
        self.close_button = self.add_button(self.tr("Close"), role.RejectRole)
        self.set_default(self.close_button)

    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText(report((str(one.key), one.verdict) for one in self._found))
        self._copy.setText(self.tr("Copied"))

    def _say(self, worst: Verdict) -> None:
        count, total = (
            _models(one for one in self._found if one.verdict.verdict == worst),
            _models(self._found),
        )
        self.setWindowTitle(self.tr("Scan for unsafe content"))
        self.heading.setText(self._one_title(worst) if total == 1 else self._title(worst, count, total))
        clean = len(self._found) - len(self._shown)
        said = [self.tr("1 clean revision is not listed.")] if clean == 1 else []
        if clean > 1:
            said = [self.tr("{} clean revisions are not listed.").format(f"{clean:,}")]
        self._remark.setText(" ".join((*said, filter_text())))

    def _one_title(self, worst: Verdict) -> str:
        name = self._found[0].name
        match worst:
            case Verdict.DANGEROUS:
                return self.tr("{} is dangerous").format(name)
            case Verdict.COULD_NOT_SCAN:
                return self.tr("{} could not be scanned as a whole").format(name)
            case Verdict.SUSPICIOUS:
                return self.tr("{} is suspicious").format(name)
        return self.tr("Nothing unsafe was found in {}").format(name)

    def _title(self, worst: Verdict, count: int, total: int) -> str:
        match worst:
            case Verdict.DANGEROUS if count == 1:
                text = self.tr("1 of {} models is dangerous")
            case Verdict.DANGEROUS:
                text = self.tr("{1} of {0} models are dangerous")
            case Verdict.COULD_NOT_SCAN if count == 1:
                text = self.tr("1 of {} models could not be scanned as a whole")
            case Verdict.COULD_NOT_SCAN:
                text = self.tr("{1} of {0} models could not be scanned as a whole")
            case Verdict.SUSPICIOUS if count == 1:
                text = self.tr("1 of {} models is suspicious")
            case Verdict.SUSPICIOUS:
                text = self.tr("{1} of {0} models are suspicious")
            case _:
                text = self.tr("Nothing unsafe was found in {} models")
        return text.format(f"{total:,}", f"{count:,}")

    def _follow(self) -> None:
        one = self.current
        self.findings.set_findings(lines(one.verdict) if one else ())
        self._advice.setText(self._advise(one.verdict.verdict) if one else "")

    def _columns(self) -> tuple[TableColumn[Examined], ...]:
        tr = self.tr
        return (
            TableColumn(tr("Model"), lambda one: one.name, lambda one: one.name.casefold(), 30),
            TableColumn(
                tr("Verdict"),
                lambda one: verdict_text(one.verdict.verdict),
                lambda one: -one.verdict.verdict,
                20,
                tooltip=lambda one: summary(one.verdict),
            ),
            TableColumn(
                tr("Revision"),
                lambda one: (one.key.revision or "")[:7],
                lambda one: one.key.revision or "",
                10,
                tooltip=lambda one: one.key.revision or "",
            ),
            TableColumn(
                tr("Where"),
                lambda one: os.path.basename(one.about.root),
                lambda one: one.about.root,
                12,
                tooltip=lambda one: one.about.root,
            ),
            TableColumn(
                tr("Files"),
                lambda one: f"{_bad_files(one):,} / {len(one.verdict.files):,}",
                _bad_files,
                9,
                tooltip=lambda one: summary(one.verdict),
                is_figure=True,
            ),
        )


def _models(found: Iterable[Examined]) -> int:
    """How many models these are revisions of."""
    return len({(one.about.root, one.key.at(None)) for one in found})


def _bad_files(one: Examined) -> int:
    """How many files have the verdict that the model has."""
    return sum(file.verdict == one.verdict.verdict for file in one.verdict.files)

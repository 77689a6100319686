"""What is in the files of examples: how many, which labels, and what is wrong line by line."""

from __future__ import annotations

import os
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from modelkeep.training.values import TrainingData, TrainingPlan
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.training.text import data_text
from modelkeep_gui.widgets.copy_button import CopyButton
from modelkeep_gui.widgets.folded import Folded, LineList
from modelkeep_gui.widgets.labels import value
from modelkeep_gui.widgets.notice import Notice
from modelkeep_gui.widgets.plain_table import PlainTable, TableColumn

__all__ = ["DataView"]

_FEW = 10  # labels that are named at once
_LINES = 5  # of the table that are seen at once


class _Problem(NamedTuple):
    file: str
    line: int
    message: str


class DataView(QWidget):
    """Takes no room before a file was read.

    Signals:
        again_requested: the files may be others now, and are to be read again.
    """

    again_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._summary = Notice()
        self._evaluation = Notice()
        self._labels = value("")
        self._labels.setIndent(6 * GRID)  # beneath the words of the line above
        self._all = LineList(self.tr("Labels and how often they occur"))
        self._folded = Folded("", self._all)
        self.problems = _Problems()
        self._count = Notice()
        self.copy = CopyButton(self.tr("Copy what is wrong"), self._text)
        self.again = QPushButton(icon("refresh"), self.tr("Read a&gain"))
        self.again.setAutoDefault(False)
        self.again.clicked.connect(lambda _: self.again_requested.emit())
        self._wrong = QWidget()
        self._wrong.hide()
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * GRID)
        for part in (self._count, self.copy, self.again):
            buttons.addWidget(part, int(part is self._count))
        wrong = QVBoxLayout(self._wrong)
        wrong.setContentsMargins(0, 0, 0, 0)
        wrong.setSpacing(GRID)
        wrong.addLayout(buttons)
        wrong.addWidget(self.problems)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        for widget in (self._summary, self._labels, self._folded, self._evaluation, self._wrong):
            layout.addWidget(widget)
        self.hide()

    @property
    def text(self) -> str:
        """What is said of the examples, and of their labels."""
        return f"{self._summary.text}\n{self._labels.text()}"

    @property
    def is_wrong(self) -> bool:
        return self._wrong.isVisibleTo(self)

    def show_data(self, plan: TrainingPlan) -> None:
        """Show what was read for a plan."""
        data, evaluation = plan.data, plan.evaluation
        self._summary.say(data_text(data), "whole" if not data.problem_count else "damaged", _tone(data))
        self._evaluation.setVisible(evaluation is not None)
        if evaluation is not None:
            said = self.tr("To measure with: {}").format(data_text(evaluation))
            self._evaluation.say(
                said, "whole" if not evaluation.problem_count else "damaged", _tone(evaluation)
            )
        self._show_labels(data)
        files = [one for one in (data, evaluation) if one]
        found = [
            _Problem(os.path.basename(one.path), line, text) for one in files for line, text in one.problems
        ]
        self.problems.show_problems(found, has_files=len({one.file for one in found}) > 1)
        count = sum(one.problem_count for one in files)
        self._wrong.setVisible(bool(count))
        if count:
            self._say_count(count, len(found))
        self.show()

    def _say_count(self, count: int, shown: int) -> None:
        if count == 1:
            text = self.tr("1 line is wrong. Mend the file, then read it again.")
        elif count > shown:
            text = self.tr("{} lines are wrong, of which these are the first {}.").format(
                f"{count:,}", f"{shown:,}"
            )
        else:
            text = self.tr("{} lines are wrong. Mend the file, then read it again.").format(f"{count:,}")
        self._count.say(text, "warning", "bad")

    def _show_labels(self, data: TrainingData) -> None:
        by_count = sorted(data.labels.items(), key=lambda one: (-one[1], one[0]))
        said = " · ".join(f"{label} {count:,}" for label, count in by_count[:_FEW])
        more = by_count[_FEW:]
        self._labels.setText(said)
        self._labels.setVisible(bool(said))
        self._labels.setAccessibleName(self.tr("Labels and how often they occur"))
        self._folded.setVisible(bool(more))
        if more:
            self._folded.set_title(self.tr("and {} more labels").format(f"{len(more):,}"))
            self._all.set_lines([(f"{label}  {count:,}", "") for label, count in more])

    def _text(self) -> str:
        return "\n".join(
            f"{one.file}:{one.line}: {one.message}" if one.line else f"{one.file}: {one.message}"
            for one in self.problems.rows.values
        )


class _Problems(PlainTable):
    """As high as it needs, but not higher than some lines."""

    def __init__(self) -> None:
        super().__init__(_tr("What is wrong in the examples"), _columns())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_problems(self, found: list[_Problem], *, has_files: bool) -> None:
        self.set_values(found)
        self.setColumnHidden(2, not has_files)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        lines = min(max(1, self.rows.rowCount()), _LINES)
        return QSize(100 * GRID, self.horizontalHeader().sizeHint().height() + lines * self.row_height + GRID)

    def minimumSizeHint(self) -> QSize:
        return QSize(40 * GRID, self.sizeHint().height())


def _columns() -> list[TableColumn[_Problem]]:
    return [
        TableColumn[_Problem](
            _tr("What is wrong"),
            lambda one: one.message,
            lambda one: one.message,
            40,
            lambda one: one.message,
        ),
        TableColumn[_Problem](
            _tr("Line"),
            lambda one: f"{one.line:,}" if one.line else "–",
            lambda one: one.line,
            9,
            is_figure=True,
        ),
        TableColumn[_Problem](_tr("File"), lambda one: one.file, lambda one: (one.file, one.line), 20),
    ]


def _tone(data: TrainingData) -> str:
    return "bad" if data.problem_count else "good"


def _tr(text: str) -> str:
    return QCoreApplication.translate("training", text)

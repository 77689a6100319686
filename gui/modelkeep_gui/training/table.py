"""The trainings as a table, the latest first; what is selected stays selected while they go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView

from modelkeep.text import time_text
from modelkeep_gui.icons import icon
from modelkeep_gui.training.about import About
from modelkeep_gui.training.feed import TrainingFeed
from modelkeep_gui.training.text import loss_text, result_text, state_text, status_sign, task_title
from modelkeep_gui.widgets.quiet_table import QuietTable

__all__ = ["TrainingTable"]

_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_TOOLTIP = int(Qt.ItemDataRole.ToolTipRole)
_DECORATION = int(Qt.ItemDataRole.DecorationRole)
_ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
_ACCESSIBLE = int(Qt.ItemDataRole.AccessibleTextRole)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_NOWHERE = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex
_STATE = 2


class TrainingTable(QuietTable):
    """Shows what a `TrainingFeed` knows.

    Signals:
        chosen: the id of the selected one (str), "" for none.
    """

    chosen = Signal(object)

    def __init__(self, feed: TrainingFeed) -> None:
        super().__init__()
        self.rows = _Rows(feed, self)
        self._is_ours = False
        self.setAccessibleName(self.tr("Trainings"))
        self.setFrameShape(QuietTable.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setModel(self.rows)
        header = self.horizontalHeader()
        header.setSectionsClickable(False)
        self.set_widths(column.width for column in self.rows.columns)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.set_placeholder(
            self.tr("Nothing was trained yet. Select a model in the library, then Model > Fine-tune.")
        )
        self.selectionModel().currentChanged.connect(lambda *_: self._tell())

    @property
    def selected(self) -> str:
        """The id of the selected one, "" for none."""
        row = self.currentIndex().row()
        return self.rows.trainings[row].id if 0 <= row < len(self.rows.trainings) else ""

    def show_trainings(self, trainings: Sequence[About]) -> None:
        """Show these; the first one is selected where none was."""
        before = self.selected
        self._is_ours = True
        self.rows.show(trainings)
        self._is_ours = False
        ids = [one.id for one in trainings]
        if trainings and before not in ids:
            self.choose(ids[0])
        elif before in ids and self.selected != before:
            self.choose(before)
        if self.selected != before:
            self.chosen.emit(self.selected)

    def choose(self, id: str) -> bool:
        """Select one, and go to it; whether it is there."""
        for row, one in enumerate(self.rows.trainings):
            if one.id == id:
                flags = self.selectionModel().SelectionFlag
                self.selectionModel().setCurrentIndex(
                    self.rows.index(row, 0), flags.ClearAndSelect | flags.Rows
                )
                return True
        return False

    def advance(self, id: str) -> None:
        """One has gone on."""
        self.rows.advance(id)

    def _tell(self) -> None:
        if not self._is_ours:
            self.chosen.emit(self.selected)


class _Column(NamedTuple):
    title: str
    text: Callable[[About], str]
    width: int
    is_figure: bool = False


class _Rows(QAbstractTableModel):
    def __init__(self, feed: TrainingFeed, parent: QObject) -> None:
        super().__init__(parent)
        self._feed = feed
        self.trainings: list[About] = []
        self.columns = (
            _Column(self.tr("Training"), lambda one: one.name, 28),
            _Column(self.tr("Task"), lambda one: task_title(one.task), 19),
            _Column(self.tr("State"), state_text, 24),
            _Column(self.tr("Steps"), self._steps, 15, is_figure=True),
            _Column(self.tr("Loss"), self._loss, 9, is_figure=True),
            _Column(self.tr("Asked at"), lambda one: time_text(one.submitted)[:-3], 18, is_figure=True),
        )

    def show(self, trainings: Sequence[About]) -> None:
        if [one.id for one in trainings] == [one.id for one in self.trainings]:
            for row, one in enumerate(trainings):
                if one != self.trainings[row]:
                    self.trainings[row] = one
                    self._tell(row)
            return
        self.beginResetModel()
        self.trainings = list(trainings)
        self.endResetModel()

    def advance(self, id: str) -> None:
        for row, one in enumerate(self.trainings):
            if one.id == id:
                self._tell(row)

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.trainings)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        column, one = self.columns[index.column()], self.trainings[index.row()]
        if role == _DISPLAY:
            return column.text(one)
        if role == _DECORATION and index.column() == _STATE:
            return icon(*status_sign(one))
        if role == _ALIGNMENT and column.is_figure:
            return _RIGHT
        if role == _TOOLTIP:
            return _tooltip(one)
        if role == _ACCESSIBLE:
            text = column.text(one)
            return f"{column.title}: {text}" if index.column() and text else text
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == _DISPLAY:
            return self.columns[section].title
        if role == _ALIGNMENT:
            return _RIGHT if self.columns[section].is_figure else _LEFT
        return None

    def _tell(self, row: int) -> None:
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(self.columns) - 1))

    def _steps(self, one: About) -> str:
        if not one.steps:
            return ""
        return self.tr("{} of {}").format(f"{self._feed.step(one):,}", f"{one.steps:,}")

    def _loss(self, one: About) -> str:
        losses = self._feed.curve(one.id).losses
        loss = one.loss if one.loss is not None else losses[-1][1] if losses else None
        return "" if loss is None else loss_text(loss)


def _tooltip(one: About) -> str:
    said = result_text(one) if one.has_result else " ".join(filter(None, (one.error, one.hint)))
    return "\n".join(filter(None, (one.title, one.id, said)))

"""The points of a training as a table: for the keyboard, for screen readers, and to be read exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from modelkeep.training.values import TrainingPoint
from modelkeep_gui.jobs.row import clock_text
from modelkeep_gui.training.curve import main_metric
from modelkeep_gui.training.text import figure_text, loss_text, metric_title
from modelkeep_gui.widgets.quiet_table import QuietTable

__all__ = ["PointsTable"]

_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
_ACCESSIBLE = int(Qt.ItemDataRole.AccessibleTextRole)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_NOWHERE = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


class PointsTable(QuietTable):
    """Shows points in their order; what is selected stays while more come."""

    def __init__(self) -> None:
        super().__init__()
        self.points = _Points(self)
        self.setAccessibleName(self.tr("Points of the curve"))
        self.setFrameShape(QuietTable.Shape.NoFrame)
        self.setModel(self.points)
        self.horizontalHeader().setSectionsClickable(False)
        self.set_widths(column.width for column in self.points.columns)
        self.set_placeholder(self.tr("There are no points yet."))

    def show_points(self, points: Sequence[TrainingPoint]) -> None:
        """Show these, and go on showing the last one where that is what was seen."""
        bar = self.verticalScrollBar()
        is_at_end = bar.value() >= bar.maximum() - self.row_height
        self.points.show(points)
        if is_at_end:
            self.scrollToBottom()


class _Column(NamedTuple):
    title: str
    text: Callable[[TrainingPoint], str]
    width: int


class _Points(QAbstractTableModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._points: list[TrainingPoint] = []
        self.columns = (
            _Column(self.tr("Step"), lambda point: f"{point.step:,}", 9),
            _Column(self.tr("Epoch"), lambda point: f"{point.epoch:.2f}", 9),
            _Column(self.tr("Loss"), lambda point: "" if point.loss is None else loss_text(point.loss), 12),
            _Column(metric_title("loss"), lambda point: _metric_text(point, "loss"), 20),
            _Column(self.tr("How good"), _goodness, 26),
            _Column(
                self.tr("Learning rate"),
                lambda point: f"{point.learning_rate:.2g}" if point.learning_rate else "",
                14,
            ),
            _Column(self.tr("Time"), lambda point: clock_text(point.seconds), 10),
        )

    def show(self, points: Sequence[TrainingPoint]) -> None:
        known = len(self._points)
        if len(points) >= known and (not known or points[known - 1] is self._points[-1]):
            if len(points) > known:
                self.beginInsertRows(_NOWHERE, known, len(points) - 1)
                self._points += points[known:]
                self.endInsertRows()
            return
        self.beginResetModel()
        self._points = list(points)
        self.endResetModel()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._points)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        if role not in (_DISPLAY, _ACCESSIBLE):
            return _RIGHT if role == _ALIGNMENT else None
        column = self.columns[index.column()]
        text = column.text(self._points[index.row()])
        return f"{column.title}: {text}" if role == _ACCESSIBLE and text else text

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == _DISPLAY:
            return self.columns[section].title
        return _RIGHT if role == _ALIGNMENT else None


def _metric_text(point: TrainingPoint, name: str) -> str:
    return figure_text(name, point.metrics[name]) if name in point.metrics else ""


def _goodness(point: TrainingPoint) -> str:
    name = main_metric(dict(point.metrics))
    return f"{metric_title(name)} {figure_text(name, point.metrics[name])}" if name else ""

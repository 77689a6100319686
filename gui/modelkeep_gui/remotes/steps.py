"""A list of things in two lines each, newest first: revisions of a remote, and the steps of a ref."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QGuiApplication, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID, colours_of
from modelkeep_gui.widgets.chips import paint_chip
from modelkeep_gui.widgets.line_model import LINE, LineModel
from modelkeep_gui.widgets.own_keys import OwnKeys
from modelkeep_gui.widgets.placeholder import paint_placeholder

__all__ = ["Step", "Steps"]

_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_Index = QModelIndex | QPersistentModelIndex
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Step(NamedTuple):
    """A line: `chips` and `name` with a `figure` at the right; beneath them who and when, and what was said."""

    id: str
    name: str
    chips: tuple[str, ...] = ()
    figure: str = ""
    words: str = ""
    message: str = ""
    tooltip: str = ""


class Steps(QListView):
    """The list. One line can be chosen; its id can be copied.

    Signals:
        chosen: the id (str) of a line that the user went to.
    """

    chosen = Signal(object)

    def __init__(self, name: str, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._empty = empty
        self._id = ""
        self._steps = LineModel(_spoken, lambda step: step.tooltip, self)
        self.setAccessibleName(name)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setItemDelegate(_StepDelegate(self))
        keys = OwnKeys(self)
        self.copy_id = keys.add(icon("copy"), self.tr("Copy commit"), QKeySequence.StandardKey.Copy)
        self.copy_id.triggered.connect(
            lambda: QGuiApplication.clipboard().setText(self.currentIndex().data(LINE).id)
        )
        self.setModel(self._steps)
        self.copy_id.setEnabled(False)

    def set_steps(self, steps: Sequence[Step], current: str = "") -> None:
        """Show these; `current` is the id of the one that is looked at."""
        self._id = current
        self._steps.set_lines(steps)
        for row, step in enumerate(steps):
            if step.id == current:
                self.setCurrentIndex(self._steps.index(row))
                break
        self.copy_id.setEnabled(self.currentIndex().isValid())

    def texts(self) -> list[str]:
        """What is to be read, a line each."""
        return [self._steps.index(row).data(_DISPLAY) for row in range(self._steps.rowCount())]

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        super().currentChanged(current, previous)
        self.copy_id.setEnabled(current.isValid())
        step = current.data(LINE)
        if isinstance(step, tuple) and step[0] != self._id:  # what is looked at was not chosen here
            self._id = step[0]
            self.chosen.emit(step[0])

    def paintEvent(self, event: Any) -> None:
        super().paintEvent(event)
        if not self._steps.rowCount():
            paint_placeholder(self, self._empty)


def _spoken(step: Step) -> str:
    return ", ".join(filter(None, (*step.chips, step.name, step.figure, step.words, step.message)))


class _StepDelegate(QStyledItemDelegate):
    """Paints two lines, and a third where something was said."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        step: Step = index.data(LINE)
        return QSize(0, (3 if step.message else 2) * (option.fontMetrics.height() + 2) + 5 * GRID)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        style = option.widget.style() if option.widget else QApplication.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        step: Step = index.data(LINE)
        colours, metrics = colours_of(option.palette), option.fontMetrics
        area = option.rect.adjusted(4 * GRID, 2 * GRID, -4 * GRID, -2 * GRID)
        high = metrics.height() + 2
        line = QRect(area.left(), area.top(), area.width(), high)
        painter.save()
        painter.setFont(option.font)
        painter.setPen(QColor(colours.text))
        painter.drawText(line, _RIGHT, step.figure)
        upper = line.adjusted(0, 0, -metrics.horizontalAdvance(step.figure) - 3 * GRID, 0)
        for chip in step.chips:
            if upper.width() < 20 * GRID:
                break
            upper = paint_chip(painter, upper, chip, metrics, colours)
        painter.setPen(QColor(colours.muted if step.chips else colours.text))
        painter.drawText(
            upper, _LEFT, metrics.elidedText(step.name, Qt.TextElideMode.ElideMiddle, upper.width())
        )
        for text, colour in ((step.message, colours.text), (step.words, colours.muted)):
            if text:
                line.translate(0, high + GRID // 2)
                painter.setPen(QColor(colour))
                end = Qt.TextElideMode.ElideRight
                painter.drawText(line, _LEFT, metrics.elidedText(text, end, line.width()))
        painter.restore()

"""Bars with their names and figures: labels of a text, candidates for a blank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QListView, QSizePolicy, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from modelkeep_gui.theme import GRID, Colours, colours_of
from modelkeep_gui.tryout.text import share_text
from modelkeep_gui.widgets.line_model import LINE, LineModel

__all__ = ["Bar", "Bars"]

_MOST = 10  # lines that are seen at once
_FIGURE = 9  # average characters
_LEAST, _LONGEST = 12, 500  # characters of a name that there is room for, and that are looked at
_LARGEST = 0.45  # of the width, for the names


class Bar(NamedTuple):
    """A name and a share, 0.0 to 1.0; `tooltip` says more. With a `figure` that is said, and there is no bar."""

    name: str
    share: float
    tooltip: str = ""
    figure: str = ""

    @property
    def said(self) -> str:
        return self.figure or share_text(self.share)


class Bars(QListView):
    """A bar per line, with its name before it and its figure behind."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._lines: LineModel[Bar] = LineModel(_spoken, lambda bar: bar.tooltip or bar.name, self)
        self.setAccessibleName(name)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.viewport().setAutoFillBackground(False)
        self._names = 0
        self.setModel(self._lines)
        self.setItemDelegate(_BarDelegate(self))

    @property
    def texts(self) -> list[str]:
        """The lines as a screen reader says them."""
        return [self._lines.index(row).data() for row in range(self._lines.rowCount())]

    def set_bars(self, bars: Sequence[Bar]) -> None:
        """Show these."""
        self._lines.set_lines(bars)
        self._names = 0
        self.updateGeometry()

    def name_width(self) -> int:
        """Pixels that the names take: all that the longest needs, if the bars keep the larger part."""
        if not self._names:
            metrics = self.fontMetrics()
            names = (self._lines.index(row).data(LINE).name for row in range(self._lines.rowCount()))
            self._names = max((metrics.horizontalAdvance(name[:_LONGEST]) for name in names), default=0) + 1
        least = _LEAST * self.fontMetrics().averageCharWidth()
        return min(max(self._names, least), int(self.viewport().width() * _LARGEST))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._names = 0

    def sizeHint(self) -> QSize:
        lines = min(max(1, self._lines.rowCount()), _MOST)
        return QSize(80 * GRID, lines * _height(self) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(40 * GRID, self.sizeHint().height())


class _BarDelegate(QStyledItemDelegate):
    """Paints name, bar and figure; all names of a list have the same room."""

    def __init__(self, view: Bars) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(40 * GRID, option.fontMetrics.height() + 3 * GRID)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        bar: Bar = index.data(LINE)
        colours = colours_of(option.palette)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, QColor(colours.selected))
        area = option.rect.adjusted(GRID, 0, -GRID, 0)
        metrics = option.fontMetrics
        name, figure = self._view.name_width(), _FIGURE * metrics.averageCharWidth()
        painter.setPen(QColor(colours.text))
        text = metrics.elidedText(bar.name, Qt.TextElideMode.ElideMiddle, name)
        upright = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRect(area.left(), area.top(), name, area.height()), upright, text)
        painter.drawText(
            QRect(area.right() - figure, area.top(), figure, area.height()),
            upright | Qt.AlignmentFlag.AlignRight,
            bar.said,
        )
        if not bar.figure:
            self._paint_bar(painter, area.adjusted(name + 2 * GRID, 0, -figure - 2 * GRID, 0), bar, colours)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QColor(colours.accent))
            painter.drawRoundedRect(QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5), GRID, GRID)
        painter.restore()

    def _paint_bar(self, painter: QPainter, area: QRect, bar: Bar, colours: Colours) -> None:
        way = QRectF(
            area.left(),
            area.center().y() - GRID,
            max(0, area.width()),
            2 * GRID,
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.free))
        painter.drawRoundedRect(way, GRID, GRID)
        if round(bar.share, 3) > 0:  # what is said to be 0.0 % has no bar
            way.setWidth(max(2.0 * GRID, way.width() * min(1.0, bar.share)))
            painter.setBrush(QColor(colours.accent))
            painter.drawRoundedRect(way, GRID, GRID)


def _spoken(bar: Bar) -> str:
    return f"{bar.name}: {bar.said}"


def _height(view: QListView) -> int:
    return view.fontMetrics().height() + 3 * GRID

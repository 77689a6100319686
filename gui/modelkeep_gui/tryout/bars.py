"""Bars with their names and figures: labels of a text, candidates for a blank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QListView, QSizePolicy, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from modelkeep_gui.theme import GRID, colours_of
from modelkeep_gui.tryout.text import share_text
from modelkeep_gui.widgets.line_model import LINE, LineModel

__all__ = ["Bar", "Bars"]

_MOST = 10  # lines that are seen at once
_NAME, _FIGURE = 20, 9  # average characters


class Bar(NamedTuple):
    """A name and a share, 0.0 to 1.0; `tooltip` says more."""

    name: str
    share: float
    tooltip: str = ""


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
        self.setModel(self._lines)
        self.setItemDelegate(_BarDelegate(self))

    @property
    def texts(self) -> list[str]:
        """The lines as a screen reader says them."""
        return [self._lines.index(row).data() for row in range(self._lines.rowCount())]

    def set_bars(self, bars: Sequence[Bar]) -> None:
        """Show these."""
        self._lines.set_lines(bars)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        lines = min(max(1, self._lines.rowCount()), _MOST)
        return QSize(80 * GRID, lines * _height(self) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(40 * GRID, self.sizeHint().height())


class _BarDelegate(QStyledItemDelegate):
    """Paints name, bar and figure. The longest name decides nothing: each is elided at one place."""

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
        unit = metrics.averageCharWidth()
        name, figure = min(_NAME * unit, area.width() // 3), _FIGURE * unit
        painter.setPen(QColor(colours.text))
        text = metrics.elidedText(bar.name, Qt.TextElideMode.ElideMiddle, name)
        upright = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRect(area.left(), area.top(), name, area.height()), upright, text)
        painter.drawText(
            QRect(area.right() - figure, area.top(), figure, area.height()),
            upright | Qt.AlignmentFlag.AlignRight,
            share_text(bar.share),
        )
        way = QRectF(
            area.left() + name + 2 * GRID,
            area.center().y() - GRID,
            max(0, area.width() - name - figure - 4 * GRID),
            2 * GRID,
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.free))
        painter.drawRoundedRect(way, GRID, GRID)
        if bar.share > 0:
            way.setWidth(max(2.0 * GRID, way.width() * min(1.0, bar.share)))
            painter.setBrush(QColor(colours.accent))
            painter.drawRoundedRect(way, GRID, GRID)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QColor(colours.accent))
            painter.drawRoundedRect(QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5), GRID, GRID)
        painter.restore()


def _spoken(bar: Bar) -> str:
    return f"{bar.name}: {share_text(bar.share)}"


def _height(view: QListView) -> int:
    return view.fontMetrics().height() + 3 * GRID

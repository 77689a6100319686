"""How far one is: the steps beside each other, each with its number, and a tick once it is done."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from modelkeep_gui.icons import paint_icon
from modelkeep_gui.theme import GRID, colours_of

__all__ = ["StepLine"]

_CIRCLE = 6 * GRID
_LEAST_LINE = 4 * GRID


class StepLine(QWidget):
    """The names of the steps, of which one is current. To be looked at: the buttons go from one to the next."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._current = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def count(self) -> int:
        """How many steps there are."""
        return len(self._names)

    def set_names(self, names: Sequence[str]) -> None:
        """Show these steps, of which the first is current."""
        self._names = tuple(names)
        self.updateGeometry()
        self.set_current(0)

    def set_current(self, current: int) -> None:
        """Show that so many steps are done; one more than there are when all are."""
        self._current = current
        if current < len(self._names):
            text = self.tr("Step {} of {}: {}").format(current + 1, len(self._names), self._names[current])
        else:
            text = self.tr("All {} steps are done").format(len(self._names))
        self.setAccessibleName(text)
        self.update()

    def sizeHint(self) -> QSize:
        widths = (self._width(name) for name in self._names)
        gaps = (len(self._names) - 1) * (_LEAST_LINE + 4 * GRID)
        return QSize(sum(widths) + gaps, _CIRCLE + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(len(self._names) * (_CIRCLE + 2 * _LEAST_LINE), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = colours_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = 1
        for number, name in enumerate(self._names):
            done, current = number < self._current, number == self._current
            self._paint_circle(painter, left, number)
            painter.setFont(self._font(is_bold=current))
            painter.setPen(QColor(colours.text if current else colours.muted))
            area = QRect(left + _CIRCLE + 2 * GRID, 0, self._width(name), self.height())
            text = painter.fontMetrics().elidedText(
                name, Qt.TextElideMode.ElideRight, max(0, self.width() - area.left())
            )
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
            left += self._width(name)
            if number < len(self._names) - 1:
                end = left + self._gap() - 4 * GRID
                painter.setPen(QPen(QColor(colours.accent if done else colours.strong_line), 1.5))
                painter.drawLine(left + 2 * GRID, self.height() // 2, end + 2 * GRID, self.height() // 2)
                left = end + 4 * GRID
        painter.end()

    def _paint_circle(self, painter: QPainter, left: int, number: int) -> None:
        colours = colours_of(self.palette())
        area = QRectF(left, (self.height() - _CIRCLE) / 2, _CIRCLE, _CIRCLE)
        filled = number <= self._current
        painter.setPen(QPen(QColor(colours.accent if filled else colours.strong_line), 1.5))
        painter.setBrush(QColor(colours.accent if filled else colours.base))
        painter.drawEllipse(area)
        if number < self._current:
            paint_icon(painter, area.toRect().adjusted(4, 4, -4, -4), "done", colours.on_accent)
            return
        painter.setFont(self._font(is_bold=True))
        painter.setPen(QColor(colours.on_accent if filled else colours.muted))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, str(number + 1))

    def _gap(self) -> int:
        """Between two steps: what their names leave, but no farther than one can follow."""
        free = self.width() - sum(self._width(name) for name in self._names) - 2
        most = 24 * GRID
        return max(_LEAST_LINE + 4 * GRID, min(most, free // max(1, len(self._names) - 1)))

    def _width(self, name: str) -> int:
        # As wide as it is when it is bold, so that nothing moves from step to step.
        return _CIRCLE + 2 * GRID + QFontMetrics(self._font(is_bold=True)).horizontalAdvance(name)

    def _font(self, *, is_bold: bool) -> QFont:
        font = QFont(self.font())
        font.setBold(is_bold)
        return font

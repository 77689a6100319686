"""How fast downloads have been over the last minutes, as a small picture."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QPen, QPolygonF, QShowEvent
from PySide6.QtWidgets import QWidget

from modelkeep.text import size_text
from modelkeep_gui.theme import GRID, colours_of

__all__ = ["SpeedGraph"]

_SECONDS = 120
_INTERVAL = 500  # milliseconds between two samples
_HIGHEST = 0.6  # of the height, so that the figure above it can be read
_LEAST = 100_000  # bytes a second that fill the height at the least: noise stays small


class SpeedGraph(QWidget):
    """Samples `rate` (bytes a second) while it is shown; the newest is at the right."""

    def __init__(self, rate: Callable[[], float], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rate = rate
        self._samples: deque[tuple[float, float]] = deque()
        self._timer = QTimer(self, interval=_INTERVAL)
        self._timer.timeout.connect(self.sample)
        self.setMinimumSize(self.sizeHint())
        self.setAccessibleName(self.tr("Speed"))
        self.setToolTip(self.tr("Bytes a second over the last two minutes"))

    @property
    def fastest(self) -> float:
        """The highest rate that is shown."""
        return max((rate for _, rate in self._samples), default=0.0)

    def sample(self) -> None:
        """Take in how fast it is now."""
        now, rate = time.monotonic(), self._rate()
        if not rate and not self.fastest:
            self._samples.clear()
        self._samples.append((now, rate))
        while self._samples[0][0] < now - _SECONDS:
            self._samples.popleft()
        self.setAccessibleDescription(self.tr("{}/s").format(size_text(round(rate))))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(60 * GRID, 11 * GRID)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = colours_of(self.palette())
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QColor(colours.line))
        painter.setBrush(QColor(colours.base))
        painter.drawRoundedRect(area, 4, 4)
        if self.fastest:
            self._paint_curve(painter, area.adjusted(1, 3, -1, -1))
        painter.setPen(QColor(colours.muted))
        rate = self._samples[-1][1] if self._samples else 0.0
        text = self.tr("{}/s").format(size_text(round(rate)))
        inside = area.adjusted(2 * GRID, GRID, -2 * GRID, -GRID)
        painter.drawText(inside, int(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft), text)
        painter.end()

    def _paint_curve(self, painter: QPainter, area: QRectF) -> None:
        accent = QColor(colours_of(self.palette()).accent)
        newest, height = self._samples[-1][0], max(self.fastest, _LEAST)
        points = [
            QPointF(
                area.right() - (newest - then) / _SECONDS * area.width(),
                area.bottom() - rate / height * area.height() * _HIGHEST,
            )
            for then, rate in self._samples
        ]
        ground = QColor(accent)
        ground.setAlphaF(0.18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        feet = [QPointF(points[-1].x(), area.bottom()), QPointF(points[0].x(), area.bottom())]
        painter.drawPolygon(QPolygonF([*points, *feet]))
        painter.setPen(QPen(accent, 1.5))
        painter.drawPolyline(QPolygonF(points))

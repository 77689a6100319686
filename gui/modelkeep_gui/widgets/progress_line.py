"""A progress bar as thin as a line, painted in the theme's colours."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QProgressBar

from modelkeep_gui.theme import GRID, colours_of

__all__ = ["ProgressLine"]

_PHASES = 60  # of the moving block, 20 a second


class ProgressLine(QProgressBar):
    """A thin progress bar in per mille; with a maximum of 0 a block moves along it."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextVisible(False)
        self.setFixedSize(32 * GRID, 6)
        self._phase = 0
        self._motion = QTimer(self, interval=50)
        self._motion.timeout.connect(self._move_on)

    def show_share(self, done: int, total: int) -> None:
        """Show `done` of `total`; a total of 0 is one that nobody knows."""
        self.setRange(0, 1000 if total else 0)
        if total:
            self.setValue(min(1000, done * 1000 // total))
        self._move_or_rest()

    def showEvent(self, event: QShowEvent) -> None:
        self._move_or_rest()

    def hideEvent(self, event: QHideEvent) -> None:
        self._motion.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = colours_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        area = QRectF(self.rect())
        radius = area.height() / 2
        painter.setBrush(QColor(colours.free))
        painter.drawRoundedRect(area, radius, radius)
        if filled := self._filled(area):
            painter.setBrush(QColor(colours.accent))
            painter.drawRoundedRect(filled, radius, radius)

    def _filled(self, area: QRectF) -> QRectF | None:
        if not self.maximum():
            block = area.width() / 4
            way = abs(1 - self._phase / (_PHASES / 2))  # there and back again
            return QRectF((area.width() - block) * (1 - way), 0, block, area.height())
        if self.value() <= 0:
            return None
        return QRectF(0, 0, max(area.height(), area.width() * self.value() / 1000), area.height())

    def _move_or_rest(self) -> None:
        if self.maximum() or not self.isVisible():
            self._motion.stop()
        elif not self._motion.isActive():
            self._motion.start()

    def _move_on(self) -> None:
        self._phase = (self._phase + 1) % _PHASES
        self.update()

"""A disk before and after: what is used, what of it would be free, and what is free now."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from modelkeep.text import size_text
from modelkeep_gui.theme import GRID, colours_of
from modelkeep_gui.widgets.labels import remark

__all__ = ["SpaceBar"]


class SpaceBar(QWidget):
    """The bar, and beneath it the figures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bar = _Bar()
        self._figures = remark("")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self._bar)
        layout.addWidget(self._figures)

    @property
    def text(self) -> str:
        return self._figures.text()

    def show_gain(self, total: int, free: int, gain: int, *, at_once: bool) -> None:
        """Show a disk of `total` bytes, of which `free` are free, and so many more would be: now, or later."""
        self._bar.show_gain(total, free, gain)
        self.setVisible(total > 0)
        if gain and at_once:
            text = self.tr("{free} free now · {after} free after it · {total} in all")
        elif gain:
            text = self.tr("{free} free now · {after} free once the trash is emptied · {total} in all")
        else:
            text = self.tr("{free} free now · {total} in all")
        self._figures.setText(
            text.format(free=size_text(free), after=size_text(free + gain), total=size_text(total))
        )


class _Bar(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._total = self._free = self._gain = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(40 * GRID, 3 * GRID)

    def show_gain(self, total: int, free: int, gain: int) -> None:
        self._total, self._free, self._gain = total, free, gain
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = colours_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        path = QPainterPath()
        path.addRoundedRect(area, area.height() / 2, area.height() / 2)
        painter.setClipPath(path)
        painter.fillRect(area, QColor(colours.free))
        if self._total:
            width = area.width() / self._total
            used = area.adjusted(0, 0, -self._free * width, 0)
            painter.fillRect(used, QColor(colours.muted))
            if self._gain:
                # Of several pixels, so that a small gain is seen; striped, so that it is not told by colour alone.
                gain = max(3.0, self._gain * width)
                part = QRectF(used.right() - gain, used.top(), gain, used.height())
                painter.fillRect(part, QColor(colours.free))
                painter.fillRect(part, QBrush(QColor(colours.accent), Qt.BrushStyle.BDiagPattern))
        painter.end()

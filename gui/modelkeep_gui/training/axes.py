"""The axes of a loss curve: losses at the left, shares at the right, steps beneath."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter

from modelkeep_gui.theme import GRID, Colours
from modelkeep_gui.training.curve import Curve, ticks

__all__ = ["Scale", "paint_axes", "scale_of"]

_APART = 12 * GRID  # pixels between two figures beneath, at the least
_LEFT = int(Qt.AlignmentFlag.AlignLeft)
_RIGHT = int(Qt.AlignmentFlag.AlignRight)
_MIDDLE = int(Qt.AlignmentFlag.AlignHCenter)


class Scale(NamedTuple):
    """Where a step, a loss and a share (0.0 to 1.0) are drawn."""

    area: QRectF
    steps: float
    low: float
    high: float

    def x(self, step: float) -> float:
        return self.area.left() + step / self.steps * self.area.width()

    def place(self, step: float, loss: float) -> QPointF:
        part = (loss - self.low) / (self.high - self.low)
        return QPointF(self.x(step), self.area.bottom() - part * self.area.height())

    def share(self, step: float, share: float) -> QPointF:
        return QPointF(self.x(step), self.area.bottom() - share * self.area.height())


def scale_of(curve: Curve, rect: QRect, metrics: QFontMetrics, *, has_shares: bool) -> Scale:
    """What of `rect` the curve itself gets, and how large it is drawn there."""
    low, high = curve.span or (0.0, 1.0)
    if 0 <= low < 0.6 * high:
        low = 0.0  # a fall looks as large as it is
    if high <= low:
        high = low + max(abs(low), 1e-6)
    high += 0.04 * (high - low)
    left = metrics.horizontalAdvance("0.0000") + 4 * GRID
    right = metrics.horizontalAdvance("100 %") + 4 * GRID if has_shares else 4 * GRID
    above = beneath = metrics.height() + 4 * GRID
    area = QRectF(rect).adjusted(left, above, -right, -beneath)
    return Scale(area, float(max(1, curve.steps)), low, high)


def paint_axes(
    painter: QPainter, scale: Scale, rect: QRect, colours: Colours, metrics: QFontMetrics, *, has_shares: bool
) -> None:
    """Lines with their figures."""
    area, high = scale.area, metrics.height()
    most = max(2, int(area.height() // (2 * high)) + 1)
    found = ticks(scale.low, scale.high, min(8, most))
    apart = found[1] - found[0] if len(found) > 1 else 1.0
    for loss in found:
        y = scale.place(0, loss).y()
        painter.setPen(QColor(colours.line))
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setPen(QColor(colours.muted))
        beside = QRectF(0, y - high / 2, area.left() - 2 * GRID, high)
        painter.drawText(beside, _RIGHT, _axis_text(loss, apart))
    painter.setPen(QColor(colours.muted))
    for share in ticks(0.0, 1.0, min(5, most)) if has_shares else ():
        y = scale.share(0, share).y()
        beside = QRectF(area.right() + 2 * GRID, y - high / 2, rect.right() - area.right(), high)
        painter.drawText(beside, _LEFT, f"{100 * share:.0f} %")
    _paint_steps(painter, scale, metrics)
    painter.setPen(QColor(colours.strong_line))
    painter.drawLine(area.bottomLeft(), area.bottomRight())


def _paint_steps(painter: QPainter, scale: Scale, metrics: QFontMetrics) -> None:
    area = scale.area
    wide = max(_APART, 2 * metrics.horizontalAdvance(f"{scale.steps:,.0f}"))
    beneath = QRectF(0, area.bottom() + GRID, area.left() - 2 * GRID, metrics.height())
    painter.drawText(beneath, _RIGHT, QCoreApplication.translate("training", "Step"))
    for step in ticks(0.0, scale.steps, max(2, int(area.width() // wide))):
        if step == int(step):
            beneath.moveLeft(scale.x(step) - beneath.width() / 2)
            painter.drawText(beneath, _MIDDLE, f"{step:,.0f}")


def _axis_text(figure: float, apart: float) -> str:
    """A figure with as many places as tell it from the next."""
    if figure and (abs(figure) < 1e-3 or abs(figure) >= 1e5):
        return f"{figure:.1e}"
    places = next((n for n in range(4) if abs(apart * 10**n - round(apart * 10**n)) < 1e-6), 4)
    return f"{figure:,.{places}f}"

"""What the marks of a loss curve mean: by their shape, not by their colour alone."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from modelkeep_gui.theme import GRID, Colours
from modelkeep_gui.training.text import metric_title

__all__ = ["paint_legend", "paint_mark"]

_SIZE = 4.0  # pixels from the middle of a mark to its edge


def paint_mark(painter: QPainter, place: QPointF, shape: str, colours: Colours) -> None:
    """A "ring", a "diamond" or a "line" at a place."""
    if shape == "line":
        painter.setPen(QPen(QColor(colours.accent), 1.6))
        painter.drawLine(place - QPointF(2 * GRID, 0), place + QPointF(2 * GRID, 0))
    elif shape == "ring":
        painter.setPen(QPen(QColor(colours.text), 1.4))
        painter.setBrush(QColor(colours.base))
        painter.drawEllipse(place, _SIZE - 0.5, _SIZE - 0.5)
    else:
        painter.setPen(QPen(QColor(colours.base), 1))
        painter.setBrush(QColor(colours.good))
        across, down = QPointF(_SIZE + 1, 0), QPointF(0, _SIZE + 1)
        painter.drawPolygon(QPolygonF([place - across, place - down, place + across, place + down]))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def paint_legend(
    painter: QPainter, rect: QRect, colours: Colours, metric: str, has_measured_loss: bool, reading: str
) -> None:
    """The marks with their names along the top; in their place what is read of a point."""
    metrics = painter.fontMetrics()
    y = rect.top() + 2 * GRID + metrics.height() / 2
    x = rect.left() + 3.0 * GRID
    if reading:
        painter.setPen(QColor(colours.text))
        line = QRectF(x, y - metrics.height() / 2, rect.width() - 6 * GRID, metrics.height())
        shown = metrics.elidedText(reading, Qt.TextElideMode.ElideRight, int(line.width()))
        painter.drawText(line, int(Qt.AlignmentFlag.AlignLeft), shown)
        return
    shown_marks = [("line", _tr("Loss"))]
    if has_measured_loss:
        shown_marks.append(("ring", metric_title("loss")))
    if metric:
        shown_marks.append(("diamond", _tr("{}, at the right").format(metric_title(metric))))
    for shape, name in shown_marks:
        paint_mark(painter, QPointF(x + 2 * GRID, y), shape, colours)
        painter.setPen(QColor(colours.text))
        wide = metrics.horizontalAdvance(name) + GRID
        painter.drawText(
            QRectF(x + 6 * GRID, y - metrics.height() / 2, wide, metrics.height()),
            int(Qt.AlignmentFlag.AlignLeft),
            name,
        )
        x += 10 * GRID + wide


def _tr(text: str) -> str:
    return QCoreApplication.translate("training", text)

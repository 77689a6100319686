"""The loss of a training over its steps, and how good it was whenever it was measured, as a picture."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from modelkeep_gui.theme import GRID, Colours, colours_of
from modelkeep_gui.training.axes import Scale, paint_axes, scale_of
from modelkeep_gui.training.curve import Curve, drawn, main_metric
from modelkeep_gui.training.legend import paint_legend, paint_mark
from modelkeep_gui.training.text import curve_text, point_text

__all__ = ["LossCurve"]

_PAUSE = 100  # milliseconds between two pictures
_TURNS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_PageUp: -10,
    Qt.Key.Key_PageDown: 10,
    Qt.Key.Key_Home: -(10**9),
    Qt.Key.Key_End: 10**9,
}


class LossCurve(QWidget):
    """Shows a `Curve`, which may go on growing: `refresh` says that it did.

    The arrow keys and the mouse read single points; what it shows is said in the accessible description too.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curve = Curve()
        self._read: int | None = None
        self._line: tuple[object, QPolygonF] = ((), QPolygonF())
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE)
        self._soon.timeout.connect(self._take_in)
        self.paints = 0
        """How often it was painted."""
        self.setAccessibleName(self.tr("Loss over the steps"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumHeight(30 * GRID)
        self._take_in()

    @property
    def reading(self) -> str:
        """What is said of the point that is read, "" for none."""
        points = self._curve.points
        if self._read is None or not points:
            return ""
        return point_text(points[min(self._read, len(points) - 1)])

    def show_curve(self, curve: Curve) -> None:
        """Show another one, at once."""
        if curve is not self._curve:
            self._curve, self._read = curve, None
            self._take_in()

    def refresh(self) -> None:
        """It has grown: show that soon, with what comes until then."""
        if not self._soon.isActive():
            self._soon.start()

    def sizeHint(self) -> QSize:
        return QSize(130 * GRID, 55 * GRID)

    def _take_in(self) -> None:
        self.setAccessibleDescription(self.reading or curve_text(self._curve))
        self.update()

    # ---- reading

    def keyPressEvent(self, event: QKeyEvent) -> None:
        turn = _TURNS.get(Qt.Key(event.key()))
        last = len(self._curve.points) - 1
        if event.key() == Qt.Key.Key_Escape and self._read is not None:
            self._set_read(None)
        elif turn is None or last < 0:
            super().keyPressEvent(event)
        else:
            begin = last if self._read is None else self._read
            self._set_read(max(0, min(last, begin + (turn if self._read is not None else min(0, turn)))))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        points = self._curve.points
        if not points:
            return
        scale = self._scale()
        step = (event.position().x() - scale.area.left()) / max(1.0, scale.area.width()) * scale.steps
        self._set_read(min(range(len(points)), key=lambda at: abs(points[at].step - step)))

    def leaveEvent(self, event: QEvent) -> None:
        if not self.hasFocus():
            self._set_read(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._set_read(None)

    def _set_read(self, at: int | None) -> None:
        if at != self._read:
            self._read = at
            self._take_in()

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        self.paints += 1
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = colours_of(self.palette())
        painter.fillRect(self.rect(), QColor(colours.base))
        if self._curve.points:
            scale = self._scale()
            paint_axes(
                painter, scale, self.rect(), colours, self.fontMetrics(), has_shares=bool(self._metric)
            )
            self._paint_line(painter, scale, colours)
            self._paint_measured(painter, scale, colours)
            self._paint_reading(painter, scale, colours)
            paint_legend(painter, self.rect(), colours, self._metric, self._has_measured_loss, self.reading)
        else:
            painter.setPen(QColor(colours.muted))
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), curve_text(self._curve))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QColor(colours.accent))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), GRID, GRID)
        painter.end()

    @property
    def _metric(self) -> str:
        measured = self._curve.measured
        return main_metric(dict(measured[-1].metrics)) if measured else ""

    @property
    def _has_measured_loss(self) -> bool:
        return any("loss" in point.metrics for point in self._curve.measured)

    def _scale(self) -> Scale:
        return scale_of(self._curve, self.rect(), self.fontMetrics(), has_shares=bool(self._metric))

    def _paint_line(self, painter: QPainter, scale: Scale, colours: Colours) -> None:
        losses = self._curve.losses
        # Which points of ten thousand are drawn is not found anew while the mouse moves over them.
        state = (id(self._curve), self._curve.turns, len(losses), scale)
        if self._line[0] != state:
            chosen = drawn(losses, int(scale.area.width()) // 2)  # a line is about two pixels wide
            self._line = state, QPolygonF([scale.place(step, loss) for step, loss in chosen])
        painter.setPen(QPen(QColor(colours.accent), 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if len(losses) == 1:
            painter.drawEllipse(scale.place(*losses[0]), 1.5, 1.5)
        else:
            painter.drawPolyline(self._line[1])

    def _paint_measured(self, painter: QPainter, scale: Scale, colours: Colours) -> None:
        measured, metric = self._curve.measured, self._metric
        apart = max(1, len(measured) * 3 * GRID // max(1, int(scale.area.width())))
        for point in measured[::apart] if apart > 1 else measured:
            if "loss" in point.metrics:
                paint_mark(painter, scale.place(point.step, point.metrics["loss"]), "ring", colours)
            if metric in point.metrics:
                paint_mark(painter, scale.share(point.step, point.metrics[metric]), "diamond", colours)

    def _paint_reading(self, painter: QPainter, scale: Scale, colours: Colours) -> None:
        if self._read is None:
            return
        point = self._curve.points[min(self._read, len(self._curve.points) - 1)]
        painter.setPen(QPen(QColor(colours.muted), 1, Qt.PenStyle.DashLine))
        x = scale.x(point.step)
        painter.drawLine(QPointF(x, scale.area.top()), QPointF(x, scale.area.bottom()))

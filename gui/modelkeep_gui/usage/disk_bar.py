"""The disk bar: one bar that is the disk, with a segment for each library, the trash, other files and free space."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QActionGroup,
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolTip, QWidget

from modelkeep.text import exact_size_text, size_text
from modelkeep_gui.theme import GRID, Colours, colours_of
from modelkeep_gui.usage.labels import share_label
from modelkeep_gui.usage.shares import DiskUsage, Grouping, Share

__all__ = ["DiskBar"]

_BAR_HEIGHT = 12
_LEAST = 4  # pixels of a segment that is too small to be seen, and to be hit
_GAP = 2
_DOT = 8


@dataclass
class _Segment:
    share: Share
    bar: QRect
    legend: QRect


class DiskBar(QWidget):
    """Shows a `DiskUsage`. The left and right keys go from segment to segment, Enter chooses one.

    Signals:
        segment_chosen: the `Share` that was clicked or entered.
        grouping_chosen: "library", "cache" or "owner", from the context menu.
    """

    segment_chosen = Signal(object)
    grouping_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.usage = DiskUsage()
        self.grouping: Grouping = "library"
        self.root_names: Mapping[str, str] = {}
        self._segments: list[_Segment] = []
        self._current = 0
        self._hovered = -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Disk"))

    def set_usage(
        self, usage: DiskUsage, grouping: Grouping = "library", root_names: Mapping[str, str] | None = None
    ) -> None:
        """Show `usage`. `root_names` says what caches are called, by their paths."""
        self.usage, self.grouping, self.root_names = usage, grouping, root_names or {}
        self._current = min(self._current, max(0, len(usage.shares) - 1))
        self._lay_out()

    @property
    def current(self) -> Share | None:
        """The share that the keyboard is at."""
        return self._segments[self._current].share if self._segments else None

    def describe(self, share: Share) -> str:
        """A share in full: its name, its bytes, and how much of the disk that is."""
        whole = max(1, self.usage.total)
        return self.tr("{name}: {size} ({exact}), {percent:.1f} % of the disk").format(
            name=self._label(share),
            size=size_text(share.size),
            exact=exact_size_text(share.size),
            percent=100 * share.size / whole,
        )

    # Where things are -------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(480, self.fontMetrics().height() + _BAR_HEIGHT + 6 * GRID)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def _lay_out(self) -> None:
        shares = self.usage.shares
        area = self.rect().adjusted(4 * GRID, 2 * GRID, -4 * GRID, -2 * GRID)
        widths = _widths([share.size for share in shares], area.width() - _GAP * max(0, len(shares) - 1))
        self._segments = []
        left = area.left()
        for share, width in zip(shares, widths):
            self._segments.append(_Segment(share, QRect(left, area.top(), width, _BAR_HEIGHT), QRect()))
            left += width + _GAP
        self._lay_out_legend(area)
        self._describe_current()
        self.update()

    def _lay_out_legend(self, area: QRect) -> None:
        """Names as far as they fit, in the order of the bar; the free space has its place at the right."""
        metrics = self.fontMetrics()
        top, height = area.top() + _BAR_HEIGHT + 2 * GRID, metrics.height()
        right = area.right() - metrics.horizontalAdvance(self._summary()) - 6 * GRID
        left = area.left()
        for segment in self._segments:
            if segment.share.kind == "free":
                continue
            wanted = _DOT + GRID + metrics.horizontalAdvance(self._legend(segment.share)) + 2
            width = min(wanted, right - left)
            if width < 12 * GRID:
                break
            segment.legend = QRect(left, top, width, height)
            left += wanted + 4 * GRID

    def _at(self, place: QPoint) -> int:
        for number, segment in enumerate(self._segments):
            # A thin bar is hard to hit: a few pixels above and below belong to it.
            if segment.bar.adjusted(-1, -GRID, 1, GRID).contains(place) or segment.legend.contains(place):
                return number
        return -1

    # What it says -----------------------------------------------------------------------------------------------

    def _label(self, share: Share) -> str:
        return share_label(share, self.root_names)

    def _legend(self, share: Share) -> str:
        return f"{self._label(share)}  {size_text(share.size)}"

    def _summary(self) -> str:
        if not self.usage.total:
            return ""
        return self.tr("{free} free of {total}").format(
            free=size_text(self.usage.free), total=size_text(self.usage.total)
        )

    def _describe_current(self) -> None:
        share = self.current
        self.setAccessibleDescription(self.describe(share) if share else "")

    # Painting ---------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = colours_of(self.palette())
        self._paint_bar(painter, colours)
        middle = Qt.AlignmentFlag.AlignVCenter
        for number, segment in enumerate(self._segments):
            if segment.legend.isNull():
                continue
            dot = QRectF(0, 0, _DOT, _DOT)
            dot.moveCenter(QRectF(segment.legend).center())
            dot.moveLeft(segment.legend.left())
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._colour(number, colours))
            painter.drawRoundedRect(dot, 2, 2)
            area = segment.legend.adjusted(_DOT + GRID, 0, 0, 0)
            painter.setPen(QColor(colours.text if number == self._hovered else colours.muted))
            text = self.fontMetrics().elidedText(
                self._legend(segment.share), Qt.TextElideMode.ElideMiddle, area.width()
            )
            painter.drawText(area, Qt.AlignmentFlag.AlignLeft | middle, text)
        painter.setPen(QColor(colours.text))
        foot = self.rect().adjusted(4 * GRID, 4 * GRID + _BAR_HEIGHT, -4 * GRID, -2 * GRID)
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight | middle, self._summary())
        painter.end()

    def _paint_bar(self, painter: QPainter, colours: Colours) -> None:
        if not self._segments:
            return
        whole = QRectF(self._segments[0].bar.united(self._segments[-1].bar))
        rounded = QPainterPath()
        rounded.addRoundedRect(whole, GRID, GRID)
        painter.save()
        painter.setClipPath(rounded)
        for number, segment in enumerate(self._segments):
            colour = self._colour(number, colours)
            if number == self._hovered:
                colour = colour.lighter(115) if colours.is_dark else colour.darker(112)
            painter.fillRect(segment.bar, colour)
        painter.restore()
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self._segments[self._current].bar.adjusted(-2, -3, 2, 3), GRID, GRID)

    def _colour(self, number: int, colours: Colours) -> QColor:
        match self._segments[number].share.kind:
            case "trash":
                return QColor(colours.trash)
            case "other":
                return QColor(colours.other)
            case "free":
                return QColor(colours.free)
        return QColor(colours.segments[number % len(colours.segments)])

    # Mouse and keyboard -----------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            number = self._at(event.pos())
            if number >= 0:
                QToolTip.showText(event.globalPos(), self.describe(self._segments[number].share), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and number >= 0:
            self._go_to(number)
            self.segment_chosen.emit(self._segments[number].share)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._segments) - 1
        match event.key():
            case Qt.Key.Key_Left:
                self._go_to(max(0, self._current - 1))
            case Qt.Key.Key_Right:
                self._go_to(min(last, self._current + 1))
            case Qt.Key.Key_Home:
                self._go_to(0)
            case Qt.Key.Key_End:
                self._go_to(last)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space if self.current:
                self.segment_chosen.emit(self.current)
            case _:
                super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill(menu)
        menu.popup(event.globalPos())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def fill(self, menu: QMenu) -> None:
        """Add the choices of a grouping to `menu`."""
        group = QActionGroup(menu)
        names: dict[Grouping, str] = {
            "library": self.tr("By library"),
            "cache": self.tr("By cache"),
            "owner": self.tr("By owner"),
        }
        for grouping, name in names.items():
            action = menu.addAction(name)
            action.setCheckable(True)
            action.setChecked(grouping == self.grouping)
            action.triggered.connect(lambda on, grouping=grouping: self.grouping_chosen.emit(grouping))
            group.addAction(action)

    def _hover(self, number: int) -> None:
        if number != self._hovered:
            self._hovered = number
            self.setCursor(Qt.CursorShape.PointingHandCursor if number >= 0 else Qt.CursorShape.ArrowCursor)
            self.update()

    def _go_to(self, number: int) -> None:
        self._current = max(0, number)
        self._describe_current()
        self.update()


def _widths(sizes: list[int], width: int) -> list[int]:
    """Pixels for each size: in proportion, but never less than can be seen; together exactly `width`."""
    total = sum(sizes)
    if not sizes or total <= 0 or width <= 0:
        return [0] * len(sizes)
    widths = [max(_LEAST, size * width // total) for size in sizes]
    # The largest can best spare what the smallest were given, and take what was rounded off.
    largest = widths.index(max(widths))
    widths[largest] = max(_LEAST, widths[largest] + width - sum(widths))
    return widths

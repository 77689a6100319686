"""Whether something fits a disk: what it writes, what is free, what stays free."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from modelkeep.text import exact_size_text, size_text
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.theme import GRID, colours_of

__all__ = ["DiskRoom"]


class DiskRoom(QWidget):
    """A small bar that is the free space, with the part that will be written, and beside it the figures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bar = _Bar()
        self._notice = TonedNotice()
        self._notice.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self._bar)
        layout.addWidget(self._notice, 1, Qt.AlignmentFlag.AlignVCenter)
        self.hide()

    @property
    def text(self) -> str:
        """What is said."""
        return self._notice.text

    def show_room(self, needed: int, free: int, reserve: int) -> None:
        """Say what becomes of `free` bytes when `needed` are written and `reserve` are to be left."""
        missing = max(0, needed + reserve - free) if needed else 0
        if missing:
            text = self.tr(
                "{missing} more are needed: {needed} to write, {reserve} to leave free, {free} free."
            )
        else:
            text = self.tr("{needed} to write · {free} free · {left} stay free")
        text = text.format(
            missing=size_text(missing),
            needed=size_text(needed),
            reserve=size_text(reserve),
            free=size_text(free),
            left=size_text(max(0, free - needed)),
        )
        exact = self.tr("{} to write, {} free").format(exact_size_text(needed), exact_size_text(free))
        name, tone = ("warning", "bad") if missing else ("disk", "muted")
        self._notice.say(text, name, tone, tooltip=exact)
        self._bar.show_share(needed, free, is_too_much=bool(missing))
        self.show()


class _Bar(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._needed = self._free = 0
        self._is_too_much = False
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        return QSize(24 * GRID, 2 * GRID)

    def show_share(self, needed: int, free: int, *, is_too_much: bool = False) -> None:
        self._needed, self._free, self._is_too_much = needed, free, is_too_much
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = colours_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        area = QRectF(self.rect())
        radius = area.height() / 2
        painter.setBrush(QColor(colours.bad if self._is_too_much else colours.free))
        painter.drawRoundedRect(area, radius, radius)
        if self._needed and not self._is_too_much:
            area.setWidth(max(area.height(), area.width() * min(1.0, self._needed / max(1, self._free))))
            painter.setBrush(QColor(colours.accent))
            painter.drawRoundedRect(area, radius, radius)
        painter.end()

"""What a line of the job panel is made of, painted in the theme's colours."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QIcon, QPainter, QPaintEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QLabel, QProgressBar, QToolButton, QWidget

from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID, colours_of

__all__ = ["Bar", "ElidedLabel", "FlatButton", "Sign"]

_ICON = 4 * GRID
_PHASES = 60  # of the moving block, 20 a second


class ElidedLabel(QLabel):
    """A line of text that gives way: too long, it is elided, and its tool tip has all of it."""

    def __init__(self, mode: Qt.TextElideMode, *, muted: bool = False) -> None:
        super().__init__()
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.set_muted(muted)

    def set_muted(self, muted: bool) -> None:
        roles = QPalette.ColorRole
        self.setForegroundRole(roles.PlaceholderText if muted else roles.WindowText)

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), 12 * GRID), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        text = self.fontMetrics().elidedText(self.text(), self._mode, self.width())
        self.setToolTip(self.text() if text != self.text() else "")
        painter = QPainter(self)
        role = self.foregroundRole()
        self.style().drawItemText(
            painter, self.rect(), int(self.alignment()), self.palette(), self.isEnabled(), text, role
        )


class Sign(QWidget):
    """An icon that says what state something is in; the text beside it says the same."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = QIcon()
        self.setFixedSize(_ICON, _ICON)

    def show_icon(self, name: str, tone: str) -> None:
        self._icon = icon(name, tone)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        self._icon.paint(QPainter(self), self.rect())


class Bar(QProgressBar):
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


class FlatButton(QToolButton):
    """A button without a frame, that shows its focus and has a name for those who cannot see its icon."""

    def __init__(self, text: str, icon_name: str = "") -> None:
        super().__init__()
        self.setText(text)
        self.setToolTip(text)
        self.setAccessibleName(text)
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        if icon_name:
            self.setIcon(icon(icon_name))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():  # which Fusion shows for a button with a frame alone
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(colours_of(self.palette()).accent))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), GRID, GRID)

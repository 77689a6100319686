"""Buttons without a frame, one that is pressed and one that stays down."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QStyle, QStyleOptionToolButton, QToolButton

from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID, colours_of

__all__ = ["FlatButton", "FlatToggle"]


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


class FlatToggle(FlatButton):
    """One that stays down without looking pressed in.

    Who makes one shows in another way whether it is down: an arrow that turns, a coloured ground.
    """

    def __init__(self, text: str, icon_name: str = "") -> None:
        super().__init__(text, icon_name)
        self.setCheckable(True)

    def initStyleOption(self, option: QStyleOptionToolButton) -> None:
        super().initStyleOption(option)
        option.state &= ~QStyle.StateFlag.State_On

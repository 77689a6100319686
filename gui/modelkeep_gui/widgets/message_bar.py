"""The quiet bar that says what happened and offers a way back: "Moved 3 models to the trash. [Undo]"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID, colours_of

__all__ = ["Message", "MessageBar"]

Tone = Literal["text", "good", "warn", "bad"]

_ICONS: dict[Tone, str] = {"text": "info", "good": "whole", "warn": "warning", "bad": "damaged"}


@dataclass(frozen=True)
class Message:
    """What the bar says. `action` is the text of its button, "" for none; `about` is what the button acts on."""

    text: str
    action: str = ""
    tone: Tone = "text"
    about: object = None
    seconds: float = 10.0
    """How long it stays; 0 until it is closed. One of the tone "bad" always stays."""


class MessageBar(QWidget):
    """Shows one message at a time and is hidden without one. It stays while the mouse or the keyboard is in it.

    Signals:
        action_chosen: the `Message` whose button was pressed.
        closed: the `Message` that went, by its time or by the user.
    """

    action_chosen = Signal(object)
    closed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._message: Message | None = None
        self._icon = QLabel()
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._action = QPushButton()
        self._action.clicked.connect(self._choose_action)
        self._close = QToolButton()
        self._close.setAutoRaise(True)
        self._close.setIcon(icon("cancel", "muted"))
        self._close.setToolTip(self.tr("Close this message"))
        self._close.setAccessibleName(self.tr("Close this message"))
        self._close.clicked.connect(self.close_message)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._time_is_up)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(2 * GRID)
        for part in (self._icon, self._text, self._action, self._close):
            layout.addWidget(part)
        self.hide()

    @property
    def message(self) -> Message | None:
        """What is shown."""
        return self._message

    def show_message(self, message: Message) -> None:
        """Show `message` instead of the one before."""
        if self._message is not None:
            self.close_message()
        self._message = message
        self._text.setText(message.text)
        self._action.setText(message.action)
        self._action.setVisible(bool(message.action))
        self._show_icon()
        self.setAccessibleName(message.text)
        self.show()
        self._start_timer()

    def close_message(self) -> None:
        """Take the message away."""
        message, self._message = self._message, None
        self._timer.stop()
        self.hide()
        if message is not None:
            self.closed.emit(message)

    def _choose_action(self) -> None:
        message = self._message
        self.close_message()
        if message is not None:
            self.action_chosen.emit(message)

    def _start_timer(self) -> None:
        message = self._message
        if message is not None and message.seconds and message.tone != "bad":
            self._timer.start(round(message.seconds * 1000))

    def _time_is_up(self) -> None:
        if self.underMouse() or self._action.hasFocus() or self._close.hasFocus():
            self._start_timer()
        else:
            self.close_message()

    def _show_icon(self) -> None:
        if self._message is not None:
            tone = self._message.tone
            self._icon.setPixmap(icon(_ICONS[tone], tone).pixmap(QSize(16, 16), self.devicePixelRatioF()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._show_icon()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_message()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = colours_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(colours.strong_line))
        painter.setBrush(QColor(colours.raised))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6, 6)
        painter.end()

"""What stands in place of the models of a remote: that it is being asked, has nothing, or cannot be asked."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from modelkeep.errors import ModelKeepError, Offline
from modelkeep_gui.widgets.state_page import StatePage

__all__ = ["RemoteState"]


class RemoteState(StatePage):
    """Says one of these, and offers what helps.

    Signals:
        retry_requested, test_requested, push_requested, here_requested, online_requested: a button was pressed.
    """

    retry_requested = Signal()
    test_requested = Signal()
    push_requested = Signal()
    here_requested = Signal()
    online_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._retry = self.add_button(self.tr("Try &again"), self.retry_requested.emit)
        self._test = self.add_button(self.tr("Test the &connection"), self.test_requested.emit)
        self._push = self.add_button(self.tr("&Push a model…"), self.push_requested.emit)
        self._here = self.add_button(self.tr("Show what &is here"), self.here_requested.emit)
        self._online = self.add_button(self.tr("Go &online"), self.online_requested.emit)

    def say_asking(self, icon: str) -> None:
        self.say(self.tr("Asking what it holds…"), name=icon, is_busy=True)

    def say_empty(self, icon: str, *, has_here: bool) -> None:
        """It holds nothing; `has_here`: there are models here that could be pushed."""
        self.say(
            self.tr("Nothing is there yet"),
            self.tr("What you push to this remote is listed here, for everyone who can reach it."),
            name=icon,
            buttons=(self._push, self._here) if has_here else (self._push,),
        )

    def say_failure(self, error: ModelKeepError) -> None:
        """It could not be asked, and what it holds was never known."""
        if isinstance(error, Offline):
            buttons = (self._online, self._retry)
            self.say(str(error), error.hint, name="away", tone="muted", buttons=buttons)
        else:
            buttons = (self._retry, self._test)
            self.say(str(error), error.hint, name="warning", tone="warn", buttons=buttons)

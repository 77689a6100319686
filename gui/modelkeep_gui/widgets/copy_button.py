"""A button that copies a text and shows that it did."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication

from modelkeep_gui.icons import icon
from modelkeep_gui.widgets.flat_button import FlatButton

__all__ = ["CopyButton"]

_THANKS = 1500  # milliseconds


class CopyButton(FlatButton):
    """Copies what `text` returns at that moment. `name` says what it is: "Copy the code"."""

    def __init__(self, name: str, text: Callable[[], str]) -> None:
        super().__init__(name)
        self._copied_text = text
        self._back = QTimer(self, singleShot=True, interval=_THANKS)
        self._back.timeout.connect(self._show_copy)
        self.clicked.connect(self._copy)
        self._show_copy()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._copied_text())
        self.setIcon(icon("done", "good"))
        self.setText(self.tr("Copied"))
        self._back.start()

    def _show_copy(self) -> None:
        self.setIcon(icon("copy"))
        self.setText(self.tr("Copy"))

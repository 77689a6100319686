"""A push button for an action."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton

__all__ = ["ActionButton"]


class ActionButton(QPushButton):
    """Triggers an action, and can be used when the action can."""

    def __init__(self, action: QAction) -> None:
        super().__init__(action.icon(), action.text().partition("\t")[0])
        self.setAutoDefault(False)
        self.setEnabled(action.isEnabled())
        self.clicked.connect(action.trigger)
        action.changed.connect(lambda: self.setEnabled(action.isEnabled()))

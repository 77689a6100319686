"""A question with a single yes: the button says what it does, with the figure in it."""

from __future__ import annotations

from PySide6.QtWidgets import QDialogButtonBox, QWidget

from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import value

__all__ = ["ConfirmDialog"]


class ConfirmDialog(Sheet):
    """Asks about something that cannot be undone. Accepted is yes; Enter and Escape are no."""

    def __init__(self, title: str, text: str, button: str, parent: QWidget | None = None) -> None:
        super().__init__(title, "warning", "warn", parent)
        self.setMinimumWidth(100 * GRID)
        self.body.addWidget(value(text))
        self.body.addStretch()
        self.confirm = self.add_button(button, QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = self.add_button(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self.set_default(self.cancel)

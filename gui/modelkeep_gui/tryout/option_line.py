"""Small fields beside each other, each with its name before it."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from modelkeep_gui.theme import GRID
from modelkeep_gui.translations import plain_text
from modelkeep_gui.widgets.labels import field_label

__all__ = ["OptionLine"]


class OptionLine(QHBoxLayout):
    """A line of them, as narrow as they are."""

    def __init__(self) -> None:
        super().__init__()
        self.setSpacing(2 * GRID)
        self.addStretch()

    def add(self, text: str, field: QWidget) -> None:
        """One more; the key of its name leads to it."""
        field.setAccessibleName(plain_text(text))
        place = self.count() - 1
        self.insertWidget(place, field_label(text, field))
        self.insertWidget(place + 1, field)
        self.insertSpacing(place + 2, GRID)

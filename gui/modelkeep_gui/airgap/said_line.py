"""What one reads, copies or says by phone: lines with a label, a value, and a button that copies it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.copy_button import CopyButton
from modelkeep_gui.widgets.elided_field import ElidedField
from modelkeep_gui.widgets.labels import fixed_font

__all__ = ["SaidLines", "in_groups"]


class SaidLines(QWidget):
    """Lines of a label and a value, each of which can be copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[tuple[str, str]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(3 * GRID)
        self._grid.setVerticalSpacing(GRID)
        self._grid.setColumnStretch(1, 1)

    @property
    def texts(self) -> list[str]:
        """The lines, as they are read."""
        return [f"{label}: {text}" for label, text in self._lines]

    def show_lines(self, lines: Sequence[tuple[str, str]], codes: Sequence[str] = ()) -> None:
        """Show these; the values of the labels `codes` are hex digits, in groups that can be read out."""
        while item := self._grid.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        self._lines = list(lines)
        for row, (label, text) in enumerate(lines):
            is_code = label in codes
            name = QLabel(label)
            name.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            shown = ElidedField(in_groups(text) if is_code else text, label)
            if is_code:
                shown.setFont(fixed_font())
            name.setBuddy(shown)
            self._grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(shown, row, 1)
            copy = CopyButton(self.tr("Copy: {}").format(label), _saying(text))
            self._grid.addWidget(copy, row, 2)


def in_groups(digits: str) -> str:
    """Hex digits by four, as one reads them out."""
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def _saying(text: str) -> Callable[[], str]:
    return lambda: text

"""How tables look: whole rows without a grid, nothing to edit in place, a sentence while there is no row."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.placeholder import paint_placeholder

__all__ = ["QuietTable"]


class QuietTable(QTableView):
    """A table whose model, name and way of selecting are still to be set."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._placeholder = ""
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(self.row_height)
        self.verticalHeader().setDefaultSectionSize(self.row_height)
        self.horizontalHeader().setStretchLastSection(False)
        self.horizontalHeader().setHighlightSections(False)

    @property
    def row_height(self) -> int:
        """In pixels, as in the library."""
        return self.fontMetrics().height() + 3 * GRID

    @property
    def placeholder(self) -> str:
        """What is written in the middle while there is no row."""
        return self._placeholder

    def set_placeholder(self, text: str) -> None:
        """Have this written in the middle while there is no row."""
        self._placeholder = text
        self.viewport().update()

    def set_widths(self, widths: Iterable[int]) -> None:
        """Give the columns of the model these widths, in average characters."""
        character = self.fontMetrics().averageCharWidth()
        for number, width in enumerate(widths):
            self.horizontalHeader().resizeSection(number, width * character + 4 * GRID)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._placeholder and not self.model().rowCount():
            paint_placeholder(self, self._placeholder)

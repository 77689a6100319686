"""Names and what they stand for, in two columns, to be read and copied."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import remark, value

__all__ = ["FactGrid", "Facts"]


class FactGrid(QWidget):
    """As high as its lines; those whose names stay only get other texts."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[tuple[QLabel, QLabel]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(4 * GRID)
        self._grid.setVerticalSpacing(GRID)
        self._grid.setColumnStretch(1, 1)

    @property
    def texts(self) -> list[tuple[str, str]]:
        """What is said."""
        return [(name.text(), text.text()) for name, text in self._lines]

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Say these."""
        if [name for name, _ in self.texts] != [name for name, _ in facts]:
            for line in self._lines:
                for label in line:
                    label.hide()
                    label.deleteLater()
            self._lines = [self._line(row, name) for row, (name, _) in enumerate(facts)]
        for (_, label), (name, text) in zip(self._lines, facts):
            if label.text() != text:
                label.setText(text)
            label.setAccessibleName(f"{name}: {text}")

    def _line(self, row: int, name: str) -> tuple[QLabel, QLabel]:
        title, text = remark(name), value("")
        title.setWordWrap(False)
        title.setMinimumWidth(title.sizeHint().width())
        for column, label in enumerate((title, text)):
            self._grid.addWidget(label, row, column, Qt.AlignmentFlag.AlignTop)
        return title, text


class Facts(QScrollArea):
    """The same where there may be more than there is room for."""

    def __init__(self) -> None:
        super().__init__(widgetResizable=True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.grid = FactGrid()
        inner = QWidget()
        inner.setBackgroundRole(QPalette.ColorRole.Base)
        layout = QVBoxLayout(inner)
        layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 3 * GRID)
        layout.addWidget(self.grid)
        layout.addStretch()
        self.setWidget(inner)

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Say these."""
        self.grid.show_facts(facts)

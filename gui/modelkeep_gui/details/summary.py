"""What the pane says when several lines are selected: what they are together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from modelkeep.rows import ModelRow, RevisionRow
from modelkeep.text import exact_size_text, size_text
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import heading, remark

__all__ = ["Summary"]


class Summary(QWidget):
    """Count, sizes and states of some models or revisions."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = heading("")
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(3 * GRID)
        self._facts.setVerticalSpacing(GRID)
        self._facts.setColumnStretch(1, 1)
        self._values = [self._line(self._facts.rowCount(), name) for name in self._names()]
        self._hint = remark(self.tr("What they share with each other is freed too when all of them go."))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 4 * GRID)
        layout.setSpacing(3 * GRID)
        layout.addWidget(self._title)
        layout.addLayout(self._facts)
        layout.addWidget(self._hint)
        layout.addStretch()

    def set_rows(self, rows: Sequence[ModelRow | RevisionRow]) -> None:
        """Say what these are together."""
        size, on_disk, frees = (sum(sizes) for sizes in zip(*((r.size, r.on_disk, r.frees) for r in rows)))
        self._title.setText(self.tr("{} selected").format(f"{len(rows):,}"))
        states = Counter(row.condition for row in rows)
        words = {
            "damaged": self.tr("{} damaged"),
            "incomplete": self.tr("{} incomplete"),
            "unproven": self.tr("{} not proven"),
            "whole": self.tr("{} whole"),
        }
        told = (text.format(f"{states[state]:,}") for state, text in words.items() if states[state])
        texts = (size_text(size), size_text(on_disk), self._frees_text(frees, on_disk), " · ".join(told))
        for label, text, exact in zip(self._values, texts, (size, on_disk, frees, None)):
            label.setText(text)
            label.setToolTip(exact_size_text(exact) if exact is not None else "")
        self._hint.setVisible(frees < on_disk)

    @property
    def texts(self) -> list[str]:
        """What is said, from top to bottom."""
        return [self._title.text(), *(label.text() for label in self._values)]

    def _frees_text(self, frees: int, on_disk: int) -> str:
        # Each figure is for its row alone, so together it may be more.
        return self.tr("at least {}").format(size_text(frees)) if frees < on_disk else size_text(frees)

    def _names(self) -> tuple[str, ...]:
        return (self.tr("Size"), self.tr("On disk"), self.tr("Frees"), self.tr("State"))

    def _line(self, line: int, name: str) -> QLabel:
        label, value = QLabel(name), QLabel()
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setWordWrap(True)
        self._facts.addWidget(label, line, 0, Qt.AlignmentFlag.AlignTop)
        self._facts.addWidget(value, line, 1)
        return value

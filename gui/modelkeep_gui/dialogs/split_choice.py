"""How large a volume of a split archive may be: the usual media, or a size that is typed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from modelkeep.text import parse_size
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.theme import GRID

__all__ = ["SplitChoice"]

_SMALLEST = 1_000_000  # bytes; below it a model would come in more files than anyone can carry
_OTHER = -1


class SplitChoice(QWidget):
    """A list of sizes, the last of which is one's own.

    Signals:
        changed: another choice, or another text, by the user.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice = QComboBox()
        for name, size in self._sizes():
            self.choice.addItem(name, size)
        self.choice.setAccessibleName(self.tr("Size of a volume"))
        self.text = QLineEdit("2 GB")
        self.text.setMaximumWidth(30 * GRID)
        self.text.setAccessibleName(self.tr("Size of a volume, typed"))
        self._problem = TonedNotice()
        self.choice.currentIndexChanged.connect(lambda _: self._follow())
        self.text.textEdited.connect(lambda _: self._follow())
        line = QHBoxLayout()
        line.setSpacing(2 * GRID)
        line.addWidget(self.choice)
        line.addWidget(self.text)
        line.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addLayout(line)
        layout.addWidget(self._problem)
        self._show()

    @property
    def volume_size(self) -> int | None:
        """The most bytes that a volume may have, None for archives in one piece. Only without a `problem`."""
        chosen: int = self.choice.currentData()
        return (parse_size(self.text.text()) if chosen == _OTHER else chosen) or None

    @property
    def problem(self) -> str:
        """Why what is typed is no size that a volume can have, "" when it is one."""
        try:
            size = self.volume_size
        except ValueError:
            return self.tr("Write a size with its unit, such as 2 GB or 650 MB.")
        if size is not None and size < _SMALLEST:
            return self.tr("A volume has to have at least 1 MB.")
        return ""

    def _follow(self) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        self.text.setVisible(self.choice.currentData() == _OTHER)
        self._problem.say(self.problem, "warning", "bad")
        self._problem.setVisible(bool(self.problem))

    def _sizes(self) -> tuple[tuple[str, int], ...]:
        return (
            (self.tr("In one piece"), 0),
            (self.tr("FAT32 stick (4 GiB − 1)"), (4 << 30) - 1),
            (self.tr("1 GB each"), 1_000_000_000),
            (self.tr("CD (700 MB)"), 700_000_000),
            (self.tr("DVD (4.7 GB)"), 4_700_000_000),
            (self.tr("Other size…"), _OTHER),
        )

"""A page in place of something that is not there: why, what helps, and buttons for it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import remark, value
from modelkeep_gui.widgets.progress_line import ProgressLine
from modelkeep_gui.widgets.sign import Sign

__all__ = ["StatePage"]

_SIGN = 10 * GRID


class StatePage(QWidget):
    """Says one thing at a time, in the middle."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign = Sign()
        self._sign.setFixedSize(_SIGN, _SIGN)
        self._title = value("")
        self._hint = remark("")
        self._bar = ProgressLine()
        self._bar.show_share(0, 0)
        self._buttons: list[QPushButton] = []
        self._line = QHBoxLayout()
        self._line.setSpacing(2 * GRID)
        self._line.addStretch()
        self._line.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6 * GRID, 4 * GRID, 6 * GRID, 4 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addStretch(2)
        layout.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignHCenter)
        for label in (self._title, self._hint):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            layout.addWidget(label)
        layout.addWidget(self._bar, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(GRID)
        layout.addLayout(self._line)
        layout.addStretch(3)

    @property
    def text(self) -> str:
        """What is said."""
        return " ".join(filter(None, (self._title.text(), self._hint.text())))

    @property
    def buttons(self) -> list[QPushButton]:
        """Those that can be pressed now."""
        return [button for button in self._buttons if button.isVisibleTo(self)]

    def add_button(self, text: str, pressed: Callable[[], object]) -> QPushButton:
        """A button for this page, hidden until `say` is told to show it."""
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _: pressed())
        button.hide()
        self._buttons.append(button)
        self._line.insertWidget(self._line.count() - 1, button)
        return button

    def say(
        self,
        title: str,
        hint: str = "",
        *,
        name: str = "info",
        tone: str = "muted",
        buttons: tuple[QPushButton, ...] = (),
        is_busy: bool = False,
    ) -> None:
        """Say this from now on, with these of its buttons; `is_busy` shows that something is on its way."""
        self._sign.show_icon(name, tone)
        self._title.setText(title)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self._bar.setVisible(is_busy)
        for button in self._buttons:
            button.setVisible(button in buttons)
        self.setAccessibleName(self.text)

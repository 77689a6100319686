"""What the forms of a try have in common."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from modelkeep.inference.values import LoadedModel, TryInputs, TryOptions
from modelkeep_gui.theme import GRID

__all__ = ["Form", "TextField"]


class Form(QWidget):
    """Where one says what a model is asked.

    Signals:
        changed: something else is asked now.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(2 * GRID)

    def inputs(self) -> TryInputs:
        """What is asked."""
        raise NotImplementedError

    def options(self) -> TryOptions:
        """How it is to be answered."""
        return TryOptions()

    def problem(self) -> str:
        """What is missing before it can be asked, "" when nothing is."""
        return ""

    def show_inputs(self, inputs: TryInputs, options: TryOptions) -> None:
        """Show what was asked before."""
        raise NotImplementedError

    def know(self, model: LoadedModel) -> None:
        """The model is loaded, and this is known of it."""


class TextField(QPlainTextEdit):
    """A text of a few lines, in which Tab goes on to the next field."""

    def __init__(self, name: str, hint: str, lines: int = 3) -> None:
        super().__init__()
        self._lines = lines
        self.setAccessibleName(name)
        self.setPlaceholderText(hint)
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        around = 2 * (int(self.document().documentMargin()) + GRID)
        return QSize(80 * GRID, self._lines * self.fontMetrics().lineSpacing() + around)

    def minimumSizeHint(self) -> QSize:
        around = 2 * (int(self.document().documentMargin()) + GRID)
        return QSize(40 * GRID, min(self._lines, 2) * self.fontMetrics().lineSpacing() + around)

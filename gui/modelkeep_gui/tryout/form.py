"""What the forms of a try have in common."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QMimeData, QSize, Signal
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from modelkeep.inference.plan import TryPlan
from modelkeep.inference.values import LoadedModel, TryInputs, TryOptions
from modelkeep_gui.theme import GRID

__all__ = ["Form", "TextField"]

_LONGEST = 500_000  # characters: more of them would hold up the window, and few models take as many


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

    def remark(self) -> str:
        """What should be known of what is asked, "" when nothing is to be said."""
        if any(field.is_cut for field in self.findChildren(TextField)):
            return self.tr("Only the first {} characters were taken.").format(f"{_LONGEST:,}")
        return ""

    def show_inputs(self, inputs: TryInputs, options: TryOptions) -> None:
        """Show what was asked before."""
        raise NotImplementedError

    def expect(self, plan: TryPlan) -> None:
        """The model was looked at, and this is what trying it takes."""

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
        self.is_cut = False
        """Whether something was left out when a text was pasted."""
        self.textChanged.connect(self._see_length)

    @property
    def is_blank(self) -> bool:
        """Whether nothing is written. It looks no further than the first line in which something is."""
        return next(self.lines(), None) is None

    def lines(self) -> Iterator[str]:
        """The lines in which something is written, without the space around them."""
        block = self.document().begin()
        while block.isValid():
            if line := block.text().strip():
                yield line
            block = block.next()

    def insertFromMimeData(self, source: QMimeData) -> None:
        room = _LONGEST - self.document().characterCount() + len(self.textCursor().selectedText())
        text = source.text() if source.hasText() else ""
        self.insertPlainText(text[: max(0, room)])
        self.is_cut = len(text) > room
        self.textChanged.emit()

    def _see_length(self) -> None:
        self.is_cut = self.is_cut and self.document().characterCount() >= _LONGEST

    def sizeHint(self) -> QSize:
        around = 2 * (int(self.document().documentMargin()) + GRID)
        return QSize(80 * GRID, self._lines * self.fontMetrics().lineSpacing() + around)

    def minimumSizeHint(self) -> QSize:
        around = 2 * (int(self.document().documentMargin()) + GRID)
        return QSize(40 * GRID, min(self._lines, 2) * self.fontMetrics().lineSpacing() + around)

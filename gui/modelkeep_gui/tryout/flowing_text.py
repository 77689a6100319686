"""A text that is being made: it grows as its pieces come, a few times a second however many there are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, QTimer
from PySide6.QtGui import QColor, QFont, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from modelkeep.inference.values import Message
from modelkeep_gui.theme import GRID, colours_of

__all__ = ["FlowingText"]

_PACE = 50  # milliseconds between two paintings


class FlowingText(QPlainTextEdit):
    """Plain text, whatever is in it; with turns, the name of who speaks stands above each. It follows its end
    unless one has scrolled back."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setUndoRedoEnabled(False)
        self._turns: list[Message] = []
        self._unwritten: list[str] = []
        self._later = QTimer(self, singleShot=True, interval=_PACE)
        self._later.timeout.connect(self.flush)

    @property
    def turns(self) -> tuple[Message, ...]:
        """What was said so far, by whom."""
        return tuple(self._turns)

    def set_text(self, text: str) -> None:
        """Show this alone."""
        self.set_turns(())
        self.append_piece(text)
        self.flush()

    def set_turns(self, turns: Sequence[Message]) -> None:
        """Show a conversation."""
        self._later.stop()
        self._unwritten.clear()
        self._turns = list(turns)
        self._write()

    def begin_turn(self, role: str, text: str = "") -> None:
        """Let somebody speak: what comes now is theirs."""
        self.flush()
        self._turns.append(Message(role, ""))
        self._head(role)
        self.append_piece(text)
        self.flush()

    def end_turn(self, text: str) -> None:
        """What was said last is this."""
        self.flush()
        if self._turns and self._turns[-1].content != text:
            self.set_turns([*self._turns[:-1], self._turns[-1]._replace(content=text)])

    def append_piece(self, piece: str) -> None:
        """Add to what is said now, soon."""
        self._unwritten.append(piece)
        if not self._later.isActive():
            self._later.start()

    def flush(self) -> None:
        """Show what has come."""
        self._later.stop()
        if not self._unwritten:
            return
        text = "".join(self._unwritten)
        self._unwritten.clear()
        if self._turns:
            self._turns[-1] = self._turns[-1]._replace(content=self._turns[-1].content + text)
        self._append(text, QTextCharFormat())

    def sizeHint(self) -> QSize:
        return QSize(80 * GRID, 40 * GRID)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._turns:
            self._write()

    def _write(self) -> None:
        self.clear()
        for turn in self._turns:
            self._head(turn.role)
            self._append(turn.content, QTextCharFormat())

    def _head(self, role: str) -> None:
        name = {"user": self.tr("You"), "assistant": self.tr("Model"), "system": self.tr("System")}
        form = QTextCharFormat()
        form.setFontWeight(QFont.Weight.Bold)
        form.setForeground(QColor(colours_of(self.palette()).muted))
        before = "" if self.document().isEmpty() else "\n\n"
        self._append(f"{before}{name.get(role, role)}\n", form)

    def _append(self, text: str, form: QTextCharFormat) -> None:
        bar = self.verticalScrollBar()
        is_at_end = bar.value() >= bar.maximum()
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text, form)
        if is_at_end:
            bar.setValue(bar.maximum())

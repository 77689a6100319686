"""A text in which parts are marked: each on a ground of its own, with its name written behind it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QColor, QFont, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy

from modelkeep.inference.values import Span
from modelkeep_gui.theme import GRID, colours_of, text_upon
from modelkeep_gui.tryout.tints import ground

__all__ = ["MarkedText"]

_MOST = 14  # lines that are seen at once
_LONGEST = 200_000  # characters that are shown


class MarkedText(QPlainTextEdit):
    """Plain text to read and to copy. A label has the same ground wherever it comes."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._text = ""
        self._spans: tuple[Span, ...] = ()
        self.setReadOnly(True)
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setUndoRedoEnabled(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_marks(self, text: str, spans: Sequence[Span]) -> None:
        """Show `text` with these parts marked; a span without a label is marked alone."""
        self._text, self._spans = text[:_LONGEST], tuple(spans)
        self._write()

    def sizeHint(self) -> QSize:
        lines = min(max(1, self._lines()), _MOST)
        around = 2 * (int(self.document().documentMargin()) + GRID)
        return QSize(80 * GRID, lines * self.fontMetrics().lineSpacing() + around + GRID)

    def minimumSizeHint(self) -> QSize:
        return QSize(40 * GRID, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._spans:
            self._write()

    def _lines(self) -> int:
        wide = max(1, (self.viewport().width() or 600) // max(1, self.fontMetrics().averageCharWidth()))
        extra = sum(len(span.label) + 1 for span in self._spans)
        return sum(1 + len(line) // wide for line in self._text.split("\n")) + extra // wide

    def _write(self) -> None:
        colours = colours_of(self.palette())
        labels = list(dict.fromkeys(span.label for span in self._spans))
        self.clear()
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        plain, at = QTextCharFormat(), 0
        for span in sorted(self._spans, key=lambda one: (one.start, -one.end)):
            if span.start < at or span.end > len(self._text):
                continue  # within another one: the list beside the text says it
            cursor.insertText(self._text[at : span.start], plain)
            upon = ground(colours, labels.index(span.label))
            marked = QTextCharFormat()
            marked.setBackground(QColor(upon))
            marked.setForeground(QColor(text_upon(upon)))
            cursor.insertText(self._text[span.start : span.end], marked)
            if span.label:
                name = QTextCharFormat(marked)
                name.setFontWeight(QFont.Weight.Bold)
                name.setFontPointSize(self.font().pointSizeF() * 0.75)
                cursor.insertText(f" {span.label}", name)
            at = span.end
        cursor.insertText(self._text[at:], plain)
        cursor.endEditBlock()
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self.updateGeometry()

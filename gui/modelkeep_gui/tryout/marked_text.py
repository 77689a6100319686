"""A text in which parts are marked: each on a ground of its own, with its name written behind it."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QColor, QFont, QResizeEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy

from modelkeep.inference.values import Span
from modelkeep_gui.theme import GRID, colours_of, text_upon
from modelkeep_gui.tryout.tints import ground

__all__ = ["MarkedText"]

_MOST = 14  # lines that are seen at once
_LONGEST, _MARKS = 20_000, 500  # characters and marks that are shown: more would take too long to lay out


class MarkedText(QPlainTextEdit):
    """Plain text to read and to copy. A label has the same ground wherever it comes."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._text = ""
        self._high = 0  # pixels that the text takes, no more of it counted than is seen at once
        self.is_cut = False
        """Whether only the beginning of the text is shown."""
        self._spans: tuple[Span, ...] = ()
        self.setReadOnly(True)
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setUndoRedoEnabled(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_marks(self, text: str, spans: Sequence[Span]) -> None:
        """Show `text` with these parts marked; a span without a label is marked alone."""
        self._spans = tuple(sorted(spans, key=lambda one: (one.start, -one.end)))[:_MARKS]
        most = self._spans[-1].end if len(self._spans) < len(spans) else _LONGEST
        self._text = text[: min(most, _LONGEST)]
        self.is_cut = len(self._text) < len(text)
        self._write()

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().lineSpacing()
        around = 2 * (int(self.document().documentMargin()) + GRID) + GRID
        return QSize(80 * GRID, min(max(line, self._high), _MOST * line) + around)

    def minimumSizeHint(self) -> QSize:
        return QSize(40 * GRID, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._spans:
            self._write()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._measure()

    def _measure(self) -> None:
        layout, block, high = self.document().documentLayout(), self.document().begin(), 0.0
        while block.isValid() and high < _MOST * self.fontMetrics().lineSpacing():
            high += layout.blockBoundingRect(block).height()
            block = block.next()
        if ceil(high) != self._high:
            self._high = ceil(high)
            self.updateGeometry()

    def _write(self) -> None:
        colours = colours_of(self.palette())
        labels = list(dict.fromkeys(span.label for span in self._spans))
        self.clear()
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        plain, at = QTextCharFormat(), 0
        for span in self._spans:
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
        self._measure()

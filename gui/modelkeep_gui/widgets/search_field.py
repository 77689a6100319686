"""The search field: it filters as one types, underlines what it cannot understand and says why."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QMoveEvent,
    QTextCharFormat,
)
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from modelkeep.filter import EVERYTHING, Filter, FilterError, parse_filter
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID, colours_of

__all__ = ["SearchField"]

_PAUSE = 40  # milliseconds: a quick hand's key strokes are one change
_EXPLAIN_AFTER = 500  # while one still types `size>1`, there is nothing to explain


class SearchField(QLineEdit):
    """A line for the language of `modelkeep.filter`. Escape clears it, Enter and the down key go on to the table.

    Signals:
        filter_changed: the new `Filter`.
        left_downwards: None; the user is done typing and wants to go to the rows.
    """

    filter_changed = Signal(object)
    left_downwards = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._filter = EVERYTHING
        self.setPlaceholderText(self.tr("Filter:  bert  size>1GB  task:ner  unused>90d"))
        self.setAccessibleName(self.tr("Filter"))
        self.setAccessibleDescription(
            self.tr("Words, or terms such as size>1GB, task:ner, unused>90d, is:damaged, format:pickle.")
        )
        self._clear = QAction(icon("cancel", "muted"), self.tr("Clear the filter"), self)
        self._clear.triggered.connect(lambda: self.set_filter_text(""))
        self.addAction(self._clear, QLineEdit.ActionPosition.TrailingPosition)
        self._clear.setVisible(False)
        self.addAction(QAction(icon("search", "muted"), "", self), QLineEdit.ActionPosition.LeadingPosition)
        self._explanation = _Explanation(self)
        self._pause = _single_shot(self, _PAUSE, self._apply)
        self._explain_later = _single_shot(self, _EXPLAIN_AFTER, self._explain)
        self.textChanged.connect(self._text_changed)

    @property
    def filter(self) -> Filter:
        """What is typed, understood."""
        return self._filter

    def set_filter_text(self, text: str) -> None:
        """Filter by `text`, as if it was typed, and at once."""
        self.setText(text)
        self._apply()

    def add_term(self, term: str) -> None:
        """Narrow by one more term, unless it is there."""
        if term not in self.text().split():
            self.set_filter_text(f"{self.text().rstrip()} {term}".lstrip())

    def _text_changed(self, text: str) -> None:
        self._clear.setVisible(bool(text))
        self._explanation.hide()
        self._pause.start()

    def _apply(self) -> None:
        self._pause.stop()
        self._filter = parse_filter(self.text())
        self._underline(self._filter.errors)
        self.setToolTip("\n".join(error.message for error in self._filter.errors))
        if self._filter.errors:
            self._explain_later.start()
        else:
            self._explain_later.stop()
        self.filter_changed.emit(self._filter)

    def _underline(self, errors: tuple[FilterError, ...]) -> None:
        wrong = QTextCharFormat()
        wrong.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        wrong.setUnderlineColor(QColor(colours_of(self.palette()).bad))
        attributes = []
        for error in errors:
            start = _utf16_length(self.text()[: error.start])
            length = _utf16_length(self.text()[error.start : error.end])
            attributes.append(
                QInputMethodEvent.Attribute(
                    QInputMethodEvent.AttributeType.TextFormat, start - self.cursorPosition(), length, wrong
                )
            )
        # A line edit has no other door for formats; an input method underlines its words by this one.
        super().inputMethodEvent(QInputMethodEvent("", attributes))

    def _explain(self) -> None:
        if self.hasFocus() and self._filter.errors:
            self._explanation.show_below("\n".join(error.message for error in self._filter.errors))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape if self.text():
                self.set_filter_text("")
            case Qt.Key.Key_Down | Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._apply()
                self.left_downwards.emit(None)
            case _:
                super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._explanation.hide()
        super().focusOutEvent(event)

    def moveEvent(self, event: QMoveEvent) -> None:
        self._explanation.hide()
        super().moveEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_filter"):
            self._underline(self._filter.errors)


class _Explanation(QLabel):
    """What is wrong with a term, in a small window beneath the field that takes neither focus nor clicks."""

    def __init__(self, field: SearchField) -> None:
        super().__init__(field, Qt.WindowType.ToolTip | Qt.WindowType.FramelessWindowHint)
        self._field = field
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setMargin(2 * GRID)
        self.setObjectName("explanation")

    def show_below(self, text: str) -> None:
        field = self._field
        self.setText(text)
        self.setFixedWidth(max(field.width(), 280))
        self.adjustSize()
        self.move(field.mapToGlobal(QPoint(0, field.height() + GRID // 2)))
        self.show()


def _single_shot(field: SearchField, milliseconds: int, slot: object) -> QTimer:
    timer = QTimer(field)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.timeout.connect(slot)
    return timer


def _utf16_length(text: str) -> int:
    """How long Qt holds `text` to be: characters beyond the basic plane count twice."""
    return len(text) + sum(character > "\uffff" for character in text)

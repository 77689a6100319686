"""Labels that say the same kind of thing in the same kind of type: captions, remarks, headings, values."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QLabel, QWidget

from modelkeep_gui.theme import GRID

__all__ = ["caption", "field_label", "fixed_font", "heading", "remark", "value"]


def caption(text: str) -> QLabel:
    """The title of a group, small and quiet, as in the sidebar."""
    label = _label(text, QPalette.ColorRole.PlaceholderText)
    font = QFont(label.font())
    font.setPointSizeF(font.pointSizeF() * 0.85)
    font.setBold(True)
    font.setCapitalization(QFont.Capitalization.AllUppercase)
    font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 106)
    label.setFont(font)
    return label


def field_label(text: str, field: QWidget) -> QLabel:
    """What a field is called; the key of its text leads there."""
    label = QLabel(text)
    label.setBuddy(field)
    # A letter that is underlined is not drawn closer to the next, as in “To”; what Qt thinks of its width is.
    label.setMinimumWidth(label.sizeHint().width() + GRID // 2)
    return label


def heading(text: str) -> QLabel:
    """What a dialog or a pane is about."""
    label = _wrapping(text, QPalette.ColorRole.WindowText)
    font = QFont(label.font())
    font.setPointSizeF(font.pointSizeF() * 1.2)
    font.setBold(True)
    label.setFont(font)
    return label


def remark(text: str) -> QLabel:
    """A quiet sentence that explains."""
    return _wrapping(text, QPalette.ColorRole.PlaceholderText)


def value(text: str) -> QLabel:
    """Something to read and to copy."""
    label = _wrapping(text, QPalette.ColorRole.WindowText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def fixed_font() -> QFont:
    """The system's font for code, in the size of its other texts."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(QFont().pointSizeF() * 0.95)
    return font


def _wrapping(text: str, role: QPalette.ColorRole) -> QLabel:
    label = _label(text, role)
    label.setWordWrap(True)
    # Otherwise the longest word of a text, such as a path, would say how narrow a pane may become.
    label.setMinimumWidth(1)
    return label


def _label(text: str, role: QPalette.ColorRole) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setForegroundRole(role)
    return label

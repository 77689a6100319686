"""Asks what somebody asks who cannot see a window, or has no mouse."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QWidget,
)

_KINDS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
)


def nameless(window: QWidget) -> list[str]:
    """What can be used within `window`, is visible, and has neither a name nor a text."""
    return [repr(part) for part in _parts(window) if not _name(part)]


def unreachable(window: QWidget) -> list[str]:
    """What can be used within `window`, is visible, and cannot be reached with the Tab key."""
    parts = (part for part in _parts(window) if part.isEnabled())
    return [repr(part) for part in parts if not part.focusPolicy() & Qt.FocusPolicy.TabFocus]


def _parts(window: QWidget) -> list[QWidget]:
    return [
        part
        for part in window.findChildren(QWidget)
        if isinstance(part, _KINDS) and part.isVisible() and not _is_inner(part)
    ]


def _is_inner(part: QWidget) -> bool:
    """Whether it belongs to another widget that answers for it, as the head of a table does."""
    owner = part.parentWidget()
    return (
        isinstance(part, QHeaderView)
        or isinstance(owner, (QAbstractSpinBox, QComboBox, QTabBar, QLineEdit))
        or part.objectName().startswith("qt_")
    )


def _name(part: QWidget) -> str:
    if part.accessibleName():
        return part.accessibleName()
    return part.text() if isinstance(part, QAbstractButton) else ""

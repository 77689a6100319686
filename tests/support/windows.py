"""Looks at windows as a person does."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

Part = TypeVar("Part", bound=QObject)


def only(window: QWidget, kind: type[Part]) -> Part:
    """The one part of that kind."""
    (found,) = window.findChildren(kind)
    return found


def seen(window: QWidget) -> str:
    """What is to be read there: labels, then lines of text."""
    labels = [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
    lines = [line.text() for line in window.findChildren(QLineEdit) if line.isVisible()]
    return " | ".join(filter(None, labels + lines))

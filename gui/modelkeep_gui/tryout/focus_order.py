"""The way that the Tab key takes through a window whose parts come and go."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QWidget

__all__ = ["lead_through"]


def lead_through(*parts: QWidget) -> None:
    """Have the Tab key go through these parts one after another; new widgets would come after all others."""
    for before, after in pairwise(one for part in parts for one in _stops(part)):
        QWidget.setTabOrder(before, after)


def _stops(part: QWidget) -> list[QWidget]:
    return [
        one
        for one in (part, *part.findChildren(QWidget))
        if one.focusPolicy() & Qt.FocusPolicy.TabFocus
        and one.focusProxy() is None
        and one.window() is part.window()  # menus are windows of their own
        and not isinstance(one.parent(), QAbstractSpinBox | QComboBox)
    ]

"""When Python looks for cyclic garbage: not while somebody watches the window.

A look through all objects takes 60 ms when a table holds 50,000 rows, and adding rows is what sets it off. The young
objects are looked through as ever, in a fraction of a millisecond.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

__all__ = ["collect_while_unwatched"]

_NEVER = 1_000_000


def collect_while_unwatched(app: QGuiApplication) -> None:
    """Look through all objects only when the user turns to another window."""
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, _NEVER)
    app.applicationStateChanged.connect(_collect)


def _collect(state: Qt.ApplicationState) -> None:
    if state is not Qt.ApplicationState.ApplicationActive:
        gc.collect()

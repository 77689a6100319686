"""Scanning models for what would run when they are loaded."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from modelkeep.rows import Selection
from modelkeep_gui.session import Session

__all__ = ["scan"]


def scan(session: Session, parent: QWidget, selected: Sequence[Selection]) -> None:
    """Scan the selected models, or all of them when none is selected."""

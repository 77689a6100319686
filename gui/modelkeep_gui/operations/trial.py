"""Proving that a model loads without a network, in a child process."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from modelkeep.rows import Selection
from modelkeep_gui.session import Session

__all__ = ["try_loading"]


def try_loading(session: Session, parent: QWidget, selected: Sequence[Selection]) -> None:
    """Load the selected model for trial, after saying what that runs."""

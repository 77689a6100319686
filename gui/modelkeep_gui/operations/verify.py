"""Verifying models in the background, and what can be done about what is damaged."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from modelkeep.rows import Selection
from modelkeep_gui.session import Session

__all__ = ["verify"]


def verify(session: Session, parent: QWidget, selected: Sequence[Selection], *, deep: bool = False) -> None:
    """Verify the selected models, or all of them when none is selected."""

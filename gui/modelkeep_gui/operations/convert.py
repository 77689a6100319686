"""Making safetensors of pickled weights, as a new revision."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from modelkeep.rows import Selection
from modelkeep_gui.session import Session

__all__ = ["convert"]


def convert(session: Session, parent: QWidget, selected: Sequence[Selection]) -> None:
    """Show what converting the selected model would do, and do it after a yes."""

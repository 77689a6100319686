"""What was done on this machine, to be searched and exported."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from modelkeep_gui.session import Session

__all__ = ["make_page"]


def make_page(session: Session, parent: QWidget) -> QWidget:
    """The page, which begins to look when it is first shown."""
    return QWidget(parent)

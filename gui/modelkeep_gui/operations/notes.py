"""What a user says about models: pins and notes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from modelkeep.rows import ModelRow, Selection
from modelkeep_gui.session import Session

__all__ = ["set_note", "set_pinned"]


def set_pinned(session: Session, selected: Sequence[Selection], pinned: bool) -> None:
    """Pin models, or unpin them."""
    if selected:
        title = _tr("Pin models") if pinned else _tr("Unpin models")
        _write(session, title, "set_pinned", list(selected), pinned)


def set_note(session: Session, root: str, key: str, note: str) -> None:
    """Write a note on a model."""
    _write(session, _tr("Write a note"), "set_note", [Selection(root, key)], note)


def _write(session: Session, title: str, method: str, *values: object) -> None:
    session.runner.run(
        title,
        method,
        *values,
        visible=False,
        on_done=lambda rows: _show(session, rows),
        on_failed=lambda error: session.tell(f"{error} {error.hint}", tone="bad"),
    )


def _show(session: Session, rows: Sequence[ModelRow]) -> None:
    for row in rows:
        session.table.add_rows(row.root, [row])
        session.feed.rows_changed.emit(row.root)


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

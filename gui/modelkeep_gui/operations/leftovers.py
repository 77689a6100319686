"""What interrupted imports left behind: going on with them, or clearing it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from modelkeep.cache.staging import LeftStaging
from modelkeep.text import size_text
from modelkeep_gui.dialogs.error_dialog import show_error
from modelkeep_gui.dialogs.leftovers_dialog import (
    LeftoversDialog,
    can_resume,
    heading,
    left_name,
    left_text,
)
from modelkeep_gui.operations.import_ import follow_import
from modelkeep_gui.session import Session
from modelkeep_gui.widgets.message_bar import Message

__all__ = ["offer"]


def offer(session: Session, parent: QWidget, left: Sequence[LeftStaging]) -> None:
    """Say quietly that works were interrupted; the button of the message shows which, and what can be done."""
    text = left_text(left[0]) if len(left) == 1 else f"{heading(left)}."
    about = partial(_show, session, parent, left)
    action = _tr("Resume…") if any(map(can_resume, left)) else _tr("Show…")
    session.told.emit(Message(text, action=action, tone="warn", about=about, seconds=0))


def _show(session: Session, parent: QWidget, left: Sequence[LeftStaging]) -> None:
    dialog = LeftoversDialog(left, parent)
    dialog.resume_requested.connect(lambda chosen: _resume(session, parent, chosen))
    dialog.clearing_requested.connect(lambda chosen: _clear(session, parent, chosen))
    dialog.open()


def _resume(session: Session, parent: QWidget, left: Sequence[LeftStaging]) -> None:
    for one in left:
        name, root = left_name(one), _root(one)
        job = session.runner.run(_tr("Import {}").format(name), "archives.resume", one, root, lane=root)
        follow_import(session, parent, job, name, root)


def _clear(session: Session, parent: QWidget, left: Sequence[LeftStaging]) -> None:
    session.runner.run(
        _tr("Clear interrupted imports"),
        "archives.clear_leftovers",
        list(left),
        lane=_root(left[0]),
        visible=False,
        on_done=lambda freed: _tell_cleared(session, freed),
        on_failed=partial(show_error, parent),
    )


def _tell_cleared(session: Session, freed: int) -> None:
    session.tell(_tr("{} freed.").format(size_text(freed)), tone="good")
    session.feed.refresh()


def _root(left: LeftStaging) -> str:
    return Path(left.path).parents[2].as_posix()


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

"""What a window says of itself, and asks before it goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

__all__ = ["ask_to_close", "show_about", "show_shortcuts", "what_stops"]


def show_shortcuts(parent: QWidget, actions: Sequence[QAction]) -> None:
    """All keys in a table."""
    from modelkeep_gui.dialogs.shortcuts_dialog import ShortcutsDialog

    ShortcutsDialog(actions, parent).open()


def show_about(parent: QWidget) -> None:
    """The version, the licence, where things are."""
    from modelkeep_gui.dialogs.about_dialog import AboutDialog

    AboutDialog(parent).open()


def ask_to_close(parent: QWidget, running: int, close: Callable[[], None]) -> None:
    """Ask whether to stop the jobs that run; `close` is called when the answer is yes."""
    from modelkeep_gui.dialogs.confirm_dialog import ConfirmDialog

    dialog = ConfirmDialog(_tr("Stop and close?"), what_stops(running), _tr("Stop and close"), parent)
    dialog.accepted.connect(close)
    dialog.open()


def what_stops(running: int) -> str:
    """What becomes of the jobs that run when the window closes."""
    if running == 1:
        text = _tr("A job is still running.")
    else:
        text = _tr("{} jobs are still running.").format(f"{running:,}")
    after = _tr(
        "Downloads and imports go on at the next start, and a training from its last checkpoint when you say so. A "
        "verification, or what was sent to a remote, goes on from where it was when it is begun again; an export has "
        "to be begun anew."
    )
    return f"{text} {after}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

"""Adding, changing, testing and removing a remote from the window itself, and showing one that was just added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelkeep_gui.library.scopes import remote_scope
from modelkeep_gui.settings.remote_editing import ask_to_remove, open_remote

if TYPE_CHECKING:
    from modelkeep_gui.main_window import MainWindow
    from modelkeep_gui.settings.remote_dialog import RemoteDialog

__all__ = ["add", "edit", "remove", "test"]


def add(window: MainWindow) -> RemoteDialog:
    """Ask for a remote, and show it once it was added."""
    dialog = _open(window, "")
    dialog.accepted.connect(lambda: _show_when_there(window, dialog.form.choice.name))
    return dialog


def edit(window: MainWindow, name: str) -> RemoteDialog:
    return _open(window, name)


def test(window: MainWindow, name: str) -> None:
    """Find out what of it works."""
    _open(window, name).begin_test()


def remove(window: MainWindow, name: str) -> None:
    """Ask, then forget it."""
    session = window.session
    if (view := session.remotes.view(name)) is not None:
        ask_to_remove(session.runner, window, view, session.remotes.refresh)


def _open(window: MainWindow, name: str) -> RemoteDialog:
    session = window.session
    remotes = session.remotes
    view = remotes.view(name) if name else None
    return open_remote(session.runner, window, view, remotes.views, session.feed.views, remotes.refresh)


def _show_when_there(window: MainWindow, name: str) -> None:
    """Show a remote once the sidebar has it."""

    def choose() -> None:
        if window.session.remotes.view(name) is not None:
            window.overview.counted.disconnect(choose)
            window.sidebar.choose(remote_scope(name))

    window.overview.counted.connect(choose)

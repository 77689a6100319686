"""Adding, changing, testing and removing a remote: the same from the preferences, the menu and the sidebar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from modelkeep.rows import RootView
from modelkeep_gui.dialogs.confirm_dialog import ConfirmDialog
from modelkeep_gui.dialogs.error_dialog import show_error
from modelkeep_gui.jobs.runner import JobRunner

if TYPE_CHECKING:
    from modelkeep.remotes import RemoteView
    from modelkeep_gui.settings.remote_dialog import RemoteDialog
    from modelkeep_gui.settings.remote_form import RemoteChoice

__all__ = ["ask_to_remove", "open_remote"]

_LANE = "network"


def open_remote(
    runner: JobRunner,
    parent: QWidget,
    view: RemoteView | None,
    views: Sequence[RemoteView],
    roots: Sequence[RootView],
    on_changed: Callable[[], object],
) -> RemoteDialog:
    """Open a remote, or an empty one; `views` are all there are."""
    from modelkeep_gui.settings.remote_dialog import RemoteDialog

    dialog = RemoteDialog(view, [other.name for other in views], roots, parent)
    dialog.test_requested.connect(partial(_test, runner, dialog, views))
    dialog.save_requested.connect(partial(_save, runner, dialog, on_changed))
    dialog.open()
    runner.run(
        _tr("List the hubs"),
        "hubs.profiles",
        lane=_LANE,
        visible=False,
        on_done=dialog.form.set_profiles,
        on_failed=lambda _: None,  # then none is offered
    )
    return dialog


def ask_to_remove(
    runner: JobRunner, parent: QWidget, view: RemoteView, on_changed: Callable[[], object]
) -> ConfirmDialog:
    """Ask, then forget a remote."""
    dialog = ConfirmDialog(
        _tr("Remove {}?").format(view.name),
        _tr("Its key is forgotten too, and what is followed of it. What it holds stays there."),
        _tr("&Remove"),
        parent,
    )

    def remove() -> None:
        job = runner.run(
            _tr("Remove {}").format(view.name),
            "remotes.remove",
            view.name,
            lane=_LANE,
            visible=False,
            on_failed=partial(show_error, parent),
        )
        job.succeeded.connect(lambda _: on_changed())

    dialog.accepted.connect(remove)
    dialog.open()
    return dialog


def _test(runner: JobRunner, dialog: RemoteDialog, views: Sequence[RemoteView], choice: RemoteChoice) -> None:
    # By its name where it is as it was kept: then the key that is kept with it serves it.
    is_kept = any((view.name, view.url) == (choice.name, choice.url) for view in views)
    job = runner.run(
        _tr("Test {}").format(choice.name),
        "remotes.test",
        choice.name if is_kept and choice.credentials is None else choice.url,
        credentials=choice.credentials,
        lane=f"test {choice.name}",
        visible=False,
        on_failed=dialog.show_failure,
    )
    job.received.connect(dialog.show_check)
    job.ended.connect(lambda _: dialog.end_test())
    dialog.finished.connect(lambda _: job.cancel())


def _save(
    runner: JobRunner, dialog: RemoteDialog, on_changed: Callable[[], object], choice: RemoteChoice
) -> None:
    def saved(_: Any) -> None:
        dialog.accept()
        on_changed()

    runner.run(
        _tr("Save {}").format(choice.name),
        "remotes.add",
        choice.name,
        choice.url,
        cache=choice.cache,
        credentials=choice.credentials,
        in_file=choice.in_file,
        lane=_LANE,
        visible=False,
        on_done=saved,
        on_failed=dialog.show_failure,
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Remotes", text)

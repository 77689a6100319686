"""Which operation each command of the window begins, and each wish of its details pane."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication

from modelkeep.cache.layout import repo_folder
from modelkeep.keys import ModelKey
from modelkeep.rows import Selection
from modelkeep_gui.library.scopes import ACTIVITY, DOCTOR, REGISTERED, TRAININGS
from modelkeep_gui.library.view import Selected
from modelkeep_gui.operations import (
    carrying,
    convert,
    delete,
    download,
    export,
    help,
    import_,
    mend,
    notes,
    registering,
    rollback,
    roots,
    safety,
    space,
    training,
    trial,
    trying,
    undo,
    updates,
    verify,
)
from modelkeep_gui.operations.reveal import reveal

if TYPE_CHECKING:
    from modelkeep_gui.main_window import MainWindow

__all__ = ["connect_commands", "connect_details", "selection_of"]


def connect_commands(window: MainWindow) -> None:
    """Have each command begin what it says."""
    actions, session = window.actions_, window.session
    begins: list[tuple[QAction, Callable[[], object]]] = [
        (actions.download, lambda: download.choose(session, window)),
        (actions.push, window.push),
        (actions.share, window.share),
        (actions.import_, lambda: import_.choose_files(session, window)),
        (actions.export, lambda: export.export(session, window, window.selection())),
        (actions.carry, lambda: carrying.carry(session, window, window.selection())),
        (actions.say_here, lambda: carrying.say_what_is_here(session, window)),
        (actions.delete, lambda: delete.delete(session, window, window.selection())),
        (actions.free_up_space, lambda: space.free_up(session, window)),
        (actions.undo, window.undo_last),
        (actions.pin, lambda: notes.set_pinned(session, window.selection(), True)),
        (actions.unpin, lambda: notes.set_pinned(session, window.selection(), False)),
        (actions.copy_name, lambda: _copy(_names(window))),
        (actions.copy_path, lambda: _copy(map(_folder, window.selected))),
        (actions.open_folder, lambda: _open(_folder(window.selected[0]))),
        (actions.verify, lambda: verify.verify(session, window, window.selection())),
        (actions.verify_deep, lambda: verify.verify(session, window, window.selection(), deep=True)),
        (actions.mend, lambda: mend.check_and_mend(session, window, window.selection())),
        (actions.try_it, window.try_it),
        (actions.train, lambda: training.fine_tune(session, window, window.selection())),
        (actions.try_loading, lambda: trial.try_loading(session, window, window.selection())),
        (actions.scan_safety, lambda: safety.scan(session, window, window.selection())),
        (actions.convert, lambda: convert.convert(session, window, window.selection())),
        (actions.show_doctor, lambda: window.sidebar.choose(DOCTOR)),
        (actions.show_activity, lambda: window.sidebar.choose(ACTIVITY)),
        (actions.show_trainings, lambda: window.sidebar.choose(TRAININGS)),
        (actions.show_registered, lambda: window.sidebar.choose(REGISTERED)),
        (actions.register, lambda: registering.register(session, window, window.selection()[0])),
        (actions.check_updates, lambda: updates.check(session, window, window.selection())),
        (actions.refresh, window.refresh),
        (actions.add_cache, lambda: roots.choose_folder(session, window)),
        (actions.find, window.go_to_filter),
        (actions.empty_trash, lambda: undo.remove_for_good(session, window, session.feed.trash)),
        (actions.preferences, lambda: roots.show_preferences(session, window)),
        (actions.quit, window.close),
        (actions.shortcuts, lambda: help.show_shortcuts(window, actions.all())),
        (actions.about, lambda: help.show_about(window)),
    ]
    for action, begin in begins:
        # The signal's own argument, whether the action is checked, says nothing to any of them.
        action.triggered.connect(lambda _=False, begin=begin: begin())
    for action, pane in (
        (actions.show_sidebar, window.sidebar),
        (actions.show_details, window.details),
        (actions.show_jobs, window.jobs),
    ):
        action.setChecked(True)
        action.toggled.connect(pane.setVisible)
    actions.show_details.toggled.connect(lambda _: window.show_page())
    actions.show_map.toggled.connect(lambda _: window.show_page())


def connect_details(window: MainWindow) -> None:
    """Have the details pane show what is looked at, and begin what is wished there."""
    session, details = window.session, window.details
    window.inspector.loaded.connect(details.set_details)
    window.inspector.failed.connect(lambda _: details.set_details(None))
    details.note_changed.connect(lambda said: notes.set_note(session, *said))
    details.pin_toggled.connect(
        lambda said: notes.set_pinned(session, [Selection(said[0], said[1])], said[2])
    )
    details.folder_requested.connect(_open)
    details.try_requested.connect(lambda chosen: trying.try_it(session, window, chosen))
    details.revision_chosen.connect(lambda chosen: window.inspector.look_at(Selected(*chosen)))
    details.files_delete_requested.connect(
        lambda chosen: delete.delete(session, window, [Selection(*chosen)])
    )
    details.revision_delete_requested.connect(
        lambda chosen: delete.delete(session, window, [selection_of(Selected(*chosen))])
    )
    details.revision_main_requested.connect(lambda chosen: rollback.make_main(session, window, chosen))
    details.scan_requested.connect(lambda chosen: safety.scan(session, window, [chosen]))
    details.convert_requested.connect(lambda chosen: convert.convert(session, window, [chosen]))
    overview = details.overview
    overview.is_known = lambda key: bool(_of_key(window, key))
    overview.lineage.chosen.connect(lambda key: reveal(session, _of_key(window, key)[:1]))
    overview.verify_requested.connect(lambda chosen: verify.verify(session, window, [chosen]))
    overview.mend_requested.connect(lambda chosen: mend.check_and_mend(session, window, [chosen]))
    overview.trial_requested.connect(lambda chosen: trial.try_loading(session, window, [chosen]))


def selection_of(selected: Selected) -> Selection:
    """What the core is told of a selected line."""
    return Selection(selected.root, f"{selected.key}@{selected.commit}" if selected.commit else selected.key)


def _of_key(window: MainWindow, key: str) -> list[Selected]:
    """Where the model of a key is in the caches."""
    name = ModelKey.known(key).name
    return [Selected(row.root, row.key, None) for row in window.session.table.rows if row.key == name]


def _names(window: MainWindow) -> Iterable[str]:
    """Keys as other programs take them: without `hf@`."""
    chosen = window.remotes.selection() or window.selection()
    return (one.key.removeprefix("hf@") for one in chosen)


def _folder(selected: Selected) -> str:
    key = ModelKey.known(selected.key)
    return f"{selected.root}/{repo_folder(key.repo_type, key.repo_id)}"


def _copy(texts: Iterable[str]) -> None:
    QGuiApplication.clipboard().setText("\n".join(dict.fromkeys(texts)))


def _open(folder: str) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(folder))

"""The menus: which commands are where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QMenu, QWidget

from modelkeep_gui.actions import Actions
from modelkeep_gui.library.layout import ColumnLayout

__all__ = ["add_menus", "show_context_menu", "show_remote_menu"]

_Entries = Sequence[QAction | None]
"""Commands from top to bottom; None is a line between them."""


def add_menus(window: QMainWindow, actions: Actions, columns: ColumnLayout) -> None:
    """Every command there is, by what it is about."""
    bar = window.menuBar()
    _fill(
        bar.addMenu(_tr("&File")),
        [
            actions.download,
            actions.import_,
            actions.export,
            None,
            actions.carry,
            actions.say_here,
            None,
            actions.add_cache,
            actions.share,
            None,
            actions.offline,
            actions.preferences,
            None,
            actions.quit,
        ],
    )
    _fill(
        bar.addMenu(_tr("&Model")),
        [*_about_models(actions), actions.free_up_space, actions.empty_trash, None, actions.check_updates],
    )
    _fill(
        bar.addMenu(_tr("&Trust")),
        [
            actions.verify,
            actions.verify_deep,
            actions.mend,
            actions.try_loading,
            None,
            actions.scan_safety,
            actions.convert,
            None,
            actions.show_doctor,
        ],
    )
    _fill(bar.addMenu(_tr("&Remote")), _about_remotes(actions))
    view = bar.addMenu(_tr("&View"))
    panes = [actions.show_sidebar, actions.show_details, actions.show_jobs]
    _fill(
        view,
        [
            *(actions.refresh, actions.find, None),
            *(actions.show_map, actions.show_trainings, actions.show_registered, actions.show_activity, None),
            *(*panes, None),
        ],
    )
    shown = view.addMenu(_tr("&Columns"))
    shown.aboutToShow.connect(lambda: columns.fill(shown))
    _fill(bar.addMenu(_tr("&Help")), [actions.shortcuts, actions.about])


def show_context_menu(
    window: QWidget, actions: Actions, place: QPoint, add_more: Callable[[QMenu], None] | None = None
) -> None:
    """What can be done with the selection, at a place on the screen; `add_more` adds what only that place has."""
    menu = QMenu(window)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    # Of these two the one that would change nothing is left out.
    idle = {action for action in (actions.pin, actions.unpin) if not action.isEnabled()}
    _fill(menu, [action for action in _about_models(actions) if action not in idle])
    if add_more:
        menu.addSeparator()
        add_more(menu)
    menu.popup(place)


def show_remote_menu(window: QWidget, actions: Actions, place: QPoint) -> None:
    """What can be done with the selection in the list of a remote, at a place on the screen."""
    remote = actions.remote
    menu = QMenu(window)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    _fill(
        menu,
        [
            *(remote.fetch, actions.push, remote.copy_to, remote.move_to, None),
            *(remote.tag, remote.follow, None),
            *(actions.copy_name, None, remote.delete),
        ],
    )
    menu.popup(place)


def _about_remotes(actions: Actions) -> _Entries:
    remote = actions.remote
    return [
        *(remote.fetch, actions.push, remote.copy_to, remote.move_to, None),
        *(remote.sync, remote.follow, None),
        *(remote.tag, remote.delete, remote.restore, None),
        *(remote.verify, remote.verify_deep, remote.collect, None),
        *(remote.add, remote.edit, remote.test, remote.remove),
    ]


def _about_models(actions: Actions) -> _Entries:
    return [
        actions.try_it,
        actions.train,
        None,
        actions.export,
        actions.push,
        actions.remote.copy_to,
        actions.pin,
        actions.unpin,
        None,
        actions.verify,
        actions.mend,
        actions.scan_safety,
        actions.convert,
        actions.register,
        None,
        actions.copy_name,
        actions.copy_path,
        actions.open_folder,
        None,
        actions.delete,
        actions.undo,
    ]


def _fill(menu: QMenu, entries: Iterable[QAction | None]) -> None:
    for action in entries:
        if action is None:
            menu.addSeparator()
        else:
            menu.addAction(action)


def _tr(text: str) -> str:
    return QCoreApplication.translate("menus", text)

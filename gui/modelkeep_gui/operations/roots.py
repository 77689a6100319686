"""Which caches the window shows, and the preferences they are part of."""

from __future__ import annotations

import os
from dataclasses import fields, replace
from typing import Literal

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from modelkeep.errors import SettingsError
from modelkeep.settings import Settings, all_roots, change_settings, load_settings, with_root
from modelkeep_gui.session import Session

__all__ = ["choose_folder", "show_preferences"]

_Page = Literal["", "hubs", "inference"]


def choose_folder(session: Session, parent: QWidget) -> None:
    """Ask for a folder and show it as another cache."""
    dialog = QFileDialog(parent, _tr("Add a cache"))
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.fileSelected.connect(lambda folder: add_root(session, parent, folder))
    dialog.open()


def add_root(session: Session, parent: QWidget, folder: str) -> None:
    """Show `folder` as a cache from now on; only in this window when it was told which caches to show."""
    if named := os.environ.get("MODELKEEP_ROOTS"):
        os.environ["MODELKEEP_ROOTS"] = os.pathsep.join([named, folder])
        session.feed.set_roots([*(view.path for view in session.feed.views), folder])
        return
    try:
        _use(session, change_settings(lambda now: with_root(now, folder)))
    except SettingsError as error:
        _show_error(parent, error)


def show_preferences(session: Session, parent: QWidget, *, page: _Page = "") -> None:
    """Open the preferences, at this page if one is named; what is changed in them is used at once."""
    from modelkeep_gui.settings.dialog import PreferencesDialog

    # Not those of the session: the command line or another window may have changed them since.
    settings = load_settings().settings
    dialog = PreferencesDialog(settings, session.feed.views, parent, runner=session.runner)
    dialog.applied.connect(lambda chosen: apply_settings(session, parent, chosen, settings))
    if dialog.hubs is not None:
        dialog.hubs.offline_changed.connect(session.offline_changed)
        if page == "hubs":
            dialog.tabs.setCurrentWidget(dialog.hubs)
    if page == "inference":
        dialog.tabs.setCurrentWidget(dialog.inference)
    if dialog.remotes is not None:
        dialog.remotes.changed.connect(session.remotes.refresh)
    dialog.open()


def apply_settings(session: Session, parent: QWidget, chosen: Settings, before: Settings) -> None:
    """Keep what `chosen` says otherwise than `before` did, and show it; what else was changed meanwhile stays."""
    names = [one.name for one in fields(Settings) if getattr(chosen, one.name) != getattr(before, one.name)]
    try:
        _use(
            session,
            change_settings(lambda now: replace(now, **{name: getattr(chosen, name) for name in names})),
        )
    except SettingsError as error:
        _show_error(parent, error)


def _use(session: Session, settings: Settings) -> None:
    old, session.settings = session.settings, settings
    session.theme.choose(settings.theme)
    if settings.inference != old.inference:
        session.inference_changed.emit()
    if settings.registry != old.registry:
        session.registry_changed.emit("")
    if settings.roots != old.roots and not os.environ.get("MODELKEEP_ROOTS"):
        session.feed.set_roots([str(root) for root in all_roots(settings)])


def _show_error(parent: QWidget, error: SettingsError) -> None:
    from modelkeep_gui.dialogs.error_dialog import show_error

    show_error(parent, error)


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

"""Downloading: a dialog finds a model and has its files chosen, the queue of downloads brings it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QCoreApplication, QSettings
from PySide6.QtWidgets import QWidget

from modelkeep_gui.operations.roots import show_preferences
from modelkeep_gui.session import Session

if TYPE_CHECKING:
    from modelkeep.hub.download_plan import DownloadPlan
    from modelkeep_gui.dialogs.download_dialog import DownloadDialog

__all__ = ["begin", "choose"]

_GEOMETRY = "download/geometry"
_SPLITTER = "download/splitter"
_PROFILE = "download/profile"


def choose(session: Session, parent: QWidget, text: str = "") -> DownloadDialog:
    """Open the dialog; `text` are words to search for, or the name or address of a model to go to."""
    from modelkeep_gui.dialogs.download_dialog import DownloadDialog
    from modelkeep_gui.operations.download_planning import DownloadPlanning

    dialog = DownloadDialog(session.feed.views, text, parent)
    _restore(dialog)
    dialog.accepted.connect(lambda: begin(session, parent, dialog.answer))
    dialog.finished.connect(lambda _: _remember(dialog))
    dialog.test_requested.connect(lambda _: show_preferences(session, dialog, page="hubs"))
    dialog.open()
    DownloadPlanning(session, dialog).begin(str(QSettings().value(_PROFILE, "")))
    return dialog


def begin(session: Session, parent: QWidget, plan: DownloadPlan) -> None:
    """Put a download into the queue, which runs it, and says when the model is here."""
    session.transfers.add(plan)
    session.tell(_tr("{} is in the list of downloads.").format(plan.key.repo_id))


def _restore(dialog: DownloadDialog) -> None:
    for name, restore in ((_GEOMETRY, dialog.restoreGeometry), (_SPLITTER, dialog.splitter.restoreState)):
        state = QSettings().value(name)
        if isinstance(state, QByteArray):
            restore(state)


def _remember(dialog: DownloadDialog) -> None:
    QSettings().setValue(_GEOMETRY, dialog.saveGeometry())
    QSettings().setValue(_SPLITTER, dialog.splitter.saveState())
    QSettings().setValue(_PROFILE, dialog.search.profile)


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

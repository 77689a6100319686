"""Fetching from a remote: a dialog shows what comes, the queue of downloads brings it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from modelkeep_gui.operations.last_question import LastQuestion
from modelkeep_gui.session import Session

if TYPE_CHECKING:
    from modelkeep_gui.dialogs.fetch_dialog import FetchDialog, FetchRequest

__all__ = ["fetch"]


def fetch(session: Session, parent: QWidget, remote: str, keys: Sequence[str]) -> FetchDialog:
    """Ask about fetching these models of a remote, and put them into the queue."""
    from modelkeep_gui.dialogs.fetch_dialog import FetchDialog

    view = session.remotes.view(remote)
    dialog = FetchDialog(remote, keys, session.feed.views, view.cache if view else "", parent)
    question = LastQuestion(session.runner, dialog)
    dialog.plan_requested.connect(partial(_plan, question, remote, dialog))
    session.feed.views_changed.connect(dialog.target.set_roots)
    session.transfers.changed.connect(dialog.set_transfers)
    dialog.set_transfers(session.transfers.transfers)
    dialog.accepted.connect(lambda: _begin(session, dialog))
    dialog.open()
    dialog.ask()
    return dialog


def _plan(question: LastQuestion, remote: str, dialog: FetchDialog, request: FetchRequest) -> None:
    question.withdraw()
    for key in request.keys:
        question.ask(
            _tr("Look at {}").format(key),
            "remotes.plan_fetch",
            key,
            remote,
            root=request.root or None,
            on_done=partial(dialog.set_plan, key),
            on_failed=dialog.show_failure,
            on_progress=dialog.wait.show_progress,
        )


def _begin(session: Session, dialog: FetchDialog) -> None:
    plans = dialog.plans
    for plan in plans:
        session.transfers.add(plan)
    if len(plans) == 1:
        session.tell(_tr("{} is in the list of downloads.").format(plans[0].key.repo_id))
    elif plans:
        session.tell(_tr("{} models are in the list of downloads.").format(f"{len(plans):,}"))


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

"""Copying, moving and syncing between caches and remotes: plan, dialog, job, and what came of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from modelkeep.text import size_text
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.operations.last_question import LastQuestion
from modelkeep_gui.operations.outcome import tell_failures
from modelkeep_gui.session import Session

if TYPE_CHECKING:
    from modelkeep.remote.plans import Copied, CopyPlan, Synced, SyncPlan
    from modelkeep_gui.dialogs.copy_dialog import CopyDialog, CopyRequest
    from modelkeep_gui.dialogs.sync_dialog import SyncDialog, SyncRequest

__all__ = ["copy", "sync"]

_LANE = "places"


def copy(session: Session, parent: QWidget, key: str, origin: str, *, move: bool = False) -> CopyDialog:
    """Ask where a model is to be copied or moved to, and do that."""
    from modelkeep_gui.dialogs.copy_dialog import CopyDialog

    dialog = CopyDialog(key, origin, session.remotes.views, session.feed.views, parent, move=move)
    question = LastQuestion(session.runner, dialog)

    def plan(request: CopyRequest) -> None:
        question.withdraw()
        question.ask(
            _tr("Plan a copy"),
            "remotes.plan_copy",
            request.key,
            request.origin,
            request.destination,
            move=request.move,
            on_done=dialog.set_plan,
            on_failed=dialog.show_failure,
            on_progress=dialog.wait.show_progress,
        )

    dialog.plan_requested.connect(plan)
    dialog.accepted.connect(lambda: _copy(session, dialog.plan))
    dialog.open()
    dialog.ask()
    return dialog


def sync(session: Session, parent: QWidget, origin: str = "") -> SyncDialog:
    """Ask which two places are to be synced, and do that."""
    from modelkeep_gui.dialogs.sync_dialog import SyncDialog

    dialog = SyncDialog(session.remotes.views, session.feed.views, origin, parent)
    question = LastQuestion(session.runner, dialog)

    def plan(request: SyncRequest) -> None:
        question.withdraw()
        question.ask(
            _tr("Plan a sync"),
            "remotes.plan_sync",
            request.origin,
            request.destination,
            delete=request.delete,
            on_done=dialog.set_plan,
            on_failed=dialog.show_failure,
            on_progress=dialog.wait.show_progress,
        )

    dialog.plan_requested.connect(plan)
    dialog.accepted.connect(lambda: _sync(session, parent, dialog.plan))
    dialog.open()
    dialog.ask()
    return dialog


def _copy(session: Session, plan: CopyPlan | None) -> None:
    assert plan is not None, "without a plan nothing can be accepted"
    text = _tr("Move {} to {}") if plan.moves else _tr("Copy {} to {}")
    title = text.format(plan.key.repo_id, _place(session, plan.destination))
    job = session.runner.run(title, "remotes.copy", plan, lane=_LANE)
    job.succeeded.connect(partial(_tell_copied, session, job))
    job.ended.connect(lambda _: _look_again(session, plan.origin, plan.destination))


def _sync(session: Session, parent: QWidget, plan: SyncPlan | None) -> None:
    assert plan is not None, "without a plan nothing can be accepted"
    origin, destination = _place(session, plan.origin), _place(session, plan.destination)
    job = session.runner.run(
        _tr("Sync {} to {}").format(origin, destination), "remotes.sync", plan, lane=_LANE
    )
    job.succeeded.connect(partial(_tell_synced, session, parent, job))
    job.ended.connect(lambda _: _look_again(session, plan.origin, plan.destination))


def _tell_copied(session: Session, job: Job, copied: Copied) -> None:
    name, place = copied.plan.key.repo_id, _place(session, copied.plan.destination)
    if copied.error:
        # The copy is there all the same: what went wrong is the deletion after it.
        text = _tr("{} was copied to {}, but stays where it was: {}").format(name, place, copied.error)
        job.summary = text
        session.tell(" ".join(filter(None, (text, copied.hint))), tone="warn")
        return
    text = _tr("Moved {} to {}, sent {}.") if copied.deleted else _tr("Copied {} to {}, sent {}.")
    job.summary = text.format(name, place, size_text(copied.sent))
    session.tell(job.summary, tone="good")


def _tell_synced(session: Session, parent: QWidget, job: Job, synced: Synced) -> None:
    place = _place(session, synced.plan.destination)
    done = f"{len(synced.done):,}"
    if synced.failures:
        text = _tr("{} of {} were synced to {}").format(done, f"{len(synced.plan.todo):,}", place)
        hint = _tr("Sync again: what is done need not be done again.")
        tell_failures(session, parent, job, text, synced.failures, hint)
        return
    job.summary = _tr("{} has all of it now, sent {}.").format(place, size_text(synced.sent))
    session.tell(job.summary, tone="good")


def _look_again(session: Session, *places: str) -> None:
    session.feed.refresh()
    session.remotes.make_old()
    for place in places:
        if session.remotes.view(place) is not None:
            session.remotes.look(place, again=True)


def _place(session: Session, place: str) -> str:
    """What people call a place."""
    return next((view.name for view in session.feed.views if view.path == place), place)


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

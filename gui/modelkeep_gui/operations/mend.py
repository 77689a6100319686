"""Mending what verifying found to be bad: a dialog says where good files are, a job puts them in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QWidget

from modelkeep.errors import ModelKeepError, PartlyDone
from modelkeep.rows import Selection
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.operations.verify import LANE
from modelkeep_gui.session import Session

if TYPE_CHECKING:
    from modelkeep.checking.outcome import Verification
    from modelkeep.mending.mend import MendResult
    from modelkeep.mending.plan import MendPlan
    from modelkeep_gui.dialogs.mend_dialog import MendDialog, MendWish

__all__ = ["check_and_mend", "mend"]

_PLANNING = "plan mending"


def check_and_mend(session: Session, parent: QWidget, selected: Sequence[Selection]) -> None:
    """Mend models, or all when none is selected; what was read before is remembered, so it is seen again quickly."""
    job = session.runner.run(
        _tr("Look at what is damaged"),
        "trust.check",
        list(selected) or None,
        lane=LANE,
        can_pause=True,
    )
    job.succeeded.connect(partial(_mend_or_say, session, parent, job))


def _mend_or_say(session: Session, parent: QWidget, job: Job, found: Verification) -> None:
    from modelkeep_gui.dialogs.verify_text import report_text, summary

    job.summary = summary(found)
    job.findings = report_text(found) if found.failures else ""
    bad = tuple(check for check in found.revisions if check.verdict.is_bad)
    if bad:
        mend(session, parent, replace(found, revisions=bad))
    else:
        session.tell(_tr("Nothing is left to mend."), tone="good")
        session.feed.refresh()


def mend(session: Session, parent: QWidget, found: Verification) -> None:
    """Ask where good files may come from, and fetch them after a yes. `found` is what is bad."""
    from modelkeep_gui.dialogs.mend_dialog import MendDialog

    dialog = MendDialog(found, parent)
    dialog.accepted.connect(lambda: _carry_out(session, parent, dialog.answer))
    dialog.open()
    _Planning(session, dialog, found).begin()


class _Planning(QObject):
    """Answers what the dialog asks, always its last question. It ends with the dialog."""

    def __init__(self, session: Session, dialog: MendDialog, found: Verification) -> None:
        super().__init__(dialog)
        self._session = session
        self._dialog = dialog
        self._found = found
        self._job: Job | None = None
        self._is_over = False
        dialog.plan_wanted.connect(self.plan)
        dialog.finished.connect(self._end)
        session.offline_changed.connect(dialog.set_offline)

    def begin(self) -> None:
        self._dialog.set_remotes([view.name for view in self._session.remotes.views])
        self._ask("hubs.profiles", self._dialog.set_profiles)
        self._ask("hubs.offline", self._dialog.set_offline)
        self.plan(self._dialog.wish)

    def plan(self, wish: MendWish) -> None:
        self._stop()
        self._job = self._session.runner.run(
            _tr("Look for good copies"),
            "trust.plan_mending",
            self._found,
            archives=wish.archives,
            remotes=wish.remotes,
            hub=wish.hub,
            profile=wish.profile,
            lane=_PLANNING,
            visible=False,
            on_done=partial(self._take, wish),
            on_failed=partial(self._fail, wish),
        )

    def _ask(self, method: str, then: Callable[[Any], object]) -> None:
        self._session.runner.run(
            _tr("Look for hubs"),
            method,
            lane=_PLANNING,
            visible=False,
            on_done=lambda value: self._is_over or then(value),
            on_failed=lambda _: None,  # then only what is here is offered
        )

    def _take(self, wish: MendWish, plan: MendPlan) -> None:
        if not self._is_over:
            self._dialog.set_plan(wish, plan)

    def _fail(self, wish: MendWish, error: ModelKeepError) -> None:
        if not self._is_over:
            self._dialog.set_failure(wish, error)

    def _end(self) -> None:
        self._is_over = True  # what is answered now finds no dialog any more
        self._stop()

    def _stop(self) -> None:
        if self._job is not None and not self._job.state.is_end:
            self._job.cancel()
        self._job = None


def _carry_out(session: Session, parent: QWidget, plan: MendPlan) -> None:
    from modelkeep_gui.dialogs.mend_text import files_text

    title = _tr("Mend {}").format(files_text(plan.mendable))
    job = session.runner.run(title, "trust.mend", plan, lane=plan.items[0].root)
    job.succeeded.connect(lambda result: _tell(session, parent, job, result))
    job.ended.connect(lambda _: session.feed.refresh())


def _tell(session: Session, parent: QWidget, job: Job, result: MendResult) -> None:
    from modelkeep_gui.dialogs.error_dialog import show_error
    from modelkeep_gui.dialogs.mend_text import mended_text

    job.summary = mended_text(result)
    if result.failures:
        hint = next((one.hint for one in result.items if one.hint), "")
        job.error = PartlyDone(job.summary, failures=result.failures, hint=hint)
        show_error(parent, job.error)
    else:
        session.tell(job.summary, tone="good")
    _verify_again(session, result)


def _verify_again(session: Session, result: MendResult) -> None:
    """So that the table and the details say that it is good; what was fetched was read then, and is not again."""
    mended = dict.fromkeys(
        Selection(one.item.root, str(one.item.key.at(one.item.commit)))
        for one in result.items
        if not one.error
    )
    if mended:
        job = session.runner.run(
            _tr("Verify what was mended"), "trust.check", list(mended), lane=LANE, visible=False
        )
        job.ended.connect(lambda _: session.feed.refresh())


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

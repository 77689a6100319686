"""What is wrong with the caches, and the repairs that the user chooses."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from modelkeep_gui.dialogs.error_dialog import show_error
from modelkeep_gui.library.view import Selected
from modelkeep_gui.operations.outcome import tell_failures
from modelkeep_gui.operations.reveal import reveal
from modelkeep_gui.operations.undo import Undo
from modelkeep_gui.session import Session

if TYPE_CHECKING:
    from modelkeep.doctor.check_up import CheckUp
    from modelkeep.doctor.findings import Finding, RepairPlan
    from modelkeep.doctor.repair import RepairResult
    from modelkeep.errors import ModelKeepError
    from modelkeep_gui.doctor.page import DoctorPage
    from modelkeep_gui.jobs.job import Job

__all__ = ["make_page"]

_Chosen = dict[str, list[str]]


def make_page(session: Session, parent: QWidget) -> DoctorPage:
    """The page, which begins to look when it is first shown."""
    from modelkeep_gui.doctor.page import DoctorPage

    page = DoctorPage(parent)
    rounds = _Rounds(session, page)
    page.examination_requested.connect(rounds.examine)
    page.cancel_requested.connect(rounds.cancel)
    page.choice_made.connect(rounds.ask_what_it_frees)
    page.repair_requested.connect(partial(_plan, session, parent, rounds))
    page.model_requested.connect(partial(_reveal, session))
    page.folder_requested.connect(_open_folder)
    return page


class _Rounds(QObject):
    """Looks at the caches for a page, once at a time."""

    def __init__(self, session: Session, page: DoctorPage) -> None:
        super().__init__(page)
        self._session = session
        self._page = page
        self._job: Job | None = None

    def examine(self) -> None:
        """Look at all caches, unless that is under way."""
        if self._job is not None:
            return
        self._page.set_busy(True)
        self._job = self._session.runner.run(
            _tr("Examine the caches"),
            "trust.check_up",
            lane="doctor",
            visible=False,
            on_done=self._show,
            on_failed=self._fail,
        )
        self._job.progressed.connect(self._page.show_progress)
        self._job.canceled.connect(lambda _: self._stop())

    def cancel(self) -> None:
        """Look no further; what was found before stays."""
        if self._job is not None:
            self._job.cancel()

    def ask_what_it_frees(self, chosen: _Chosen) -> None:
        """Have the page say what the repair of `chosen` frees."""
        if chosen:
            self._session.runner.run(
                _tr("Plan a repair"),
                "trust.frees_of",
                chosen,
                lane="doctor plan",
                visible=False,
                on_done=lambda frees: self._show_frees(chosen, frees),
                on_failed=lambda _: None,  # asked again when it is to be repaired
            )

    def set_repairing(self, is_repairing: bool) -> None:
        """Have the page wait for a repair; look again after it."""
        self._page.set_repairing(is_repairing)
        if not is_repairing:
            self.examine()

    def _show_frees(self, chosen: _Chosen, frees: int) -> None:
        if chosen == self._page.findings.chosen:
            self._page.set_frees(frees)

    def _show(self, check_up: CheckUp) -> None:
        self._job = None
        self._page.set_check_up(check_up)

    def _fail(self, error: ModelKeepError) -> None:
        self._job = None
        self._page.show_error(error)

    def _stop(self) -> None:
        self._job = None
        self._page.set_busy(False)


def _plan(session: Session, parent: QWidget, rounds: _Rounds, chosen: _Chosen) -> None:
    if chosen:
        session.runner.run(
            _tr("Plan a repair"),
            "trust.plan_repairs",
            chosen,
            lane="doctor plan",
            visible=False,
            on_done=partial(_ask, session, parent, rounds),
            on_failed=partial(show_error, parent),
        )


def _ask(session: Session, parent: QWidget, rounds: _Rounds, plans: tuple[RepairPlan, ...]) -> None:
    from modelkeep_gui.doctor.repair_dialog import RepairDialog

    plans = tuple(plan for plan in plans if plan.findings)
    if plans:
        dialog = RepairDialog(plans, parent)
        dialog.accepted.connect(lambda: _repair(session, parent, rounds, plans))
        dialog.open()


def _repair(session: Session, parent: QWidget, rounds: _Rounds, plans: Sequence[RepairPlan]) -> None:
    """Carry out each plan in its cache's lane; tell of all, and look again, when the last one is over."""
    results: list[RepairResult] = []
    left = len(plans)

    def over(job: Job) -> None:
        nonlocal left
        left -= 1
        if not left:
            _tell(session, parent, job, results)
            session.feed.refresh()
            rounds.set_repairing(False)

    rounds.set_repairing(True)
    for plan in plans:
        job = session.runner.run(
            _tr("Repair {}").format(plan.root),
            "trust.repair",
            plan,
            lane=plan.root,
            retry=False,
            on_done=results.append,
        )
        job.succeeded.connect(partial(_sum_up, job))
        job.ended.connect(over)


def _sum_up(job: Job, result: RepairResult) -> None:
    from modelkeep_gui.doctor.text import count_text

    done = sum(not item.error for item in result.items)
    job.summary = _tr("Repaired {}").format(count_text(done)) if done else ""


def _tell(session: Session, parent: QWidget, job: Job, results: Sequence[RepairResult]) -> None:
    from modelkeep_gui.doctor.text import count_text, message_text

    items = [item for result in results for item in result.items]
    bad = [item for item in items if item.error]
    entries = tuple((result.root, entry) for result in results for entry in result.entries)
    if entries:
        session.deleted.emit(Undo(entries))
    done = count_text(len(items) - len(bad))
    if bad:
        failures = [f"{message_text(item.finding)} {item.error}" for item in bad]
        text = _tr("Repaired {} of {}").format(f"{len(items) - len(bad):,}", count_text(len(items)))
        tell_failures(session, parent, job, text, failures, next((i.hint for i in bad if i.hint), ""))
    elif entries:
        text = _tr("Repaired {}; what was removed is in the trash.").format(done)
        session.tell(text, action=_tr("Undo"), about=Undo(entries), tone="good")
    elif items:
        session.tell(_tr("Repaired {}.").format(done), tone="good")


def _reveal(session: Session, one: Finding) -> None:
    if one.key is None:
        return
    key = str(one.key.at(None))
    if session.table.index_of(one.root, key).isValid():
        reveal(session, [Selected(one.root, key, None)])
    else:
        session.tell(_tr("{} is in no cache now.").format(one.key.repo_id))


def _open_folder(one: Finding) -> None:
    path = one.path
    while path and not os.path.isdir(path):
        path = os.path.dirname(path)
    QDesktopServices.openUrl(QUrl.fromLocalFile(path))


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)

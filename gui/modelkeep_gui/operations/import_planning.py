"""Has the archives of an import dialog looked at, and shows it what importing them would do."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QCoreApplication, QObject

from modelkeep.archive.import_choice import choose
from modelkeep.errors import ModelKeepError
from modelkeep.progress import Progress
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.session import Session

if TYPE_CHECKING:
    from modelkeep.archive.import_plan import ImportPlan
    from modelkeep.archive.minisign import PublicKey
    from modelkeep_gui.dialogs.import_dialog import ImportDialog, ImportRequest

__all__ = ["ImportPlanning"]

_LANE = "plan-import"
"""Of its own: a compressed archive is read for minutes, and meanwhile the window wants to look at models."""


class _Question(NamedTuple):
    """How a source is looked at: into which root, under which name ("" for its own), with which keys trusted."""

    root: str
    name: str
    trusted: tuple[PublicKey, ...]


class ImportPlanning(QObject):
    """Answers what a dialog wants to know, a source at a time.

    Sources are planned by a job each, because to look at a compressed one is to read all of it: that one more is
    added, or one gets another name, must not cost a second look at the others. It ends with the dialog.
    """

    def __init__(self, session: Session, dialog: ImportDialog) -> None:
        super().__init__(dialog)
        self._runner = session.runner
        self._dialog = dialog
        self._sources: tuple[str, ...] = ()
        self._questions: dict[str, _Question] = {}
        self._jobs: dict[str, Job] = {}
        self._plans: dict[str, ImportPlan] = {}
        dialog.replan_requested.connect(self.plan)
        dialog.finished.connect(self._stop)
        session.feed.views_changed.connect(dialog.set_roots)

    def plan(self, request: ImportRequest) -> None:
        """Have planned what is not planned yet in that way."""
        self._sources = request.sources
        names = dict(request.names)
        for source in request.sources:
            question = _Question(request.root, self._name(source, names), request.trusted)
            if self._questions.get(source) != question:
                self._ask(source, question)
        self._show()

    def _name(self, source: str, names: dict[str, str]) -> str:
        # The dialog knows sources as the plan names them: one of several volumes is the first there.
        plan = self._plans.get(source)
        return next((names[item.source] for item in plan.items if item.source in names), "") if plan else ""

    def _ask(self, source: str, question: _Question) -> None:
        if running := self._jobs.pop(source, None):
            running.cancel()
        self._questions[source] = question
        job = self._runner.run(
            QCoreApplication.translate("operations", "Look at an archive"),
            "archives.plan_import",
            [source],
            question.root or None,
            name=question.name or None,
            replace=True,
            trusted=question.trusted,
            lane=_LANE,
            visible=False,
            on_done=partial(self._take, source, question),
            on_failed=partial(self._fail, source, question),
        )
        job.progressed.connect(partial(self._show_progress, source, question))
        self._jobs[source] = job

    def _is_current(self, source: str, question: _Question) -> bool:
        """Whether an answer is still wanted: a job that was cancelled may have ended before it heard of it."""
        return self._questions.get(source) == question and source in self._jobs

    def _take(self, source: str, question: _Question, plan: ImportPlan) -> None:
        if self._is_current(source, question):
            del self._jobs[source]
            self._plans[source] = plan
            self._show()

    def _fail(self, source: str, question: _Question, error: ModelKeepError) -> None:
        if self._is_current(source, question):
            del self._jobs[source], self._questions[source]
            self._plans.pop(source, None)
            self._show()
            self._dialog.show_failure(error)

    def _show_progress(self, source: str, question: _Question, progress: Progress) -> None:
        if self._is_current(source, question):
            self._dialog.show_progress(source, progress.done if progress.unit == "bytes" else 0)

    def _show(self) -> None:
        plans = [self._plans[source] for source in self._sources if source in self._plans]
        if plans:
            self._dialog.set_plan(choose(plans), is_all=not self._jobs)

    def _stop(self) -> None:
        jobs, self._jobs = self._jobs, {}
        for job in jobs.values():
            job.cancel()

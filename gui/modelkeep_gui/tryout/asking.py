"""What the window of a try asks the core, and what it hears of it."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from modelkeep.inference.plan import TryPlan
from modelkeep.inference.values import TryInputs, TryOptions
from modelkeep.keys import ModelKey
from modelkeep.rows import Selection
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.jobs.runner import JobRunner

if TYPE_CHECKING:
    from modelkeep.progress import Progress

__all__ = ["LOOK", "Asking"]

LOOK = "try-look"
"""The lane of what is quick: looking, remembering, saving."""

_STOP = "try-stop"
_numbers = itertools.count(1)


class Asking(QObject):
    """Plans tries of one model, runs them one after another, and stops them. What comes after `close` is not heard.

    Signals:
        planned: the `TryPlan`s, that of the model and, while it is compared, that of the other.
        refused: the `ModelKeepError` for which there is no plan.
        progressed: the `Progress` of loading.
        received: a piece of text (str), as it is made.
        answered: the `TryResult`, or the `Comparison`.
        loaded: the `LoadedModel`, which was only to be loaded.
        failed: the `ModelKeepError`.
        stopped: nothing came of it, as was wished.
    """

    planned = Signal(object)
    refused = Signal(object)
    progressed = Signal(object)
    received = Signal(object)
    answered = Signal(object)
    loaded = Signal(object)
    failed = Signal(object)
    stopped = Signal()

    def __init__(self, runner: JobRunner, chosen: Selection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.chosen = chosen
        self.allow_unsafe: tuple[str, ...] = ()
        """The names of dangerous models that the user lets load, in what is started now."""
        self.force = False
        """Whether it is loaded also where it seems not to fit the memory."""
        self.is_closed = False
        self.details = ""
        """All that is known of what failed last."""
        self._runner = runner
        self._lane = f"try:{chosen.root}:{chosen.key}"
        self._planning: Job | None = None
        self._plans: list[TryPlan] = []
        self._job: Job | None = None
        self._id = ""
        self._is_stopping = False
        self._is_prepared = False

    @property
    def is_running(self) -> bool:
        return self._job is not None

    def plan(self, others: Sequence[Selection] = (), **choices: str) -> None:
        """See what it takes to try the model, and `others` beside it, with these choices of task and device."""
        if self._planning is not None:
            self._planning.cancel()
        self._plans = []
        self.force = False
        self._plan_next([self.chosen, *others], choices)

    def _plan_next(self, left: list[Selection], choices: dict[str, str]) -> None:
        def take(plan: TryPlan) -> None:
            if self._planning is not job or self.is_closed:
                return
            self._plans.append(plan)
            if len(left) > 1:
                self._plan_next(left[1:], choices | {"task": plan.task.value, "file": ""})
            else:
                self._planning = None
                if not self._is_prepared:  # once: what was unloaded on purpose does not come back by itself
                    self._is_prepared = True
                    self._prepare(plan)
                self.planned.emit(self._plans)

        def give_up(error: object) -> None:
            if self._planning is job and not self.is_closed:
                self._planning = None
                self.refused.emit(error)

        job = self._planning = self._runner.run(
            self.tr("Look at {}").format(ModelKey.known(left[0].key).repo_id),
            "tryouts.plan",
            left[0],
            lane=LOOK,
            visible=False,
            on_failed=give_up,
            **choices,  # type: ignore[arg-type]
        )
        job.succeeded.connect(take)

    def _prepare(self, plan: TryPlan) -> None:
        """Have what runs models started while the user thinks of what to ask."""
        self._runner.run(
            self.tr("Look at {}").format(plan.key.repo_id),
            "tryouts.prepare",
            plan,
            lane=LOOK,
            visible=False,
            on_failed=lambda _: None,  # asking says what is wrong
        )

    def run(self, plans: Sequence[TryPlan], inputs: TryInputs, options: TryOptions) -> None:
        """Ask the model, or several the same; nothing while it is asked something."""
        if self._job is not None:
            return
        title = self.tr("Try {}").format(ModelKey.known(self.chosen.key).repo_id)
        self._id = f"window-{os.getpid()}-{next(_numbers)}"
        if len(plans) > 1:
            self._start(title, "tryouts.compare", list(plans), inputs, options, id=self._id)
        else:
            self._start(title, "tryouts.run", plans[0], inputs, options, id=self._id)

    def load(self, plan: TryPlan) -> None:
        """Have the model loaded."""
        if self._job is None:
            self._id = ""
            self._start(self.tr("Load {}").format(plan.key.repo_id), "tryouts.load", plan)

    def _start(self, title: str, method: str, *values: object, **named: str) -> None:
        self._is_stopping = False
        job = self._job = self._runner.run(
            title,
            method,
            *values,
            allow_unsafe=self.allow_unsafe,
            force=self.force,
            lane=self._lane,
            visible=False,
            on_failed=lambda _: None,  # it is told when the job ends, and by nobody else
            on_batch=self._hear,
            **named,  # type: ignore[arg-type]
        )
        job.progressed.connect(self._show_progress)
        job.ended.connect(self._end)

    def stop(self) -> None:
        """End the run at its next token, with what it has; where it has nothing yet, or the second time, at once."""
        if (job := self._job) is None:
            return
        if self._is_stopping or not self._id:
            job.cancel()
            return
        self._is_stopping = True

        def cancel_unless(is_stopped: bool) -> None:
            if not is_stopped and self._job is job:
                job.cancel()

        self._runner.run(
            self.tr("Stop"),
            "tryouts.stop",
            self._id,
            lane=_STOP,
            visible=False,
            on_done=cancel_unless,
            on_failed=lambda _: cancel_unless(False),
        )

    def close(self) -> None:
        """Stop what runs; nothing more is heard."""
        self.is_closed = True
        for job in (self._job, self._planning):
            if job is not None:
                job.cancel()

    def _show_progress(self, progress: Progress) -> None:
        if not self.is_closed:
            self.progressed.emit(progress)

    def _hear(self, piece: object) -> None:
        if not self.is_closed and isinstance(piece, str):
            self.received.emit(piece)

    def _end(self, job: Job) -> None:
        if self._job is not job:
            return
        self._job = None
        if self.is_closed:
            return
        if job.error is not None:
            self.details = job.details
            self.failed.emit(job.error)
        elif job.result is None:
            self.stopped.emit()
        elif job.call.method == "tryouts.load":
            self.loaded.emit(job.result)
        else:
            self.answered.emit(job.result)

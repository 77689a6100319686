"""The trainings of this user, whichever program began them: what there is, and how those one looks at go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from modelkeep.progress import Progress
from modelkeep.training.values import TrainingPoint
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.training.about import About, about
from modelkeep_gui.training.curve import Curve

if TYPE_CHECKING:
    from modelkeep.jobs.values import Job as KeptJob
    from modelkeep.training.values import TrainingPlan

__all__ = ["TrainingFeed"]

_LOOK = 2000  # milliseconds between two looks at those of other programs, while somebody watches
_LANE = "trainings"
_LOG = 500  # lines


class TrainingFeed(QObject):
    """Begins trainings, and knows all of them once `refresh` was called.

    Signals:
        changed: the list of `About`, the latest first; it is told after every look.
        advanced: the id of one that went on: its points, or how far it is.
        logged: the id of one whose log is known anew.
        began, ended: the id of one that was begun here; it ends only as long as the window is there.
        wanted: the id of one that the user wants to see.
        refused: why nobody can say what there is, a `ModelKeepError`.
    """

    changed = Signal(object)
    advanced = Signal(object)
    logged = Signal(object)
    began = Signal(object)
    ended = Signal(object)
    wanted = Signal(object)
    refused = Signal(object)

    def __init__(self, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.trainings: list[About] = []
        self._runner = runner
        self._own: dict[str, Job] = {}
        self._curves: dict[str, Curve] = {}
        self._logs: dict[str, tuple[str, ...]] = {}
        self._steps: dict[str, int] = {}
        self._phases: dict[str, str] = {}
        self._watched = ""
        self._asking: set[str] = set()
        self._is_to_ask_again = False
        self._timer = QTimer(self, interval=_LOOK)
        self._timer.timeout.connect(self._look)

    def find(self, id: str) -> About | None:
        """The training of this id, as it was when somebody last looked."""
        return next((one for one in self.trainings if one.id == id), None)

    def curve(self, id: str) -> Curve:
        """How it went so far; it goes on growing."""
        return self._curves.setdefault(id, Curve())

    def log(self, id: str) -> tuple[str, ...]:
        """The last lines that it said."""
        return self._logs.get(id, ())

    def step(self, one: About) -> int:
        """How far it is, as far as that is known here."""
        last = self.curve(one.id).last
        return max(one.step, self._steps.get(one.id, 0), last.step if last else 0)

    def watch(self, is_watched: bool) -> None:
        """Look now and then from now on, or no more."""
        if is_watched:
            self.refresh()
            self._timer.start()
        else:
            self._timer.stop()

    def look_at(self, id: str) -> None:
        """Somebody looks at this one: its points and its log are of interest, "" for none."""
        self._watched = id
        if id:
            self._look_closely(id)

    def refresh(self) -> None:
        """Look what there is; once more where that is under way."""
        if _LANE in self._asking:
            self._is_to_ask_again = True
        else:
            self._ask(self.tr("Look at the trainings"), _LANE, "trainings.list", self._take)

    # ---- what is done

    def run(self, plan: TrainingPlan, allow_unsafe: Sequence[str] = ()) -> tuple[str, Job]:
        """Begin a training; its id, and the job that carries it out."""
        from modelkeep.jobs.ids import new_id

        id = new_id()[:8]
        title = self.tr("Train {}").format(plan.target.repo_id)
        return id, self._begin(title, id, "trainings.run", plan, id=id, allow_unsafe=tuple(allow_unsafe))

    def resume(self, one: About) -> Job:
        """Go on with one that was interrupted."""
        return self._begin(self.tr("Train {}").format(one.name), one.id, "trainings.resume", one.id)

    def cancel(self, one: About) -> None:
        """Stop one, in whatever program it runs."""
        if job := self._own.get(one.id):
            job.cancel()
        else:
            self._do(self.tr("Cancel a training"), "trainings.cancel", one.id)

    def move(self, one: About, place: int) -> None:
        """Give one that waits another place in its queue, from 1 on."""
        self._do(self.tr("Move a training"), "trainings.jobs.move", one.id, place)

    def discard(self, one: About, on_done: Callable[[int], object]) -> None:
        """Forget one that has ended, with its checkpoints; `on_done` gets the bytes that this freed."""
        self._do(self.tr("Discard a training"), "trainings.discard", one.id, on_done=on_done)

    def is_own(self, id: str) -> bool:
        """Whether it runs in this window."""
        return id in self._own

    # ---- within

    def _begin(self, title: str, id: str, method: str, /, *values: object, **named: object) -> Job:
        # A lane for each: the queue is that of all programs, which the core keeps.
        taken = {job.call.lane for job in self._own.values()}
        lane = next(name for number in range(len(taken) + 1) if (name := f"train {number + 1}") not in taken)
        job = self._runner.run(title, method, *values, lane=lane, retry=False, **named)  # type: ignore[arg-type]
        self._own[id] = job
        job.started.connect(lambda _: self.refresh())
        job.progressed.connect(lambda progress: self._advance(id, progress))
        job.received.connect(lambda point: self._add(id, point))
        job.ended.connect(lambda _: self._end(id))
        self.began.emit(id)
        return job

    def _end(self, id: str) -> None:
        self._own.pop(id, None)
        self._steps.pop(id, None)
        self._phases.pop(id, None)
        self.ended.emit(id)
        self.refresh()

    def _advance(self, id: str, progress: Progress) -> None:
        if progress.step != self._phases.get(id):
            self._phases[id] = progress.step
            self.refresh()  # it begins to wait, to train or to publish
        if progress.unit == "steps":
            self._steps[id] = progress.done
            self.advanced.emit(id)

    def _add(self, id: str, point: TrainingPoint) -> None:
        self.curve(id).add(point)
        self.advanced.emit(id)

    def _look(self) -> None:
        self.refresh()
        if (one := self.find(self._watched)) and one.is_active:
            self._look_closely(one.id)

    def _look_closely(self, id: str) -> None:
        if id not in self._own:  # of those the points come by themselves
            self._ask(self.tr("Look at a training"), f"points {id}", "trainings.points", self._show, id)
        self._ask(self.tr("Look at a log"), f"log {id}", "trainings.log", self._say, id, lines=_LOG)

    def _take(self, kept: Sequence[KeptJob]) -> None:
        before = {one.id: one.status for one in self.trainings}
        self.trainings = list(map(about, kept))
        known = {one.id for one in self.trainings} | self._own.keys()
        for forgotten in (self._curves, self._logs):
            for id in forgotten.keys() - known:
                del forgotten[id]
        self.changed.emit(self.trainings)
        one = self.find(self._watched)
        if one and before.get(one.id, one.status) is not one.status:
            self._look_closely(one.id)  # what it said last
        if self._is_to_ask_again:
            self._is_to_ask_again = False
            self.refresh()

    def _show(self, id: str, points: Sequence[TrainingPoint]) -> None:
        if id not in self._own and self.curve(id).show(points):
            self.advanced.emit(id)

    def _say(self, id: str, lines: tuple[str, ...]) -> None:
        if self._logs.get(id) != lines:
            self._logs[id] = lines
            self.logged.emit(id)

    def _do(
        self,
        title: str,
        method: str,
        *values: object,
        on_done: Callable[[Any], object] | None = None,
    ) -> None:
        job = self._runner.run(title, method, *values, lane=_LANE, visible=False, on_done=on_done)
        job.ended.connect(lambda _: self.refresh())

    def _ask(
        self,
        title: str,
        name: str,
        method: str,
        take: Callable[..., object],
        *values: object,
        **named: object,
    ) -> None:
        """Ask quietly, and once at a time; what cannot be told is not told."""
        if name in self._asking:
            return
        self._asking.add(name)
        job = self._runner.run(
            title,
            method,
            *values,
            lane=_LANE,
            visible=False,
            on_failed=lambda error: self.refused.emit(error) if name == _LANE else None,
            **named,  # type: ignore[arg-type]
        )
        # Before it is taken in, which may ask again.
        job.succeeded.connect(lambda _: self._asking.discard(name))
        job.succeeded.connect(lambda answer: take(*values, answer))
        job.ended.connect(lambda _: None if job.result is not None else self._asking.discard(name))

"""Fine-tuning models that are cached, into models that are cached: `library.trainings`.

    with open_library() as library:
        plan = library.trainings.plan(selection, "examples.tsv", task="text-classification")
        done = library.trainings.run(plan)
        print(done.key, done.metrics)

A training runs in a child process, one after another on a device, and goes on from its last checkpoint when it was
interrupted. The result is a model like any other, with its parent, its data's hash and its parameters in its card.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from modelkeep.errors import JobConflict, JobNotFound, ModelNotFound
from modelkeep.keys import ModelKey
from modelkeep.progress import Report, ignore
from modelkeep.rows import Selection
from modelkeep.training.values import TrainingParameters

if TYPE_CHECKING:
    from modelkeep.jobs.jobs import Jobs
    from modelkeep.jobs.values import Job
    from modelkeep.library import Library
    from modelkeep.training.values import TrainingData, TrainingPlan, TrainingPoint, TrainingResult

__all__ = ["Trainings"]

Emit = Callable[[object], None]

_KIND, _OWNER = "training", "local"
_LONGEST_LINE = 4000


class Trainings:
    """See the module."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._jobs: Jobs | None = None
        self._opening = threading.Lock()

    @property
    def jobs(self) -> Jobs:
        """Where trainings are kept, with those of other programs."""
        from modelkeep.jobs.jobs import Jobs

        with self._opening:
            self._jobs = self._jobs or Jobs()
            return self._jobs

    def close(self) -> None:
        """Let go of the file of jobs."""
        with self._opening:
            if self._jobs is not None:
                self._jobs.close()
                self._jobs = None

    def read(
        self,
        path: str | os.PathLike[str],
        task: str,
        *,
        measuring: bool = False,
        report: Report = ignore,
    ) -> TrainingData:
        """Look at every line of a file of examples, to train or to measure with; what is wrong is in what comes back.

        Raises `BadTrainingData` for a file that cannot be read at all.
        """
        from modelkeep.training.data import read_data

        return read_data(path, task, measuring=measuring, report=report)

    def plan(
        self,
        selected: Selection,
        data: str | os.PathLike[str],
        *,
        task: str,
        evaluation: str | os.PathLike[str] | None = None,
        to: str = "",
        parameters: TrainingParameters = TrainingParameters(),  # noqa: B008 - frozen
        report: Report = ignore,
    ) -> TrainingPlan:
        """What training would do. `to` is the name of the result, "" for `local/<name of the parent>-<task>`.

        Raises `ModelNotFound`, `NotAllowed` where a policy forbids it, `InvalidKey`, and `BadTrainingData` for files
        that cannot be read at all.
        """
        from modelkeep.training.plan import plan_training

        key = ModelKey.known(selected.key)
        model = self._library.model(selected.root, key)
        revision = model.revision(key.revision) if key.revision else model.main
        if revision is None:
            raise ModelNotFound(f"{key} has nothing that could be trained.", hint="Download it again.")
        examples = self.read(data, task, report=report)
        measured = self.read(evaluation, task, measuring=True, report=report) if evaluation else None
        return plan_training(self._library, model, revision, examples, measured, to, parameters)

    def run(
        self,
        plan: TrainingPlan,
        *,
        id: str = "",
        message: str = "",
        allow_unsafe: tuple[str, ...] = (),
        report: Report = ignore,
        emit: Emit | None = None,
    ) -> TrainingResult:
        """Train, measure and publish; waits for its turn first. `emit` gets each `TrainingPoint`.

        Raises `BadTrainingData`, `RuntimeMissing`, `OutOfMemory`, `NotEnoughSpace`, `ProcessDied`, `UnsafeModel`;
        what was done until then is kept for `resume`.
        """
        from modelkeep.training.run import check_plan

        with self._library.activity.logged("train", [plan.key], plan.root):
            check_plan(plan)
            return self._run(plan, id, message, allow_unsafe, 0, report, emit)

    def resume(self, id: str, *, report: Report = ignore, emit: Emit | None = None) -> TrainingResult:
        """Go on with a training that was interrupted, from its last checkpoint. Raises `JobNotFound`, and what `run`
        does."""
        from modelkeep.training.publish import main_of

        job = self._job(id)
        if not job.status.is_terminal:
            raise JobConflict(f"The training {id} has not ended.", hint="Wait for it, or cancel it first.")
        if job.result:
            raise JobConflict(f"The training {id} has ended well, so that nothing is left to do.")
        kept = job.parameters
        plan = self.plan_of(id)
        # It may have been stopped just after it was published; then this is published once more, on top of that.
        plan = replace(plan, main=main_of(plan))
        allowed = kept.get("allow_unsafe")
        names = tuple(map(str, allowed)) if isinstance(allowed, list) else ()
        before = kept.get("resumed")
        resumed = 1 + (before if isinstance(before, int) else 0)
        with self._library.activity.logged("train", [plan.key], plan.root):
            return self._run(plan, id, str(kept.get("message", "")), names, resumed, report, emit)

    def plan_of(self, id: str) -> TrainingPlan:
        """What a training was planned to do. Raises `JobNotFound`, and `JobFailed` for what an old version kept."""
        from modelkeep.training.stored import plan_of_json

        return plan_of_json(_mapping(self._job(id).parameters.get("plan")))

    def list(self) -> tuple[Job, ...]:
        """All trainings, the latest first."""
        return self.jobs.list(_KIND, owner=_OWNER)

    def points(self, id: str) -> tuple[TrainingPoint, ...]:
        """How a training went so far."""
        from modelkeep.training.run import points_of

        return points_of(self._job(id).folder)

    def log(self, id: str, *, lines: int = 200) -> tuple[str, ...]:
        """The last lines that it said."""
        self._job(id)
        try:
            with open(self.jobs.log_file(id), encoding="utf-8", errors="replace") as file:
                return tuple(line.rstrip("\n")[:_LONGEST_LINE] for line in file)[-lines:]
        except FileNotFoundError:
            return ()

    def cancel(self, id: str) -> Job:
        """Have a training end, in whatever process it runs; its checkpoints stay until it is discarded."""
        self._job(id)
        return self.jobs.cancel(id)

    def discard(self, id: str) -> int:
        """Forget a training that has ended, with its checkpoints; returns the bytes that this frees.

        What it published stays.
        """
        from modelkeep.disk import released

        job = self._job(id)
        frees = released(Path(job.folder))
        self.jobs.forget(id=id)
        return frees

    # ---- within

    def _run(
        self,
        plan: TrainingPlan,
        id: str,
        message: str,
        allow_unsafe: tuple[str, ...],
        resumed: int,
        report: Report,
        emit: Emit | None,
    ) -> TrainingResult:
        from modelkeep.training.devices import queue_of
        from modelkeep.training.run import Runner
        from modelkeep.training.stored import plan_as_json

        kept = {
            "plan": plan_as_json(plan),
            "message": message,
            "allow_unsafe": list(allow_unsafe),
            "resumed": resumed,
        }
        title = f"{plan.key.repo_id} to {plan.target.repo_id}"
        queue = queue_of(plan.parameters.device, plan.interpreter, report)
        job = self.jobs.submit(_KIND, _OWNER, title, kept, device=queue, id=id)
        runner = Runner(
            self._library,
            plan,
            job,
            allow_unsafe=allow_unsafe,
            resumed=resumed,
            message=message,
            emit=emit,
        )
        self.jobs.run(job.id, runner.run, report=report)
        done = runner.result
        assert done is not None  # else it has raised
        where = f"from {done.parent}" + (f": {message}" if message else "")
        self._library.activity.log("train", done.key.at(done.commit), done.root, 0, detail=where)
        self._library.refresh([done.root])
        return done

    def _job(self, id: str) -> Job:
        job = self.jobs.get(id)
        if (job.kind, job.owner) != (_KIND, _OWNER):
            raise JobNotFound(f"There is no training {id}.", hint="It is a job of another kind.")
        return job


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}

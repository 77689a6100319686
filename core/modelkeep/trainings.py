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
from collections.abc import Callable
from typing import TYPE_CHECKING

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


class Trainings:
    """See the module."""

    def __init__(self, library: Library) -> None:
        self._library = library

    @property
    def jobs(self) -> Jobs:
        """Where trainings are kept, with those of other programs."""
        raise NotImplementedError

    def read(self, path: str | os.PathLike[str], task: str, *, report: Report = ignore) -> TrainingData:
        """Look at every line of a file of examples; what is wrong is in what comes back. Raises `BadTrainingData`
        for a file that cannot be read at all."""
        raise NotImplementedError

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

        Raises `ModelNotFound`, `NotAllowed` where a policy forbids it, `InvalidKey`.
        """
        raise NotImplementedError

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
        raise NotImplementedError

    def resume(self, id: str, *, report: Report = ignore, emit: Emit | None = None) -> TrainingResult:
        """Go on with a training that was interrupted, from its last checkpoint. Raises `JobNotFound`, and what `run`
        does."""
        raise NotImplementedError

    def list(self) -> tuple[Job, ...]:
        """All trainings, the latest first."""
        raise NotImplementedError

    def points(self, id: str) -> tuple[TrainingPoint, ...]:
        """How a training went so far."""
        raise NotImplementedError

    def log(self, id: str, *, lines: int = 200) -> tuple[str, ...]:
        """The last lines that it said."""
        raise NotImplementedError

    def cancel(self, id: str) -> Job:
        """Have a training end, in whatever process it runs; its checkpoints stay until it is discarded."""
        raise NotImplementedError

    def discard(self, id: str) -> int:
        """Forget a training that has ended, with its checkpoints; returns the bytes that this frees.

        What it published stays.
        """
        raise NotImplementedError

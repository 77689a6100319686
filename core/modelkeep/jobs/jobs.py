"""The jobs of this user, in a file that every program of theirs may use at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from modelkeep.jobs.values import Job
from modelkeep.progress import Report, ignore

__all__ = ["Jobs", "slots_per_device"]

Work = Callable[[Report], Mapping[str, object]]


def slots_per_device() -> int:
    """How many jobs run at a time on a device: MODELKEEP_TRAIN_TASKS, else MLP_TRAIN_TASK_NUM, else 1."""
    raise NotImplementedError


class Jobs:
    """The jobs in `file` (`paths.jobs_file()` when None), each with a folder beside it.

    May be used by several threads and processes.
    """

    def __init__(self, file: str | os.PathLike[str] | None = None) -> None:
        self.file = file

    def submit(
        self,
        kind: str,
        owner: str,
        title: str,
        parameters: Mapping[str, object],
        *,
        device: str = "cpu",
        id: str = "",
    ) -> Job:
        """Put a job into the queue of its device; it runs when somebody calls `run`. `id` "" makes a new one.

        Raises `JobConflict` for an id that is there and has not ended.
        """
        raise NotImplementedError

    def run(self, id: str, work: Work, *, report: Report = ignore) -> Job:
        """Wait for its turn, do the work in this thread, and keep what became of it.

        The `report` that `work` gets keeps the progress and raises `Cancelled` once anyone, in whatever process,
        cancelled the job or `report` did. What `work` raises is kept as its error, then raised.
        """
        raise NotImplementedError

    def get(self, id: str) -> Job:
        """A job; raises `JobNotFound`. One whose process is gone has ended with an error that says so."""
        raise NotImplementedError

    def list(self, kind: str = "", *, owner: str = "", active: bool | None = None) -> tuple[Job, ...]:
        """The jobs, the latest first; `active`: only those that have not ended, or only those that have."""
        raise NotImplementedError

    def wait(self, id: str, timeout: float | None = None, *, report: Report = ignore) -> Job:
        """The job once it has ended, or as it is after `timeout` seconds."""
        raise NotImplementedError

    def cancel(self, id: str) -> Job:
        """Have a job end, in whatever process it runs; one that waits ends at once. Returns it as it is now."""
        raise NotImplementedError

    def move(self, id: str, place: int) -> Job:
        """Let a waiting job have another place in its queue, 1 for next."""
        raise NotImplementedError

    def forget(self, *, older: float = 0.0, id: str = "") -> int:
        """Forget jobs that ended more than `older` seconds ago, or the one, with their folders; no model is touched.

        Returns how many.
        """
        raise NotImplementedError

    def error_of(self, id: str) -> Exception | None:
        """What a job ended with, as it was raised where its kind allows that, else as a `JobFailed`."""
        raise NotImplementedError

    def log_file(self, id: str) -> Path:
        """Where what it says is written, one line after another."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the file."""

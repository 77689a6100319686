"""A piece of long work and its state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from modelkeep.progress import Progress

__all__ = ["Job", "JobStatus"]


class JobStatus(Enum):
    """Source of the names and numbers: caikit 0.29.1, `caikit.core.model_management.job_base`."""

    QUEUED = 1
    RUNNING = 2
    COMPLETED = 3
    CANCELED = 4
    ERRORED = 5

    @property
    def is_terminal(self) -> bool:
        return self in (JobStatus.COMPLETED, JobStatus.CANCELED, JobStatus.ERRORED)


@dataclass(frozen=True)
class Job:
    """`kind` is "training" or "prediction", `owner` the name of the trainer or predictor. `device` is what it waits
    for, `place` its place in the queue of that (1 is next, 0: it does not wait). Times are UTC, 0.0 for not yet.

    `parameters` and `result` are plain JSON values. `error` is a sentence and `hint` what to do, "" where nothing
    went wrong. `folder` is where it keeps its files and its log. `can_resume`: it was interrupted, and may go on.
    """

    id: str
    kind: str
    owner: str
    title: str
    status: JobStatus
    device: str = "cpu"
    place: int = 0
    submitted: float = 0.0
    started: float = 0.0
    ended: float = 0.0
    progress: Progress | None = None
    error: str = ""
    hint: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    result: Mapping[str, object] = field(default_factory=dict)
    folder: str = ""
    pid: int = 0
    can_resume: bool = False

"""What is given for a job that was asked for: how it stands, and in the end its result.

Source of names: caikit 0.29.1, `caikit.core.model_management`; there, nothing takes a timeout.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from modelkeep.errors import Cancelled, JobFailed
from modelkeep.jobs.jobs import Jobs
from modelkeep.jobs.values import Job
from modelkeep.lifecycle.jobs_info import JobInfo, JobPredictorInfo, JobStatus, TrainingInfo, times_of
from modelkeep.lifecycle.reversible import ReversibleHasher

__all__ = [
    "JobFutureBase",
    "JobPredictorFutureBase",
    "KeptPredictorFuture",
    "KeptTrainerFuture",
    "ModelTrainerFutureBase",
    "job_id",
    "name_in",
]

ID_DELIMITER = ":"


def job_id(instance_name: str, own: str) -> str:
    """The id of a job, which tells of which instance it is."""
    return f"{ReversibleHasher.hash(instance_name)}{ID_DELIMITER}{own}"


def name_in(id: str) -> str:
    """The name of the instance that an id tells, "" where it tells none, as that of another program."""
    name, delimiter, _ = id.partition(ID_DELIMITER)
    return ReversibleHasher.reverse_hash(name) if delimiter else ""


class JobFutureBase(ABC):
    """A job that was asked for."""

    ID_DELIMITER = ID_DELIMITER

    def __init__(
        self, future_name: str, future_id: str, use_reversible_hash: bool = True, **kwargs: object
    ) -> None:
        self._id = job_id(future_name, future_id) if use_reversible_hash else future_id

    @property
    def id(self) -> str:
        return self._id

    @abstractmethod
    def get_info(self) -> JobInfo:
        """How it stands now."""

    @abstractmethod
    def cancel(self) -> None:
        """Have it end, in whatever process it runs; one that has ended stays as it is."""

    @abstractmethod
    def wait(self, timeout: float | None = None) -> None:
        """Return when it has ended. Raises `TimeoutError` after so many seconds."""

    @abstractmethod
    def result(self, timeout: float | None = None) -> Any:
        """What came of it, waited for. Raises what it failed with, `Cancelled`, and `TimeoutError`."""


class ModelTrainerFutureBase(JobFutureBase):
    """A training. `save_path` is where the model is, or will be, kept; None when it is not."""

    def __init__(
        self,
        trainer_name: str,
        training_id: str,
        save_path: str | None = None,
        use_reversible_hash: bool = True,
        **kwargs: object,
    ) -> None:
        super().__init__(trainer_name, training_id, use_reversible_hash, **kwargs)
        self._save_path = save_path

    @property
    def save_path(self) -> str | None:
        return self._save_path

    @abstractmethod
    def load(self, timeout: float | None = None) -> Any:
        """The model, waited for. Raises what `result` does."""

    def result(self, timeout: float | None = None) -> Any:
        return self.load(timeout)


class JobPredictorFutureBase(JobFutureBase):
    """A prediction."""


class _Kept:
    """A job as `modelkeep.jobs` keeps it: found by its id also after a restart."""

    def __init__(self, jobs: Jobs, id: str) -> None:
        self.jobs = jobs
        self.id = id

    def get(self) -> Job:
        return self.jobs.get(self.id)

    def facts(self) -> tuple[JobStatus, list[Exception] | None]:
        job = self.get()
        error = self.jobs.error_of(self.id)
        return job.status, [error] if error is not None else None

    def wait(self, timeout: float | None) -> Job:
        started = time.monotonic()
        job = self.jobs.wait(self.id, timeout)
        if not job.status.is_terminal:
            passed = time.monotonic() - started
            raise TimeoutError(f"Job {self.id} has not ended after {passed:.1f} seconds.")
        return job

    def done(self, timeout: float | None) -> Job:
        """The job once it is done; raises what kept it from that."""
        job = self.wait(timeout)
        if job.status is JobStatus.CANCELED:
            raise Cancelled(f"Job {self.id} was cancelled.")
        if job.status is JobStatus.ERRORED:
            raise self.jobs.error_of(self.id) or JobFailed(job.error, hint=job.hint)
        return job


class KeptTrainerFuture(ModelTrainerFutureBase):
    """`load` makes the model of a training that is done."""

    def __init__(
        self, jobs: Jobs, id: str, save_path: str | None, load: Callable[[Job], Any], name: str = ""
    ) -> None:
        super().__init__(name, id, save_path, use_reversible_hash=False)
        self._kept = _Kept(jobs, id)
        self._load = load

    def get_info(self) -> TrainingInfo:
        status, errors = self._kept.facts()
        return TrainingInfo(status, errors, *times_of(self._kept.get()))

    def cancel(self) -> None:
        self._kept.jobs.cancel(self.id)

    def wait(self, timeout: float | None = None) -> None:
        self._kept.wait(timeout)

    def load(self, timeout: float | None = None) -> Any:
        return self._load(self._kept.done(timeout))


class KeptPredictorFuture(JobPredictorFutureBase):
    """`read` gives the result of a prediction that is done."""

    def __init__(self, jobs: Jobs, id: str, read: Callable[[Job], Any], name: str = "") -> None:
        super().__init__(name, id, use_reversible_hash=False)
        self._kept = _Kept(jobs, id)
        self._read = read

    def get_info(self) -> JobPredictorInfo:
        status, errors = self._kept.facts()
        return JobPredictorInfo(status, errors, *times_of(self._kept.get()))

    def cancel(self) -> None:
        self._kept.jobs.cancel(self.id)

    def wait(self, timeout: float | None = None) -> None:
        self._kept.wait(timeout)

    def result(self, timeout: float | None = None) -> Any:
        return self._read(self._kept.done(timeout))

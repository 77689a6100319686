"""What trainers and predictors have in common: jobs of a name, found by their ids, forgotten after a while."""

from __future__ import annotations

import threading
import uuid
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from modelkeep.jobs.jobs import Jobs
from modelkeep.jobs.values import Job
from modelkeep.lifecycle.durations import seconds_of
from modelkeep.lifecycle.factories import FactoryConstructible
from modelkeep.lifecycle.futures import JobFutureBase, job_id, name_in
from modelkeep.lifecycle.opened import shared_jobs
from modelkeep.progress import Report

__all__ = ["PREDICTION", "JobBase", "KeptJobs", "future_of", "start"]

PREDICTION = "prediction"
"""The kind of jobs that are no trainings."""


class JobBase(FactoryConstructible):
    """Something that has jobs: a trainer, or a predictor."""

    @abstractmethod
    def get_future(self, job_id: str) -> JobFutureBase:
        """A job by its id, whoever asked for it. Raises `JobNotFound`."""

    @classmethod
    def get_job_name(cls, job_id: str) -> str:
        """The name of the instance that an id tells, "" where it tells none."""
        return name_in(job_id)


class KeptJobs(JobBase):
    """Keeps its jobs in the user's file of jobs, so that they are found after a restart and from any other instance.

    `retention_duration` is how long a job is remembered after its end, for ever when None; what it saved stays.
    """

    kind: str

    def __init__(self, config: Mapping[str, Any], instance_name: str) -> None:
        self._instance_name = instance_name
        self._retention = seconds_of(config.get("retention_duration"))
        self._device = str(config.get("device") or "cpu")

    @property
    def jobs(self) -> Jobs:
        return shared_jobs()

    def get_future(self, job_id: str) -> JobFutureBase:
        self._forget_old()
        return future_of(self.jobs, self.jobs.get(job_id))

    def _submit(self, external_id: str | None, title: str, parameters: Mapping[str, object]) -> Job:
        self._forget_old()
        id = external_id or job_id(self._instance_name, str(uuid.uuid4()))
        return self.jobs.submit(self.kind, self._instance_name, title, parameters, device=self._device, id=id)

    def _forget_old(self) -> None:
        if self._retention is not None:
            self.jobs.forget(older=self._retention, kind=self.kind, owner=self._instance_name)


def future_of(jobs: Jobs, job: Job) -> JobFutureBase:
    """The future of a job as far as the file of jobs knows it."""
    from modelkeep.lifecycle.predictors import prediction_future
    from modelkeep.lifecycle.trainers import training_future

    return (prediction_future if job.kind == PREDICTION else training_future)(jobs, job)


def start(jobs: Jobs, job: Job, work: Callable[[Report], Mapping[str, object]]) -> None:
    """Have a thread of this process do it. The process does not end before its jobs have, or are cancelled."""

    def run() -> None:
        try:
            jobs.run(job.id, work)
        except BaseException:  # noqa: BLE001 - it is kept with the job, which raises it again
            return

    threading.Thread(target=run, name=f"job {job.id}").start()

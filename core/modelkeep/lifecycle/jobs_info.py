"""How a job stands, by the names that caikit gives it.

Source: caikit 0.29.1, `caikit.core.model_management.job_base`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from modelkeep.jobs.values import Job, JobStatus

__all__ = [
    "JobInfo",
    "JobPredictorInfo",
    "JobStatus",
    "PredictionJobStatus",
    "TrainingInfo",
    "TrainingStatus",
    "times_of",
]

TrainingStatus = JobStatus
PredictionJobStatus = JobStatus


@dataclass(frozen=True)
class JobInfo:
    """`errors` is None where nothing went wrong. Times are UTC, None for not yet."""

    status: JobStatus
    errors: list[Exception] | None = None
    submission_time: datetime | None = None
    completion_time: datetime | None = None


@dataclass(frozen=True)
class TrainingInfo(JobInfo):
    """Of a training."""


@dataclass(frozen=True)
class JobPredictorInfo(JobInfo):
    """Of a prediction."""


def times_of(job: Job) -> tuple[datetime | None, datetime | None]:
    """When it was submitted, and when it ended."""
    return _moment(job.submitted), _moment(job.ended)


def _moment(at: float) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if at else None

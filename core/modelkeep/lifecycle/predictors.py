"""Predictors: each has a model asked, as a job.

Source of names: caikit 0.29.1, `caikit.core.model_management.local_job_predictor`.
"""

from __future__ import annotations

import inspect
import os
import shutil
import time
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modelkeep.jobs.ids import folder_name
from modelkeep.jobs.jobs import Jobs
from modelkeep.jobs.values import Job
from modelkeep.lifecycle.asking import PREDICTION, JobBase, KeptJobs, start
from modelkeep.lifecycle.futures import JobFutureBase, JobPredictorFutureBase, KeptPredictorFuture
from modelkeep.lifecycle.kept_results import read_result, write_result
from modelkeep.lifecycle.thread_run import run_in_thread
from modelkeep.progress import Report

__all__ = ["JobPredictor", "JobPredictorBase", "LocalJobPredictor", "prediction_future"]


class JobPredictor(JobBase):
    """Has models asked."""

    @abstractmethod
    def predict(
        self,
        model_instance: Any,
        prediction_func_name: str,
        *args: Any,
        external_inference_id: str | None = None,
        **kwargs: Any,
    ) -> JobPredictorFutureBase:
        """Have `model_instance.<prediction_func_name>(...)` called; what is returned tells how that goes on."""

    def get_prediction_future(self, prediction_id: str) -> JobFutureBase:
        """A job by its id, whoever asked for it. Raises `JobNotFound`."""
        return self.get_future(prediction_id)

    @classmethod
    def get_predictor_name(cls, prediction_id: str) -> str:
        return cls.get_job_name(prediction_id)


JobPredictorBase = JobPredictor


class LocalJobPredictor(KeptJobs, JobPredictor):
    """Asks in a thread of this process, as the model is an object of it. Results are files, in `result_dir` or beside
    the job, and are forgotten with it.

    A cancel makes the job CANCELED at once. What is asked ends at once when it takes `report`, as a `LocalModel`
    does; else it goes on until it returns, and what it returned is dropped.
    """

    name = "LOCAL"
    kind = PREDICTION

    def __init__(self, config: Mapping[str, Any], instance_name: str) -> None:
        super().__init__(config, instance_name)
        place = config.get("result_dir")
        self._result_dir = os.path.abspath(os.path.expanduser(place)) if place else ""

    def predict(
        self,
        model_instance: Any,
        prediction_func_name: str,
        *args: Any,
        external_inference_id: str | None = None,
        external_prediction_id: str | None = None,
        **kwargs: Any,
    ) -> JobPredictorFutureBase:
        """Raises `AttributeError` for a model that cannot be asked so, and `JobConflict` for an id that has not
        ended."""
        function = getattr(model_instance, prediction_func_name)
        title = f"{type(model_instance).__name__}.{prediction_func_name}"
        told = {"result_dir": self._result_dir}
        job = self._submit(external_inference_id or external_prediction_id, title, told)

        def ask(report: Report) -> Any:
            if "report" not in kwargs and _takes_report(function):
                return function(*args, report=report, **kwargs)
            return function(*args, **kwargs)

        def work(report: Report) -> dict[str, object]:
            result = run_in_thread(ask, (), title=title, report=report)
            return {"result": write_result(result, _folder(job))}

        start(self.jobs, job, work)
        return prediction_future(self.jobs, job)

    def _forget_old(self) -> None:
        """Also the results that lie elsewhere than beside their jobs."""
        if self._retention is not None and self._result_dir:
            for job in self.jobs.list(self.kind, owner=self._instance_name, active=False):
                if job.ended <= time.time() - self._retention and job.parameters.get("result_dir"):
                    shutil.rmtree(_folder(job), ignore_errors=True)
        super()._forget_old()


def prediction_future(jobs: Jobs, job: Job) -> JobPredictorFutureBase:
    """The future of a prediction that is known only by what is kept of it."""
    return KeptPredictorFuture(
        jobs, job.id, lambda done: read_result(_folder(done), str(done.result.get("result", ""))), job.owner
    )


def _folder(job: Job) -> Path:
    """Of its result alone; nothing else is ever in it."""
    place = str(job.parameters.get("result_dir") or "")
    return Path(place, folder_name(job.id)) if place else Path(job.folder, "result")


def _takes_report(function: Any) -> bool:
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False
    return "report" in parameters

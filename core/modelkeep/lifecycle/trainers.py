"""Trainers: each has a kind of model trained, as a job.

Source of names: caikit 0.29.1, `caikit.core.model_management.local_model_trainer`.
"""

from __future__ import annotations

import inspect
import os
import weakref
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from modelkeep.errors import LifecycleError, ModelNotFound
from modelkeep.jobs.jobs import Jobs
from modelkeep.jobs.values import Job
from modelkeep.lifecycle.asking import JobBase, KeptJobs, start
from modelkeep.lifecycle.child_run import run_in_child
from modelkeep.lifecycle.futures import JobFutureBase, KeptTrainerFuture, ModelTrainerFutureBase
from modelkeep.lifecycle.module_config import ModuleConfig
from modelkeep.lifecycle.thread_run import run_in_thread
from modelkeep.progress import Report

__all__ = ["LocalModelTrainer", "ModelTrainer", "ModelTrainerBase", "save_path_of", "training_future"]

TRAINING = "training"

_START_METHODS = ("spawn", "fork", "forkserver")


class ModelTrainer(JobBase):
    """Has models trained."""

    @abstractmethod
    def train(
        self,
        module_class: Any,
        *args: Any,
        save_path: str | None = None,
        save_with_id: bool = False,
        model_name: str | None = None,
        **kwargs: Any,
    ) -> ModelTrainerFutureBase:
        """Have a model trained; what is returned tells how that goes on."""

    def get_model_future(self, training_id: str) -> JobFutureBase:
        """A job by its id, whoever asked for it. Raises `JobNotFound`."""
        return self.get_future(training_id)

    @classmethod
    def get_trainer_name(cls, training_id: str) -> str:
        return cls.get_job_name(training_id)


ModelTrainerBase = ModelTrainer

# Those of this process, for as long as somebody has them: one that was saved nowhere has the model itself.
_futures: weakref.WeakValueDictionary[str, ModelTrainerFutureBase] = weakref.WeakValueDictionary()


class LocalModelTrainer(KeptJobs, ModelTrainer):
    """Trains on this machine: `module_class.train(...)`, then `.save(save_path)`.

    In a child process, which a cancel ends; or with `use_subprocess: false` in a thread, which nothing can end: the
    job is CANCELED then and what it made is dropped, but it goes on until it returns. A `train` that takes `report`
    is given one, which keeps the progress and in a thread lets a cancel stop it.
    """

    name = "LOCAL"
    kind = TRAINING

    def __init__(self, config: Mapping[str, Any], instance_name: str) -> None:
        super().__init__(config, instance_name)
        self._use_subprocess = bool(config.get("use_subprocess", True))
        self._start_method = config.get("subprocess_start_method") or "spawn"
        if self._start_method not in _START_METHODS:
            raise ValueError(f"config.subprocess_start_method is “{self._start_method}”.")

    def train(
        self,
        module_class: Any,
        *args: Any,
        save_path: str | None = None,
        save_with_id: bool = False,
        model_name: str | None = None,
        external_training_id: str | None = None,
        **kwargs: Any,
    ) -> ModelTrainerFutureBase:
        """Without `save_path` the model is only in this process, and only with `use_subprocess: false`.

        Raises `JobConflict` for an `external_training_id` that has not ended, and `ValueError` for paths that lead
        elsewhere.
        """
        if save_path is not None:
            save_path_of(save_path, "check", save_with_id, model_name)
        title = f"Training {getattr(module_class, '__name__', module_class)}"
        # The place has the id in it, which is only known when the job is there.
        told = {"save_path": save_path, "save_with_id": save_with_id, "model_name": model_name}
        job = self._submit(external_training_id, title, told)
        target = _save_path(job)
        jobs = self.jobs
        kept: list[Any] = []

        def work(report: Report) -> dict[str, object]:
            if self._use_subprocess:
                run_in_child(
                    _train,
                    (module_class, args, kwargs, target),
                    start_method=self._start_method,
                    log=jobs.log_file(job.id),
                    report=report,
                    title=title,
                )
            else:
                made = run_in_thread(_train, (module_class, args, kwargs, target), title=title, report=report)
                if target is None:
                    kept.append(made)
            return {"save_path": target}

        def load(done: Job) -> Any:
            return kept[0] if kept else _loaded(target, module_class)

        future = KeptTrainerFuture(jobs, job.id, target, load, self._instance_name)
        _futures[job.id] = future
        start(jobs, job, work)
        return future


def training_future(jobs: Jobs, job: Job) -> ModelTrainerFutureBase:
    """The future of a training that is known only by what is kept of it."""

    if (known := _futures.get(job.id)) is not None:
        return known

    def load(done: Job) -> Any:
        if key := done.result.get("key"):
            return _loaded_from_cache(str(done.result.get("root", "")), str(key))
        return _loaded(_save_path(done))

    return KeptTrainerFuture(jobs, job.id, _save_path(job), load, job.owner)


def save_path_of(save_path: str, id: str, save_with_id: bool, model_name: str | None) -> str:
    """Where a model is saved: in `save_path`, in a folder of the id and one of the model's name, unless a part of the
    path is called so already. Raises `ValueError` for a name that leads elsewhere."""
    parts = list(PurePath(save_path).parts)
    if "://" in save_path:
        raise ValueError(f"{save_path} is no path of this machine.")
    own = id.replace(":", "_") if os.name == "nt" else id
    if save_with_id and own not in parts:
        parts.append(own)
    if model_name:
        named = PurePath(model_name)
        if named.is_absolute() or ".." in named.parts or named.drive:
            raise ValueError(f"“{model_name}” leads elsewhere, so it cannot be the name of a model.")
        if not _has(parts, named.parts):
            parts += named.parts
    return os.path.join(*parts)


def _has(parts: list[str], some: tuple[str, ...]) -> bool:
    return any(tuple(parts[at : at + len(some)]) == some for at in range(len(parts)))


def _save_path(job: Job) -> str | None:
    told = job.parameters
    if not told.get("save_path"):
        return None
    name = told.get("model_name")
    return save_path_of(
        str(told["save_path"]), job.id, bool(told.get("save_with_id")), str(name) if name else None
    )


def _train(
    module_class: Any, args: tuple[Any, ...], kwargs: dict[str, Any], target: str | None, report: Report
) -> Any:
    if "report" not in kwargs and _takes_report(module_class.train):
        kwargs = {**kwargs, "report": report}
    made = module_class.train(*args, **kwargs)
    if target is not None:
        os.makedirs(target, exist_ok=True)
        made.save(target)
    return made


def _takes_report(function: Any) -> bool:
    try:
        return "report" in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False


def _loaded(path: str | None, module_class: Any = None) -> Any:
    if path is None:
        raise LifecycleError(
            "The model was saved nowhere, and is not in this process.", hint="Train it with a save_path."
        )
    if not os.path.isdir(path):
        raise ModelNotFound(f"The model that was saved as {path} is not there any more.")
    if module_class is not None and hasattr(module_class, "load"):
        return module_class.load(_config(path))
    from modelkeep.lifecycle.models import load

    return load(path)


def _config(path: str) -> ModuleConfig:
    try:
        return ModuleConfig.load(path)
    except FileNotFoundError:  # its class knows what it saved
        return ModuleConfig(path, "")


def _loaded_from_cache(root: str, key: str) -> Any:
    from modelkeep.lifecycle.finders.cached import in_cache
    from modelkeep.lifecycle.named import get_initializer

    return get_initializer().init(in_cache(key, (root,) if root else ()))

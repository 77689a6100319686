"""The trainer that fine-tunes cached models: `library.trainings`, by caikit's names."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from modelkeep.errors import JobNotFound
from modelkeep.lifecycle.futures import JobFutureBase, ModelTrainerFutureBase, job_id
from modelkeep.lifecycle.opened import shared_library
from modelkeep.lifecycle.trainers import ModelTrainer, training_future
from modelkeep.training.values import TrainingParameters

__all__ = ["FineTuneTrainer"]

_LOOK = 0.05  # seconds between two looks whether the job is there


class FineTuneTrainer(ModelTrainer):
    """`module_class` is the name of a cached model, the first argument a file of examples; the result is a model of a
    cache. What is configured are parameters of `TrainingParameters`, which a call may give otherwise."""

    name = "FINE_TUNE"

    def __init__(self, config: Mapping[str, Any], instance_name: str) -> None:
        self._instance_name = instance_name
        self._given = {one.name: config[one.name] for one in fields(TrainingParameters) if one.name in config}

    def train(
        self,
        module_class: Any,
        *args: Any,
        save_path: str | None = None,
        save_with_id: bool = False,
        model_name: str | None = None,
        external_training_id: str | None = None,
        task: str = "",
        evaluation: str | None = None,
        allow_unsafe: tuple[str, ...] = (),
        **kwargs: Any,
    ) -> ModelTrainerFutureBase:
        """`model_name` is what the result is called in the cache; a `save_path` it has none. Raises what
        `library.trainings.plan` does, and `TypeError` for parameters that there are not."""
        if save_path is not None:
            raise ValueError("What is fine-tuned is kept in a cache; export it to have it elsewhere.")
        library = shared_library()
        (selected, *_) = library.choose([str(module_class)])
        plan = library.trainings.plan(
            selected,
            *args,
            task=task,
            evaluation=evaluation,
            to=model_name or "",
            parameters=TrainingParameters(**{**self._given, **kwargs}),
        )
        id = external_training_id or job_id(self._instance_name, str(uuid.uuid4()))
        raised: list[BaseException] = []

        def run() -> None:
            try:
                library.trainings.run(plan, id=id, allow_unsafe=allow_unsafe)
            except BaseException as error:  # noqa: BLE001 - kept with the job, or raised below where there is none
                raised.append(error)

        thread = threading.Thread(target=run, name=f"job {id}")
        thread.start()
        jobs = library.trainings.jobs
        while True:
            ended = not thread.is_alive()
            try:
                return training_future(jobs, jobs.get(id))
            except JobNotFound:
                if ended:  # before it came to the job
                    raise (raised or [JobNotFound(f"There is no job {id}.")])[0] from None
            thread.join(_LOOK)

    def get_future(self, job_id: str) -> JobFutureBase:
        from modelkeep.lifecycle.asking import future_of

        jobs = shared_library().trainings.jobs
        return future_of(jobs, jobs.get(job_id))

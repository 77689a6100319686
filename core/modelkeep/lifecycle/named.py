"""The finders, initializers, trainers and predictors of the configuration, each made when it is first asked for."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from modelkeep.errors import LifecycleError, ModelKeepError, NoFinder, NoInitializer
from modelkeep.lifecycle.configuration import ConfigurationError, section
from modelkeep.lifecycle.factories import (
    ImportableFactory,
    job_predictor_factory,
    model_finder_factory,
    model_initializer_factory,
    model_trainer_factory,
)

if TYPE_CHECKING:
    from modelkeep.lifecycle.finders.finder import ModelFinder
    from modelkeep.lifecycle.initializers import ModelInitializer
    from modelkeep.lifecycle.predictors import JobPredictor
    from modelkeep.lifecycle.trainers import ModelTrainer

__all__ = ["UnknownName", "get_finder", "get_initializer", "get_predictor", "get_trainer"]

_Thing = TypeVar("_Thing")


class UnknownName(LifecycleError, ValueError):
    """There is no trainer or predictor of that name."""


_guard = threading.RLock()
_made: dict[tuple[str, str], tuple[Mapping[str, Any], object]] = {}


def get_trainer(trainer: str | ModelTrainer = "default") -> ModelTrainer:
    """A trainer by its name; one that is given is given back. Raises `UnknownName`, `ConfigurationError`."""
    return _named("trainers", "trainer", trainer, model_trainer_factory, UnknownName)


def get_predictor(predictor: str | JobPredictor = "default") -> JobPredictor:
    """A predictor by its name. Raises `UnknownName`, `ConfigurationError`."""
    return _named("job_predictors", "predictor", predictor, job_predictor_factory, UnknownName)


def get_finder(finder: str | ModelFinder = "default") -> ModelFinder:
    """A finder by its name. Raises `NoFinder`, `ConfigurationError`."""
    return _named("finders", "finder", finder, model_finder_factory, NoFinder)


def get_initializer(initializer: str | ModelInitializer = "default") -> ModelInitializer:
    """An initializer by its name. Raises `NoInitializer`, `ConfigurationError`."""
    return _named("initializers", "initializer", initializer, model_initializer_factory, NoInitializer)


def _named(
    where: str, kind: str, wanted: str | _Thing, factory: ImportableFactory, unknown: type[ModelKeepError]
) -> _Thing:
    if not isinstance(wanted, str):
        return wanted
    instances = section(where)
    if wanted not in instances:
        raise unknown(
            f"There is no {kind} called “{wanted}”.",
            hint=f"Configured are {', '.join(instances)}.",
        )
    config = instances[wanted]
    with _guard:
        known = _made.get((where, wanted))
        if known is None or known[0] != config:
            try:
                made: object = factory.construct(config, wanted)
            except ModelKeepError:
                raise
            except (TypeError, ValueError) as error:
                raise ConfigurationError(f"model_management.{where}.{wanted}: {error}") from error
            known = _made[where, wanted] = (config, made)
        return cast(_Thing, known[1])

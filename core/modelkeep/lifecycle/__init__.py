"""The life of a model: found, initialized, trained, asked; and a registry of models by name.

Source of names and promises: caikit 0.29.1, `caikit.core.model_management`, and the model registry of Med-vLLM.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modelkeep.lifecycle.configuration import configure, get_config
    from modelkeep.lifecycle.factories import (
        Factory,
        FactoryConstructible,
        ImportableFactory,
        job_predictor_factory,
        model_finder_factory,
        model_initializer_factory,
        model_trainer_factory,
    )
    from modelkeep.lifecycle.finders.finder import ModelFinder, ModelFinderBase
    from modelkeep.lifecycle.futures import JobFutureBase, JobPredictorFutureBase, ModelTrainerFutureBase
    from modelkeep.lifecycle.initializers import ModelInitializer, ModelInitializerBase, register_module
    from modelkeep.lifecycle.jobs_info import (
        JobInfo,
        JobPredictorInfo,
        JobStatus,
        PredictionJobStatus,
        TrainingInfo,
        TrainingStatus,
    )
    from modelkeep.lifecycle.loaders import BioBERTLoader, ClinicalBERTLoader, MedicalModelLoader, ModelLoader
    from modelkeep.lifecycle.local_model import LocalModel
    from modelkeep.lifecycle.models import (
        extract,
        get_model_future,
        get_prediction_future,
        load,
        start_prediction_job,
        train,
    )
    from modelkeep.lifecycle.module_config import ModuleConfig
    from modelkeep.lifecycle.named import get_finder, get_initializer, get_predictor, get_trainer
    from modelkeep.lifecycle.opened import close
    from modelkeep.lifecycle.predictors import JobPredictor, JobPredictorBase
    from modelkeep.lifecycle.registry import ModelMetadata, ModelRegistry, ModelType, get_registry
    from modelkeep.lifecycle.reversible import ReversibleHasher
    from modelkeep.lifecycle.trainers import ModelTrainer, ModelTrainerBase

__all__ = [
    "Factory",
    "FactoryConstructible",
    "ImportableFactory",
    "JobFutureBase",
    "JobInfo",
    "JobPredictor",
    "JobPredictorBase",
    "JobPredictorFutureBase",
    "JobPredictorInfo",
    "JobStatus",
    "LocalModel",
    "ModelFinder",
    "ModelFinderBase",
    "ModelInitializer",
    "ModelInitializerBase",
    "ModelTrainer",
    "ModelTrainerBase",
    "ModelTrainerFutureBase",
    "ModuleConfig",
    "PredictionJobStatus",
    "ReversibleHasher",
    "TrainingInfo",
    "TrainingStatus",
    "close",
    "configure",
    "extract",
    "get_config",
    "get_finder",
    "get_initializer",
    "get_model_future",
    "get_prediction_future",
    "get_predictor",
    "get_trainer",
    "job_predictor_factory",
    "load",
    "model_finder_factory",
    "model_initializer_factory",
    "model_trainer_factory",
    "register_module",
    "start_prediction_job",
    "train",
    "BioBERTLoader",
    "ClinicalBERTLoader",
    "MedicalModelLoader",
    "ModelLoader",
    "ModelMetadata",
    "ModelRegistry",
    "ModelType",
    "get_registry",
]

_HOMES = {
    "modelkeep.lifecycle.configuration": (
        "configure",
        "get_config",
    ),
    "modelkeep.lifecycle.factories": (
        "Factory",
        "FactoryConstructible",
        "ImportableFactory",
        "job_predictor_factory",
        "model_finder_factory",
        "model_initializer_factory",
        "model_trainer_factory",
    ),
    "modelkeep.lifecycle.finders.finder": (
        "ModelFinder",
        "ModelFinderBase",
    ),
    "modelkeep.lifecycle.futures": (
        "JobFutureBase",
        "JobPredictorFutureBase",
        "ModelTrainerFutureBase",
    ),
    "modelkeep.lifecycle.initializers": (
        "ModelInitializer",
        "ModelInitializerBase",
        "register_module",
    ),
    "modelkeep.lifecycle.jobs_info": (
        "JobInfo",
        "JobPredictorInfo",
        "JobStatus",
        "PredictionJobStatus",
        "TrainingInfo",
        "TrainingStatus",
    ),
    "modelkeep.lifecycle.local_model": ("LocalModel",),
    "modelkeep.lifecycle.models": (
        "extract",
        "get_model_future",
        "get_prediction_future",
        "load",
        "start_prediction_job",
        "train",
    ),
    "modelkeep.lifecycle.module_config": ("ModuleConfig",),
    "modelkeep.lifecycle.named": (
        "get_finder",
        "get_initializer",
        "get_predictor",
        "get_trainer",
    ),
    "modelkeep.lifecycle.opened": ("close",),
    "modelkeep.lifecycle.predictors": (
        "JobPredictor",
        "JobPredictorBase",
    ),
    "modelkeep.lifecycle.reversible": ("ReversibleHasher",),
    "modelkeep.lifecycle.trainers": (
        "ModelTrainer",
        "ModelTrainerBase",
    ),
    "modelkeep.lifecycle.loaders": (
        "BioBERTLoader",
        "ClinicalBERTLoader",
        "MedicalModelLoader",
        "ModelLoader",
    ),
    "modelkeep.lifecycle.registry": ("ModelMetadata", "ModelRegistry", "ModelType", "get_registry"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOME_OF[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

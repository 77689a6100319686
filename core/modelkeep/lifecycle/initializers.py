"""Initializers: each makes a model of what a finder found.

A class that loads models of a kind is registered by its `module_id`; everything of Hugging Face's kind that is in a
cache runs in a worker, as `LocalModel`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Protocol

from modelkeep.errors import NoInitializer
from modelkeep.lifecycle.configuration import section
from modelkeep.lifecycle.factories import FactoryConstructible
from modelkeep.lifecycle.module_config import HUGGING_FACE, ModuleConfig
from modelkeep.lifecycle.priority import first_that_can, priority

__all__ = [
    "LocalModelInitializer",
    "Module",
    "ModelInitializer",
    "ModelInitializerBase",
    "MultiModelInitializer",
    "register_module",
    "registered_module",
]


class Module(Protocol):
    """A class that loads models of a kind, and may train and save them."""

    def load(self, model_config: ModuleConfig) -> Any:
        """The model that was found."""


_modules: dict[str, Module] = {}


def register_module(module_id: str, module: Module) -> None:
    """Let a class load what has this `module_id`. Raises `ValueError` when another does."""
    if _modules.get(module_id, module) is not module:
        raise ValueError(f"Another class is registered for the module_id “{module_id}”.")
    _modules[module_id] = module


def registered_module(module_id: str) -> Module | None:
    return _modules.get(module_id)


class ModelInitializer(FactoryConstructible):
    """Makes models of what finders find."""

    @abstractmethod
    def init(self, model_config: ModuleConfig, **kwargs: Any) -> Any | None:
        """The model; None when this cannot make one of it."""


ModelInitializerBase = ModelInitializer


class LocalModelInitializer(ModelInitializer):
    """`backend_priority` are the ways that it tries, in their order: LOCAL is a registered class, WORKER a worker
    process that has the model loaded."""

    name = "LOCAL"

    def __init__(self, config: Mapping[str, Any], instance_name: str) -> None:
        ways = config.get("backend_priority") or ({"type": "LOCAL"}, {"type": "WORKER"})
        if not isinstance(ways, (list, tuple)):
            raise TypeError(f"config.backend_priority is {ways!r}, and has to be a list.")
        for way in ways:
            if not isinstance(way, Mapping) or "type" not in way:
                raise ValueError(f"config.backend_priority has {way!r}, which has no type.")
            if way["type"] not in ("LOCAL", "WORKER"):
                raise ValueError(f"config.backend_priority has “{way['type']}”; there are LOCAL and WORKER.")
        self._ways = tuple(ways)

    @property
    def backends(self) -> tuple[Mapping[str, Any], ...]:
        return self._ways

    def init(self, model_config: ModuleConfig, **kwargs: Any) -> Any | None:
        """See `ModelInitializer`. `kwargs` are the device and the like; raises what loading does."""
        for way in self._ways:
            if way["type"] == "LOCAL" and (module := registered_module(model_config.module_id)) is not None:
                return module.load(model_config)
            if way["type"] == "WORKER" and model_config.module_id == HUGGING_FACE:
                from modelkeep.lifecycle.local_model import LocalModel

                return LocalModel(model_config, **{**(way.get("config") or {}), **kwargs})
        return None


class MultiModelInitializer(ModelInitializer):
    """`initializer_priority`, or `initializer_sequence`, are the names of those that it asks."""

    name = "MULTI"

    def __init__(self, config: Mapping[str, Any], instance_name: str) -> None:
        self._order = priority(
            config, ("initializer_priority", "initializer_sequence"), section("initializers"), instance_name
        )

    def init(self, model_config: ModuleConfig, **kwargs: Any) -> Any:
        """What the first makes that makes a model of it. Raises `NoInitializer`, which says why each did not."""
        from modelkeep.lifecycle.named import get_initializer

        model, failures = first_that_can(
            self._order,
            lambda name: get_initializer(name).init(model_config, **kwargs),
            f"It makes no model of “{model_config.module_id}”.",
        )
        if model is None:
            raise NoInitializer(f"No initializer makes a model of {model_config.model_path}. {failures}")
        return model

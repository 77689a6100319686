"""Makes finders, initializers, trainers and predictors from configuration, by the name of their type or their class.

Source of names and errors: caikit 0.29.1, `caikit.core.toolkit.factory` and `caikit.core.model_management.factories`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from importlib import import_module
from typing import Any

__all__ = [
    "Factory",
    "FactoryConstructible",
    "ImportableFactory",
    "job_predictor_factory",
    "model_finder_factory",
    "model_initializer_factory",
    "model_trainer_factory",
]


class FactoryConstructible(ABC):
    """Something that a factory makes; `name` is the type by which configuration asks for it."""

    name: str = ""

    @abstractmethod
    def __init__(self, config: Mapping[str, Any], instance_name: str) -> None:
        """Raises `TypeError` or `ValueError` for a configuration that is none of its kind."""


class Factory:
    """Makes instances of the classes that were registered. `homes` are those of this library, "module:Class" by
    their types, which are loaded when they are first asked for."""

    TYPE_KEY = "type"
    CONFIG_KEY = "config"

    def __init__(self, name: str, homes: Mapping[str, str] | None = None) -> None:
        self._name = name
        self._homes = dict(homes or {})
        self._classes: dict[str, type[FactoryConstructible]] = {}

    @property
    def name(self) -> str:
        return self._name

    @property
    def types(self) -> tuple[str, ...]:
        """What may be asked for."""
        return tuple(sorted({*self._homes, *self._classes}))

    def register(self, constructible: type[FactoryConstructible]) -> None:
        """Let a class be asked for by its name. Raises `ValueError` when another class has that name."""
        known = self._class_of(constructible.name)
        if known is not None and known is not constructible:
            raise ValueError(f"{self.name}: another class is registered as “{constructible.name}”.")
        self._classes[constructible.name] = constructible

    def construct(
        self, instance_config: Mapping[str, Any], instance_name: str | None = None
    ) -> FactoryConstructible:
        """An instance as `{"type": …, "config": {…}}` asks for it. Raises `ValueError` for an unknown type."""
        wanted = instance_config.get(self.TYPE_KEY)
        kind = self._class_of(wanted) if isinstance(wanted, str) else None
        if kind is None:
            raise ValueError(f"{self.name}: there is no type “{wanted}”; there are {', '.join(self.types)}.")
        return kind(instance_config.get(self.CONFIG_KEY) or {}, instance_name or kind.name)

    def _class_of(self, name: str) -> type[FactoryConstructible] | None:
        if name not in self._classes and name in self._homes:
            module, _, attribute = self._homes[name].partition(":")
            self._classes[name] = getattr(import_module(module), attribute)
        return self._classes.get(name)


class ImportableFactory(Factory):
    """One that also takes `import_class: package.module.Class`, a class that the user's own configuration names."""

    IMPORT_CLASS_KEY = "import_class"

    def construct(
        self, instance_config: Mapping[str, Any], instance_name: str | None = None
    ) -> FactoryConstructible:
        """See `Factory`. Raises `TypeError` for an `import_class` that is no text or no such class, and `ValueError`
        for one that cannot be imported."""
        path = instance_config.get(self.IMPORT_CLASS_KEY)
        if path is None:
            return super().construct(instance_config, instance_name)
        if not isinstance(path, str):
            raise TypeError(f"{self.name}: import_class is {path!r}, and has to be the path of a class.")
        kind = self._imported(path)
        wanted = instance_config.get(self.TYPE_KEY)
        if wanted not in (None, kind.name):
            raise ValueError(f"{self.name}: {path} is of the type “{kind.name}”, not “{wanted}”.")
        self.register(kind)
        return super().construct({**instance_config, self.TYPE_KEY: kind.name}, instance_name)

    def _imported(self, path: str) -> type[FactoryConstructible]:
        module, _, attribute = path.rpartition(".")
        try:
            kind = getattr(import_module(module), attribute)
        except (ImportError, AttributeError, ValueError) as error:
            raise ValueError(f"{self.name}: {path} cannot be imported ({error}).") from error
        if not (isinstance(kind, type) and issubclass(kind, FactoryConstructible)):
            raise TypeError(f"{self.name}: {path} is no FactoryConstructible.")
        return kind


_HERE = "modelkeep.lifecycle"

model_trainer_factory = ImportableFactory(
    "ModelTrainer",
    {
        "LOCAL": f"{_HERE}.trainers:LocalModelTrainer",
        "FINE_TUNE": f"{_HERE}.fine_tuning:FineTuneTrainer",
    },
)
job_predictor_factory = ImportableFactory("JobPredictors", {"LOCAL": f"{_HERE}.predictors:LocalJobPredictor"})
model_finder_factory = ImportableFactory(
    "ModelFinder",
    {
        "LOCAL": f"{_HERE}.finders.local:LocalModelFinder",
        "FOLDER": f"{_HERE}.finders.local:FolderModelFinder",
        "MULTI": f"{_HERE}.finders.multi:MultiModelFinder",
        "CACHE": f"{_HERE}.finders.cached:CacheModelFinder",
        "HUB": f"{_HERE}.finders.cached:HubModelFinder",
        "REMOTE": f"{_HERE}.finders.remotes:RemoteModelFinder",
        "DEN": f"{_HERE}.finders.remotes:DenModelFinder",
        "ARCHIVE": f"{_HERE}.finders.archives:ArchiveModelFinder",
    },
)
model_initializer_factory = ImportableFactory(
    "ModelInitializer",
    {
        "LOCAL": f"{_HERE}.initializers:LocalModelInitializer",
        "MULTI": f"{_HERE}.initializers:MultiModelInitializer",
    },
)

"""What every finder is."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from modelkeep.lifecycle.factories import FactoryConstructible
from modelkeep.lifecycle.module_config import ModuleConfig

__all__ = ["ModelFinder", "ModelFinderBase"]


class ModelFinder(FactoryConstructible):
    """Finds models by what they are called in its kind of place."""

    @abstractmethod
    def find_model(self, model_path: str, **kwargs: Any) -> ModuleConfig | None:
        """Where a model is, and what it says of itself. Raises what it can say of why it is not found."""


ModelFinderBase = ModelFinder

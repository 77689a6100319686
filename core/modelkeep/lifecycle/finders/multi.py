"""The finder that asks others, one after another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelkeep.errors import NoFinder
from modelkeep.lifecycle.configuration import section
from modelkeep.lifecycle.finders.finder import ModelFinder
from modelkeep.lifecycle.module_config import ModuleConfig
from modelkeep.lifecycle.named import get_finder
from modelkeep.lifecycle.priority import first_that_can, priority

__all__ = ["MultiModelFinder"]


class MultiModelFinder(ModelFinder):
    """`finder_priority`, or as it is documented `finder_sequence`, are the names of those that it asks."""

    name = "MULTI"

    def __init__(self, config: Mapping[str, Any], instance_name: str) -> None:
        self._order = priority(
            config, ("finder_priority", "finder_sequence"), section("finders"), instance_name
        )

    def find_model(self, model_path: str, **kwargs: Any) -> ModuleConfig:
        """What the first finds that finds it. Raises `NoFinder`, which says why each did not."""
        found, failures = first_that_can(
            self._order,
            lambda name: get_finder(name).find_model(model_path, **kwargs),
            "It has no such model.",
        )
        if found is None:
            raise NoFinder(f"No finder finds {model_path}. {failures}")
        return found

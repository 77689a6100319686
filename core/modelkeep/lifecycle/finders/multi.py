"""The finder that asks others, one after another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelkeep.errors import Cancelled, NoFinder
from modelkeep.jobs.kept_errors import sentence
from modelkeep.lifecycle.configuration import section
from modelkeep.lifecycle.finders.finder import ModelFinder
from modelkeep.lifecycle.module_config import ModuleConfig
from modelkeep.lifecycle.named import get_finder
from modelkeep.lifecycle.priority import priority

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
        failures: list[str] = []
        for name in self._order:
            try:
                found = get_finder(name).find_model(model_path, **kwargs)
            except Cancelled:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, the next may find it
                failures.append(f"{name}: {sentence(error).rstrip('.')}.")
            else:
                if found is not None:
                    return found
                failures.append(f"{name}: It has no such model.")
        raise NoFinder(f"No finder finds {model_path}. {' '.join(failures)}")

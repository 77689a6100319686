"""What the registry knows of a model. Source of the keys: Med-vLLM, `ModelMetadata.to_dict`."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from modelkeep.lifecycle.model_types import ModelType
from modelkeep.registrations.values import Registration

__all__ = ["ModelMetadata"]

_REMEMBERED = 100  # loads, of which the average is taken


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class ModelMetadata:
    """A registered model. Classes are classes or names of transformers'; times are UTC, durations seconds."""

    name: str
    model_type: ModelType = ModelType.GENERIC
    model_class: Any = None
    config_class: Any = None
    tokenizer_class: Any = None
    description: str = ""
    version: str = "1.0.0"
    tags: list[str] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)
    load_count: int = 0
    last_loaded: datetime | None = None
    load_durations: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    avg_load_time: float = 0.0
    capabilities: dict[str, Any] = field(default_factory=dict)
    created_at: datetime = field(default_factory=_now)
    updated_at: datetime = field(default_factory=_now)

    @classmethod
    def of(cls, said: Registration, classes: Mapping[str, Any] | None = None) -> ModelMetadata:
        """Of what a preset or a file says; `classes` take the place of names of classes."""
        given = classes or {}
        return cls(
            said.name,
            ModelType.declare(said.model_type),
            given.get("model_class") or said.model_class or None,
            given.get("config_class") or said.config_class or None,
            given.get("tokenizer_class") or said.tokenizer_class or None,
            description=said.description,
            version=said.version,
            tags=list(said.tags),
            parameters=dict(said.parameters),
            capabilities=dict(said.capabilities),
        )

    def update_load_metrics(self, seconds: float) -> None:
        """Count a load that took so long."""
        self.load_count += 1
        self.last_loaded = self.updated_at = _now()
        self.load_durations.append(seconds)
        self.avg_load_time = sum(self.load_durations) / len(self.load_durations)

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it: the name of the type in capitals, classes by their names, times in ISO 8601."""
        return {
            "name": self.name,
            "model_type": self.model_type.name,
            "model_class": _class_name(self.model_class),
            "config_class": _class_name(self.config_class),
            "tokenizer_class": _class_name(self.tokenizer_class),
            "description": self.description,
            "version": self.version,
            "tags": list(self.tags),
            "parameters": dict(self.parameters),
            "load_count": self.load_count,
            "last_loaded": self.last_loaded.isoformat() if self.last_loaded else None,
            "avg_load_time": self.avg_load_time,
            "capabilities": dict(self.capabilities),
            "created_at": self.created_at.isoformat(),
            "updated_at": self.updated_at.isoformat(),
        }


def _class_name(said: Any) -> str | None:
    return said if said is None or isinstance(said, str) else said.__name__

"""What a backend of a den can be asked for, as in medcat-den: an add-on is a class with these methods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from modelkeep.den.info import ModelInfo
from modelkeep.den.kinds import Kind

__all__ = ["DenBackend"]


@runtime_checkable
class DenBackend(Protocol):
    """A place that models are kept in, each known by its id. All failures are `ValueError`s or `ModelKeepError`s."""

    @property
    def den_type(self) -> Kind: ...

    def list_available_models(self, backend_name: str | None = None) -> list[ModelInfo]:
        """All models."""

    def list_available_base_models(self, backend_name: str | None = None) -> list[ModelInfo]:
        """Those that were made from no other model of the backend."""

    def list_available_derivative_models(
        self, model: ModelInfo, backend_name: str | None = None
    ) -> list[ModelInfo]:
        """All that were made from a model."""

    def has_model(self, model: ModelInfo, backend_name: str | None = None) -> bool:
        """Whether there is a model of that id."""

    def fetch_model(self, model_info: ModelInfo, backend_name: str | None = None) -> Any:
        """A model, loaded by its library."""

    def push_model(
        self,
        cat: Any,
        description: str,
        backend_name: str | None = None,
        push_unchanged: bool = False,
    ) -> None:
        """Put a model there. Raises `DuplicateModelException`."""

    def _push_model_from_file(
        self, file_path: str, description: str, backend_name: str | None = None
    ) -> None:
        """Put a pack there that is on the disk."""

    def delete_model(
        self, model_info: ModelInfo, allow_delete_base_models: bool = False, backend_name: str | None = None
    ) -> None:
        """Remove a model; a base model on request only."""

    def finetune_model(
        self, model_info: ModelInfo, data: list[str] | Mapping[str, Any], backend_name: str | None = None
    ) -> ModelInfo:
        """Have the backend fine-tune a model. Raises `UnsupportedAPIException`."""

    def evaluate_model(
        self, model_info: ModelInfo, data: list[str] | Mapping[str, Any], backend_name: str | None = None
    ) -> dict[str, Any]:
        """Have the backend evaluate a model. Raises `UnsupportedAPIException`."""

    def move_model(self, model_info: ModelInfo, origin: str, destination: str) -> None:
        """Of a `Den` only. Raises `UnsupportedAPIException`."""

    def sync_backend(self, origin: str, destination: str) -> None:
        """Of a `Den` only. Raises `UnsupportedAPIException`."""

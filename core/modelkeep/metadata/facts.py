"""What one file says about the model, in the one shape that all readers share and that the catalog can keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

__all__ = ["Facts", "first_said"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file says. A field that is empty, 0 or False was not said.

    `context` is in tokens. `parameters` are the elements of all tensors by their type, as stored: weights that a
    quantisation packs into integers count as those integers. `components` are the folders that make up the model
    together, "" for the repository's own. `notes` are sentences on what could not be understood.
    """

    licence: str = ""
    languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    library: str = ""
    task: str = ""
    base_models: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    architecture: str = ""
    dtype: str = ""
    quantisation: str = ""
    context: int = 0
    parameters: tuple[tuple[str, int], ...] = ()
    components: tuple[str, ...] = ()
    custom_code: bool = False
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """What was said, as a value that JSON keeps."""
        return {name: value for name in _EMPTY if (value := getattr(self, name))}

    @classmethod
    def from_json(cls, value: object) -> Facts | None:
        """The facts that `to_json` wrote, once through JSON or not; None when this is something else."""
        if not isinstance(value, dict):
            return None
        said: dict[str, Any] = {name: _as_tuples(content) for name, content in value.items()}
        if any(type(content) is not type(_EMPTY.get(name)) for name, content in said.items()):
            return None
        return cls(**said)


_EMPTY: dict[str, Any] = {field.name: field.default for field in fields(Facts)}


def _as_tuples(value: object) -> object:
    return tuple(_as_tuples(item) for item in value) if isinstance(value, (list, tuple)) else value


def first_said(sources: Sequence[Facts]) -> Facts:
    """All facts of several sources; where they differ, the earlier one is believed."""
    said = {
        name: next((value for source in sources if (value := getattr(source, name))), empty)
        for name, empty in _EMPTY.items()
    }
    return Facts(**said)

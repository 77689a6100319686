"""What is known of a model in a den: its id, its card, what it was made from.

The id of a MedCAT pack is MedCAT's hash, 16 hex digits; of other models it is the beginning of their commit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from modelkeep.errors import InvalidKey

__all__ = [
    "DESCRIPTION",
    "HISTORY",
    "LIBRARY",
    "MEDCAT_VERSION",
    "MODEL_ID",
    "ModelInfo",
    "history_of",
    "repaired",
]

MODEL_ID = "Model ID"
HISTORY = "History (from least to most recent)"
DESCRIPTION = "Description"
MEDCAT_VERSION = "MedCAT Version"
LIBRARY = "Library"
"""Ours: which library loads it, in the cards of models that are no MedCAT packs."""

Card = dict[str, Any]

# Source: medcat-den 0.6.0, `base.py`: what readers of cards rely on.
_DEFAULTS: Card = {
    "Pipeline Description": {"core": {}, "addons": []},
    "Required Plugins": [],
    "Location": "N/A",
    "Basic CDB Stats": {"Unsupervised training history": [], "Supervised training history": []},
    "Source Ontology": ["unknown"],
}


@dataclass(frozen=True, init=False, eq=True)
class ModelInfo:
    """A model of a den. `base_model` is the first of its line, None when it is that itself; see also `parent_id`."""

    model_id: str
    model_card: Card | None
    base_model: ModelInfo | None

    def __init__(
        self,
        model_id: str,
        model_card: Mapping[str, Any] | None = None,
        base_model: ModelInfo | None = None,
        **more: object,
    ) -> None:
        # As medcat-den's, it takes and forgets what it does not know.
        object.__setattr__(self, "model_id", model_id)
        object.__setattr__(self, "model_card", None if model_card is None else repaired(model_card))
        object.__setattr__(self, "base_model", base_model)

    def __hash__(self) -> int:
        return hash(self.model_id)

    @classmethod
    def from_card(cls, model_id: str, card: Mapping[str, Any] | None) -> ModelInfo:
        """A model by its card, which says what it was made from."""
        history = history_of(model_id, card)
        return cls(model_id, card, cls(history[0]) if len(history) > 1 else None)

    @classmethod
    def from_model_pack(cls, cat: Any) -> ModelInfo:
        """What a loaded pack says of itself."""
        card = cat.get_model_card(True)
        return cls.from_card(card[MODEL_ID], card)

    @classmethod
    def of(cls, other: Any) -> ModelInfo:
        """Any object with our three attributes, as one of ours."""
        if isinstance(other, cls):
            return other
        base = getattr(other, "base_model", None)
        return cls(other.model_id, getattr(other, "model_card", None), cls.of(base) if base else None)

    @property
    def history(self) -> tuple[str, ...]:
        """The ids of its line, the first model of all first and its own last."""
        found = history_of(self.model_id, self.model_card)
        return (self.base_model.model_id, *found) if self.base_model and len(found) == 1 else found

    @property
    def parent_id(self) -> str:
        """The id of what it was made from; "" for a first one."""
        return self.history[-2] if len(self.history) > 1 else ""

    @property
    def root_id(self) -> str:
        """The id of the first of its line, which may be its own."""
        return self.history[0]

    def model_dump(self) -> dict[str, Any]:
        """As plain values; see `model_dump_json`."""
        return {
            "model_id": self.model_id,
            "model_card": deepcopy(self.model_card),
            "base_model": self.base_model.model_dump() if self.base_model else None,
        }

    def model_dump_json(self) -> str:
        """The JSON that medcat-den writes and reads of a model."""
        return json.dumps(self.model_dump(), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def model_validate(cls, value: Mapping[str, Any]) -> ModelInfo:
        """The model of plain values. Raises `InvalidKey`, a `ValueError`, for one without an id."""
        if not isinstance(value, Mapping) or not isinstance(value.get("model_id"), str):
            raise InvalidKey("A model of a den has a “model_id”.")
        base = value.get("base_model")
        return cls(value["model_id"], value.get("model_card"), cls.model_validate(base) if base else None)

    @classmethod
    def model_validate_json(cls, text: str | bytes) -> ModelInfo:
        """The model of a JSON text. Raises a `ValueError`."""
        return cls.model_validate(json.loads(text))


def history_of(model_id: str, card: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The ids that a card names as those of its line, each once, ending with the model's own."""
    named = (card or {}).get(HISTORY) or ()
    line = [one for one in named if isinstance(one, str) and one != model_id]
    return (*dict.fromkeys(line), model_id)


def repaired(card: Mapping[str, Any]) -> Card:
    """A card with what readers rely on, where it lacks that or has it in another shape."""
    return _repaired(deepcopy(dict(card)), _DEFAULTS)


def _repaired(card: Card, defaults: Card) -> Card:
    for name, default in defaults.items():
        if type(card.get(name)) is not type(default):
            card[name] = deepcopy(default)
        elif isinstance(default, dict):
            _repaired(card[name], default)
    return card

"""What is in a den, as text."""

from __future__ import annotations

from collections.abc import Sequence

from modelkeep.den.den import Den
from modelkeep.den.info import DESCRIPTION, HISTORY, MEDCAT_VERSION, ModelInfo

__all__ = ["summarise", "summarise_models"]


def summarise(den: Den) -> str:
    """All backends with their models, and what is wrong with those that cannot be used."""
    lines = []
    found = den.list_all_models()
    problems = den.problems
    for name in den.backend_names:
        default = " (default)" if name == den.default_backend_name else ""
        if name not in found:
            lines.append(f"{name}{default}: {problems.get(name, 'it cannot be used')}")
            continue
        count = len(found[name])
        lines.append(f"{name}{default}: {count} model{'' if count == 1 else 's'}")
        lines += [f"  {line}" for line in summarise_models(found[name]).splitlines()]
    return "\n".join(lines)


def summarise_models(models: Sequence[ModelInfo]) -> str:
    """Models, a few lines each."""
    return "\n".join(line for model in models for line in _lines(model))


def _lines(model: ModelInfo) -> list[str]:
    card = model.model_card
    if card is None:
        return [f"{model.model_id} (no card)"]
    said = " ".join(str(card.get(DESCRIPTION) or "").split())
    facts = {
        "History": " → ".join(map(str, card.get(HISTORY) or ())),
        "MedCAT": card.get(MEDCAT_VERSION),
        "Saved": card.get("Last Modified On"),
    }
    return [
        f"{model.model_id}{f' “{said}”' if said else ''}",
        *(f" - {name}: {value}" for name, value in facts.items() if value),
    ]

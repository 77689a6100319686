"""Which model was made from which, by the histories in their cards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from modelkeep.den.info import ModelInfo

__all__ = ["Lineage", "base_models", "derived_from", "in_order", "lineage_of"]


@dataclass(frozen=True)
class Lineage:
    """A model and all that was made from it. `info` is None for one that is named in a history and not here."""

    model_id: str
    info: ModelInfo | None
    children: tuple[Lineage, ...] = ()

    def find(self, model_id: str) -> Lineage | None:
        """The place of a model in this tree."""
        pending = [self]
        while pending:
            one = pending.pop()
            if one.model_id == model_id:
                return one
            pending += one.children
        return None


def base_models(models: Sequence[ModelInfo]) -> list[ModelInfo]:
    """Those that were made from no other of them."""
    here = {model.model_id for model in models}
    return [model for model in models if here.isdisjoint(model.history[:-1])]


def derived_from(models: Iterable[ModelInfo], model_id: str) -> list[ModelInfo]:
    """All that were made from a model, also those made from these."""
    return [model for model in models if model_id in model.history[:-1]]


def in_order(models: Iterable[ModelInfo]) -> list[ModelInfo]:
    """What others are made from first."""
    return sorted(models, key=lambda model: (len(model.history), model.model_id))


def lineage_of(models: Sequence[ModelInfo], model: ModelInfo) -> Lineage:
    """The tree of the line of a model, from the first of all."""
    here = {one.model_id: one for one in models}
    model = here.get(model.model_id, model)
    parents: dict[str, str] = {}
    for one in in_order([*models, *([] if model.model_id in here else [model])]):
        for parent, child in zip(one.history, one.history[1:]):
            if child not in parents and not _leads_to(parents, parent, child):
                parents[child] = parent
    children: dict[str, list[str]] = {}
    for child, parent in parents.items():
        children.setdefault(parent, []).append(child)
    top = model.model_id
    while top in parents:
        top = parents[top]
    # From the leaves up, so that a long line is no deep recursion.
    found, pending = [], [top]
    while pending:
        found.append(pending.pop())
        pending += children.get(found[-1], ())
    trees: dict[str, Lineage] = {}
    for name in reversed(found):
        below = tuple(trees[child] for child in sorted(children.get(name, ())))
        trees[name] = Lineage(name, here.get(name), below)
    return trees[top]


def _leads_to(parents: dict[str, str], start: str, end: str) -> bool:
    """Whether `end` is among those above `start`: two cards may contradict each other."""
    while start != end:
        if start not in parents:
            return False
        start = parents[start]
    return True

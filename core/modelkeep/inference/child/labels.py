"""What the numbers of a classifier say, whatever it runs on."""

from __future__ import annotations

import math
from collections.abc import Sequence

from modelkeep.inference.values import Label, Labelled, TryOptions

__all__ = ["label_name", "labels_of"]


def labels_of(logits: Sequence[float], names: Sequence[str], kind: object, options: TryOptions) -> Labelled:
    """The labels with their scores: of one number the number itself, as such a model estimates a quantity; else the
    share of each, or how sure the model is of each on its own. `kind` is the `problem_type` of its configuration."""
    several = kind == "multi_label_classification" if options.multi_label is None else options.multi_label
    if kind == "regression" or (len(logits) == 1 and options.multi_label is None):
        scores = list(logits)
        several = False
    elif several:
        scores = [_sigmoid(value) for value in logits]
    else:
        scores = _shares(logits)
    labels = [Label(label_name(names, number), score) for number, score in enumerate(scores)]
    labels.sort(key=lambda label: -label.score)
    return Labelled(tuple(labels[: options.top_k] if options.top_k > 0 else labels), several)


def label_name(names: Sequence[str], number: int) -> str:
    """The name of a label; as transformers has it for those that have none."""
    return names[number] if number < len(names) else f"LABEL_{number}"


def _shares(logits: Sequence[float]) -> list[float]:
    highest = max(logits)
    powers = [math.exp(value - highest) for value in logits]
    total = sum(powers)
    return [power / total for power in powers]


def _sigmoid(value: float) -> float:
    # By the smaller of the two powers, which cannot overflow.
    power = math.exp(-abs(value))
    return 1 / (1 + power) if value >= 0 else power / (1 + power)

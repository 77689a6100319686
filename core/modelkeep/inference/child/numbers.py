"""Answers of models whose numbers are none."""

from __future__ import annotations

from typing import Any

from modelkeep.errors import InferenceError

__all__ = ["no_numbers", "refuse_no_numbers"]


def refuse_no_numbers(values: Any) -> None:
    """Raise `InferenceError` where there is NaN in a tensor, or an array of NumPy: whatever the task makes of that
    looks like an answer, such as a text without any span."""
    if bool((values != values).any()):
        raise no_numbers()


def no_numbers() -> InferenceError:
    return InferenceError(
        "The model's answer has numbers that are none: it overflowed, or its weights are damaged.",
        hint="Try it with the data type float32.",
    )

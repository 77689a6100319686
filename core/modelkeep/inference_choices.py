"""How models are tried, as the user chose it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["InferenceSettings"]


@dataclass(frozen=True, slots=True)
class InferenceSettings:
    """`interpreter` is the Python that runs models, "" for the one that runs Modelkeep.

    `idle` are the seconds after which a worker that has nothing to do leaves; `memory` is the most bytes that one may
    allocate, 0 for what the machine can give; `seconds` the longest that loading, or an answer, may take, 0.0 for no
    limit; `workers` how many models may be loaded at once. `keep_inputs`: the last inputs are kept for each model.
    """

    interpreter: str = ""
    idle: float = 300.0
    memory: int = 0
    seconds: float = 600.0
    workers: int = 2
    keep_inputs: bool = True

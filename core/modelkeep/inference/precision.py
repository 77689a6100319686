"""In which numbers a model of transformers is computed where nobody chose."""

from __future__ import annotations

__all__ = ["becomes_float32"]


def becomes_float32(stored: str, weights: int, left: int) -> bool:
    """Whether weights that are stored in these numbers are computed as float32 by a processor: halves are, which most
    processors compute slowly, but where their double would take more than half of the memory that is left. Bytes."""
    return stored in ("float16", "bfloat16") and weights * 4 <= left

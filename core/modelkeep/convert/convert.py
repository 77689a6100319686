"""Carrying out a conversion: a confined child reads the pickles and writes safetensors, which are then published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from modelkeep.convert.plan import Conversion, ConversionPlan
from modelkeep.progress import Report, ignore

if TYPE_CHECKING:
    from modelkeep.library import Library

__all__ = ["convert"]


def convert(
    library: Library,
    plan: ConversionPlan,
    *,
    allow_unsafe: Sequence[str] = (),
    memory: int = 0,
    report: Report = ignore,
) -> Conversion:
    """Make the new revision. `memory` is a limit in bytes, 0 for what the machine can give.

    Raises `UnsafeModel` for dangerous files that `allow_unsafe` does not name the model of, `RuntimeMissing`,
    `NotEnoughSpace`, `SafetyError`; then nothing is changed.
    """
    raise NotImplementedError

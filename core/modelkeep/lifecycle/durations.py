"""How long jobs are kept, as configuration says it: `1d12h3m0.2s`.

Source: caikit 0.29.1, `caikit.core.model_management.local_job_base`.
"""

from __future__ import annotations

import re

__all__ = ["seconds_of"]

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d*\.?\d+|\d+\.)s)?")


def seconds_of(duration: str | None) -> float | None:
    """The seconds of a duration, None for ever. Raises `ValueError` for what is none."""
    if duration is None:
        return None
    found = _DURATION.fullmatch(duration) if isinstance(duration, str) and duration else None
    if found is None:
        raise ValueError(f"“{duration}” is no duration; one looks like 1d12h3m0.2s.")
    return sum(
        float(part or 0) * unit for part, unit in zip(found.groups(), (86400, 3600, 60, 1), strict=True)
    )

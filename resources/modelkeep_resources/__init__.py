"""Icons, styles, translations and sample data, found alike in a checkout, a wheel and a frozen program."""

from __future__ import annotations

from pathlib import Path

__all__ = ["resource"]

_HERE = Path(__file__).parent


def resource(name: str) -> Path:
    """The file or folder `name`, as in `resource("icons/delete.svg")`; `FileNotFoundError` when there is none."""
    path = _HERE / name
    if not path.exists():
        raise FileNotFoundError(f"There is no resource {name}.")
    return path

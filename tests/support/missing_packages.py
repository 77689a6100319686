"""Packages that are not installed, or do not start, for a child process of a test."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["path_without"]

_TESTS = Path(__file__).parents[1]


def path_without(folder: Path, package: str, error: str = "ModuleNotFoundError") -> str:
    """A PYTHONPATH on which importing the package raises what Python raises where it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{package}.py").write_text(f'raise {error}("No module named {package!r}", name={package!r})\n')
    return os.pathsep.join([str(folder), str(_TESTS)])

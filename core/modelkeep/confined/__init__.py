"""A child process that may do little: no network, nothing written but where it is told, so much memory and time.

What loads a model runs somebody else's code, and may take all memory or crash: it does so in a process of its own.

    done = run_confined("modelkeep.checking.trial_child", request, memory=8 << 30, seconds=600, report=report)
    if done.error:
        ...

The child is a module with `main(request, report) -> reply`, all plain JSON values; what it raises becomes the error.
It has a home and a temporary folder of its own, which are gone when it ends; `writable` are the other folders that it
may write to. Of the environment it gets what running takes, no secrets, and what `environment` adds.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modelkeep.confined.outcome import Confined
    from modelkeep.confined.run import run_confined

__all__ = ["Confined", "run_confined"]

_HOMES = {"Confined": "modelkeep.confined.outcome", "run_confined": "modelkeep.confined.run"}


def __getattr__(name: str) -> object:
    # The child is within this package, and needs nothing of what starts it.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value

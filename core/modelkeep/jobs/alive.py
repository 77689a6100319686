"""Whether the process that has a job is still there: it holds a lock, which the system frees when it ends.

A process id alone does not tell, since the system gives it to another program later.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from filelock import BaseFileLock

from modelkeep.cache.locks import acquired, is_held

__all__ = ["has_owner", "is_there", "release", "take"]

_PATIENCE = 2.0  # seconds; who asks whether a lock is held may hold it for an instant

# Of this process, for all who use the same file in it.
_guard = threading.Lock()
_held: dict[str, BaseFileLock] = {}


def take(folder: Path) -> bool:
    """Have this process be the one that has the job of this folder; False when another attempt at it still is."""
    place = _place(folder)
    until = time.monotonic() + _PATIENCE
    while True:
        with _guard:
            if place not in _held:
                lock = acquired(Path(place), max(0.0, until - time.monotonic()), 0o600)
                if lock is not None:
                    _held[place] = lock
                return lock is not None
        if time.monotonic() > until:
            return False
        time.sleep(0.01)


def release(folder: Path) -> None:
    """Have it no more, because it has ended."""
    with _guard:
        lock = _held.pop(_place(folder), None)
    if lock is not None:
        lock.release()


def is_there(folder: Path) -> bool:
    """Whether the lock still lies where others look for it."""
    return os.path.lexists(_place(folder))


def has_owner(folder: Path) -> bool:
    """Whether any process has the job."""
    place = _place(folder)
    with _guard:
        if place in _held:
            return True
    return is_held(place)


def _place(folder: Path) -> str:
    return os.path.join(os.path.abspath(folder), "owner.lock")

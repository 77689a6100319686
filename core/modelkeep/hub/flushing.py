"""Bringing many small files to the disk at once: one by one they take longer than the network does."""

from __future__ import annotations

import os
import platform
import re
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

__all__ = ["flush"]

_MANY = 16
_THREADS = 8  # a file system brings what waits at the same time to the disk in one go
_STEP = 0.05  # seconds between two looks at whether it is still wanted

# Of these it is known that syncfs(2) returns when all is on the disk: linux/magic.h, and f_type of statfs(2).
_FILE_SYSTEMS = {0xEF53: "ext4", 0x58465342: "xfs", 0x9123683E: "btrfs", 0xF2F52010: "f2fs"}
_SAYS_ERRORS = (5, 8)  # the kernel from which on syncfs(2) tells of what could not be written


def flush(paths: Sequence[str], is_stopped: Callable[[], bool] = lambda: False) -> bool:
    """Flush these files of one folder to the disk; False when that was stopped before its end. Raises `OSError`."""
    if len(paths) >= _MANY:
        folder = os.path.dirname(paths[0])
        if _can_sync_all(folder) and (done := _sync_all(folder, is_stopped)) is not None:
            return done
    if len(paths) < 2:
        return _flush(paths, is_stopped)
    with ThreadPoolExecutor(min(_THREADS, len(paths))) as threads:
        shares = [paths[number::_THREADS] for number in range(_THREADS)]
        return all(list(threads.map(lambda share: _flush(share, is_stopped), shares)))


def _flush(paths: Sequence[str], is_stopped: Callable[[], bool]) -> bool:
    for path in paths:
        if is_stopped():
            return False
        # Windows flushes only what is open for writing.
        file = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        try:
            os.fsync(file)
        finally:
            os.close(file)
    return True


def _sync_all(folder: str, is_stopped: Callable[[], bool]) -> bool | None:
    """Flush all of a file system; None when that fails, so that each file has to say for itself.

    It takes as long as what other programs have written takes, too: whoever wants to stop does not wait for it.
    """
    import ctypes

    libc = ctypes.CDLL(None)
    results: list[int] = []
    ended = threading.Event()
    file = os.open(folder, os.O_RDONLY)

    def work() -> None:
        try:
            results.append(libc.syncfs(file))
        finally:
            os.close(file)
            ended.set()

    threading.Thread(target=work, daemon=True).start()
    while not ended.wait(_STEP):
        if is_stopped():
            return False
    return True if results == [0] else None


@lru_cache(maxsize=16)
def _can_sync_all(folder: str) -> bool:
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"):
        return False
    version = re.match(r"(\d+)\.(\d+)", platform.release())
    if version is None or (int(version[1]), int(version[2])) < _SAYS_ERRORS:
        return False
    import ctypes

    said = ctypes.create_string_buffer(256)  # struct statfs begins with its type, a long
    libc = ctypes.CDLL(None)
    if libc.statfs(os.fsencode(Path(folder)), said) != 0:
        return False
    return ctypes.c_long.from_buffer(said).value in _FILE_SYSTEMS

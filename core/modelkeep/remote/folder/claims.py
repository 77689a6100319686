"""Making a name exactly once where the file system has no links: a claim on it, held meanwhile.

A claim is a small file that can be made only once (O_EXCL, which even shares keep), whose content says who holds
it. One whose holder is dead is removed by whoever has the claim on *that very claim*: of several who saw it dead
exactly one removes it, and never the claim that came after it.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from modelkeep.errors import RemoteBusy
from modelkeep.remote.folder.writer import Writer

__all__ = ["CLAIM", "claimed"]

CLAIM = "claim-"

_STALE = 60.0  # seconds after which a holder elsewhere is taken for dead; a claim is held for milliseconds
_PATIENCE = 20.0  # seconds


@contextmanager
def claimed(folder: str, what: str, now: Callable[[], float]) -> Iterator[Callable[[], bool]]:
    """Hold the claim on `what`, by a file in `folder`; gives whether it is still held, to be asked before it counts.

    `now` is the time by the clock of the folder. Raises `RemoteBusy` when another holds it for too long.
    """
    path = os.path.join(folder, CLAIM + hashlib.sha256(what.encode()).hexdigest()[:40])
    mine = str(Writer.new())
    patience = time.monotonic() + _PATIENCE
    while not _made(path, mine):
        left = _read(path)
        if left is None:
            continue
        if _is_dead(left, now):
            with claimed(folder, f"{what}\n{left[0]}", now):
                if _read(path) == left:
                    os.unlink(path)
        elif time.monotonic() > patience:
            raise RemoteBusy(
                f"Another program is writing {what} right now.",
                hint="Do this again in a minute.",
                retry_after=60.0,
            )
        else:
            time.sleep(0.01)

    def is_held() -> bool:
        left = _read(path)
        return left is not None and left[0] == mine

    try:
        yield is_held
    finally:
        with suppress(OSError):
            if is_held():
                os.unlink(path)


def _made(path: str, mine: str) -> bool:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:
        return False
    try:
        os.write(handle, mine.encode())
    finally:
        os.close(handle)
    return True


def _read(path: str) -> tuple[str, float] | None:
    """What a claim says, and when it was written; None when there is none."""
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read(200), os.fstat(file.fileno()).st_mtime
    except FileNotFoundError:
        return None


def _is_dead(left: tuple[str, float], now: Callable[[], float]) -> bool:
    text, written = left
    writer = Writer.read(text)
    # One that says nothing was made a moment ago, or by somebody who died just then.
    return bool(writer and writer.is_dead) or now() - written > _STALE

"""What bounds a scan, so that no file costs more time, memory or disk than this.

Whatever goes past a limit could not be scanned, which is not clean.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, cast

__all__ = ["Budget", "CouldNotScan", "Stream", "TooMuch", "spool"]

_UNPACKED = 256 << 20  # bytes that all containers of a file together may unpack
_MEMBERS = 100_000
_DEPTH = 5
_OPERATIONS = 1_000_000  # of all pickles of a file: some seconds
_IN_MEMORY = 8 << 20
_BLOCK = 1 << 20

Stream = IO[bytes]


class CouldNotScan(Exception):
    """Why something could not be scanned, as a sentence. Becomes a finding; nobody outside sees it."""


class TooMuch(CouldNotScan):
    """The budget of the file is used up, so that nothing more of it is looked at."""


class Budget:
    """What the scan of one file may still cost. `tick` is called often, and may raise `Cancelled`."""

    def __init__(self, tick: Callable[[], None] = lambda: None) -> None:
        self.tick = tick
        self._unpacked = _UNPACKED
        self._members = _MEMBERS
        self._operations = _OPERATIONS

    def unpack(self, size: int) -> None:
        self._unpacked -= size
        if self._unpacked < 0:
            raise TooMuch(f"It unpacks to more than the {_UNPACKED >> 20} MiB that are looked at.")

    def member(self) -> None:
        self.tick()
        self._members -= 1
        if self._members < 0:
            raise TooMuch(f"It has more than the {_MEMBERS:,} members that are looked at.")

    def operation(self) -> None:
        self._operations -= 1
        if self._operations % 4096 == 0:
            self.tick()
        if self._operations < 0:
            raise TooMuch(f"Its pickles have more than the {_OPERATIONS:,} steps that are looked at.")

    def deeper(self, depth: int) -> int:
        if depth >= _DEPTH:
            raise CouldNotScan(f"It holds containers in containers, more than {_DEPTH} deep.")
        return depth + 1


def spool(read: Callable[[int], bytes], budget: Budget) -> Stream:
    """Everything that `read` gives, as a file that can be sought in; it is closed by the caller."""
    from tempfile import SpooledTemporaryFile

    file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - handed to the caller
    try:
        while block := read(_BLOCK):
            budget.tick()
            budget.unpack(len(block))
            file.write(block)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return cast(Stream, file)

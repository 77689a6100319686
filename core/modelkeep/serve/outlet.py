"""Lines for somebody who may not read them: a pipe to a program that hangs, a terminal that is held, a slow disk.

A server must not wait for its readers, so a thread of its own writes. It writes past Python's buffers: a thread that
hangs in one of those would keep the process from ending.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable
from typing import TextIO

__all__ = ["Outlet"]

_MOST = 10_000  # lines that wait; later ones are dropped
_PATIENCE = 2.0  # seconds that a reader has at the end


class Outlet:
    """Writes to `out` what it is given, in that order, and never blocks. `gone` is called when nobody can read it."""

    def __init__(self, out: TextIO, *, gone: Callable[[], None] = lambda: None) -> None:
        self._out = out
        self._gone = gone
        self._lines: queue.Queue[str | None] = queue.Queue(_MOST)
        self.dropped = 0
        """Lines that were not read in time."""
        self._thread = threading.Thread(target=self._write_all, name="writing lines", daemon=True)
        self._thread.start()

    def write(self, text: str) -> None:
        try:
            self._lines.put_nowait(text)
        except queue.Full:
            self.dropped += 1

    def flush(self) -> None:
        """As a file has it; there is nothing to do."""

    def close(self) -> None:
        """Write what waits, as long as somebody reads it."""
        try:
            self._lines.put(None, timeout=_PATIENCE)
        except queue.Full:
            return
        self._thread.join(_PATIENCE)

    def _write_all(self) -> None:
        try:
            number = self._out.fileno()
        except (OSError, ValueError, AttributeError):
            number = None  # no file of the system's: captured, in memory
        while (text := self._lines.get()) is not None:
            try:
                if number is None:
                    self._out.write(text)
                    self._out.flush()
                    continue
                rest = memoryview(text.encode(self._out.encoding, "backslashreplace"))
                while rest:
                    rest = rest[os.write(number, rest) :]
            except (OSError, ValueError):
                self._gone()

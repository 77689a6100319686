"""Access times that stay as they were while models are tried, so that they tell of what others did."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from modelkeep.disk import unchanged_atimes

__all__ = ["Unread"]


@dataclass
class _Reading:
    """A snapshot that is being read, by how many, and what puts its access times back."""

    times: ExitStack = field(default_factory=ExitStack)
    readers: int = 0


class Unread:
    """Puts back the access times of a snapshot when the last of several that read it at once is done: each by itself
    would take those of the others for what was before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reading: dict[str, _Reading] = {}

    @contextmanager
    def of(self, folder: str, names: Sequence[str]) -> Iterator[None]:
        """Within it, the files of that folder may be read."""
        with self._lock:
            reading = self._reading.setdefault(folder, _Reading())
            reading.readers += 1
            if reading.readers == 1:
                reading.times.enter_context(unchanged_atimes([str(Path(folder, name)) for name in names]))
        try:
            yield
        finally:
            with self._lock:
                reading.readers -= 1
                if not reading.readers:
                    del self._reading[folder]
                    reading.times.close()

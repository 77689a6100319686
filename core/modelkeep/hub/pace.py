"""How fast a download may go, and how long it waits before it tries again."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

from modelkeep.errors import RemoteBusy, RemoteError
from modelkeep.hub.profile import Profile

__all__ = ["ALL", "LONGEST_WAIT", "TRIES", "Hands", "Meter", "Pace", "pace_of", "wait_before"]

TRIES = 8
"""How often in a row a file may fail to bring a single byte before the download gives up."""

FIRST_WAIT = 0.5  # seconds
LONGEST_WAIT = 30.0
_SEEN = 8  # files between two looks at how many threads it takes
_LONGEST_ASKED = 600.0  # a hub may ask to be left alone for so long; for longer, the download gives up


def wait_before(attempt: int, error: RemoteError) -> float | None:
    """Seconds to wait after the failure number `attempt` in a row, 1 for the first; None when it is time to give up.

    Doubled each time, and random between half of it and all of it, so that many who failed together do not come back
    together. Never less than what the hub asks for.
    """
    if attempt >= TRIES:
        return None
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (attempt - 1)) * random.uniform(0.5, 1.0)
    if isinstance(error, RemoteBusy):
        if error.retry_after > _LONGEST_ASKED:
            return None
        wait = max(wait, error.retry_after)
    return wait


class Pace:
    """Bytes a second that all who take from it may have together; 0 for any number. May be changed at any time."""

    def __init__(self, rate: int = 0) -> None:
        self._rate = rate
        self._lock = threading.Lock()
        self._free_at = 0.0

    @property
    def rate(self) -> int:
        return self._rate

    @rate.setter
    def rate(self, rate: int) -> None:
        with self._lock:
            self._rate = max(0, rate)
            self._free_at = 0.0  # whoever waits by the old rate asks again

    def piece(self, most: int) -> int:
        """How many bytes to take at once, so that a slow pace is an even one."""
        rate = self._rate
        return min(most, max(4 << 10, rate // 16)) if rate else most

    def take(self, size: int, wait: Callable[[float], object]) -> None:
        """Account for `size` bytes that came, and wait as long as that takes.

        `wait` is called with seconds, a fraction of one at most, and raises to stop.
        """
        with self._lock:
            if not self._rate:
                return
            now = time.monotonic()
            self._free_at = max(self._free_at, now) + size / self._rate
            until = self._free_at
        while True:
            with self._lock:
                # Set back by a new rate: what was taken by the old one is forgiven.
                left = min(until, self._free_at) - time.monotonic()
            if left <= 0:
                return
            wait(min(left, 0.2))


class Hands:
    """How many threads fetch small files at once: so many that none waits for an answer while it could work.

    More only take the interpreter from one another. Where the hub is near, two or three do as much as eight, in
    less time.
    """

    def __init__(self, most: int) -> None:
        self._all = most
        self.most = min(2, most)
        self._seen: list[tuple[float, float]] = []

    def learn(self, wall: float, work: float) -> bool:
        """A file took `wall` seconds, in `work` of which its thread did something; True when there are more now."""
        self._seen.append((wall - work, work))
        if len(self._seen) < _SEEN:
            return False
        # The shortest wait: in the others this thread may have waited for its turn rather than for the hub.
        wait = min(wait for wait, _ in self._seen)
        work = sum(work for _, work in self._seen) / _SEEN
        self._seen.clear()
        before, self.most = self.most, min(self._all, max(2, 1 + round(wait / max(work, 1e-4))))
        return self.most > before


ALL = Pace()
"""The pace of all downloads of this process together."""

_of_profiles: dict[str, Pace] = {}


def pace_of(profile: Profile) -> Pace:
    """The pace of all downloads of this process by a profile."""
    pace = _of_profiles.setdefault(profile.name, Pace())
    if pace.rate != profile.limit_rate:
        pace.rate = profile.limit_rate
    return pace


class Meter:
    """Bytes a second over the last moments."""

    def __init__(self, window: float = 3.0) -> None:
        self._window = window
        self._marks: list[tuple[float, int]] = []

    def rate(self, done: int) -> float:
        """The rate now that `done` bytes have come in all."""
        now = time.monotonic()
        self._marks.append((now, done))
        while len(self._marks) > 2 and self._marks[1][0] < now - self._window:
            del self._marks[0]
        then, before = self._marks[0]
        return max(0.0, (done - before) / (now - then)) if now > then else 0.0

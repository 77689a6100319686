"""How fast something goes and how long it will take. Names nothing of Qt."""

from __future__ import annotations

import math

from modelkeep.progress import Progress

__all__ = ["Pace"]

_SMOOTHING = 3.0  # seconds after which an old rate counts for a third
_WARM_UP = 1.0  # seconds before a time left is worth showing


class Pace:
    """The speed of an operation whose progress comes in jerks.

    `rate` is bytes (or items) a second, `seconds_left` what the rest takes at that rate; both are None while nobody
    can know. A new step or total starts afresh, since the speed of hashing says nothing about that of copying.
    """

    def __init__(self) -> None:
        self.rate: float | None = None
        self.seconds_left: float | None = None
        self._begun = 0.0
        self._last: tuple[float, Progress] | None = None

    def update(self, progress: Progress, now: float) -> None:
        """Take in a progress of the time `now`, in seconds of a clock that only goes forward."""
        if self._last is None or _is_other_work(self._last[1], progress):
            self.rate = self.seconds_left = None
            self._begun, self._last = now, (now, progress)
            return
        then, before = self._last
        if now <= then:
            return
        current = (progress.done - before.done) / (now - then)
        weight = 1.0 if self.rate is None else 1 - math.exp((then - now) / _SMOOTHING)
        self.rate = current * weight + (self.rate or 0.0) * (1 - weight)
        self._last = now, progress
        if progress.total and self.rate and now - self._begun >= _WARM_UP:
            self.seconds_left = max(0.0, (progress.total - progress.done) / self.rate)


def _is_other_work(before: Progress, now: Progress) -> bool:
    return (before.step, before.unit, before.total) != (
        now.step,
        now.unit,
        now.total,
    ) or now.done < before.done

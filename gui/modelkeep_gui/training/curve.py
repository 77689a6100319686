"""How a training goes: its points in their order, and what is drawn and said of them. No Qt in here."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence

from modelkeep.training.values import TrainingPoint

__all__ = ["Curve", "drawn", "main_metric", "ticks"]

_RECENT = 20  # points that say how fast it goes
_OF_ALL = ("accuracy", "f1", "macro_f1")

XY = tuple[float, float]


class Curve:
    """Takes points as they come. One of an earlier step than the last says that it goes on from there."""

    def __init__(self) -> None:
        self.points: list[TrainingPoint] = []
        self.losses: list[XY] = []
        """Step and training loss."""
        self.measured: list[TrainingPoint] = []
        """Those at which it was measured."""
        self.span: XY | None = None
        """The lowest and the highest loss, also of those when it was measured."""
        self.turns = 0
        """How often it went back, so that what was drawn of it does not hold any more."""

    def add(self, point: TrainingPoint) -> None:
        """One more point."""
        if self.points and point.step < self.points[-1].step:
            self._cut(point.step)
        elif self.losses and point.loss is not None and point.step == self.losses[-1][0]:
            return
        self.points.append(point)
        if point.loss is not None and math.isfinite(point.loss):
            self.losses.append((point.step, point.loss))
            self._widen(point.loss)
        if point.metrics:
            self.measured.append(point)
            if "loss" in point.metrics:
                self._widen(point.metrics["loss"])

    def show(self, points: Sequence[TrainingPoint]) -> bool:
        """Have these and no others; whether that changes anything."""
        known = len(self.points)
        if len(points) >= known and list(points[:known]) == self.points:
            new = points[known:]
        else:
            new = points
            self._cut(-1)
        for point in new:
            self.add(point)
        return bool(new)

    @property
    def last(self) -> TrainingPoint | None:
        return self.points[-1] if self.points else None

    @property
    def steps(self) -> int:
        """How many there will be."""
        return self.points[-1].steps if self.points else 0

    @property
    def rate(self) -> float | None:
        """Steps a second, of late; None while nobody can know."""
        recent = self.points[-_RECENT:]
        if len(recent) < 2:
            return None
        steps, seconds = recent[-1].step - recent[0].step, recent[-1].seconds - recent[0].seconds
        return steps / seconds if steps > 0 and seconds > 0 else None

    @property
    def seconds_left(self) -> float | None:
        rate, last = self.rate, self.last
        return (last.steps - last.step) / rate if rate and last else None

    def _widen(self, loss: float) -> None:
        low, high = self.span or (loss, loss)
        self.span = min(low, loss), max(high, loss)

    def _cut(self, step: int) -> None:
        """Forget what came from this step on: it is done again."""
        self.points = [point for point in self.points if point.step < step]
        self.losses = [place for place in self.losses if place[0] < step]
        self.measured = [point for point in self.measured if point.step < step]
        self.turns += 1
        self.span = None
        for _, loss in self.losses:
            self._widen(loss)
        for point in self.measured:
            if "loss" in point.metrics:
                self._widen(point.metrics["loss"])


def main_metric(names: Sequence[str] | dict[str, float]) -> str:
    """The one that says most of how good it is, "" for none."""
    return next((name for name in _OF_ALL if name in names), "")


def drawn(places: Sequence[XY], columns: int) -> list[XY]:
    """The places of a line that is `columns` pixels wide: of those that share a pixel the first, the lowest, the
    highest and the last, so that it looks as if all were drawn. By their x, which must not go back."""
    if columns < 1 or len(places) <= 4 * columns:
        return list(places)
    first, wide = places[0][0], (places[-1][0] - places[0][0]) or 1.0
    kept: list[XY] = []
    heights = [y for _, y in places]
    start = 0
    for column in range(columns):
        edge = first + wide * (column + 1) / columns
        end = len(places) if column == columns - 1 else bisect_left(places, (edge,), start)
        if end == start:
            continue
        part = heights[start:end]
        chosen = {start, start + part.index(min(part)), start + part.index(max(part)), end - 1}
        kept += [places[at] for at in sorted(chosen)]
        start = end
    return kept


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round figures from `low` to `high`, at most `most` of them, to be written beside an axis."""
    if not (high > low) or most < 2:
        return [low]
    raw = (high - low) / (most - 1)
    power = 10.0 ** math.floor(math.log10(raw))
    apart = next((size * power for size in (1, 2, 2.5, 5) if size * power >= raw * 0.999), 10 * power)
    number = math.ceil(low / apart - 1e-9)
    found = []
    while number * apart <= high + apart * 1e-9:
        found.append(number * apart)
        number += 1
    return found

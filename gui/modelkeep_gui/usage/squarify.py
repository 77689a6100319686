"""Where the areas of a map lie: squarified treemaps, flat and in groups. No Qt in here.

The layout is that of M. Bruls, K. Huizing and J. J. van Wijk, "Squarified Treemaps", Data Visualization 2000 (Proc.
Joint Eurographics and IEEE TCVG Symposium on Visualization), pp. 33-42, doi:10.1007/978-3-7091-6783-0_4: strips along
the shorter side of what is left, each filled for as long as the worst of its rectangles gets no slimmer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Generic, NamedTuple, TypeVar

__all__ = ["Frame", "Group", "Rect", "nested", "squarify"]

T = TypeVar("T")

_ROUNDS = 6  # of fitting boxes to their frames: mostly three bring all that can be had


class Rect(NamedTuple):
    """A rectangle, in any unit."""

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        return self.width * self.height


class Frame(NamedTuple):
    """What is around the items of a group: a margin, and above them a caption if the box is at least this large."""

    margin: float = 0.0
    caption: float = 0.0
    least_width: float = 0.0
    least_height: float = 0.0


@dataclass(frozen=True)
class Group(Generic[T]):
    """A group on the map: `number` is its place among those that were given, `inner` the part of `box` for items."""

    number: int
    box: Rect
    inner: Rect
    has_caption: bool
    items: list[tuple[T, Rect]]


def squarify(items: Iterable[tuple[T, float]], area: Rect) -> list[tuple[T, Rect]]:
    """Fill `area` with a rectangle for each item, as large as its size says. What has no size gets none.

    Items stay in their order, from the top left; the shapes are best when the largest come first.
    """
    kept = [item for item in items if item[1] > 0]
    sizes = [size for _, size in kept]
    rest = _sums_to_end(sizes)
    placed: list[tuple[T, Rect]] = []
    left, start = area, 0
    while start < len(kept):
        is_upright = left.width >= left.height
        end = _end_of_strip(sizes, start, rest[start] * _slimness(left))
        within = _sums_to_end(sizes[start:end])
        # The last of all takes what is left, whatever was rounded before.
        share = min(1.0, within[0] / rest[start]) if end < len(kept) else 1.0
        strip, left = _cut(left, share, beside=is_upright)
        for (item, size), still in zip(kept[start:end], within):
            place, strip = _cut(strip, size / still, beside=not is_upright)
            placed.append((item, place))
        start = end
    return placed


def nested(groups: Sequence[Sequence[tuple[T, float]]], area: Rect, frame: Frame) -> list[Group[T]]:
    """Lay out groups, and the items within each, in their order. A group without any size is left out.

    A frame takes more of a small box than of a large one. So boxes are fitted until a size has about the same area in
    every group.
    """
    totals = {number: float(sum(max(0, size) for _, size in items)) for number, items in enumerate(groups)}
    sizes = {number: total for number, total in totals.items() if total > 0}
    return [
        Group(number, box, inner, has_caption, squarify(groups[number], inner))
        for number, box, inner, has_caption in _boxes(sizes, area, frame)
    ]


def _boxes(sizes: dict[int, float], area: Rect, frame: Frame) -> list[tuple[int, Rect, Rect, bool]]:
    best: list[tuple[int, Rect, Rect, bool]] = []
    least = float("inf")
    total, weights = sum(sizes.values()), sizes
    for _ in range(_ROUNDS):
        boxes = [(number, box, *_inside(box, frame)) for number, box in squarify(weights.items(), area)]
        room = sum(inner.area for _, _, inner, _ in boxes)
        if not room:
            return best
        shares = {number: inner.area / room for number, _, inner, _ in boxes}
        error = max(abs(shares[number] * total / size - 1) for number, size in sizes.items())
        if error < least:
            best, least = boxes, error
        weights = {
            number: sizes[number] / total * room + box.area - inner.area for number, box, inner, _ in boxes
        }
    return best


def _inside(box: Rect, frame: Frame) -> tuple[Rect, bool]:
    has_caption = box.width >= frame.least_width and box.height >= frame.least_height
    # A box that is hardly more than its frame keeps half of itself for what it is about.
    side = min(frame.margin, box.width / 4)
    foot = min(frame.margin, box.height / 4)
    head = frame.caption if has_caption else foot
    return Rect(box.x + side, box.y + head, box.width - 2 * side, box.height - head - foot), has_caption


def _sums_to_end(sizes: Sequence[float]) -> list[float]:
    """For each size the sum of it and of all after it: added up, not taken off, so none is ever lost in a larger."""
    return list(accumulate(reversed(sizes)))[::-1]


def _slimness(area: Rect) -> float:
    short, long = sorted((area.width, area.height))
    # Where rounding left no room, any shape is as good.
    return short / long if short > 0 else 1.0


def _end_of_strip(sizes: Sequence[float], start: int, scale: float) -> int:
    """Where the strip that begins with `start` ends.

    `scale` is the square of the strip's length in the unit of sizes, so that scale * size / sum**2 is how many times
    an item is longer, along the strip, than the strip is thick.
    """
    least = most = within = sizes[start]
    worst = max(scale / within, within / scale)
    for end in range(start + 1, len(sizes)):
        size = sizes[end]
        least, most, within = min(least, size), max(most, size), within + size
        square = within * within
        now = max(scale * most / square, square / (scale * least))
        if now > worst:
            return end
        worst = now
    return len(sizes)


def _cut(area: Rect, share: float, *, beside: bool) -> tuple[Rect, Rect]:
    """A share of an area, at its left or at its top, and the rest."""
    x, y, width, height = area
    if beside:
        part = width * share
        return Rect(x, y, part, height), Rect(x + part, y, width - part, height)
    part = height * share
    return Rect(x, y, width, part), Rect(x, y + part, width, height - part)

"""The tiles of a map: which models they stand for, where they lie in pixels, and which is next to which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter, itemgetter
from typing import Literal

from PySide6.QtCore import QPoint, QRect, QSize

from modelkeep.rows import ModelRow
from modelkeep_gui.usage.shares import Share
from modelkeep_gui.usage.squarify import Frame, Rect, nested

__all__ = ["Area", "Direction", "Panel", "Tile", "Tiles", "lay_out"]

Area = Literal["on_disk", "frees"]
"""What of a model is shown as its area."""

Direction = Literal["left", "right", "up", "down"]

_Item = tuple[tuple[ModelRow, ...], int]
"""Models that share a tile, and its size in bytes."""

_SEEN = 4  # square pixels of a tile: what is less cannot be seen
_LEAST = 30  # square pixels of a model that has a tile of its own
_MOST = 5000  # models that have one


@dataclass(frozen=True)
class Tile:
    """A model on the map, or all those of a panel that are too small to be seen one by one."""

    rows: tuple[ModelRow, ...]
    size: int
    rect: QRect


@dataclass(frozen=True)
class Panel:
    """A group on the map. `number` is its place in the disk bar, `caption` is null where there is no room for it."""

    share: Share
    number: int
    size: int
    rect: QRect
    caption: QRect
    tiles: range


@dataclass(frozen=True)
class Tiles:
    """A map as it lies: its panels in the order of the disk bar, and the tiles of one after those of the other."""

    panels: tuple[Panel, ...] = ()
    tiles: tuple[Tile, ...] = ()

    @cached_property
    def numbers(self) -> dict[tuple[str, str], int]:
        """The number of the tile of each model, by root and key."""
        return {(row.root, row.key): number for number, tile in enumerate(self.tiles) for row in tile.rows}

    def left_out(self, rows: Sequence[ModelRow]) -> int:
        """How many of `rows` have no tile."""
        return len(rows) - sum(len(tile.rows) for tile in self.tiles)

    def at(self, place: QPoint) -> int | None:
        """The number of the tile at a place."""
        for panel in self.panels:
            if panel.rect.contains(place):
                return next((n for n in panel.tiles if self.tiles[n].rect.contains(place)), None)
        return None

    def next_to(self, number: int, direction: Direction) -> int:
        """The nearest tile in a direction, or the tile itself when there is none."""
        _, end, low, high = _seen(self.tiles[number].rect, direction)
        nearest, found = None, number
        for other, tile in enumerate(self.tiles):
            other_start, _, other_low, other_high = _seen(tile.rect, direction)
            if other_start < end:
                continue
            # What lies aside of the way counts as twice as far: one looks straight ahead.
            aside = max(0, other_low - high, low - other_high)
            distance = (other_start - end + 2 * aside, abs(other_low + other_high - low - high))
            if nearest is None or distance < nearest:
                nearest, found = distance, other
        return found


def lay_out(parts: Sequence[tuple[Share, Sequence[ModelRow]]], area: Area, box: QRect, frame: Frame) -> Tiles:
    """Lay out the rows of each share in `box`, as large as `area` says. What would not be seen has no tile."""
    groups = _items(parts, area, box.width() * box.height())
    panels: list[Panel] = []
    tiles: list[Tile] = []
    sized = [[(item, item[1]) for item in group] for group in groups]
    for group in nested(sized, Rect(box.x(), box.y(), box.width(), box.height()), frame):
        first = len(tiles)
        tiles += [
            Tile(rows, size, _without_gap(_pixels(place)))
            for (rows, size), place in group.items
            if place.area >= _SEEN
        ]
        if len(tiles) == first:
            continue
        rect, inner = _without_gap(_pixels(group.box)), _pixels(group.inner)
        caption = QRect(inner.left(), rect.top(), inner.width(), inner.top() - rect.top())
        panels.append(
            Panel(
                parts[group.number][0],
                group.number,
                sum(size for (_, size), _ in group.items),
                rect,
                caption if group.has_caption else QRect(),
                range(first, len(tiles)),
            )
        )
    return Tiles(tuple(panels), tuple(tiles))


def _items(parts: Sequence[tuple[Share, Sequence[ModelRow]]], area: Area, pixels: int) -> list[list[_Item]]:
    """What is to have a tile, for each part: the largest first, and last what is too small for one of its own."""
    size_of = attrgetter(area)
    least = sum(size_of(row) for _, rows in parts for row in rows) * _LEAST / max(1, pixels)
    large: list[tuple[int, int, ModelRow]] = []
    small: list[list[ModelRow]] = [[] for _ in parts]
    for number, (_, rows) in enumerate(parts):
        for row in rows:
            size = size_of(row)
            if size >= least and size > 0:
                large.append((size, number, row))
            elif size > 0:
                small[number].append(row)
    large.sort(key=itemgetter(0), reverse=True)
    groups: list[list[_Item]] = [[] for _ in parts]
    for size, number, row in large[:_MOST]:
        groups[number].append(((row,), size))
    for _, number, row in large[_MOST:]:
        small[number].append(row)
    for group, rest in zip(groups, small):
        if rest:
            group.append((tuple(rest), sum(map(size_of, rest))))
    return groups


def _seen(rect: QRect, direction: Direction) -> tuple[int, int, int, int]:
    """Where a rectangle begins and ends for one who looks that way, and from where to where it lies across."""
    left, top, right, bottom = rect.left(), rect.top(), rect.right(), rect.bottom()
    match direction:
        case "right":
            return left, right, top, bottom
        case "left":
            return -right, -left, top, bottom
        case "down":
            return top, bottom, left, right
    return -bottom, -top, left, right


def _pixels(rect: Rect) -> QRect:
    # Edges are rounded, not widths, so what was side by side still is.
    left, top = round(rect.x), round(rect.y)
    return QRect(left, top, round(rect.x + rect.width) - left, round(rect.y + rect.height) - top)


def _without_gap(rect: QRect) -> QRect:
    """What is painted of a rectangle: two pixels are between it and the next, one where it is tiny."""
    slim = min(rect.width(), rect.height())
    if slim >= 8:
        return rect.adjusted(1, 1, -1, -1)
    if slim >= 3:
        return rect.adjusted(0, 0, -1, -1)
    # A sliver: rather a pixel too wide than not seen.
    return QRect(rect.topLeft(), rect.size().expandedTo(QSize(2, 2)))

"""How the map is painted: panels with captions, and on them tiles with names and marks of trouble."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen

from modelkeep.rows import ModelRow
from modelkeep.text import size_text
from modelkeep_gui.icons import paint_icon
from modelkeep_gui.library.columns import state_sign
from modelkeep_gui.theme import GRID, Colours, text_upon
from modelkeep_gui.usage.labels import share_label
from modelkeep_gui.usage.map_text import tile_name
from modelkeep_gui.usage.squarify import Frame
from modelkeep_gui.usage.tiles import Area, Panel, Tile, Tiles

__all__ = ["MapPicture", "frame_for", "panel_colour", "tile_colour"]

translate = QCoreApplication.translate

# Pixels.
_ROUNDED = 16  # the least side of a tile with round corners, and a line around it
_NAMED = 40  # the least width of a tile with a name
_MARK = 16
_LEAST_MARK = 7

_TINT = 0.2  # of a group's colour in the ground of its caption
_BORDER = 0.16  # of black or white in the line around a tile

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_MIDDLE = Qt.TextElideMode.ElideMiddle
_PART = re.compile(r"[^-_ ]*[-_ ]?")


def frame_for(metrics: QFontMetrics) -> Frame:
    """What is around the tiles of a panel, its caption being in that font."""
    caption = metrics.height() + 2 * GRID
    return Frame(GRID, caption, 12 * metrics.averageCharWidth(), 3 * caption)


def tile_colour(panel: Panel, colours: Colours) -> str:
    """The colour of a group: that of its segment in the disk bar."""
    return colours.segments[panel.number % len(colours.segments)]


def panel_colour(panel: Panel, colours: Colours) -> str:
    """The ground of a group's caption: a breath of its colour."""
    return _mixed(colours.base, tile_colour(panel, colours), _TINT)


@dataclass(frozen=True)
class MapPicture:
    """A map in its colours. A painter is to have antialiasing."""

    map: Tiles
    area: Area
    colours: Colours
    font: QFont
    root_names: Mapping[str, str]

    def paint(self, painter: QPainter) -> None:
        """Paint the whole map."""
        for panel in self.map.panels:
            self._paint_panel(painter, panel)
            tiles = [self.map.tiles[number] for number in panel.tiles]
            colour = tile_colour(panel, self.colours)
            self._paint_tiles(painter, [tile for tile in tiles if len(tile.rows) == 1], panel, colour)
            several = [tile for tile in tiles if len(tile.rows) > 1]
            self._paint_tiles(painter, several, panel, self._pale(colour))

    def paint_hovered(self, painter: QPainter, number: int) -> None:
        """Paint one tile as it looks under the pointer."""
        panel = next(panel for panel in self.map.panels if number in panel.tiles)
        tile, colour = self.map.tiles[number], tile_colour(panel, self.colours)
        shown = QColor(colour if len(tile.rows) == 1 else self._pale(colour))
        shown = shown.lighter(115) if self.colours.is_dark else shown.darker(112)
        self._paint_tiles(painter, [tile], panel, shown.name())

    def paint_selected(self, painter: QPainter, numbers: Iterable[int]) -> None:
        """Outline tiles, in the gaps between them and with a line of the ground within: seen on every colour."""
        tiles = [self.map.tiles[number] for number in numbers]
        for colour, width, out in ((self.colours.base, 1.5, -1.75), (self.colours.text, 2, 0)):
            painter.setPen(QPen(QColor(colour), width))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for tile in tiles:
                if _is_roomy(tile):
                    ring = QRectF(tile.rect).adjusted(-out, -out, out, out)
                    painter.drawRoundedRect(ring, 3 + out / 2, 3 + out / 2)
        painter.drawRects([tile.rect for tile in tiles if not _is_roomy(tile)])

    def paint_focus(self, painter: QPainter, number: int) -> None:
        """Show where the keyboard is, around the outline of what is selected."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self.colours.accent), 2))
        painter.drawRoundedRect(QRectF(self.map.tiles[number].rect).adjusted(-2, -2, 2, 2), 5, 5)

    def _paint_panel(self, painter: QPainter, panel: Panel) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(panel_colour(panel, self.colours)))
        painter.drawRoundedRect(panel.rect, 1.5 * GRID, 1.5 * GRID)
        if panel.caption.isNull():
            return
        strong = QFont(self.font)
        strong.setWeight(QFont.Weight.DemiBold)
        painter.setPen(QColor(self.colours.text))
        area = panel.caption.adjusted(GRID // 2, 0, -GRID // 2, 0)
        used = _write(painter, area, share_label(panel.share, self.root_names), strong)
        size = size_text(panel.size)
        if self.area == "frees":
            size = translate("map", "frees {}").format(size)
        if used + 2 * GRID + QFontMetrics(self.font).horizontalAdvance(size) <= area.width():
            _write(painter, area.adjusted(used + 2 * GRID, 0, 0, 0), size, self.font)

    def _paint_tiles(self, painter: QPainter, tiles: Sequence[Tile], panel: Panel, colour: str) -> None:
        # In as few calls as can be, for there may be thousands. A pen would take three times as long, so a soft
        # border is what is left of a darker tile beneath.
        roomy = [tile.rect for tile in tiles if _is_roomy(tile)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(_mixed(colour, text_upon(colour), _BORDER)))
        for rect in roomy:
            painter.drawRoundedRect(rect, 3, 3)
        painter.setBrush(QColor(colour))
        painter.drawRects([rect.adjusted(1, 1, -1, -1) for rect in roomy])
        painter.drawRects([tile.rect for tile in tiles if not _is_roomy(tile)])
        for tile in tiles:
            if tile.rect.width() >= _NAMED and _is_roomy(tile):
                painter.setPen(QColor(text_upon(colour)))
                self._write_name(painter, tile, panel)
            if row := _trouble(tile):
                self._paint_mark(painter, tile, row)

    def _write_name(self, painter: QPainter, tile: Tile, panel: Panel) -> None:
        metrics = QFontMetrics(self.font)
        area = tile.rect.adjusted(GRID + 1, GRID // 2, -GRID - 1, -GRID // 2)
        room = area.height() // metrics.height()
        if not room:
            return
        beside_mark = area.width() - (_MARK if _trouble(tile) else 0)
        lines = _name_lines(tile_name(tile), beside_mark, room, metrics, panel.share.kind != "owner")
        size = size_text(tile.size)
        if lines and len(lines) < room and metrics.horizontalAdvance(size) < area.width():
            lines.append(size)
        if room > 1:
            area.setHeight(metrics.height())
        for line in lines:
            _write(painter, area, line, self.font)
            area.translate(0, metrics.height())

    def _paint_mark(self, painter: QPainter, tile: Tile, row: ModelRow) -> None:
        side = min(_MARK, tile.rect.width() - 2, tile.rect.height() - 2)
        if side < _LEAST_MARK:
            return
        mark = QRect(0, 0, side, side)
        mark.moveCenter(tile.rect.center())
        if _is_roomy(tile):
            mark.moveTopRight(tile.rect.topRight() + QPoint(-2, 2))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.colours.base))
        painter.drawEllipse(mark)
        sign = state_sign(row)
        paint_icon(painter, mark.adjusted(1, 1, -1, -1), sign.icon, getattr(self.colours, sign.tone))

    def _pale(self, colour: str) -> str:
        """The colour of what stands for many models, each too small to be seen."""
        return _mixed(self.colours.base, colour, 0.5)


def _mixed(ground: str, colour: str, share: float) -> str:
    one, other = QColor(ground), QColor(colour)
    parts = ((one.red(), other.red()), (one.green(), other.green()), (one.blue(), other.blue()))
    return QColor(*(round(a + share * (b - a)) for a, b in parts)).name()


def _is_roomy(tile: Tile) -> bool:
    return min(tile.rect.width(), tile.rect.height()) >= _ROUNDED


def _trouble(tile: Tile) -> ModelRow | None:
    """A model of the tile that is in trouble, a damaged one before an incomplete one."""
    by_state = {row.condition: row for row in tile.rows}
    troubled = (row for row in by_state.values() if state_sign(row).is_trouble)
    return max(troubled, key=lambda row: row.condition == "damaged", default=None)


def _name_lines(name: str, width: int, room: int, metrics: QFontMetrics, with_owner: bool) -> list[str]:
    """A name in lines of `width` pixels, `room` at most; without its owner unless all is one line.

    It is broken where people see parts: "bert-base-", "uncased". None when too little of it would be left.
    """
    if with_owner and metrics.horizontalAdvance(name) <= width:
        return [name]
    lines = [""]
    for part in _PART.findall(name.rpartition("/")[2]):
        is_full = metrics.horizontalAdvance(lines[-1] + part) >= width
        if is_full and lines[-1] and len(lines) < room:
            lines.append(part)
        else:
            lines[-1] += part
    shown = [metrics.elidedText(line, _MIDDLE, width) for line in lines]
    is_clear = all(len(one) > len(all_of_it) // 2 for one, all_of_it in zip(shown, lines))
    return shown if is_clear else []


def _write(painter: QPainter, area: QRect, text: str, font: QFont) -> int:
    """Write one line, shortened to the area; the pixels that it takes."""
    metrics = QFontMetrics(font)
    text = metrics.elidedText(text, _MIDDLE, area.width())
    painter.setFont(font)
    painter.drawText(area, _LEFT, text)
    return metrics.horizontalAdvance(text)

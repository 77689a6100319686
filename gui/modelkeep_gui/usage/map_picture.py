"""How the map is painted: panels with captions, and on them tiles with names and marks of trouble."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen

from modelkeep.rows import ModelRow
from modelkeep.text import size_text
from modelkeep_gui.icons import paint_icon
from modelkeep_gui.library.columns import STATE, columns, state_sign
from modelkeep_gui.theme import GRID, Colours, text_upon
from modelkeep_gui.usage.labels import share_label
from modelkeep_gui.usage.squarify import Frame
from modelkeep_gui.usage.tiles import Area, Panel, Tile, Tiles

__all__ = ["MapPicture", "frame_for", "panel_colour", "tile_colour", "tile_name"]

# Pixels.
_ROUNDED = 16  # the least side of a tile with round corners, and a line around it
_NAMED = 40  # the least width of a tile with a name
_MARK = 16
_LEAST_MARK = 7

_LETTERS = 5  # of a name: fewer say nothing
_TINT = 0.2

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_MIDDLE = Qt.TextElideMode.ElideMiddle


def frame_for(metrics: QFontMetrics) -> Frame:
    """What is around the tiles of a panel, its caption being in that font."""
    caption = metrics.height() + 2 * GRID
    return Frame(GRID, caption, 12 * metrics.averageCharWidth(), 3 * caption)


def tile_colour(panel: Panel, colours: Colours) -> str:
    """The colour of a group: that of its segment in the disk bar."""
    return colours.segments[panel.number % len(colours.segments)]


def panel_colour(panel: Panel, colours: Colours) -> str:
    """The ground of a group's caption: a breath of its colour."""
    ground, colour = QColor(colours.base), QColor(tile_colour(panel, colours))
    pairs = zip(ground.getRgb()[:3], colour.getRgb()[:3])
    return QColor(*(round(one + _TINT * (other - one)) for one, other in pairs)).name()


def tile_name(tile: Tile) -> str:
    """What a tile stands for: a model, or how many small ones."""
    if len(tile.rows) == 1:
        return tile.rows[0].repo_id
    return QCoreApplication.translate("map", "{} small models").format(len(tile.rows))


@dataclass(frozen=True)
class MapPicture:
    """A map in its colours, with all that does not change while one looks and selects."""

    map: Tiles
    area: Area
    colours: Colours
    font: QFont
    root_names: Mapping[str, str]

    def paint(self, painter: QPainter) -> None:
        """Paint the whole map."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for panel in self.map.panels:
            self._paint_panel(painter, panel)
            tiles = [self.map.tiles[number] for number in panel.tiles]
            # Thousands of tiny tiles are painted by one call, for each call has a cost of its own.
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tile_colour(panel, self.colours)))
            painter.drawRects([tile.rect for tile in tiles if not _is_roomy(tile)])
            for tile in tiles:
                if _is_roomy(tile):
                    self._paint_tile(painter, tile, panel, tile_colour(panel, self.colours))
                else:
                    self._paint_mark(painter, tile)

    def paint_hovered(self, painter: QPainter, number: int) -> None:
        """Paint one tile as it looks under the pointer."""
        panel = next(panel for panel in self.map.panels if number in panel.tiles)
        colour = QColor(tile_colour(panel, self.colours))
        colour = colour.lighter(115) if self.colours.is_dark else colour.darker(112)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_tile(painter, self.map.tiles[number], panel, colour.name())

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
        size = self._size_text(panel.size)
        if used + 2 * GRID + QFontMetrics(self.font).horizontalAdvance(size) <= area.width():
            _write(painter, area.adjusted(used + 2 * GRID, 0, 0, 0), size, self.font)

    def _paint_tile(self, painter: QPainter, tile: Tile, panel: Panel, colour: str) -> None:
        text = QColor(text_upon(colour))
        border = QColor(text)
        border.setAlphaF(0.16)
        painter.setBrush(QColor(colour))
        painter.setPen(border)
        painter.drawRoundedRect(QRectF(tile.rect).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.setPen(text)
        self._write_name(painter, tile, panel)
        self._paint_mark(painter, tile)

    def _write_name(self, painter: QPainter, tile: Tile, panel: Panel) -> None:
        metrics = QFontMetrics(self.font)
        area = tile.rect.adjusted(GRID + 1, GRID // 2, -GRID - 1, -GRID // 2)
        if tile.rect.width() < _NAMED or area.height() < metrics.height():
            return
        has_size = area.height() >= 2 * metrics.height() + GRID
        if has_size:
            area = area.adjusted(0, GRID // 2, 0, 0)
            area.setHeight(metrics.height())
        name = area.adjusted(0, 0, -_MARK if _trouble(tile) else 0, 0)
        text = _fitted(tile_name(tile), name.width(), metrics, with_owner=panel.share.kind != "owner")
        if not text:
            return
        _write(painter, name, text, self.font)
        size = self._size_text(tile.size)
        if has_size and metrics.horizontalAdvance(size) <= area.width():
            _write(painter, area.translated(0, metrics.height()), size, self.font)

    def _paint_mark(self, painter: QPainter, tile: Tile) -> None:
        row = _trouble(tile)
        side = min(_MARK, tile.rect.width() - 2, tile.rect.height() - 2)
        if row is None or side < _LEAST_MARK:
            return
        mark = QRect(0, 0, side, side)
        mark.moveCenter(tile.rect.center())
        if _is_roomy(tile):
            mark.moveTopRight(tile.rect.topRight() + QPoint(-2, 2))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.colours.base))
        painter.drawEllipse(mark)
        sign = state_sign(row)
        inner = mark.adjusted(2, 2, -2, -2) if side > 10 else mark
        paint_icon(painter, inner, sign.icon, getattr(self.colours, sign.tone))

    def _size_text(self, size: int) -> str:
        if self.area == "frees":
            return QCoreApplication.translate("map", "frees {}").format(size_text(size))
        return size_text(size)

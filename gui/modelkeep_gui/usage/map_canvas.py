"""What the map shows, and where: laid out and painted once, and again only when it is another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from modelkeep.rows import ModelRow
from modelkeep_gui.theme import GRID, colours_of
from modelkeep_gui.usage.map_picture import MapPicture, frame_for
from modelkeep_gui.usage.map_text import describe, left_out_text
from modelkeep_gui.usage.shares import Grouping, Share, by_share, disk_usage
from modelkeep_gui.usage.tiles import Area, Tiles, lay_out

__all__ = ["RING", "MapCanvas"]

RING = 4
"""Pixels around a tile that its outline may take."""

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_WRAPPED = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
_MANY = 100
"""Changed tiles from which on it is quicker to paint all than to work out where they are."""


class MapCanvas(QWidget):
    """Rows as areas, in the groups and the colours of the disk bar.

    Signals:
        laid_out: that the tiles are others, or elsewhere.
    """

    laid_out = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[ModelRow] = ()
        self._grouping: Grouping = "library"
        self._shares: Sequence[Share] | None = None
        self._root_names: Mapping[str, str] = {}
        self._area: Area = "on_disk"
        self._placeholder = ""
        self._foot_text = ""
        self._hovered: int | None = None
        # Made when they are needed: rows may change many times before.
        self._picture: MapPicture | None = None
        self._pixmap: QPixmap | None = None
        self.setMouseTracking(True)

    def set_rows(
        self,
        rows: Sequence[ModelRow],
        grouping: Grouping = "library",
        shares: Sequence[Share] | None = None,
        root_names: Mapping[str, str] | None = None,
    ) -> None:
        """Show `rows` in groups.

        `shares` are those of the disk bar and give the groups their order and colours; when None, `rows` alone are
        shared out. `root_names` says what caches are called, by their paths.
        """
        self._rows, self._grouping, self._shares = rows, grouping, shares
        self._root_names = root_names or {}
        self._begin_anew()

    def set_area(self, area: Area) -> None:
        """Let areas be what models hold on the disk, or what deleting each would free."""
        self._area = area
        self._begin_anew()

    def set_placeholder(self, text: str) -> None:
        """What is written in the middle while there is no tile, such as why."""
        self._placeholder = text
        self._begin_anew()

    @property
    def is_laid_out(self) -> bool:
        """Whether `tiles` is known; it is worked out when it is asked for, and before `laid_out`."""
        return self._picture is not None

    @property
    def tiles(self) -> Tiles:
        """The map as it lies now."""
        return self.picture.map

    @property
    def picture(self) -> MapPicture:
        """The map as it is painted now."""
        if self._picture is None:
            self._picture = MapPicture(
                self._lay_out(), self._area, colours_of(self.palette()), self.font(), self._root_names
            )
            self.laid_out.emit()
        return self._picture

    def update_tiles(self, numbers: Iterable[int]) -> None:
        """Paint these tiles again, and what is around them."""
        changed = list(numbers)
        if len(changed) > _MANY:
            self.update()
            return
        region = QRegion()
        for number in changed:
            region += self.tiles.tiles[number].rect.adjusted(-RING, -RING, RING, RING)
        self.update(region)

    # Laying out -------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(640, 400)

    def _begin_anew(self) -> None:
        self._picture = self._pixmap = self._hovered = None
        self.update()

    def _lay_out(self) -> Tiles:
        shares = self._shares
        if shares is None:
            shares = disk_usage(self._rows, self._grouping, total=0, free=0).models
        parts = by_share(self._rows, self._grouping, shares)
        box = self.rect().adjusted(GRID, GRID, -GRID, -GRID)
        frame = frame_for(self.fontMetrics())
        tiles = lay_out(parts, self._area, box, frame)
        if tiles.left_out(self._rows):
            # Now a line is needed that says so.
            box.setBottom(self._foot().top() - GRID)
            tiles = lay_out(parts, self._area, box, frame)
        self._foot_text = left_out_text(tiles.left_out(self._rows), self._area)
        return tiles

    def _foot(self) -> QRect:
        area = self.rect().adjusted(2 * GRID, GRID, -2 * GRID, -GRID)
        area.setTop(area.bottom() - self.fontMetrics().height())
        return area

    # Painting ---------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        picture = self.picture
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._painted(picture))
        if self._hovered is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            picture.paint_hovered(painter, self._hovered)
        painter.end()

    def _painted(self, picture: MapPicture) -> QPixmap:
        scale = self.devicePixelRatioF()
        if self._pixmap is None or self._pixmap.devicePixelRatio() != scale:
            self._pixmap = QPixmap(self.size() * scale)
            self._pixmap.setDevicePixelRatio(scale)
            self._pixmap.fill(QColor(picture.colours.base))
            painter = QPainter(self._pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            picture.paint(painter)
            painter.setFont(self.font())
            painter.setPen(QColor(picture.colours.muted))
            painter.drawText(self._foot(), _LEFT, self._foot_text)
            if not picture.map.tiles:
                area = self.rect().adjusted(6 * GRID, 0, -6 * GRID, 0)
                painter.drawText(area, _WRAPPED, self._placeholder)
            painter.end()
        return self._pixmap

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._begin_anew()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._begin_anew()

    # What is under the pointer ----------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            number = self.tiles.at(event.pos())
            if number is None:
                QToolTip.hideText()
            else:
                tile = self.tiles.tiles[number]
                QToolTip.showText(event.globalPos(), describe(tile, self._area), self, tile.rect)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.tiles.at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)

    def _hover(self, number: int | None) -> None:
        if number != self._hovered:
            changed = {each for each in (number, self._hovered) if each is not None}
            self._hovered = number
            self.update_tiles(changed)

"""Icons by name: `icon("delete")`. Each is an SVG of one colour, tinted when it is painted.

So an icon follows the theme at once, is lighter where its button is disabled, and is sharp on any screen.
"""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QIconEngine, QPainter, QPixmap

from modelkeep_gui.theme import colours_of
from modelkeep_resources import resource

__all__ = ["icon", "paint_icon"]

_OWN_COLOURS = frozenset({"app"})


@cache
def icon(name: str, tone: str = "text") -> QIcon:
    """The icon `name`, in the theme's colour `tone`: "text", "muted", "accent", "good", "warn", "bad".

    Raises `FileNotFoundError` for a name that has no SVG in the resources.
    """
    resource(f"icons/{name}.svg")
    # The cache keeps the icon, and the icon its engine: Qt must never be left with one that Python let go.
    return QIcon(_TintedEngine(name, tone))


def paint_icon(painter: QPainter, rect: QRect, name: str, colour: str) -> None:
    """Paint an icon in a colour of one's own choice, in the middle of `rect`."""
    side = min(rect.width(), rect.height())
    pixmap = _tinted(name, colour, side, painter.device().devicePixelRatioF())
    place = QRect(0, 0, side, side)
    place.moveCenter(rect.center())
    painter.drawPixmap(place, pixmap)


class _TintedEngine(QIconEngine):
    """Paints an SVG in the colour that the application's palette has at that moment."""

    def __init__(self, name: str, tone: str) -> None:
        super().__init__()
        self._name = name
        self._tone = tone

    def clone(self) -> QIconEngine:
        return _kept(_TintedEngine(self._name, self._tone))

    def key(self) -> str:
        return "modelkeep"

    def iconName(self) -> str:
        return self._name

    def isNull(self) -> bool:
        return False

    def actualSize(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QSize:
        side = min(size.width(), size.height())
        return QSize(side, side)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        paint_icon(painter, rect, self._name, self._colour(mode))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        return _tinted(self._name, self._colour(mode), min(size.width(), size.height()), scale)

    def _colour(self, mode: QIcon.Mode) -> str:
        colours = colours_of(QGuiApplication.palette())
        if mode == QIcon.Mode.Disabled:
            return colours.disabled
        return str(getattr(colours, self._tone))


_clones: list[QIconEngine] = []


def _kept(engine: QIconEngine) -> QIconEngine:
    _clones.append(engine)
    return engine


@cache
def _tinted(name: str, colour: str, side: int, scale: float) -> QPixmap:
    """The icon as pixels: `side` of the device-independent kind, `scale` of the screen's for each."""
    from PySide6.QtSvg import QSvgRenderer  # after the first paint of a window without icons, not before

    renderer = QSvgRenderer(str(resource(f"icons/{name}.svg")))
    pixels = round(side * scale)
    pixmap = QPixmap(pixels, pixels)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, pixels, pixels))
    if name not in _OWN_COLOURS:
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
        painter.fillRect(pixmap.rect(), QColor(colour))
    painter.end()
    pixmap.setDevicePixelRatio(scale)
    return pixmap

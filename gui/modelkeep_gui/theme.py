"""How Modelkeep looks: Qt's Fusion style in colours of our own, light and dark. No other module names a colour.

A widget that paints asks `colours_of(self.palette())`, so it follows the palette it was given and needs nothing
handed on. Distances are multiples of `GRID`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from modelkeep_resources import resource

__all__ = ["DARK", "GRID", "LIGHT", "Choice", "Colours", "Theme", "colours_of", "palette_of", "text_upon"]

Choice = Literal["system", "light", "dark"]

GRID = 4
"""Pixels; margins and distances are 4, 8, 12, 16 or 24."""


@dataclass(frozen=True)
class Colours:
    """A palette by meaning, as "#rrggbb". Every text colour has a contrast of at least 4.5:1 on every ground."""

    is_dark: bool
    # Grounds.
    window: str
    base: str
    alternate: str
    raised: str
    """Buttons, the message bar, chips."""
    hovered: str
    selected: str
    # Lines.
    line: str
    strong_line: str
    # Texts.
    text: str
    muted: str
    disabled: str
    """Not for reading: what cannot be used just now."""
    accent: str
    on_accent: str
    good: str
    warn: str
    bad: str
    # Areas.
    trash: str
    other: str
    free: str
    segments: tuple[str, ...]
    """Eight areas that stay apart for colour-blind eyes too (OKLab distance, simulated after Machado 2009)."""


LIGHT = Colours(
    is_dark=False,
    window="#f4f5f7",
    base="#ffffff",
    alternate="#fafbfc",
    raised="#ffffff",
    hovered="#eceff3",
    selected="#dbe8fb",
    line="#e1e4e9",
    strong_line="#c3c9d2",
    text="#1b2027",
    muted="#59626e",
    disabled="#a3aab4",
    accent="#1d5fc4",
    on_accent="#ffffff",
    good="#18703a",
    warn="#8a5200",
    bad="#b4241b",
    trash="#8d7f78",
    other="#b4bac4",
    free="#e4e7ec",
    segments=(
        "#3c7395",
        "#e6ad29",
        "#23d3bb",
        "#7c1555",
        "#57a2e1",
        "#a53c03",
        "#829963",
        "#383896",
    ),
)

DARK = Colours(
    is_dark=True,
    window="#1c1f24",
    base="#16181c",
    alternate="#191b20",
    raised="#25292f",
    hovered="#2a2f36",
    selected="#243c5c",
    line="#2c3138",
    strong_line="#464d57",
    text="#e3e6eb",
    muted="#a2abb7",
    disabled="#666e79",
    accent="#7db2ff",
    on_accent="#0c1a2e",
    good="#6bd08f",
    warn="#ecb84d",
    bad="#ff8b80",
    trash="#8f8177",
    other="#5b626d",
    free="#2a2e35",
    segments=(
        "#6a82e4",
        "#d89304",
        "#09b9a7",
        "#914599",
        "#9cedfe",
        "#b8510f",
        "#efe26a",
        "#bfadff",
    ),
)


def colours_of(palette: QPalette) -> Colours:
    """The colours that go with a widget's palette."""
    return DARK if palette.color(QPalette.ColorRole.Base).lightness() < 128 else LIGHT


@cache
def text_upon(ground: str) -> str:
    """The colour for a text on any ground: black or white, of which one always has a contrast of 4.5:1."""
    colour = QColor(ground)
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    # Relative luminance and its middle, from which both have the same contrast, as in WCAG 2.2.
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return "#000000" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 else "#ffffff"


@cache
def palette_of(colours: Colours) -> QPalette:
    """Qt's palette in these colours."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    shadow = QColor(colours.window).darker(130)
    roles = {
        role.Window: colours.window,
        role.WindowText: colours.text,
        role.Base: colours.base,
        role.AlternateBase: colours.alternate,
        role.Text: colours.text,
        role.Button: colours.raised,
        role.ButtonText: colours.text,
        role.BrightText: colours.on_accent,
        role.ToolTipBase: colours.raised,
        role.ToolTipText: colours.text,
        role.PlaceholderText: colours.muted,
        role.Highlight: colours.selected,
        role.HighlightedText: colours.text,
        role.Accent: colours.accent,
        role.Link: colours.accent,
        role.LinkVisited: colours.accent,
        role.Light: colours.raised,
        role.Midlight: colours.hovered,
        role.Mid: colours.line,
        role.Dark: colours.strong_line,
        role.Shadow: shadow.name(),
    }
    palette = QPalette()
    for name, colour in roles.items():
        palette.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText, role.PlaceholderText):
        palette.setColor(group.Disabled, name, QColor(colours.disabled))
    palette.setColor(group.Disabled, role.Highlight, QColor(colours.hovered))
    # A window that is not in front keeps its selection readable, only quieter.
    palette.setColor(group.Inactive, role.Highlight, QColor(colours.hovered))
    return palette


class Theme(QObject):
    """Dresses an application, and dresses it anew when the choice or the system's scheme changes.

    Signals:
        changed: the `Colours` now in use. Widgets need not listen: they get a palette change and paint again.
    """

    changed = Signal(object)

    def __init__(self, application: QApplication, choice: Choice = "system") -> None:
        super().__init__(application)
        self._application = application
        self._choice: Choice = choice
        self._worn: Colours | None = None
        application.setStyle("Fusion")
        application.styleHints().colorSchemeChanged.connect(self._dress)
        self._dress()

    @property
    def choice(self) -> Choice:
        return self._choice

    @property
    def colours(self) -> Colours:
        """The colours in use."""
        return self._wanted()

    def choose(self, choice: Choice) -> None:
        """Wear what the user chose, at once."""
        self._choice = choice
        self._dress()

    def _wanted(self) -> Colours:
        if self._choice == "system":
            scheme = self._application.styleHints().colorScheme()
            return DARK if scheme == Qt.ColorScheme.Dark else LIGHT
        return DARK if self._choice == "dark" else LIGHT

    def _dress(self) -> None:
        colours = self._wanted()
        if colours == self._worn:
            return
        self._worn = colours
        self._application.setPalette(palette_of(colours))
        # Set again each time: a style sheet looks its palette() colours up once.
        self._application.setStyleSheet("")
        self._application.setStyleSheet(_style_sheet(colours))
        self.changed.emit(colours)


def _style_sheet(colours: Colours) -> str:
    # The one picture in it is of a fixed colour, so there is one for each ground.
    tick = resource("icons/tick-dark.svg" if colours.is_dark else "icons/tick-light.svg")
    return resource("styles/modelkeep.qss").read_text("utf-8").replace("{tick}", tick.as_posix())

"""Grounds for marked text: light ones of the theme's areas, on which its text can be read."""

from __future__ import annotations

from functools import cache

from PySide6.QtGui import QColor

from modelkeep_gui.theme import Colours

__all__ = ["ground", "shade"]

_STRENGTH = 0.3


def ground(colours: Colours, number: int) -> str:
    """A ground as "#rrggbb" that differs from those of the seven numbers next to it."""
    return _blend(colours.base, colours.segments[number % len(colours.segments)], _STRENGTH)


def shade(colours: Colours, share: float) -> str:
    """A ground that is the more coloured the larger the share, 0.0 to 1.0."""
    return _blend(colours.base, colours.accent, 0.55 * min(1.0, max(0.0, share)))


@cache
def _blend(one: str, other: str, share: float) -> str:
    first, second = QColor(one), QColor(other)
    red, green, blue = (
        round(a + (b - a) * share)
        for a, b in (
            (first.red(), second.red()),
            (first.green(), second.green()),
            (first.blue(), second.blue()),
        )
    )
    return QColor(red, green, blue).name()

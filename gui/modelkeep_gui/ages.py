"""Lengths of time in the language of the window."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from modelkeep import text

__all__ = ["age_text"]


def age_text(seconds: float) -> str:
    """A length of time by its largest unit: "now", "12 min", "5 h", "23 d", "7 mo", "3 y"."""
    count, _, unit = text.age_text(seconds).partition(" ")
    match unit:
        case "min":
            return _tr("{} min").format(count)
        case "h":
            return _tr("{} h").format(count)
        case "d":
            return _tr("{} d").format(count)
        case "mo":
            return _tr("{} mo").format(count)
        case "y":
            return _tr("{} y").format(count)
    return _tr("now")


def _tr(text: str) -> str:
    return QCoreApplication.translate("ages", text)

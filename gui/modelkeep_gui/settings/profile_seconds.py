"""A time limit in seconds."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSpinBox

__all__ = ["SecondsField"]

_MOST = 3600


class SecondsField(QSpinBox):
    """Whole seconds; a fraction that somebody wrote into the settings stays while nobody turns here.

    Signals:
        changed: another number.
    """

    changed = Signal()

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__()
        self._given = seconds
        self.setRange(1, _MOST)
        self.setValue(round(seconds))
        self.setSuffix(self.tr(" s"))
        self.setAccessibleName(name)
        self.valueChanged.connect(lambda _: self.changed.emit())

    @property
    def seconds(self) -> float:
        return self._given if self.value() == min(max(round(self._given), 1), _MOST) else float(self.value())

"""How the window looks."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QButtonGroup, QRadioButton, QVBoxLayout, QWidget

from modelkeep.settings import Settings, Theme
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import caption

__all__ = ["AppearancePage"]

_THEMES: tuple[Theme, ...] = ("system", "light", "dark")


class AppearancePage(QWidget):
    """Light, dark, or as the system is."""

    def __init__(self) -> None:
        super().__init__()
        names = (self.tr("&As the system"), self.tr("&Light"), self.tr("&Dark"))
        self.themes = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(caption(self.tr("Colours")))
        for number, name in enumerate(names):
            choice = QRadioButton(name)
            self.themes.addButton(choice, number)
            layout.addWidget(choice)
        layout.addStretch()

    @property
    def title(self) -> str:
        return self.tr("Appearance")

    def load(self, settings: Settings) -> None:
        self.themes.button(_THEMES.index(settings.theme)).setChecked(True)

    def save(self, settings: Settings) -> Settings:
        return replace(settings, theme=_THEMES[self.themes.checkedId()])

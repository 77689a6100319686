"""How the window looks, and which language it speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtWidgets import QButtonGroup, QRadioButton, QVBoxLayout, QWidget

from modelkeep.settings import Settings, Theme
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import caption, remark

__all__ = ["AppearancePage"]

_THEMES: tuple[Theme, ...] = ("system", "light", "dark")
_LANGUAGES = ("", "en", "zh_CN")


class AppearancePage(QWidget):
    """Light, dark, or as the system is; and the language."""

    def __init__(self) -> None:
        super().__init__()
        self.themes = QButtonGroup(self)
        self.languages = QButtonGroup(self)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2 * GRID)
        themes = (self.tr("&As the system"), self.tr("&Light"), self.tr("&Dark"))
        self._add_choices(self.tr("Colours"), self.themes, themes)
        self._layout.addSpacing(4 * GRID)
        # Who reads none of the words here must still find their own language: each is named in itself.
        self._add_choices(self.tr("Language"), self.languages, (self.tr("As the s&ystem"), "English", "中文"))
        self._layout.addWidget(remark(self.tr("The language changes at the next start.")))
        self._layout.addStretch()

    @property
    def title(self) -> str:
        return self.tr("Appearance")

    def load(self, settings: Settings) -> None:
        self.themes.button(_THEMES.index(settings.theme)).setChecked(True)
        # A language that is not one of these was written into the file by hand: none is chosen, and it stays.
        if settings.language in _LANGUAGES:
            self.languages.button(_LANGUAGES.index(settings.language)).setChecked(True)

    def save(self, settings: Settings) -> Settings:
        theme, language = self.themes.checkedId(), self.languages.checkedId()
        return replace(
            settings,
            theme=_THEMES[theme],
            language=_LANGUAGES[language] if language >= 0 else settings.language,
        )

    def _add_choices(self, title: str, group: QButtonGroup, names: Sequence[str]) -> None:
        self._layout.addWidget(caption(title))
        for number, name in enumerate(names):
            choice = QRadioButton(name)
            choice.setAccessibleDescription(title)
            group.addButton(choice, number)
            self._layout.addWidget(choice)

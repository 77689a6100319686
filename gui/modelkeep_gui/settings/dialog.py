"""The preferences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QTabWidget, QVBoxLayout, QWidget

from modelkeep.rows import RootView
from modelkeep.settings import Settings, load_settings
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.settings.appearance_page import AppearancePage
from modelkeep_gui.settings.caches_page import CachesPage
from modelkeep_gui.settings.changes import with_changes
from modelkeep_gui.settings.hubs_page import HubsPage
from modelkeep_gui.settings.inference_page import InferencePage
from modelkeep_gui.settings.remotes_page import RemotesPage
from modelkeep_gui.theme import GRID

__all__ = ["Page", "PreferencesDialog"]


class Page(Protocol):
    """A part of the preferences: it shows settings, and gives them back with what was chosen on it."""

    @property
    def title(self) -> str: ...
    def load(self, settings: Settings) -> None: ...
    def save(self, settings: Settings) -> Settings: ...


class PreferencesDialog(QDialog):
    """Pages of choices. They count when OK or Apply is pressed. Without a `runner` there are no pages of hubs and
    remotes.

    Signals:
        applied: the new `Settings`, if something was chosen: those in the file by then, with what was chosen.
    """

    applied = Signal(object)

    def __init__(
        self,
        settings: Settings,
        views: Sequence[RootView] = (),
        parent: QWidget | None = None,
        *,
        runner: JobRunner | None = None,
    ) -> None:
        super().__init__(parent)
        self._shown = settings
        self.caches = CachesPage(views)
        self.hubs = HubsPage(runner) if runner else None
        self.remotes = RemotesPage(runner, views) if runner else None
        self.inference = InferencePage(runner)
        self.appearance = AppearancePage()
        pages = (self.caches, self.hubs, self.remotes, self.inference, self.appearance)
        self._widgets = [page for page in pages if page is not None]
        self._pages: Sequence[Page] = self._widgets
        self.tabs = QTabWidget()
        self._buttons = QDialogButtonBox()
        self.ok = self._button(self.tr("OK"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.apply = self._button(self.tr("A&pply"), QDialogButtonBox.ButtonRole.ApplyRole)
        self.cancel = self._button(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self._lay_out()
        self._buttons.accepted.connect(self._accept)
        self._buttons.rejected.connect(self.reject)
        self.apply.clicked.connect(self._apply)
        for page in self._pages:
            page.load(settings)

    def _lay_out(self) -> None:
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Preferences"))
        self.resize(170 * GRID, 115 * GRID)
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setAccessibleName(self.tr("Pages"))
        self.tabs.tabBar().setExpanding(False)
        for page in self._widgets:
            page.setContentsMargins(4 * GRID, 4 * GRID, 4 * GRID, 2 * GRID)
            self.tabs.addTab(page, page.title)
        self._buttons.setContentsMargins(4 * GRID, 0, 4 * GRID, 0)
        self.ok.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2 * GRID, 0, 4 * GRID)
        layout.setSpacing(3 * GRID)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self._buttons)

    def _button(self, text: str, role: QDialogButtonBox.ButtonRole) -> QPushButton:
        button = self._buttons.addButton(text, role)
        button.setAutoDefault(False)
        return button

    def _accept(self) -> None:
        self._apply()
        self.accept()

    def _apply(self) -> None:
        before = chosen = self._shown
        for page in self._pages:
            chosen = page.save(chosen)
        if chosen != before:
            self._shown = chosen
            self.applied.emit(with_changes(load_settings().settings, before, chosen))

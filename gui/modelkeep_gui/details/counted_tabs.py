"""Tabs that say how many things are on their pages, as long as there is room for it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QTabWidget, QWidget

__all__ = ["CountedTabs"]


class CountedTabs(QTabWidget):
    """All tabs are always seen: where they are too many for the width, first the figures go, then ends of names."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: list[str] = []
        self._counts: list[int] = []
        self.setDocumentMode(True)
        self.setUsesScrollButtons(False)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.tabBar().setExpanding(False)

    def add(self, page: QWidget, name: str) -> None:
        """Add a page."""
        self._names.append(name)
        self._counts.append(0)
        self.addTab(page, name)
        self._write()

    def set_count(self, tab: int, count: int) -> None:
        """Say how many things are on a page; of none nothing is said."""
        self._counts[tab] = count
        self._write()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._write()

    def _write(self) -> None:
        full = [f"{name} {count:,}" if count else name for name, count in zip(self._names, self._counts)]
        self._put(full)
        has_room = self.tabBar().sizeHint().width() <= self.width()
        if not has_room:
            self._put(self._names)
        is_whole = has_room or self.tabBar().sizeHint().width() <= self.width()
        for tab, text in enumerate(full):
            # What is not to be read on the tab is read above it.
            self.setTabToolTip(tab, "" if is_whole and text == self.tabText(tab) else text)
            self.tabBar().setAccessibleTabName(tab, text)

    def _put(self, texts: list[str]) -> None:
        for tab, text in enumerate(texts):
            if text != self.tabText(tab):
                self.setTabText(tab, text)

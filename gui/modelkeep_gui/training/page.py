"""The page of trainings: all of them, and how the selected one goes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from modelkeep.errors import ModelKeepError
from modelkeep_gui.theme import GRID
from modelkeep_gui.training.about import About
from modelkeep_gui.training.feed import TrainingFeed
from modelkeep_gui.training.pane import TrainingPane
from modelkeep_gui.training.table import TrainingTable

__all__ = ["TrainingsPage"]


class TrainingsPage(QWidget):
    """Looks at those of other programs only while it is seen.

    Signals:
        wished: a tuple of an `About` and what is to be done with it, as `TrainingPane` says.
    """

    wished = Signal(object)

    def __init__(self, feed: TrainingFeed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self._feed = feed
        self._wanted = ""
        self.table = TrainingTable(feed)
        self.pane = TrainingPane(feed)
        self._parts = QSplitter(Qt.Orientation.Vertical)
        self._parts.setChildrenCollapsible(False)
        self._parts.setHandleWidth(1)
        above = QWidget()
        beside = QVBoxLayout(above)
        beside.setContentsMargins(2 * GRID, 0, GRID, 0)
        beside.addWidget(self.table)
        for part, stretch in ((above, 2), (self.pane, 5)):
            self._parts.addWidget(part)
            self._parts.setStretchFactor(self._parts.indexOf(part), stretch)
        self._parts.setSizes([40 * GRID, 100 * GRID])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._parts)
        self.pane.hide()
        self.pane.wished.connect(self.wished)
        self.table.chosen.connect(self._show)
        feed.changed.connect(self._take)
        feed.advanced.connect(self.table.advance)
        feed.refused.connect(self._refuse)
        self._take(feed.trainings)

    def choose(self, id: str) -> None:
        """Show one, as soon as it is known."""
        self._wanted = "" if self.table.choose(id) else id

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._feed.watch(True)
        self._feed.look_at(self.table.selected)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._feed.watch(False)
        self._feed.look_at("")

    def _take(self, trainings: Sequence[About]) -> None:
        self.table.show_trainings(trainings)
        if self._wanted:
            self.choose(self._wanted)
        if one := self._feed.find(self.table.selected):
            self.pane.show_training(one)
        self.pane.setVisible(bool(trainings))

    def _show(self, id: str) -> None:
        if one := self._feed.find(id):
            self.pane.show_training(one)
        if self.isVisible():
            self._feed.look_at(id)

    def _refuse(self, error: ModelKeepError) -> None:
        self.table.set_placeholder(f"{error} {error.hint}".strip())

"""A place that models are in: a remote by its name, or a cache by its path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from modelkeep.rows import RootView
from modelkeep_gui.icons import icon
from modelkeep_gui.library.sidebar import KIND_ICONS

if TYPE_CHECKING:
    from modelkeep.remotes import RemoteView

__all__ = ["PlaceChoice"]


class PlaceChoice(QComboBox):
    """A list of places of which one is chosen.

    Signals:
        place_chosen: another place than before (str).
    """

    place_chosen = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setMinimumContentsLength(24)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.currentIndexChanged.connect(lambda _: self._tell())

    @property
    def place(self) -> str:
        """What the core calls it, "" while there is none."""
        return self.currentData() or ""

    @property
    def place_text(self) -> str:
        """What people call it."""
        return self.currentText()

    def set_places(
        self, remotes: Sequence[RemoteView], roots: Sequence[RootView], chosen: str = "", without: str = ""
    ) -> None:
        """Offer these but for one; `chosen` is the place to begin with."""
        chosen = chosen or self.place
        self.blockSignals(True)
        self.clear()
        for view in remotes:
            self._add(KIND_ICONS.get(view.kind, "cloud"), view.name, view.name, view.url, without)
        for root in roots:
            self._add("cache", root.name, root.path, root.path, without)
        place = self.findData(chosen)
        self.setCurrentIndex(place if place >= 0 else 0 if self.count() else -1)
        self.blockSignals(False)
        self._tell(quietly=True)

    def _add(self, mark: str, text: str, place: str, tooltip: str, without: str) -> None:
        if place != without:
            self.addItem(icon(mark), text, place)
            self.setItemData(self.count() - 1, tooltip, Qt.ItemDataRole.ToolTipRole)

    def _tell(self, *, quietly: bool = False) -> None:
        self.setToolTip(str(self.currentData(Qt.ItemDataRole.ToolTipRole) or ""))
        if not quietly:
            self.place_chosen.emit(self.place)

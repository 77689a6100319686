"""Which cache something is brought into: those that can be written to, with their free space."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from modelkeep.cache.inventory import RootState
from modelkeep.rows import RootView
from modelkeep.text import size_text

__all__ = ["RootChoice"]


class RootChoice(QComboBox):
    """A list of caches of which one is chosen, the default one at first.

    Signals:
        root_chosen: the path of another cache than before.
    """

    root_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._root = ""
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.currentIndexChanged.connect(lambda _: self._tell())

    @property
    def root(self) -> str:
        """The path of the chosen cache, "" while there is none."""
        return self._root

    def show_roots(self, views: Sequence[RootView]) -> None:
        """Offer these, as far as they can be written to. The chosen one stays chosen."""
        usable = [view for view in views if view.state in (RootState.READY, RootState.MISSING)]
        if [view.path for view in usable] != [self.itemData(place) for place in range(self.count())]:
            self._offer(usable)
        for place, view in enumerate(usable):  # in place: the list may be open
            self.setItemText(place, self._text(view))
        self.setEnabled(bool(usable))

    def _offer(self, usable: list[RootView]) -> None:
        paths = [view.path for view in usable]
        default = next((view.path for view in usable if view.is_default), paths[0] if paths else "")
        chosen = self._root if self._root in paths else default
        self.blockSignals(True)
        self.clear()
        for view in usable:
            self.addItem(self._text(view), view.path)
            self.setItemData(self.count() - 1, view.path, Qt.ItemDataRole.ToolTipRole)
        self.setCurrentIndex(self.findData(chosen))
        self.blockSignals(False)
        self._tell()

    def _text(self, view: RootView) -> str:
        if not view.disk_total:
            return view.name
        return self.tr("{name} · {free} free").format(name=view.name, free=size_text(view.disk_free))

    def _tell(self) -> None:
        root = self.currentData() or ""
        self.setToolTip(root)
        if root != self._root:
            self._root = root
            self.root_chosen.emit(root)

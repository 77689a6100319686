"""Keeps the map and the table at the same rows and the same selection."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSettings, QTimer

from modelkeep_gui.library.table_model import LibraryTableModel
from modelkeep_gui.library.view import LibraryView
from modelkeep_gui.usage.disk_bar import DiskBar
from modelkeep_gui.usage.treemap import Treemap

__all__ = ["MapLink"]


class MapLink(QObject):
    """What the table shows is on the map, in the groups of the disk bar; what is selected in one is in the other."""

    def __init__(self, map: Treemap, view: LibraryView, table: LibraryTableModel, disk_bar: DiskBar) -> None:
        super().__init__(map)
        self._map, self._table, self._disk_bar = map, table, disk_bar
        # One change of rows is told in many signals.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._show_rows)
        table.layoutChanged.connect(self.refresh)
        table.dataChanged.connect(self.refresh)
        # Neither emits what it was told by `select`, or only what the other has already: so it ends there.
        map.selection_changed.connect(view.select)
        view.selection_changed.connect(map.select)

    def restore(self, store: QSettings) -> None:
        """Show the areas that were chosen last, and keep in `store` what is chosen from now on."""
        area = store.value("map/area")
        if area in ("on_disk", "frees"):
            self._map.set_area(area)
        self._map.area_chosen.connect(lambda chosen: store.setValue("map/area", chosen))

    def refresh(self) -> None:
        """Show on the map, soon, what the table and the disk bar show."""
        # In another order the same rows are the same map.
        if not self._table.is_sorting:
            self._soon.start()

    def _show_rows(self) -> None:
        bar = self._disk_bar
        self._map.set_rows(self._table.shown_rows, bar.grouping, bar.usage.models, bar.root_names)

"""The first step of the connected side: what the other side has, from the inventory that was carried here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from modelkeep.errors import ArchiveError, ModelKeepError
from modelkeep_gui.airgap.aside import aside
from modelkeep_gui.airgap.drop_area import DropArea
from modelkeep_gui.airgap.text import made_text, missing_text, old_text, site_facts, site_name
from modelkeep_gui.dialogs.plan_wait import PlanWait
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.notice import Notice

if TYPE_CHECKING:
    from modelkeep.archive.holdings import Holdings

__all__ = ["SiteChoice"]


class SiteChoice(QWidget):
    """Takes an inventory file, or that there is none.

    Signals:
        changed: another inventory, or none.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._holdings: Holdings | None = None
        self._path = ""
        self.drop = DropArea(
            "import",
            self.tr("Drop the other side’s inventory here"),
            self.tr(
                "The file that its Modelkeep wrote, such as here.json: what is in it need not be carried again."
            ),
        )
        self.choose = self.drop.add_button(self.tr("&Choose the file…"), "folder")
        self.site = DropArea("here", "", "")
        self.other = self.site.add_button(self.tr("Another &file…"), "folder")
        self.nothing = QCheckBox(self.tr("&It has nothing, or I do not know: pack every file"))
        self.wait = PlanWait()
        self.warning = Notice()
        self.warning.hide()
        self._pages = QStackedWidget()
        for page in (self.drop, self.site):
            self._pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3 * GRID)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self.warning)
        layout.addWidget(self.wait)
        layout.addWidget(self.nothing)
        self.setFocusProxy(self.choose)
        self.choose.clicked.connect(self.choose_file)
        self.other.clicked.connect(self.choose_file)
        for area in (self.drop, self.site):
            area.dropped.connect(lambda paths: self.read(paths[0]))
        self.nothing.toggled.connect(lambda _: self._follow())
        self.wait.again_requested.connect(lambda: self.read(self._path))

    @property
    def holdings(self) -> Holdings | None:
        """What the other side has, None when it has nothing, or nobody knows."""
        return None if self.nothing.isChecked() else self._holdings

    @property
    def is_decided(self) -> bool:
        """Whether one can go on."""
        return self.nothing.isChecked() or (self._holdings is not None and not self.wait.is_waiting)

    def choose_file(self) -> None:
        dialog = QFileDialog(self, self.tr("Inventory of the other side"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        inventories = self.tr("Inventories") + " (*.json *.json.gz)"
        dialog.setNameFilters([inventories, self.tr("All files") + " (*)"])
        dialog.fileSelected.connect(self.read)
        dialog.open()

    def read(self, path: str) -> None:
        """Look at an inventory file."""
        from modelkeep.archive.holdings import read_holdings

        self._path = path
        self.nothing.setChecked(False)
        if missing := missing_text(Path(path)):
            self._fail(path, ArchiveError(missing))
            return
        self.wait.begin(self.tr("Reading {}").format(Path(path).name))
        aside(
            self,
            lambda: read_holdings(Path(path)),
            lambda holdings: self._take(path, holdings),
            lambda error: self._fail(path, error),
        )
        self._follow()

    def _take(self, path: str, holdings: Holdings) -> None:
        if path != self._path:
            return
        self._holdings = holdings
        self.site.title.setText(site_name(holdings))
        self.site.said.setText("\n".join((site_facts(holdings), made_text(holdings), Path(path).name)))
        self.warning.say(old_text(holdings), "warning", "warn")
        self._pages.setCurrentWidget(self.site)
        self.setFocusProxy(self.other)
        self.wait.end()
        self._follow()

    def _fail(self, path: str, error: ModelKeepError) -> None:
        if path != self._path:
            return
        self._holdings = None
        self._pages.setCurrentWidget(self.drop)
        self.setFocusProxy(self.choose)
        self.wait.fail(error)
        self._follow()

    def _follow(self) -> None:
        self._pages.setEnabled(not self.nothing.isChecked())
        self.warning.setVisible(self.holdings is not None and bool(self.warning.text))
        self.changed.emit()

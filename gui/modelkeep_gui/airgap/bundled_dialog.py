"""What was packed, for who had closed the assistant by then."""

from __future__ import annotations

from PySide6.QtWidgets import QDialogButtonBox, QWidget

from modelkeep_gui.airgap.packing import BundledPage
from modelkeep_gui.airgap.text import Bundled
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.theme import GRID

__all__ = ["BundledDialog"]


class BundledDialog(Sheet):
    """The last page of the assistant."""

    def __init__(self, done: Bundled, parent: QWidget | None = None) -> None:
        super().__init__("", "stick", "accent", parent)
        self.setWindowTitle(self.tr("Bundle"))
        self.page = BundledPage()
        self.page.show_bundle(done)
        self.page.title.hide()
        self.heading.setText(self.page.title.text())
        self.body.addWidget(self.page)
        self.close_ = self.add_button(self.tr("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        self.resize(190 * GRID, 90 * GRID)
        self.set_default(self.close_)

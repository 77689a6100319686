"""A dialog that goes step by step: where one is above, one page at a time, and buttons to go on and back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialogButtonBox, QStackedWidget, QWidget

from modelkeep_gui.airgap.step_line import StepLine
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.theme import GRID

__all__ = ["Assistant"]


class Assistant(Sheet):
    """Shows a page for each step, and pages that come after the last.

    What the button `next` says and does at a step is for who makes one to say; `back` goes back.

    Signals:
        stepped: the number of the page that is shown now, from 0.
    """

    stepped = Signal(object)

    def __init__(self, icon_name: str, parent: QWidget | None = None) -> None:
        super().__init__("", icon_name, "accent", parent)
        self._pages = QStackedWidget()
        self._steps = StepLine()
        self.back = self.add_button(self.tr("&Back"), QDialogButtonBox.ButtonRole.ResetRole)
        self.next = self.add_button(self.tr("&Next"), QDialogButtonBox.ButtonRole.ActionRole)
        self.cancel = self.add_button(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self.body.addWidget(self._steps)
        self.body.addSpacing(GRID)
        self.body.addWidget(self._pages, 1)
        self.resize(225 * GRID, 150 * GRID)
        self.back.clicked.connect(lambda _: self.go(self.step - 1))
        self.set_default(self.next)

    def set_steps(self, title: str, names: Sequence[str], pages: Sequence[QWidget]) -> None:
        """What it is called, the names of its steps, and a page for each; further pages come after the last."""
        for page in pages:
            self._pages.addWidget(page)
        self.setWindowTitle(title)
        self.heading.setText(title)
        self._steps.set_names(names)

    @property
    def step(self) -> int:
        """The page that is shown, from 0."""
        return self._pages.currentIndex()

    @property
    def step_text(self) -> str:
        """Where one is, as it is read out."""
        return self._steps.accessibleName()

    def go(self, step: int) -> None:
        """Show a page, and begin at its first field."""
        self._pages.setCurrentIndex(step)
        self._steps.set_current(step)
        self.back.setVisible(0 < step < self._steps.count)
        self.next.setDefault(True)
        page = self._pages.currentWidget()
        if page is not None and (first := page.focusProxy()):
            first.setFocus()
        self.stepped.emit(step)

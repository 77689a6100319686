"""The top of the window of a try: which model it is, with what it is compared, and what it was asked before."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from modelkeep.inference.outcome import RememberedInputs
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.tryout.text import remembered_text
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.flat_button import FlatButton

__all__ = ["Head"]

_BESIDE = Qt.ToolButtonStyle.ToolButtonTextBesideIcon


class Head(QWidget):
    """Names on the left, buttons on the right.

    Signals:
        compare_wanted: to choose what to compare it with.
        compared_no_more: to go on with this model alone.
        remembered_chosen: the `RememberedInputs` to be asked again.
        forget_wanted: to forget what it was asked.
    """

    compare_wanted = Signal()
    compared_no_more = Signal()
    remembered_chosen = Signal(object)
    forget_wanted = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self.revision = ElidedLabel(name), ElidedLabel(muted=True)
        font = self.name.font()
        font.setPointSizeF(font.pointSizeF() * 1.2)
        font.setBold(True)
        self.name.setFont(font)
        self.compare = FlatButton(self.tr("Compare…"), "compare")
        self.alone = FlatButton(self.tr("End the comparison"), "cancel")
        self.history = FlatButton(self.tr("Asked before"), "history")
        self.menu = QMenu(self)
        self.history.clicked.connect(lambda _: self._show_menu())
        for button in (self.compare, self.alone, self.history):
            button.setIconSize(QSize(18, 18))
            button.setToolButtonStyle(_BESIDE)
        self.compare.clicked.connect(lambda _: self.compare_wanted.emit())
        self.alone.clicked.connect(lambda _: self.compared_no_more.emit())
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self.name)
        names.addWidget(self.revision)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(GRID)
        line.addLayout(names, 1)
        for button in (self.alone, self.compare, self.history):
            line.addWidget(button)
        self.alone.hide()
        self.set_remembered(())

    def _show_menu(self) -> None:
        corner = self.history.rect().bottomRight()
        self.menu.popup(self.history.mapToGlobal(corner) - QPoint(self.menu.sizeHint().width(), 0))

    def set_names(self, name: str, revision: str, *, is_compared: bool) -> None:
        """Show what is tried."""
        self.name.setText(name)
        self.revision.setText(revision)
        self.alone.setVisible(is_compared)

    def set_remembered(self, found: Sequence[RememberedInputs]) -> None:
        """Offer what was asked before."""
        self.menu.clear()
        now = time.time()
        for one in found:
            # An ampersand of the text itself is no key.
            action = self.menu.addAction(remembered_text(one, now).replace("&", "&&"))
            action.triggered.connect(lambda _=False, one=one: self.remembered_chosen.emit(one))
        if found:
            self.menu.addSeparator()
        forget = self.menu.addAction(icon("delete"), self.tr("&Forget all of these"))
        forget.setEnabled(bool(found))
        forget.triggered.connect(lambda _=False: self.forget_wanted.emit())
        self.history.setEnabled(bool(found))

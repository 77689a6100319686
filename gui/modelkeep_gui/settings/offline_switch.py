"""The offline switch, with what it does and what holds it."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from modelkeep_gui.settings.profile_text import variable_in
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import remark

__all__ = ["OfflineSwitch"]


class OfflineSwitch(QWidget):
    """A box, and beneath it what follows from it. Who turns it hears of it by `box.clicked`."""

    def __init__(self) -> None:
        super().__init__()
        self.box = QCheckBox(self.tr("Work o&ffline"))
        self.effect = remark("")
        self.effect.setContentsMargins(6 * GRID, 0, 0, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.box)
        layout.addWidget(self.effect)

    def show_reason(self, why: str) -> None:
        """Show why nothing may leave this machine, "" when it may."""
        holder = variable_in(why)
        self.box.setChecked(bool(why))
        self.box.setEnabled(not holder)
        text = self.tr("Nothing leaves this machine.")
        if holder:
            text = self.tr("Nothing leaves this machine, because {} is set where Modelkeep was started.")
        elif not why:
            text = self.tr("When it is on, nothing leaves this machine: no search, no download, no push.")
        self.effect.setText(text.format(holder))
        self.box.setAccessibleDescription(self.effect.text())

"""What should not leave this machine, and the word of who knows better, for each by itself."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from modelkeep.hub.push_plan import PushPlan
from modelkeep_gui.dialogs.push_table import SecretsTable
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.theme import GRID

__all__ = ["SecretsBox"]

_FEW = 3  # that are seen at once


class SecretsBox(QWidget):
    """Shows what of a plan looks like a secret, and is hidden when nothing does.

    Signals:
        changed: one more is allowed, or one less.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.warning = TonedNotice()
        self.table = SecretsTable()
        self.table.toggled.connect(lambda _: self.changed.emit())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self.warning)
        layout.addWidget(self.table)

    def forget(self) -> None:
        """None is allowed any more: there is another plan."""
        self.table.rows.ticked = set()

    def show_plan(self, plan: PushPlan | None) -> None:
        """Show what of these files looks like a secret; what was allowed stays so."""
        secrets = plan.secrets if plan else ()
        self.table.rows.set_values(secrets)
        self.setVisible(bool(secrets))
        if plan is None or not secrets:
            return
        self.table.setFixedHeight(self.table.height_for(min(len(secrets), _FEW)))
        count = self.open_in(plan)
        if not count:
            text = self.tr("It is pushed although it looks like a secret.")
        elif count == 1:
            text = self.tr("This looks like a secret. Leave the file out above, or tick it here.")
        else:
            text = self.tr("{} things look like secrets. Leave the files out above, or tick each here.")
        self.warning.say(text.format(f"{count:,}"), "warning", "bad" if count else "warn")

    def open_in(self, plan: PushPlan) -> int:
        """How many of a plan's are not allowed."""
        return sum(not self.table.rows.is_ticked(secret) for secret in plan.secrets)

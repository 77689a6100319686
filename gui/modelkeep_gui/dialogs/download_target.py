"""The foot of the download dialog: into which cache, whether its disk has the room, what is in the way."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from modelkeep.hub.download_plan import DownloadPlan
from modelkeep.hub.transfer import Transfer
from modelkeep.rows import RootView
from modelkeep_gui.dialogs.disk_room import DiskRoom
from modelkeep_gui.dialogs.download_choice import transfer_of
from modelkeep_gui.dialogs.download_text import obstacle, resumed_text
from modelkeep_gui.dialogs.root_choice import RootChoice
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.progress_line import ProgressLine

__all__ = ["DownloadTarget"]


class DownloadTarget(QWidget):
    """Has the cache chosen, and says what a plan makes of its disk.

    Signals:
        root_chosen: the path of another cache than before.
    """

    root_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._transfers: Sequence[Transfer] = ()
        self.root = RootChoice()
        self.room = DiskRoom()
        self.why = TonedNotice()
        self._bar = ProgressLine()
        self._bar.show_share(0, 0)
        self._bar.hide()
        self.root.setAccessibleName(self.tr("Cache to download into"))
        self.root.root_chosen.connect(self.root_chosen)
        self.room.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        label = QLabel(self.tr("In&to"))
        label.setBuddy(self.root)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(2 * GRID)
        line.addWidget(label)
        line.addWidget(self.root)
        line.addSpacing(2 * GRID)
        line.addWidget(self.room, 3)
        line.addWidget(self.why, 2, Qt.AlignmentFlag.AlignVCenter)
        line.addStretch(1)
        line.addWidget(self._bar)

    def set_roots(self, views: Sequence[RootView]) -> None:
        """Offer these caches, as far as they can be written to."""
        self.root.show_roots(views)

    def set_transfers(self, transfers: Sequence[Transfer]) -> None:
        """Say of a model that is among these downloads how far it is."""
        self._transfers = transfers

    def obstacle(self, plan: DownloadPlan | None) -> str:
        """Why nothing can be begun, "" when it can or nobody knows yet."""
        if not self.root.root:
            return self.tr("No cache can be written to. Add one in the preferences.")
        return obstacle(plan, transfer_of(plan, self._transfers)) if plan else ""

    def show_plan(self, plan: DownloadPlan | None, *, is_planning: bool) -> None:
        """Say what becomes of the disk, and what is in the way; `is_planning`: another plan is on its way."""
        self._bar.setVisible(is_planning)
        self.room.setVisible(plan is not None)
        why = self.obstacle(plan)
        known = transfer_of(plan, self._transfers) if plan else None
        if plan:
            self.room.show_room(plan.bytes_written, plan.free, plan.reserve)
            # That it does not fit is said by the room itself.
            self.why.setVisible(known is not None or (bool(why) and (plan.fits_disk or not plan.chosen)))
        else:
            self.why.setVisible(bool(why))
        if why:
            is_here = plan is not None and bool(plan.chosen) and plan.is_complete
            self.why.say(why, *(("whole", "good") if is_here else ("info", "muted")))
        elif known is not None:
            self.why.say(resumed_text(known), "info", "muted")

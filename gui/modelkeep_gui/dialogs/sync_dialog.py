"""Making one place have what another has: which two, and what that copies, moves and deletes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QDialogButtonBox, QHBoxLayout, QWidget

from modelkeep.errors import ModelKeepError
from modelkeep.remote.plans import SyncAction, SyncItem, SyncPlan
from modelkeep.rows import RootView
from modelkeep.text import exact_size_text, size_text
from modelkeep_gui.dialogs.place_choice import PlaceChoice
from modelkeep_gui.dialogs.plan_table import PlanRows, PlanTable
from modelkeep_gui.dialogs.plan_wait import PlanWait
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.dialogs.sync_text import (
    action_order,
    action_sign,
    action_text,
    key_text,
    sync_button_text,
    sync_total_text,
)
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import field_label, remark
from modelkeep_gui.widgets.plain_table import TableColumn

if TYPE_CHECKING:
    from modelkeep.remotes import RemoteView

__all__ = ["SyncDialog", "SyncRequest"]


class SyncRequest(NamedTuple):
    """What the dialog wants to know the plan of."""

    origin: str
    destination: str
    delete: bool


class SyncDialog(Sheet):
    """Asks which places, and shows the plan. Its `plan` counts once it was accepted.

    Signals:
        plan_requested: the `SyncRequest` whose plan is wanted; `set_plan` or `show_failure` is to follow.
    """

    plan_requested = Signal(object)

    def __init__(
        self,
        remotes: Sequence[RemoteView],
        roots: Sequence[RootView],
        origin: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", "sync", "accent", parent)
        self.plan: SyncPlan | None = None
        self._remotes, self._roots = remotes, roots
        self.origin = PlaceChoice(self.tr("From"))
        self.destination = PlaceChoice(self.tr("To"))
        self.origin.set_places(remotes, roots, origin)
        self._offer_destinations()
        self.deletes = QCheckBox(self.tr("&Delete there what only the destination has"))
        self.wait = PlanWait()
        self.table = PlanTable(self.tr("What becomes of each model"), self._rows())
        self.totals = remark("")
        self.danger = TonedNotice()
        self.ok = self.add_button("", QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = self.add_button(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self._lay_out()
        self.origin.place_chosen.connect(lambda _: self._change_origin())
        self.destination.place_chosen.connect(lambda _: self.ask())
        self.deletes.toggled.connect(lambda _: self.ask())
        self.wait.again_requested.connect(self.ask)
        self._follow()

    @property
    def request(self) -> SyncRequest | None:
        """What is to be planned now; None while a place is missing."""
        if not (self.origin.place and self.destination.place):
            return None
        return SyncRequest(self.origin.place, self.destination.place, self.deletes.isChecked())

    def ask(self) -> None:
        """Ask for a plan; until there is one, nothing can be accepted."""
        self.plan = None
        self._follow()
        if self.request is not None:
            self.wait.begin(self.tr("Comparing the two places"))
            self.plan_requested.emit(self.request)

    def set_plan(self, plan: SyncPlan) -> None:
        """Show what syncing would do."""
        self.wait.end()
        self.plan = plan
        self._follow()

    def show_failure(self, error: ModelKeepError) -> None:
        """Say why there is no plan."""
        self.plan = None
        self._follow()
        self.wait.fail(error)

    # ---- within

    def _change_origin(self) -> None:
        self._offer_destinations()
        self.ask()

    def _offer_destinations(self) -> None:
        self.destination.set_places(self._remotes, self._roots, without=self.origin.place)

    def _follow(self) -> None:
        plan = self.plan
        items = [item for item in plan.items if item.action is not SyncAction.SAME] if plan else []
        self.table.set_values(
            sorted(items, key=lambda item: (action_order(item), item.key.repo_id.casefold()))
        )
        self.table.setEnabled(bool(items))
        self.ok.setText(sync_button_text(plan))
        self.ok.setEnabled(plan is not None and bool(plan.todo))
        gone = [item for item in items if item.action is SyncAction.DELETE]
        # Enter alone deletes nothing.
        (self.cancel if gone else self.ok).setDefault(True)
        self.danger.setVisible(bool(gone))
        text = (
            self.tr("1 revision is deleted from {place}.")
            if len(gone) == 1
            else self.tr("{count} revisions are deleted from {place}.")
        )
        place = self.destination.place_text
        self.danger.say(text.format(count=f"{len(gone):,}", place=place), "delete", "bad")
        if plan is None:
            self.totals.setText("")
        elif plan.todo:
            self.totals.setText(sync_total_text(plan))
        else:
            nothing = self.tr("{} has all that {} has: there is nothing to do.")
            self.totals.setText(nothing.format(self.destination.place_text, self.origin.place_text))

    def _rows(self) -> PlanRows[SyncItem]:
        tr = self.tr
        columns = (
            TableColumn[SyncItem](
                tr("Model"),
                key_text,
                lambda item: item.key.repo_id.casefold(),
                26,
                tooltip=lambda item: str(item.key),
            ),
            TableColumn[SyncItem](tr("What happens"), action_text, action_order, 14),
            TableColumn[SyncItem](
                tr("Refs"),
                lambda item: ", ".join(item.refs),
                lambda item: item.refs,
                18,
                tooltip=lambda item: ", ".join(item.refs),
            ),
            TableColumn[SyncItem](
                tr("Why"), lambda item: item.why, lambda item: item.why, 34, tooltip=lambda item: item.why
            ),
            TableColumn[SyncItem](
                tr("To send"),
                lambda item: size_text(item.sends) if item.sends else "",
                lambda item: item.sends,
                9,
                tooltip=lambda item: exact_size_text(item.sends),
                is_figure=True,
            ),
        )
        return PlanRows(columns, action_sign, 1, lambda item: item.action is SyncAction.KEEP)

    def _lay_out(self) -> None:
        self.setWindowTitle(self.tr("Sync"))
        self.heading.setText(self.tr("Make one place have what another has"))
        self.resize(215 * GRID, 140 * GRID)
        places = QHBoxLayout()
        places.setSpacing(3 * GRID)
        for text, choice in ((self.tr("&From"), self.origin), (self.tr("&To"), self.destination)):
            places.addWidget(field_label(text, choice))
            places.addWidget(choice, 1)
        self.body.addLayout(places)
        self.body.addWidget(self.deletes)
        self.body.addWidget(self.wait)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.danger)
        self.body.addWidget(self.totals)
        self.body.addWidget(
            remark(
                self.tr("One way: nothing changes where it comes from. What was sent need not be sent again.")
            )
        )
        self.set_default(self.ok)

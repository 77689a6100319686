"""The plan of a mending: for each bad file where a good one is, what it takes, and whether it fits."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialogButtonBox, QHBoxLayout, QWidget

from modelkeep.checking.outcome import Verification
from modelkeep.errors import ModelKeepError
from modelkeep.hub.profile import ProfileView
from modelkeep.mending.plan import MendItem, MendPlan
from modelkeep.text import exact_size_text, size_text
from modelkeep_gui.dialogs import mend_text, verify_text
from modelkeep_gui.dialogs.disk_room import DiskRoom
from modelkeep_gui.dialogs.mend_sources import MendSources, MendWish
from modelkeep_gui.dialogs.plan_table import PlanRows, PlanTable
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.plain_table import TableColumn
from modelkeep_gui.widgets.progress_line import ProgressLine

__all__ = ["MendDialog", "MendWish"]


class MendDialog(Sheet):
    """Has it chosen where good files may come from, and shows the plan for that. Its `answer` counts when accepted.

    Signals:
        plan_wanted: the `MendWish` that `set_plan` or `set_failure` is to answer.
    """

    plan_wanted = Signal(object)

    def __init__(self, found: Verification, parent: QWidget | None = None) -> None:
        names = [check.key.repo_id for check in found.revisions]
        super().__init__(mend_text.question(names), "mend", "accent", parent)
        self.setMinimumWidth(160 * GRID)
        self._plan: MendPlan | None = None
        self.sources = MendSources()
        self.files = PlanTable(self.tr("Files to mend"), self._rows(with_models=len(set(names)) > 1))
        # There is no plan yet; the dialog is as high as it will be with one.
        self.files.setMinimumHeight(self.files.height_for(sum(len(check.bad) for check in found.revisions)))
        self._bar = ProgressLine()
        self._bar.show_share(0, 0)
        self._why = TonedNotice()
        self.room = DiskRoom()
        self.body.addWidget(self.sources)
        self.body.addWidget(self.files, 1)
        self.body.addWidget(self._why)
        foot = QHBoxLayout()
        foot.addWidget(self.room, 1)
        foot.addWidget(self._bar, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(foot)
        role = QDialogButtonBox.ButtonRole
        self.mend = self.add_button("", role.AcceptRole)
        self.cancel = self.add_button(self.tr("Cancel"), role.RejectRole)
        self.sources.changed.connect(self._want)
        self.files.selectionModel().currentChanged.connect(lambda *_: self._explain())
        self._show_waiting()

    @property
    def wish(self) -> MendWish:
        """Where good files may come from as it stands now."""
        return self.sources.wish

    @property
    def answer(self) -> MendPlan:
        """What is to be carried out."""
        assert self._plan is not None
        return self._plan

    def set_profiles(self, views: Sequence[ProfileView]) -> None:
        self.sources.set_profiles(views)

    def set_remotes(self, names: Sequence[str]) -> None:
        self.sources.set_remotes(names)

    def set_offline(self, why: str) -> None:
        self.sources.set_offline(why)

    def set_plan(self, wish: MendWish, plan: MendPlan) -> None:
        """Show what a wish came to, unless it is another by now."""
        if wish != self.wish:
            return
        self._plan = plan
        self._bar.hide()
        self.files.set_values(plan.items)
        self.room.show_room(plan.bytes_needed, plan.free, plan.reserve)
        self.room.setVisible(bool(plan.mendable))
        first = next((row for row, item in enumerate(self._items.values) if item.origin is None), 0)
        self.files.setCurrentIndex(self.files.model().index(first, 0))
        self._explain()
        self.mend.setText(mend_text.button_text(plan))
        self.mend.setEnabled(bool(plan.mendable) and plan.fits)
        self.mend.setDefault(self.mend.isEnabled())
        self.cancel.setDefault(not self.mend.isEnabled())
        if self.mend.isEnabled() and self.focusWidget() in (None, self.cancel):
            self.mend.setFocus()  # else Enter would press what only had the focus while there was no plan

    def set_failure(self, wish: MendWish, error: ModelKeepError) -> None:
        """Say why there is no plan."""
        if wish == self.wish:
            self._bar.hide()
            self._why.say(" ".join(filter(None, (str(error), error.hint))), "warning", "bad")
            self._why.show()

    def _want(self, wish: MendWish) -> None:
        self._show_waiting()
        self.plan_wanted.emit(wish)

    def _show_waiting(self) -> None:
        self._plan = None
        self._bar.show()
        self._why.hide()
        self.mend.setText(mend_text.button_text(None))
        self.mend.setEnabled(False)
        self.cancel.setDefault(True)

    def _explain(self) -> None:
        """Say why there is no good copy of the file that is chosen."""
        items = self._items.values
        row = self.files.currentIndex().row()
        item = items[row] if 0 <= row < len(items) else None
        self._why.setVisible(item is not None and item.origin is None)
        if item is not None and item.origin is None:
            text = " ".join(filter(None, (item.problem, item.hint)))
            self._why.say(text or mend_text.origin_text(item), "warning", "warn", tooltip=item.path)

    # ---- the table

    def _rows(self, *, with_models: bool) -> PlanRows[MendItem]:
        tr = self.tr
        model = TableColumn[MendItem](
            tr("Model"),
            lambda item: item.key.repo_id,
            lambda item: item.key.repo_id.casefold(),
            22,
            tooltip=lambda item: str(item.key.at(item.commit)),
        )
        columns = (
            TableColumn[MendItem](
                tr("File"),
                lambda item: item.name,
                lambda item: item.name.casefold(),
                24,
                tooltip=_file_tooltip,
            ),
            TableColumn[MendItem](
                tr("Comes from"),
                mend_text.origin_text,
                lambda item: (item.origin is None, mend_text.origin_text(item)),
                24,
                tooltip=mend_text.origin_tooltip,
            ),
            *((model,) if with_models else ()),
            TableColumn[MendItem](
                tr("Is now"),
                lambda item: verify_text.outcome_text(item.outcome),
                lambda item: item.outcome,
                16,
            ),
            TableColumn[MendItem](
                tr("Size"),
                lambda item: size_text(item.size) if item.size >= 0 else "",
                lambda item: item.size,
                9,
                tooltip=lambda item: exact_size_text(item.size) if item.size >= 0 else "",
                is_figure=True,
            ),
        )
        self._items = PlanRows(columns, _sign, 1, lambda item: False)
        return self._items


def _file_tooltip(item: MendItem) -> str:
    return "\n".join((item.path, *item.others))


def _sign(item: MendItem) -> tuple[str, str]:
    return ("whole", "good") if item.origin else ("warning", "warn")

"""Fetching from a remote: into which cache, which files, and whether the disk has the room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialogButtonBox, QStackedWidget, QWidget

from modelkeep.errors import ModelKeepError
from modelkeep.hub.download_plan import DownloadPlan
from modelkeep.hub.transfer import Transfer
from modelkeep.keys import ModelKey
from modelkeep.rows import RootView
from modelkeep.text import exact_size_text, size_text
from modelkeep_gui.dialogs.download_choice import chosen_paths, with_chosen
from modelkeep_gui.dialogs.download_picker import FilePicker
from modelkeep_gui.dialogs.download_target import DownloadTarget
from modelkeep_gui.dialogs.note_lines import NoteLines
from modelkeep_gui.dialogs.plan_table import PlanRows, PlanTable
from modelkeep_gui.dialogs.plan_wait import PlanWait
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.dialogs.sync_text import count_models
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.plain_table import TableColumn

__all__ = ["FetchDialog", "FetchRequest"]


class FetchRequest(NamedTuple):
    """What the dialog wants to know the plans of: these models, into the cache `root`."""

    keys: tuple[str, ...]
    root: str


class FetchDialog(Sheet):
    """Shows one model with its files, or several with what each takes. Its `plans` count once it was accepted.

    Signals:
        plan_requested: the `FetchRequest`; `set_plan` for each model, or `show_failure`, is to follow.
    """

    plan_requested = Signal(object)

    def __init__(
        self,
        remote: str,
        keys: Sequence[str],
        roots: Sequence[RootView],
        root: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", "download", "accent", parent)
        self._keys = tuple(keys)
        self._plans: dict[str, DownloadPlan] = {}
        name = ModelKey.known(keys[0]).repo_id if len(keys) == 1 else count_models(len(keys))
        self.setWindowTitle(self.tr("Fetch from {}").format(remote))
        self.heading.setText(self.tr("Fetch {} from {}").format(name, remote))
        self.wait = PlanWait()
        self.picker = FilePicker()
        self.models = PlanTable(self.tr("Models to fetch"), self._rows())
        self.revision = ElidedLabel(muted=True)
        self.notes = NoteLines()
        self.target = DownloadTarget()
        self.target.set_roots(roots)
        if (place := self.target.root.findData(root)) >= 0:
            self.target.root.setCurrentIndex(place)
        self._pages = QStackedWidget()
        for page in (self.picker, self.models):
            self._pages.addWidget(page)
        self._pages.setCurrentWidget(self.picker if len(keys) == 1 else self.models)
        self.fetch = self.add_button("", QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = self.add_button(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self.body.addWidget(self.revision)
        self.body.addWidget(self.wait)
        self.body.addWidget(self._pages, 1)
        self.body.addWidget(self.notes)
        self.body.addWidget(self.target)
        self.resize(230 * GRID, 140 * GRID)
        self.picker.chosen.connect(self._choose)
        self.target.root_chosen.connect(lambda _: self.ask())
        self.wait.again_requested.connect(self.ask)
        self.set_default(self.fetch)
        self._follow()

    @property
    def plans(self) -> list[DownloadPlan]:
        """The plans with something to do, as they are chosen now."""
        return [plan for plan in self._plans.values() if plan.chosen and not plan.is_complete]

    @property
    def request(self) -> FetchRequest:
        """What is to be planned now."""
        return FetchRequest(self._keys, self.target.root.root)

    def set_transfers(self, transfers: Sequence[Transfer]) -> None:
        """Say of a model that is in the list of downloads that it is."""
        self.target.set_transfers(transfers)
        self._follow()

    def ask(self) -> None:
        """Ask for the plans; until they are there, nothing can be accepted."""
        self._plans = {}
        self.wait.begin(self.tr("Looking at what the remote has"))
        self._follow()
        self.plan_requested.emit(self.request)

    def set_plan(self, key: str, plan: DownloadPlan) -> None:
        """Show what fetching a model would bring."""
        self._plans[key] = plan
        if len(self._keys) == 1:
            self.picker.begin(plan, chosen_paths(plan))
        if len(self._plans) == len(self._keys):
            self.wait.end()
        self._follow()

    def show_failure(self, error: ModelKeepError) -> None:
        """Say why there is no plan."""
        self._plans = {}
        self._follow()
        self.wait.fail(error)

    # ---- within

    def _choose(self, paths: frozenset[str]) -> None:
        for key, plan in self._plans.items():
            self._plans[key] = with_chosen(plan, paths)
            self.picker.show_plan(self._plans[key])
        self._follow()

    def _follow(self) -> None:
        plans = list(self._plans.values())
        is_whole = len(plans) == len(self._keys)
        self._pages.setEnabled(is_whole)
        self.models.set_values(plans)
        one = plans[0] if len(self._keys) == 1 and plans else None
        self.revision.setVisible(one is not None)
        if one is not None:
            leads = (
                self.tr("{} will lead to {}").format(one.ref, one.commit[:12]) if one.ref else one.commit[:12]
            )
            self.revision.setText(leads)
        self.notes.set_notes([note for plan in plans for note in plan.notes])
        self.target.show_plan(one, is_planning=False)
        why = self.target.obstacle(one) if one or not self.target.root.root else ""
        size = size_text(sum(plan.bytes_missing for plan in plans))
        if not is_whole or not self.plans:
            self.fetch.setText(self.tr("&Fetch"))
        elif any(plan.bytes_missing for plan in plans):
            self.fetch.setText(self.tr("&Fetch {}").format(size))
        else:
            self.fetch.setText(self.tr("&Use what is here"))
        if one is None:
            self._follow_room(plans)
        fits = all(plan.fits_disk for plan in plans)
        self.fetch.setEnabled(is_whole and bool(self.plans) and not why and fits)
        self.fetch.setToolTip(why)

    def _follow_room(self, plans: list[DownloadPlan]) -> None:
        self.target.room.setVisible(bool(plans))
        if plans:
            needed = sum(plan.bytes_written for plan in plans)
            self.target.room.show_room(needed, plans[0].free, plans[0].reserve)

    def _rows(self) -> PlanRows[DownloadPlan]:
        tr = self.tr
        columns = (
            TableColumn[DownloadPlan](
                tr("Model"), lambda plan: plan.key.repo_id, lambda plan: plan.key.repo_id.casefold(), 34
            ),
            TableColumn[DownloadPlan](tr("What happens"), self._what, self._what, 20),
            TableColumn[DownloadPlan](
                tr("Files"),
                lambda plan: f"{len(plan.chosen):,}",
                lambda plan: len(plan.chosen),
                8,
                is_figure=True,
            ),
            TableColumn[DownloadPlan](
                tr("To fetch"),
                lambda plan: size_text(plan.bytes_missing) if plan.bytes_missing else "",
                lambda plan: plan.bytes_missing,
                9,
                tooltip=lambda plan: exact_size_text(plan.bytes_missing),
                is_figure=True,
            ),
        )
        return PlanRows(columns, _sign, 1, lambda plan: plan.is_complete)

    def _what(self, plan: DownloadPlan) -> str:
        return self.tr("All of it is here") if plan.is_complete else self.tr("Fetched")


def _sign(plan: DownloadPlan) -> tuple[str, str]:
    return ("done", "muted") if plan.is_complete else ("download", "accent")

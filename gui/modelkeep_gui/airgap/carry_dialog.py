"""The connected side: what the other side has, what to carry, where to; then it is packed, and what lies where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from modelkeep.archive.export_plan import ArchiveOptions
from modelkeep.errors import ModelKeepError
from modelkeep.progress import Progress
from modelkeep.rows import ModelRow, Selection
from modelkeep_gui.airgap.assistant import Assistant
from modelkeep_gui.airgap.models_choice import ModelsChoice, candidates
from modelkeep_gui.airgap.packing import BundledPage, PackingPage
from modelkeep_gui.airgap.place_choice import PlaceChoice
from modelkeep_gui.airgap.site_choice import SiteChoice
from modelkeep_gui.airgap.text import Bundled, pack_text

if TYPE_CHECKING:
    from modelkeep.archive.holdings import Holdings
    from modelkeep.carrying import BundlePlan

__all__ = ["CarryDialog", "CarryRequest"]

_SITE, _MODELS, _PLACE, _PACKING, _DONE = range(5)


@dataclass(frozen=True)
class CarryRequest:
    """What the assistant wants to know the plan of."""

    selected: tuple[Selection, ...]
    folder: str
    holdings: Holdings | None
    options: ArchiveOptions
    allow_incomplete: bool


class CarryDialog(Assistant):
    """Three steps, then the packing. It can be closed while that goes on.

    Signals:
        plan_requested: the `CarryRequest`; `set_plan` or `show_failure` is to follow.
        pack_requested: the `BundlePlan` that is to be carried out; `show_progress`, then one of `show_bundle`,
            `show_failure` and `show_stopped`.
        stop_requested: packing is to stop.
        folder_requested: the bundle's folder is to be opened.
    """

    plan_requested = Signal(object)
    pack_requested = Signal(object)
    stop_requested = Signal()
    folder_requested = Signal()

    def __init__(
        self,
        rows: Sequence[ModelRow],
        selected: Sequence[Selection],
        folder: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("stick", parent)
        self.site = SiteChoice()
        self.models = ModelsChoice()
        self.place = PlaceChoice(folder)
        self.packing = PackingPage()
        self.done_page = BundledPage()
        self._plan: BundlePlan | None = None
        self.set_steps(
            self.tr("Carry to an isolated site"),
            (self.tr("What they have"), self.tr("What to carry"), self.tr("Where and how")),
            (self.site, self.models, self.place, self.packing, self.done_page),
        )
        self.models.show_models(*candidates(rows, selected))
        self._connect()
        self.go(_SITE)

    @property
    def request(self) -> CarryRequest:
        """What is to be planned as it stands now."""
        split = None if self.place.split.problem else self.place.split.volume_size
        return CarryRequest(
            tuple(self.models.chosen),
            # Without a folder yet it is known all the same what is packed.
            self.place.folder.text().strip() or str(Path.home()),
            self.site.holdings,
            ArchiveOptions(split=split, signer=self.place.key.signer),
            self.models.incomplete.isChecked(),
        )

    @property
    def plan(self) -> BundlePlan:
        """What is packed: the plan without what is refused."""
        assert self._plan is not None, "without a plan nothing can be packed"
        items = tuple(item for item in self._plan.export.items if not item.refusal)
        return replace(self._plan, export=replace(self._plan.export, items=items))

    @property
    def is_packing(self) -> bool:
        return self.step == _PACKING

    # ---- what the operation tells

    def set_plan(self, plan: BundlePlan) -> None:
        """Show what would be packed."""
        self._plan = plan
        self.models.set_plan(plan)
        self.place.set_plan(plan)
        self._follow()

    def show_failure(self, error: ModelKeepError) -> None:
        """Say why there is no plan, or why it was not packed."""
        self._plan = None
        if self.is_packing:
            self.go(_PLACE)
        self.models.show_failure(error)
        self.place.show_failure(error)
        self._follow()

    def show_progress(self, progress: Progress) -> None:
        self.packing.show_progress(progress)

    def show_stopped(self) -> None:
        """It was stopped: one is back at the last step."""
        self.go(_PLACE)
        self._ask()

    def show_bundle(self, done: Bundled) -> None:
        """Show what was packed."""
        self.done_page.show_bundle(done)
        self.go(_DONE)

    # ---- what the user does

    def _press_next(self) -> None:
        if self.step == _PLACE:
            self.packing.begin()
            self.go(_PACKING)
            self.pack_requested.emit(self.plan)
        elif self.step == _PACKING:
            self.next.setEnabled(False)
            self.stop_requested.emit()
        elif self.step == _DONE:
            self.accept()
        else:
            self.go(self.step + 1)

    def _ask(self) -> None:
        """Ask for a plan; until there is one, nothing can be packed."""
        self._plan = None
        self.models.begin()
        if self.models.chosen:
            self.place.begin()
            self.plan_requested.emit(self.request)
        else:
            self.place.wait.end()
        self._follow()

    def _change_site(self) -> None:
        self.models.set_holdings(self.site.holdings)
        self._ask()

    def _follow(self) -> None:
        """Bring the buttons to where one is."""
        going = self._plan is not None and any(not item.refusal for item in self._plan.export.items)
        can = {
            _SITE: self.site.is_decided,
            _MODELS: going,
            _PLACE: going and self._plan is not None and self._plan.export.fits and self.place.is_ready,
        }
        texts = {
            _PLACE: pack_text(self._plan),
            _PACKING: self.tr("&Stop packing"),
            _DONE: self.tr("&Done"),
        }
        self.next.setText(texts.get(self.step, self.tr("&Next")))
        self.next.setEnabled(can.get(self.step, True))
        self.cancel.setVisible(self.step != _DONE)
        self.cancel.setText(self.tr("Close") if self.is_packing else self.tr("Cancel"))

    def _arrive(self, step: int) -> None:
        self._follow()
        if step == _PACKING:
            # Who presses Enter once more must not stop it.
            self.next.setDefault(False)
            self.cancel.setFocus()
        elif step == _DONE:
            self.set_default(self.next)

    def _connect(self) -> None:
        self.next.clicked.connect(lambda _: self._press_next())
        self.stepped.connect(self._arrive)
        self.site.changed.connect(self._change_site)
        self.models.changed.connect(self._ask)
        self.place.changed.connect(self._ask)
        self.place.edited.connect(self._follow)
        self.done_page.folder_requested.connect(self.folder_requested)

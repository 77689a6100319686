"""Copying a model from one place to another, or moving it: where to, and what that sends and deletes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialogButtonBox, QWidget

from modelkeep.errors import ModelKeepError
from modelkeep.keys import ModelKey
from modelkeep.remote.plans import CopyPlan
from modelkeep.rows import RootView
from modelkeep.text import size_text
from modelkeep_gui.dialogs.note_lines import NoteLines
from modelkeep_gui.dialogs.noted_field import FieldForm
from modelkeep_gui.dialogs.place_choice import PlaceChoice
from modelkeep_gui.dialogs.plan_wait import PlanWait
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.dialogs.sync_text import copy_button_text, copy_text
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.elided_field import ElidedField
from modelkeep_gui.widgets.labels import remark

if TYPE_CHECKING:
    from modelkeep.remotes import RemoteView

__all__ = ["CopyDialog", "CopyRequest"]


class CopyRequest(NamedTuple):
    """What the dialog wants to know the plan of. A place is the name of a remote, or the path of a cache."""

    key: str
    origin: str
    destination: str
    move: bool


class CopyDialog(Sheet):
    """Asks where to, and shows the plan. Its `plan` counts once it was accepted.

    Signals:
        plan_requested: the `CopyRequest` whose plan is wanted; `set_plan` or `show_failure` is to follow.
    """

    plan_requested = Signal(object)

    def __init__(
        self,
        key: str,
        origin: str,
        remotes: Sequence[RemoteView],
        roots: Sequence[RootView],
        parent: QWidget | None = None,
        *,
        move: bool = False,
    ) -> None:
        super().__init__("", "push" if move else "copy", "accent", parent)
        self._key, self._origin, self._moves = key, origin, move
        self.plan: CopyPlan | None = None
        name = ModelKey.known(key).repo_id
        title = (self.tr("Move {}") if move else self.tr("Copy {}")).format(name)
        self.setWindowTitle(title)
        self.heading.setText(title)
        self.destination = PlaceChoice(self.tr("Where to"))
        self.destination.set_places(remotes, roots, without=origin)
        self.wait = PlanWait()
        self.what = TonedNotice()
        self.refs = remark("")
        self.goes = TonedNotice()
        self.notes = NoteLines()
        self.ok = self.add_button("", QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = self.add_button(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        names = {view.path: view.name for view in roots}
        form = FieldForm()
        form.add(self.tr("From"), ElidedField(names.get(origin, origin), self.tr("From")))
        form.add(self.tr("&To"), self.destination)
        self.body.addLayout(form)
        for part in (self.wait, self.what, self.refs, self.goes, self.notes):
            self.body.addWidget(part)
        self.body.addStretch()
        self.setMinimumWidth(130 * GRID)
        self.resize(140 * GRID, 70 * GRID)
        self.destination.place_chosen.connect(lambda _: self.ask())
        self.wait.again_requested.connect(self.ask)
        self.set_default(self.ok)
        self._follow()

    @property
    def request(self) -> CopyRequest | None:
        """What is to be planned now; None where there is no place to copy to."""
        place = self.destination.place
        return CopyRequest(self._key, self._origin, place, self._moves) if place else None

    def ask(self) -> None:
        """Ask for a plan; until there is one, nothing can be accepted."""
        self.plan = None
        self._follow()
        if self.request is not None:
            self.wait.begin(self.tr("Looking at what is there"))
            self.plan_requested.emit(self.request)
        else:
            self.what.say(self.tr("There is no other place yet. Add a remote first."), "info", "muted")
            self.what.show()

    def set_plan(self, plan: CopyPlan) -> None:
        """Show what copying would do."""
        self.wait.end()
        self.plan = plan
        self._follow()

    def show_failure(self, error: ModelKeepError) -> None:
        """Say why there is no plan."""
        self.plan = None
        self._follow()
        self.wait.fail(error)

    def _follow(self) -> None:
        plan = self.plan
        self.ok.setEnabled(plan is not None and (self._moves or not plan.is_there or bool(plan.refs)))
        self.ok.setText(copy_button_text(plan, self._moves))
        self.notes.set_notes(plan.notes if plan else ())
        for part in (self.what, self.refs, self.goes):
            part.setVisible(plan is not None)
        if plan is None:
            return
        self.what.say(
            copy_text(plan), "done" if plan.is_there else "push", "good" if plan.is_there else "accent"
        )
        self.refs.setText(self.tr("With the refs {}").format(", ".join(plan.refs)) if plan.refs else "")
        self.refs.setVisible(bool(plan.refs))
        self.goes.setVisible(plan.moves)
        self.goes.say(self._going(plan), "delete", "bad")

    def _going(self, plan: CopyPlan) -> str:
        if plan.deletion is None:
            return self.tr("Once the copy has been verified, it goes to the trash of the cache it came from.")
        text = self.tr("Once the copy has been verified, it is deleted from {}: {} can be freed there.")
        return text.format(plan.origin, size_text(plan.deletion.frees))

"""Free up space: how much, and at once the models that this means; they go once a fresh plan has confirmed them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from modelkeep.cache.eviction import EvictionPlan
from modelkeep.cache.policy import CachePolicy
from modelkeep.cache.ranking import Candidate, Ranking
from modelkeep.errors import ModelKeepError
from modelkeep.keys import ModelKey
from modelkeep.rows import RootView
from modelkeep_gui.dialogs.space_choice import SpaceChoice
from modelkeep_gui.dialogs.space_form import SpaceForm

__all__ = ["SpaceDialog", "SpaceWish"]

_QUIET = 300  # milliseconds without a change, after which the exact plan is asked for


class SpaceWish(NamedTuple):
    """What is to be planned: so many bytes of a root by a policy, without what is to be kept."""

    root: str
    policy: CachePolicy
    free: int
    keep: frozenset[ModelKey]


class SpaceDialog(SpaceForm):
    """Shows what goes; only what a fresh plan confirmed goes. `root` is the cache that is chosen at first.

    Signals:
        ranking_requested: the root and the `CachePolicy` of a `Ranking` for `show_ranking`; its own when None.
        plan_requested: the `SpaceWish` of an `EvictionPlan` for `show_plan`.
        confirmed: the `EvictionPlan` to be carried out. The dialog is closed then.
    """

    ranking_requested = Signal(object)
    plan_requested = Signal(object)
    confirmed = Signal(object)

    def __init__(self, views: Sequence[RootView], parent: QWidget | None = None, *, root: str = "") -> None:
        super().__init__(views, parent, root=root)
        self._choice: SpaceChoice | None = None
        self._asked: tuple[str, CachePolicy | None] | None = None  # whose ranking is on its way
        self._planning: SpaceWish | None = None  # whose plan is on its way
        self._planned: tuple[SpaceWish, int] | None = None  # what was planned last, and what it frees
        self._decided: SpaceWish | None = None  # what is to be carried out once its plan is there
        self._kept: frozenset[ModelKey] = frozenset()
        self._soon = QTimer(self, singleShot=True, interval=_QUIET)
        self._soon.timeout.connect(self._ask_for_plan)
        self._connect()
        self._follow()

    @property
    def wish(self) -> SpaceWish:
        """What the user wants as it stands now."""
        policy = replace(self.choices.policy, max_size=0)
        return SpaceWish(self.root, policy, self.amount.wanted, self._kept)

    @property
    def chosen(self) -> tuple[Candidate, ...]:
        """What goes, as far as is known."""
        return self._choice.chosen if self._choice else ()

    @property
    def frees(self) -> int:
        """What that frees together, in bytes: as planned, else as counted from the scan."""
        if self._planned and self._planned[0] == self.wish:
            return self._planned[1]
        return self._choice.frees if self._choice else 0

    def begin(self) -> None:
        """Ask for what is to be shown; to be called once the signals are connected."""
        self._ask_for_ranking(None)

    def reject(self) -> None:
        self._decided = None  # its plan may be on its way
        super().reject()

    # What comes back

    def show_ranking(self, ranking: Ranking) -> None:
        """Take in the ranking that was asked for last."""
        asked, self._asked = self._asked, None
        if asked is None or asked[0] != self.root:
            self._ask_for_ranking(None)
            return
        if asked[1] is not None and asked[1] != self.wish.policy:
            self._ask_for_ranking(self.wish.policy)
            return
        self._choice, self._planned = SpaceChoice(ranking, self._kept), None
        self.table.rows.set_ranking(ranking)
        self.amount.set_most(self._choice.most)
        if asked[1] is None:
            self.choices.show_policy(ranking.policy)
            limit = ranking.policy.max_size
            self.amount.set_wanted(ranking.on_disk - limit if limit else 0)
            if self.choices.policy != ranking.policy:  # one that nothing goes by: another has to be chosen
                self._ask_for_ranking(self.wish.policy)
        self._follow()

    def show_plan(self, plan: EvictionPlan) -> None:
        """Take in the plan that was asked for last. One that was decided on, and is what was seen, is carried out."""
        wish, self._planning = self._planning, None
        if self._choice is None or wish is None or wish != self.wish:
            if self._decided == self.wish:
                self._ask_for_plan()
            self._follow()
            return
        decided, self._decided = self._decided == wish, None
        seen, frees = [one.key for one in self.chosen], self.frees
        busy = {one.key: one.why for one in plan.spared if one.reason == "busy"}
        self._planned = wish, plan.frees
        self._choice.keep(self._kept, self._choice.busy | busy)
        self.amount.set_most(self._choice.most)
        self._follow()
        found = [one.key for one in plan.chosen]
        if decided and (seen, frees) == (found, plan.frees):
            deletion = plan.deletion and replace(plan.deletion, permanently=self.permanently.isChecked())
            self.confirmed.emit(replace(plan, deletion=deletion))
            self.accept()
            return
        if decided:
            self.say(self.tr("Something has changed meanwhile. Look at the list again."), "warn")
        if found != [one.key for one in self.chosen]:
            self._ask_for_ranking(self.wish.policy)

    def show_error(self, error: ModelKeepError) -> None:
        """Say why there is no ranking or plan."""
        if self._planning is not None:
            self._planned = self._planning, self.frees  # not to be asked for again by itself
        asked, self._asked = self._asked, None
        self._planning = self._decided = None
        if asked is not None and asked[0] != self.root:
            self._ask_for_ranking(None)
        self._follow()
        self.say(" ".join(filter(None, (str(error), error.hint))), "bad")

    # Within

    def _connect(self) -> None:
        self.roots.currentIndexChanged.connect(lambda _: self._change_root())
        self.choices.changed.connect(self._change_policy)
        self.amount.changed.connect(self._change_amount)
        self.table.rows.toggled.connect(self._toggle)
        self.permanently.toggled.connect(lambda _: self._change_way())
        self.go.clicked.connect(self._decide)

    def _change_root(self) -> None:
        self.say("", "muted")
        self._kept, self._choice = frozenset(), None
        self.table.rows.set_ranking(None)
        self._ask_for_ranking(None)

    def _change_policy(self) -> None:
        self.say("", "muted")
        self._ask_for_ranking(self.wish.policy)

    def _change_amount(self) -> None:
        self.say("", "muted")
        self._follow()

    def _change_way(self) -> None:
        self._decided = None  # it was decided with another sentence on the button
        self._follow()

    def _ask_for_ranking(self, policy: CachePolicy | None) -> None:
        """Ask, unless an answer is on its way: then again when it is there."""
        if self.root and self._asked is None:
            self._asked = self.root, policy
            self.ranking_requested.emit(self._asked)
        self._follow()

    def _ask_for_plan(self) -> None:
        if self._planning is None and self.chosen:
            self._planning = self.wish
            self.plan_requested.emit(self._planning)

    def _decide(self) -> None:
        """Have the plan made once more: what is carried out is what is seen."""
        self.say("", "muted")
        self._decided = self.wish
        self._soon.stop()
        self._ask_for_plan()
        self._follow()

    def _toggle(self, key: ModelKey) -> None:
        self.say("", "muted")
        self._kept = self._kept ^ {key}
        if self._choice is not None:
            self._choice.keep(self._kept, self._choice.busy)
            self.amount.set_most(self._choice.most)
        self._follow()

    def _follow(self) -> None:
        """Bring everything to what is wanted."""
        if self._choice is not None:
            self._choice.choose(self.amount.wanted)
        self.show_choice(self._choice, self.frees, is_asking=self._asked is not None)
        self.go.setEnabled(bool(self.chosen) and self._asked is None and self._decided != self.wish)
        if self.chosen and (self._planned is None or self._planned[0] != self.wish):
            self._soon.start()

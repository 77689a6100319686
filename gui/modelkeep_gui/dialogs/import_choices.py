"""What a user decides about the models of an import plan: which come, what they are called, what they replace.

It outlives the plan: one that is made anew finds the decisions again.
"""

from __future__ import annotations

from collections.abc import Iterable

from modelkeep.archive.import_plan import Action, ImportItem
from modelkeep_gui.dialogs.import_text import DONE_BY_ITSELF, is_dangerous, key_text, name_problem

__all__ = ["Identity", "ImportChoices", "identity"]

Identity = tuple[str, str]
"""By which a model of a plan is known in the next one: its source, and its folder there."""


def identity(item: ImportItem) -> Identity:
    return item.source, item.folder


class ImportChoices:
    """The decisions so far. `names` are by source: of one without metadata there is one model in a source."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self._left_out: set[Identity] = set()
        self._replacing: set[Identity] = set()
        self._allowed: set[object] = set()

    @property
    def valid_names(self) -> tuple[tuple[str, str], ...]:
        """The names that a model can have, each with its source."""
        return tuple((source, name) for source, name in self.names.items() if not name_problem(name))

    def propose(self, items: Iterable[ImportItem]) -> bool:
        """Take what models without a name may be called for their names; returns whether there was any such."""
        new = {
            item.source: key_text(item.proposal) if item.proposal else ""
            for item in items
            if item.action is Action.NEEDS_NAME and item.source not in self.names
        }
        self.names |= new
        return any(new.values())

    def is_wanted(self, item: ImportItem) -> bool:
        """Whether a model is to be imported."""
        if name_problem(self.names.get(item.source, "named")):
            return False
        if self.is_blocked(item):
            return False
        if item.action is Action.REPLACE:
            return identity(item) in self._replacing
        return item.action in DONE_BY_ITSELF and identity(item) not in self._left_out

    def is_blocked(self, item: ImportItem) -> bool:
        """Whether a model is dangerous and nobody allowed it by its name."""
        return is_dangerous(item) and _allowance(item) not in self._allowed

    def allow(self, item: ImportItem) -> None:
        """Let a dangerous model be imported this once, and want it."""
        self._allowed.add(_allowance(item))
        if not self.is_wanted(item):
            self.toggle(item)

    def toggle(self, item: ImportItem) -> None:
        """Want a model if it was not wanted, and the other way round."""
        chosen = self._replacing if item.action is Action.REPLACE else self._left_out
        chosen ^= {identity(item)}


def _allowance(item: ImportItem) -> object:
    """What is allowed: this model under the name that was typed, and no other content that takes its place."""
    return identity(item), item.key, item.state

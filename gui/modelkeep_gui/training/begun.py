"""Which trainings a window began and did not see the end of: closing it cancels them, which nobody wished."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QSettings

from modelkeep_gui.training.about import About
from modelkeep_gui.training.feed import TrainingFeed

__all__ = ["Begun"]

_IDS = "trainings/begun"


class Begun(QObject):
    """Keeps their ids in `store`, from one start of the window to the next."""

    def __init__(self, feed: TrainingFeed, store: QSettings) -> None:
        super().__init__(feed)
        self._store = store
        feed.began.connect(lambda id: self._keep([*self._ids, id]))
        feed.ended.connect(lambda id: self._keep([one for one in self._ids if one != id]))

    def take(self, trainings: Sequence[About]) -> list[About]:
        """Those of them that could go on; they are named once."""
        ids = self._ids
        left = [one for one in trainings if one.id in ids and one.can_resume]
        active = {one.id for one in trainings if one.is_active}
        self._keep([id for id in ids if id in active])  # another window has those
        return left

    @property
    def _ids(self) -> list[str]:
        kept = self._store.value(_IDS, [])
        if isinstance(kept, str):  # a list of one, as some systems give it back
            return [kept]
        return [str(one) for one in kept] if isinstance(kept, list) else []

    def _keep(self, ids: Sequence[str]) -> None:
        self._store.setValue(_IDS, list(dict.fromkeys(ids)))

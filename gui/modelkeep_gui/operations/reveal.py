"""Shows what just came into a cache in the table of the window."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from modelkeep_gui.library.view import Selected
from modelkeep_gui.session import Revealed, Session

__all__ = ["Reveal", "reveal"]


def reveal(session: Session, models: Sequence[Selected]) -> None:
    """Select models in the table because the user wants to see them."""
    session.revealed.emit(Revealed(tuple(models), is_wanted=True))


class Reveal(QObject):
    """Selects models once the table has them, unless the user has turned to others since this was made."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._models: tuple[Selected, ...] = ()
        self._looks = 0
        self._before = session.selected

    def when_listed(self, models: Sequence[Selected]) -> None:
        """Select these after the next look at the disks that begins now or later."""
        self._models = tuple(models)
        # One that is under way may have been there before the models were.
        self._looks = 2 if self._session.feed.is_scanning else 1
        self._session.feed.views_changed.connect(self._look)

    def _look(self, _: object) -> None:
        self._looks -= 1
        if self._looks:
            return
        if self._session.selected == self._before:
            self._session.revealed.emit(Revealed(self._models, is_wanted=False))
        self.deleteLater()

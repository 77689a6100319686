"""Shows what just came into a cache in the table of the window."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from modelkeep_gui.library.view import LibraryView, Selected
from modelkeep_gui.session import Session

__all__ = ["Reveal", "reveal"]


def reveal(parent: QWidget, models: Sequence[Selected]) -> None:
    """Select models in the window's table, as far as it shows them."""
    if view := _table(parent):
        view.select(list(models))
        view.setFocus()


class Reveal(QObject):
    """Selects models once the table has them, unless the user has turned to others since this was made."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._parent = parent
        self._models: list[Selected] = []
        self._looks = 0
        self._before = self._selected

    def when_listed(self, models: Sequence[Selected]) -> None:
        """Select these after the next look at the disks that begins now or later."""
        self._models = list(models)
        # One that is under way may have been there before the models were.
        self._looks = 2 if self._session.feed.is_scanning else 1
        self._session.feed.views_changed.connect(self._look)

    def _look(self, _: object) -> None:
        self._looks -= 1
        if self._looks:
            return
        if self._selected == self._before and (view := _table(self._parent)):
            view.select(self._models)
        self.deleteLater()

    @property
    def _selected(self) -> list[Selected]:
        view = _table(self._parent)
        return view.selected if view else []


def _table(parent: QWidget) -> LibraryView | None:
    found = parent.window().findChild(LibraryView)
    return found if isinstance(found, LibraryView) else None

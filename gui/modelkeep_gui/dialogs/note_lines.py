"""What a plan has to say besides its figures, a sentence each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.notice import Notice

__all__ = ["NoteLines", "about_room", "room_first"]

_MOST = 4
_ABOUT_ROOM = ("To keep this cache within its limits", "It does not fit: this cache")


def about_room(note: str) -> bool:
    """Whether it says what has to go from a cache for what comes, or that it cannot."""
    return note.startswith(_ABOUT_ROOM)


def room_first(notes: Sequence[str]) -> list[str]:
    """Each once, and first what has to go: that is not to be overlooked."""
    return sorted(dict.fromkeys(notes), key=lambda note: not about_room(note))


class NoteLines(QWidget):
    """Shows notes; it takes no room while there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notices: list[Notice] = []
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(GRID)
        self.hide()

    @property
    def texts(self) -> list[str]:
        """What is said."""
        return [notice.text for notice in self._notices]

    def set_notes(self, notes: Sequence[str]) -> None:
        """Say these; of many only the first, and how many more there are."""
        for notice in self._notices:
            notice.hide()
            notice.deleteLater()
        said = room_first(notes)
        self._notices = [
            Notice(note, "trash" if about_room(note) else "info", "warn") for note in said[:_MOST]
        ]
        if len(said) > _MOST:
            more = self.tr("and {} more").format(f"{len(said) - _MOST:,}")
            self._notices.append(Notice(more, "info", "muted", tooltip="\n".join(said[_MOST:])))
        for notice in self._notices:
            self._lines.addWidget(notice)
        self.setVisible(bool(said))

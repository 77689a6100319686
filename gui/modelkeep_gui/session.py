"""What every part of the window works with, made once in `app.py` and handed on."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from modelkeep.settings import Settings
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.library.feed import LibraryFeed
from modelkeep_gui.library.table_model import LibraryTableModel
from modelkeep_gui.library.view import Selected
from modelkeep_gui.remotes.following import Following
from modelkeep_gui.remotes.listings import RemoteListings
from modelkeep_gui.theme import Theme
from modelkeep_gui.training.feed import TrainingFeed
from modelkeep_gui.transfers.queue import TransferQueue
from modelkeep_gui.widgets.message_bar import Message

__all__ = ["Revealed", "Session"]


class Revealed(NamedTuple):
    """Models to be selected in the table. `is_wanted`: the user asked for it, so lists and filters give way."""

    models: tuple[Selected, ...]
    is_wanted: bool


class Session(QObject):
    """The jobs, the rows and the choices of one window.

    Signals:
        told: a `Message` for the user, to be shown quietly.
        deleted: the `Undo` that brings back what was just deleted.
        revealed: the `Revealed` models.
        transfer_revealed: the `Transfer` that the user wants to see.
        inference_changed: models are tried in another way from now on.
        registry_changed: what is registered is other now; the name of a model to be seen, "" for none (str).
        offline_changed: why nothing leaves this machine now, "" when it may (str).
    """

    told = Signal(object)
    deleted = Signal(object)
    revealed = Signal(object)
    transfer_revealed = Signal(object)
    inference_changed = Signal()
    registry_changed = Signal(object)
    offline_changed = Signal(object)

    def __init__(
        self,
        runner: JobRunner,
        table: LibraryTableModel,
        feed: LibraryFeed,
        transfers: TransferQueue,
        theme: Theme,
        settings: Settings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.runner = runner
        self.table = table
        self.feed = feed
        self.transfers = transfers
        self.remotes = RemoteListings(runner, self)
        self.following = Following(runner, self.remotes, self)
        self.trainings = TrainingFeed(runner, self)
        self.theme = theme
        self.settings = settings
        self.selected: list[Selected] = []
        """What is selected in the table now."""
        self.is_closing = False
        """Whether the user said that the window may close although jobs are running."""

    def tell(self, text: str, *, action: str = "", about: object = None, tone: str = "text") -> None:
        """Say something in the window's message bar, with a button that acts on `about`."""
        self.told.emit(Message(text, action=action, about=about, tone=tone))  # type: ignore[arg-type]

"""The details pane: the selected model in five tabs, or what several selected ones are together."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QLabel, QStackedWidget, QVBoxLayout, QWidget

from modelkeep.details import ModelDetails
from modelkeep.rows import ModelRow, RevisionRow
from modelkeep_gui.details.card import Card
from modelkeep_gui.details.counted_tabs import CountedTabs
from modelkeep_gui.details.files import Files
from modelkeep_gui.details.header import Header
from modelkeep_gui.details.overview import Overview
from modelkeep_gui.details.revisions import Revisions
from modelkeep_gui.details.safety import Safety
from modelkeep_gui.details.summary import Summary
from modelkeep_gui.theme import GRID

__all__ = ["DetailsPane"]

_PATIENCE = 150  # milliseconds in which details mostly come; until then the pane stays as it is
_FILES, _REVISIONS = 2, 3


class DetailsPane(QFrame):
    """Shows what it is told. The tab that was looked at stays, whichever model is selected.

    Signals:
        note_changed: a `NoteChange` (root, key, text).
        pin_toggled: a `PinChange` (root, key, pinned).
        folder_requested: the path of a folder to open.
        try_requested: the `Selection` of a revision to try.
        link_activated: the address of a link that was clicked in a card.
        files_delete_requested: a `Selection`, files of a revision.
        revision_chosen: the `Selected` revision (root, key, commit) to show the details of.
        revision_delete_requested: the `Selected` revision.
        revision_main_requested: the `Selected` revision that loading by name is to use.
        scan_requested: the `Selection` of the revision to scan for unsafe content.
        convert_requested: the `Selection` of the revision whose pickles are to become safetensors.
    """

    note_changed = Signal(object)
    pin_toggled = Signal(object)
    folder_requested = Signal(object)
    try_requested = Signal(object)
    link_activated = Signal(object)
    files_delete_requested = Signal(object)
    revision_chosen = Signal(object)
    revision_delete_requested = Signal(object)
    revision_main_requested = Signal(object)
    scan_requested = Signal(object)
    convert_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.header = Header()
        self.overview = Overview()
        self.card = Card()
        self.files = Files()
        self.revisions = Revisions()
        self.safety = Safety()
        self.summary = Summary()
        self.tabs = CountedTabs()
        self._nothing = _quiet(self.tr("Select a model to see what it is."))
        self._waiting = _quiet(self.tr("Reading…"))
        self._title = ""
        self._late = QTimer(self, singleShot=True, interval=_PATIENCE)
        self._late.timeout.connect(self._show_waiting)
        self._lay_out()
        self._connect()
        self.set_details(None)

    def set_details(self, details: ModelDetails | None) -> None:
        """Show a model, or None when nothing is selected."""
        self._late.stop()
        if details is None:
            self.overview.note.save()
            self._show(self._nothing)
            return
        self.header.set_details(details)
        self.overview.set_details(details)
        self.card.set_card(details.card)
        self.files.set_details(details)
        self.revisions.set_details(details)
        self.safety.set_details(details)
        self.tabs.set_count(_FILES, len(details.files) + len(details.missing))
        self.tabs.set_count(_REVISIONS, len(details.row.revisions))
        self._show(self.tabs, with_header=True)

    def show_safety(self) -> None:
        """Turn to what is known of the model's safety, now or as soon as there is a model to show."""
        self.tabs.setCurrentWidget(self.safety)

    def set_busy(self, title: str) -> None:
        """Details of the model `title` are being read. Only if that takes long, the pane says so."""
        self._title = title
        self._late.start()

    def set_selection_summary(self, rows: Sequence[ModelRow | RevisionRow]) -> None:
        """Show what several selected models or revisions are together."""
        if not rows:  # all of them went while they were selected
            self.set_details(None)
            return
        self._late.stop()
        self.overview.note.save()
        self.summary.set_rows(rows)
        self._show(self.summary)

    def _lay_out(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setMinimumWidth(68 * GRID)
        self.tabs.tabBar().setAccessibleName(self.tr("Details"))
        self.tabs.add(self.overview, self.tr("Overview"))
        self.tabs.add(self.card, self.tr("Card"))
        self.tabs.add(self.files, self.tr("Files"))
        self.tabs.add(self.revisions, self.tr("Revisions"))
        self.tabs.add(self.safety, self.tr("Safety"))
        self._pages = QStackedWidget()
        for page in (self._nothing, self._waiting, self.summary, self.tabs):
            self._pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self._pages, 1)

    def _connect(self) -> None:
        self.header.pin_toggled.connect(self.pin_toggled)
        self.header.folder_requested.connect(self.folder_requested)
        self.header.try_requested.connect(self.try_requested)
        self.overview.note_changed.connect(self.note_changed)
        self.card.link_activated.connect(self.link_activated)
        self.files.delete_requested.connect(self.files_delete_requested)
        self.revisions.revision_chosen.connect(self.revision_chosen)
        self.revisions.delete_requested.connect(self.revision_delete_requested)
        self.revisions.main_requested.connect(self.revision_main_requested)
        self.safety.scan_requested.connect(self.scan_requested)
        self.safety.convert_requested.connect(self.convert_requested)

    def _show_waiting(self) -> None:
        self.overview.note.save()
        self.header.set_name(self._title)
        self._show(self._waiting, with_header=True)

    def _show(self, page: QWidget, *, with_header: bool = False) -> None:
        self.header.setVisible(with_header)
        self._pages.setCurrentWidget(page)


def _quiet(text: str) -> QLabel:
    label = QLabel(text)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setWordWrap(True)
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label

"""What is known of the model that one may download, and at which revision."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from modelkeep.hub.replies import HubModel, HubRefs
from modelkeep_gui.dialogs.download_picker import QuietField
from modelkeep_gui.dialogs.download_text import gated_text, model_facts
from modelkeep_gui.dialogs.note_lines import about_room, room_first
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.copy_button import CopyButton
from modelkeep_gui.widgets.elided_field import ElidedField
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.labels import heading

__all__ = ["AboutModel"]

_MAIN = "main"
_MOST_NOTES = 3
# Sentences of a plan that are said here with what to do, or that depend on the files that are chosen.
_SAID_ELSEWHERE = ("Gated", "Private", "Can run code", "None of its files")


class AboutModel(QWidget):
    """The name, six facts, what to know before, and the revision.

    Signals:
        revision_chosen: the name of a branch or tag, or a commit (str), by the user.
    """

    revision_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model: HubModel | None = None
        self._title = ElidedLabel()
        self._title.setFont(heading("").font())
        self.page = ElidedField("", self.tr("Address of its page"))
        self.copy = CopyButton(self.tr("Copy the address of its page"), self.page.text)
        self.revision = QComboBox(editable=True)
        self._values: list[ElidedLabel] = []
        self._notes = [TonedNotice() for _ in range(_MOST_NOTES + 1)]
        self._shown = ""
        self._lay_out()
        self.revision.activated.connect(lambda _: self._choose())

    @property
    def texts(self) -> list[str]:
        """What is said of the model."""
        notes = [note.text for note in self._notes if note.isVisibleTo(self)]
        return [self._title.text(), *(value.text() for value in self._values), *notes]

    def show_model(
        self, model: HubModel, url: str, notes: Sequence[str] = (), *, has_token: bool = True
    ) -> None:
        """Show what a hub said of a model; `has_token`: whether one goes with what is asked of that hub."""
        self.model = model
        self._title.setText(model.repo_id)
        self.page.setText(url)
        for value, (_, text, tooltip) in zip(self._values, model_facts(model)):
            value.setText(text)
            if tooltip:
                value.setToolTip(tooltip)
        said = [(text, "lock", "warn") for text in (gated_text(model, has_token=has_token),) if text]
        more = room_first([text for text in notes if not text.startswith(_SAID_ELSEWHERE)])
        said += [
            (text, "trash", "warn") if about_room(text) else (text, "info", "muted")
            for text in more[:_MOST_NOTES]
        ]
        for number, notice in enumerate(self._notes):
            notice.setVisible(number < len(said))
            if number < len(said):
                notice.say(*said[number])

    def show_revisions(self, refs: HubRefs, revision: str) -> None:
        """Offer branches and tags, of which `revision` ("" for main) is chosen."""
        self.revision.blockSignals(True)
        self.revision.clear()
        for ref in refs.branches:
            self.revision.addItem(ref.name, ref.name)
        for ref in refs.tags:
            self.revision.addItem(self.tr("{} (tag)").format(ref.name), ref.name)
        wanted = revision or _MAIN
        place = self.revision.findData(wanted)
        self.revision.setCurrentIndex(place)
        if place < 0:
            self.revision.setEditText(wanted)
        self._shown = wanted
        self.revision.blockSignals(False)

    def _choose(self) -> None:
        text = self.revision.currentText().strip()
        place = self.revision.findText(text)
        wanted = str(self.revision.itemData(place)) if place >= 0 else text
        if wanted and wanted != self._shown:
            self._shown = wanted
            self.revision_chosen.emit(wanted)

    def _lay_out(self) -> None:
        field = QuietField()
        field.setPlaceholderText(self.tr("branch, tag or commit"))
        self.revision.setLineEdit(field)
        self.revision.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        field.entered.connect(lambda _: self._choose())
        self.revision.setAccessibleName(self.tr("Revision"))
        self.revision.setMinimumWidth(40 * GRID)
        label = QLabel(self.tr("Rev&ision"))
        label.setBuddy(self.revision)
        top = QHBoxLayout()
        top.setSpacing(2 * GRID)
        top.addWidget(self._title, 1)
        top.addWidget(label)
        top.addWidget(self.revision)
        place = QHBoxLayout()
        place.setSpacing(2 * GRID)
        place.addWidget(self.page, 1)
        place.addWidget(self.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addLayout(top)
        layout.addLayout(place)
        layout.addLayout(self._facts())
        for notice in self._notes:
            notice.hide()
            layout.addWidget(notice)

    def _facts(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(3 * GRID)
        grid.setVerticalSpacing(0)
        for column, (name, _, _) in enumerate(model_facts(HubModel(""))):
            label = QLabel(name)
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            value = ElidedLabel()
            value.setAccessibleName(name)
            self._values.append(value)
            grid.addWidget(label, 0, column)
            grid.addWidget(value, 1, column)
            grid.setColumnStretch(column, 3 if column < 4 else 2)
            grid.setColumnMinimumWidth(column, 15 * GRID)
        return grid

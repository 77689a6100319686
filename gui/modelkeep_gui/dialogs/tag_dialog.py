"""Letting a name such as production lead to a revision of a remote, and saying why."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QLineEdit, QWidget

from modelkeep.errors import ModelKeepError
from modelkeep.keys import ModelKey
from modelkeep.rows import RevisionRow
from modelkeep_gui.dialogs.noted_field import FieldForm, NotedField
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.theme import GRID

__all__ = ["TagDialog"]

_USUAL = ("production", "staging", "main")


class TagDialog(Sheet):
    """Asks for the name and the reason. What they lead to counts once it was accepted: `ref`, `commit`, `message`."""

    def __init__(
        self, key: str, revisions: Sequence[RevisionRow], commit: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__("", "tag", "accent", parent)
        self._revisions = {one.commit: one for one in revisions}
        self.setWindowTitle(self.tr("Tag a revision"))
        self.heading.setText(self.tr("Give a revision of {} a name").format(ModelKey.known(key).repo_id))
        self.name = QComboBox()
        self.name.setEditable(True)
        taken = [ref.removeprefix("refs/") for one in revisions for ref in one.refs]
        self.name.addItems(list(dict.fromkeys((*_USUAL, *taken))))
        self.revision = QComboBox()
        for one in revisions:
            self.revision.addItem(" ".join((*one.refs, one.commit[:12])), one.commit)
        self.revision.setCurrentIndex(max(0, self.revision.findData(commit)))
        self.message_ = QLineEdit()
        self.message_.setPlaceholderText(self.tr("Why (optional)"))
        self.what = TonedNotice()
        for part, text in (
            (self.name, self.tr("Name")),
            (self.revision, self.tr("Revision")),
            (self.message_, self.tr("Why")),
        ):
            part.setAccessibleName(text)
        self._field = NotedField(self.name)
        form = FieldForm()
        form.add(self.tr("&Name"), self._field)
        form.add(self.tr("&Leads to"), self.revision)
        form.add(self.tr("&Why"), self.message_)
        self.body.addLayout(form)
        self.body.addWidget(self.what)
        self.body.addStretch()
        self.setMinimumWidth(120 * GRID)
        self.ok = self.add_button(self.tr("&Tag"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = self.add_button(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self.name.currentTextChanged.connect(lambda _: self._follow())
        self.revision.currentIndexChanged.connect(lambda _: self._follow())
        self.set_default(self.ok)
        self.name.setFocus()
        self._follow()

    @property
    def ref(self) -> str:
        return self.name.currentText().strip()

    @property
    def commit(self) -> str:
        return str(self.revision.currentData() or "")

    @property
    def message(self) -> str:
        return self.message_.text().strip()

    def show_failure(self, error: ModelKeepError) -> None:
        """Say why it cannot be."""
        self.what.say(" ".join(filter(None, (str(error), error.hint))), "damaged", "bad")

    def _follow(self) -> None:
        refs = (self.ref, f"refs/tags/{self.ref}", f"refs/heads/{self.ref}")
        before = next((c for c, one in self._revisions.items() if set(refs) & set(one.refs)), "")
        is_there = bool(before) and before == self.commit
        if is_there:
            self.what.say(self.tr("It leads there already."), "done", "muted")
        elif before:
            text = self.tr("{} leads to {} now. Whoever fetches it gets the other revision from then on.")
            self.what.say(text.format(self.ref, before[:7]), "warning", "warn")
        else:
            self.what.say(self.tr("The name is new."), "plus", "good")
        self.what.setVisible(bool(self.ref))
        self.ok.setEnabled(bool(self.ref and self.commit) and not is_there)

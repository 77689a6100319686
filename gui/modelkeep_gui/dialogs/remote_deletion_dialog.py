"""What deleting from a remote takes away, and whether there is a way back."""

from __future__ import annotations

from PySide6.QtWidgets import QDialogButtonBox, QLabel, QLineEdit, QWidget

from modelkeep.remote.values import RemoteDeletion
from modelkeep.text import size_text
from modelkeep_gui.ages import age_text
from modelkeep_gui.dialogs.noted_field import FieldForm
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.folded import Folded, LineList
from modelkeep_gui.widgets.labels import value
from modelkeep_gui.widgets.notice import Notice

__all__ = ["RemoteDeletionDialog"]


class RemoteDeletionDialog(Sheet):
    """Shows a plan. What goes for good has to be named first. Accepted is yes; Enter and Escape are no."""

    def __init__(self, plan: RemoteDeletion, parent: QWidget | None = None) -> None:
        super().__init__("", "delete", "bad", parent)
        self.plan = plan
        name = plan.key.repo_id
        title = self.tr("Delete {} on {}?").format(name, plan.remote)
        self.setWindowTitle(self.tr("Delete on the remote"))
        self.heading.setText(title)
        self.setMinimumWidth(125 * GRID)
        self.name = QLineEdit()
        self.name.setPlaceholderText(name)
        self.name.setAccessibleName(self.tr("Name of the model"))
        self.body.addWidget(value(self._what()))
        self._add_lists()
        for notice in self._notices():
            self.body.addWidget(notice)
        if not plan.kept_for:
            form = FieldForm()
            form.addRow(QLabel(self.tr("Type the name of the model to go on:")))
            form.addRow(self.name)
            self.body.addLayout(form)
        self.body.addStretch()
        self.delete = self.add_button(self._button_text(), QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = self.add_button(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self.name.textChanged.connect(lambda _: self._follow())
        self.set_default(self.cancel)
        if not plan.kept_for:
            self.name.setFocus()
        self._follow()

    def _what(self) -> str:
        count = len(self.plan.commits)
        if count == 1:
            text = self.tr("1 revision goes, {}.").format(self.plan.commits[0][:7])
        else:
            text = self.tr("{} revisions go.").format(f"{count:,}")
        frees = self.tr("{} can be freed there: what other models share stays.")
        return " ".join((text, frees.format(size_text(self.plan.frees)))) if self.plan.frees else text

    def _add_lists(self) -> None:
        if refs := self.plan.refs:
            text = self.tr("These names lead nowhere then: {}").format(", ".join(refs))
            self.body.addWidget(Notice(text, "tag", "muted"))
        if len(self.plan.commits) > 1:
            title = self.tr("Revisions")
            lines = LineList(title)
            lines.set_lines([(commit, "") for commit in self.plan.commits])
            self.body.addWidget(Folded(title, lines))

    def _notices(self) -> list[Notice]:
        found = []
        if derived := [key.removeprefix("hf@") for key in self.plan.derived]:
            text = self.tr("Made from it, and there still: {}").format(", ".join(derived[:3]))
            if len(derived) > 3:
                text = self.tr("{} and {} more").format(text, f"{len(derived) - 3:,}")
            found.append(Notice(text, "lineage", "warn", tooltip="\n".join(derived)))
        if self.plan.kept_for:
            text = self.tr(
                "It can be brought back until the garbage of the remote is collected, for {} at least."
            )
            found.append(Notice(text.format(age_text(self.plan.kept_for)), "undo", "muted"))
        else:
            found.append(Notice(self.tr("It is gone for good, for everyone who uses it."), "warning", "bad"))
        return found

    def _button_text(self) -> str:
        return self.tr("&Delete") if self.plan.kept_for else self.tr("&Delete for good")

    def _follow(self) -> None:
        is_named = bool(self.plan.kept_for) or self.name.text().strip() == self.plan.key.repo_id
        self.delete.setEnabled(is_named and bool(self.plan.commits))

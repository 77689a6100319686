"""A question before something dangerous: it is done only when the model's name was typed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialogButtonBox, QLabel, QLineEdit, QWidget

from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.folded import Folded, LineList
from modelkeep_gui.widgets.labels import remark, value
from modelkeep_gui.widgets.notice import Notice

__all__ = ["AllowUnsafeDialog"]

_SEEN = 4


class AllowUnsafeDialog(Sheet):
    """Says what was found in the model `name`, and asks whether to go on all the same, this once.

    `what` is what would be done, as a verb: "load", "import", "convert". `findings` are sentences. Accepted means
    that the user typed the name; Enter without it, and Escape, are no.
    """

    def __init__(self, name: str, what: str, findings: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__("", "shield", "bad", parent)
        title = self.tr("{} is not safe to {}").format(name, what)
        self.setWindowTitle(title)
        self.heading.setText(title)
        self.setMinimumWidth(125 * GRID)
        self._name = name
        self.field = QLineEdit()
        self.field.setPlaceholderText(name)
        self.field.setAccessibleName(self.tr("Name of the model"))
        label = QLabel(self.tr("Type its &name to go on all the same:"))
        label.setBuddy(self.field)
        self.body.addWidget(
            value(
                self.tr(
                    "It could do to this machine whatever you can do: read your files, change them, send them away."
                )
            )
        )
        self._add_findings(findings)
        self.body.addWidget(
            remark(
                self.tr(
                    "Go on only if you trust who made it and where you got it. It counts for this once, and is "
                    "written down in the activity."
                )
            )
        )
        self.body.addStretch()
        self.body.addWidget(label)
        self.body.addWidget(self.field)
        role = QDialogButtonBox.ButtonRole
        verb = what[:1].upper() + what[1:]
        self.allow = self.add_button(self.tr("{} all the same").format(verb), role.AcceptRole)
        self.cancel = self.add_button(self.tr("Cancel"), role.RejectRole)
        self.allow.setEnabled(False)
        self.field.textChanged.connect(self._follow)
        self.set_default(self.cancel)

    def _add_findings(self, findings: Sequence[str]) -> None:
        for finding in findings[:_SEEN]:
            self.body.addWidget(Notice(finding, "warning", "bad"))
        if more := findings[_SEEN:]:
            lines = LineList(self.tr("What else was found"))
            lines.set_lines([(finding, "") for finding in more])
            self.body.addWidget(Folded(self.tr("and {} more").format(f"{len(more):,}"), lines))

    def _follow(self, typed: str) -> None:
        self.allow.setEnabled(typed.strip() == self._name)

"""The yes to the code that a model brings."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialogButtonBox, QWidget

from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.folded import LineList
from modelkeep_gui.widgets.labels import remark, value

__all__ = ["CodeDialog"]


class CodeDialog(Sheet):
    """Names the files that would run when the model `name` is loaded, of the revision `commit`. Enter is no."""

    def __init__(self, name: str, commit: str, files: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Let {} run its own code?").format(name), "code", "warn", parent)
        self.setMinimumWidth(115 * GRID)
        self.body.addWidget(
            value(
                self.tr(
                    "It comes with Python code, and is not loaded without it. The code runs in a process that has "
                    "no network, but it can read what you can read."
                )
            )
        )
        lines = LineList(self.tr("Files that would run"))
        lines.set_lines([(file, "") for file in files])
        self.body.addWidget(lines)
        self.body.addWidget(
            remark(
                self.tr(
                    "Your yes is for the revision {} alone, and stays until you take it back. Look into the files "
                    "first, or go on only if you trust who made them."
                ).format(commit[:7])
            )
        )
        self.body.addStretch()
        self.allow = self.add_button(self.tr("&Allow"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = self.add_button(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self.set_default(self.cancel)

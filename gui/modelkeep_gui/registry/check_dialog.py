"""What is wrong in a file that registers models, or that nothing is."""

from __future__ import annotations

import os
from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialogButtonBox, QWidget

from modelkeep.registrations.values import FileProblem
from modelkeep_gui.dialogs.sheet import Sheet
from modelkeep_gui.registry.problems import ProblemTable
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.labels import remark

__all__ = ["CheckDialog"]


class CheckDialog(Sheet):
    """Shows the problems of the file `path`.

    Signals:
        folder_requested: the path of a file whose folder the user wants to see (str).
    """

    folder_requested = Signal(object)

    def __init__(self, path: str, problems: Sequence[FileProblem], parent: QWidget | None = None) -> None:
        sign = ("warning", "warn") if problems else ("whole", "good")
        super().__init__("", *sign, parent)
        self._problems = tuple(problems)
        name = os.path.basename(path)
        count = len(problems)
        if count == 1:
            title = self.tr("1 thing is wrong in {}").format(name)
        elif count:
            title = self.tr("{} things are wrong in {}").format(f"{count:,}", name)
        else:
            title = self.tr("Nothing is wrong in {}").format(name)
        self.setWindowTitle(self.tr("Check of a file"))
        self.heading.setText(title)
        self.setMinimumWidth(180 * GRID)
        self.body.addWidget(ElidedLabel(path, muted=True))
        self.table = ProblemTable()
        self.table.setFrameShape(ProblemTable.Shape.StyledPanel)
        self.table.folder_requested.connect(self.folder_requested)
        self.table.show_problems(problems)
        self.table.setVisible(bool(problems))
        if problems:
            self.body.addWidget(self.table, 1)
            self.body.addWidget(
                remark(self.tr("An entry with anything wrong in it is left out; others are not."))
            )
        self.body.addStretch()
        self.copy = self.add_button(
            self.tr("&Copy"), QDialogButtonBox.ButtonRole.ActionRole, icon_name="copy"
        )
        self.copy.setVisible(bool(problems))
        self.copy.clicked.connect(lambda _: self._copy())
        self.close_button = self.add_button(self.tr("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        self.set_default(self.close_button)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(map(str, self._problems)))
        self.copy.setText(self.tr("Copied"))

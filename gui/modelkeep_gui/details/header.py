"""The top of the pane: which model it is, how it is, and what is wrong with it."""

from __future__ import annotations

import time
from typing import NamedTuple

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from modelkeep.cache.inventory import Problem
from modelkeep.details import ModelDetails
from modelkeep.rows import ModelRow, Selection
from modelkeep_gui.details.facts import is_dangerous, trust_words
from modelkeep_gui.icons import icon
from modelkeep_gui.library.columns import state_sign, state_text
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.elided_field import ElidedField
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.flat_button import FlatButton, FlatToggle
from modelkeep_gui.widgets.folded import Folded, LineList
from modelkeep_gui.widgets.notice import Notice
from modelkeep_gui.widgets.sign import Sign

__all__ = ["Header", "PinChange"]

_PROBLEMS = 3  # that are seen at once


class PinChange(NamedTuple):
    """Whether the user wants a model to be kept."""

    root: str
    key: str
    pinned: bool


class Header(QWidget):
    """Name, state and problems, with the buttons that are about the model as a whole.

    Signals:
        pin_toggled: a `PinChange`.
        folder_requested: the path of the folder to open.
        try_requested: the `Selection` of the revision to try.
    """

    pin_toggled = Signal(object)
    folder_requested = Signal(object)
    try_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row: ModelRow | None = None
        self._folder = ""
        self._commit = ""
        self._shown_problems: tuple[Problem, ...] = ()
        self._name = ElidedField(name=self.tr("Name"))
        font = QFont(self._name.font())
        font.setPointSizeF(font.pointSizeF() * 1.15)
        font.setBold(True)
        self._name.setFont(font)
        self.pin = _PinButton(self.tr("Pin"), "pin")
        self.pin.setToolTip(self.tr("Pin: nothing removes a model that is pinned"))
        self.pin.clicked.connect(self._toggle_pin)
        self.try_it = FlatButton(self.tr("Try it"), "tryout")
        self.try_it.clicked.connect(lambda _: self._try())
        self.folder = FlatButton(self.tr("Open folder"), "folder")
        self.folder.clicked.connect(lambda: self.folder_requested.emit(self._folder))
        for tool in (self.try_it, self.pin, self.folder):
            tool.setIconSize(QSize(18, 18))
        self._sign = Sign()
        self._state = ElidedLabel(elide=Qt.TextElideMode.ElideRight)
        self._revision = ElidedLabel()
        self._revision.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._problems = QVBoxLayout()
        self._more_list = LineList(self.tr("Problems"))
        self._more = Folded("", self._more_list)
        self._lay_out()

    def set_name(self, name: str) -> None:
        """Show a name of which nothing else is known yet."""
        self._row = None
        self._name.setText(name)
        self._state.setText("")
        self._revision.setText("")
        for part in (self.try_it, self.pin, self.folder, self._sign):
            part.setVisible(False)
        self._show_problems(())

    def set_details(self, details: ModelDetails) -> None:
        """Show a model."""
        self._row = row = details.row
        self._folder = details.snapshot
        self._commit = details.commit
        self._name.setText(row.repo_id)
        self.pin.setChecked(row.pinned)
        self._show_pin()
        sign = state_sign(row)
        self._sign.show_icon(*("warning", "bad") if is_dangerous(details) else (sign.icon, sign.tone))
        self._state.setText(" · ".join((state_text(row), *trust_words(details, time.time()))))
        self._revision.setText(_revision_text(details))
        for part in (self.pin, self.folder, self._sign):
            part.setVisible(True)
        self.try_it.setVisible(row.repo_type == "model")
        self._show_problems(details.problems)

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(0)
        first.addWidget(self._name, 1)
        first.addSpacing(GRID)
        first.addWidget(self.try_it)
        first.addWidget(self.pin)
        first.addWidget(self.folder)
        second = QHBoxLayout()
        second.setSpacing(2 * GRID)
        second.addWidget(self._sign)
        second.addWidget(self._state, 1)
        self._problems.setSpacing(GRID)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        layout.addLayout(first)
        layout.addLayout(second)
        layout.addWidget(self._revision)
        layout.addLayout(self._problems)
        layout.addWidget(self._more)

    def _try(self) -> None:
        if self._row:
            self.try_requested.emit(Selection(self._row.root, f"{self._row.key}@{self._commit}"))

    def _toggle_pin(self, pinned: bool) -> None:
        self._show_pin()
        if self._row:
            self.pin_toggled.emit(PinChange(self._row.root, self._row.key, pinned))

    def _show_pin(self) -> None:
        self.pin.setIcon(icon("pin", "accent" if self.pin.isChecked() else "text"))

    def _show_problems(self, problems: tuple[Problem, ...]) -> None:
        self._more.setVisible(len(problems) > _PROBLEMS)
        if problems == self._shown_problems:
            return
        self._shown_problems = problems
        while item := self._problems.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for problem in problems[:_PROBLEMS]:
            self._problems.addWidget(Notice(problem.message, "warning", "bad", tooltip=problem.path))
        rest = problems[_PROBLEMS:]
        self._more.set_title(self.tr("and {} more").format(len(rest)))
        self._more.set_open(False)
        self._more_list.set_lines([(problem.message, problem.path) for problem in rest])


class _PinButton(FlatToggle):
    """Has a coloured ground while the model is pinned."""

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.isChecked():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.palette().highlight())
            painter.drawRoundedRect(self.rect(), GRID, GRID)
            painter.end()
        super().paintEvent(event)


def _revision_text(details: ModelDetails) -> str:
    """Which revision is looked at, and how it is where the model as a whole is otherwise."""
    refs = [ref.removeprefix("refs/") for ref, commit in details.refs if commit == details.commit]
    name = " · ".join(filter(None, (*refs, details.commit[:7])))
    revision = next((one for one in details.row.revisions if one.commit == details.commit), None)
    if revision and revision.state != details.row.state:
        return f"{name}: {state_text(revision)}"
    return name

"""What a test of the way to a hub or a remote finds, a line for each check as it ends."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from modelkeep_gui.settings.profile_text import outcome_sign, outcome_text
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.copy_button import CopyButton
from modelkeep_gui.widgets.labels import caption, remark, value
from modelkeep_gui.widgets.progress_line import ProgressLine
from modelkeep_gui.widgets.sign import Sign

__all__ = ["CheckLike", "ProfileChecks"]


class CheckLike(Protocol):
    """A `modelkeep.hub.diagnose.Check`, or what a remote found, of which nobody measured the time."""

    @property
    def name(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def sentence(self) -> str: ...
    @property
    def hint(self) -> str: ...
    @property
    def seconds(self) -> float: ...


class ProfileChecks(QWidget):
    """The checks of one test, in their order, to read and to copy."""

    def __init__(self) -> None:
        super().__init__()
        self.checks: list[CheckLike] = []
        self._title = ""
        self._motion = ProgressLine()
        self._motion.setAccessibleName(self.tr("Testing"))
        self.copy = CopyButton(self.tr("Copy what was found"), self.text)
        self._lines = QWidget()
        self._grid = QGridLayout(self._lines)
        self._scroll = QScrollArea(widgetResizable=True)
        self._lay_out()

    def begin(self, title: str) -> None:
        """Forget the checks of an earlier test; this one is of `title`."""
        self._title = title
        self.checks = []
        while item := self._grid.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        self._motion.show_share(0, 0)
        self._motion.show()
        self.copy.setEnabled(False)

    def add(self, check: CheckLike) -> None:
        """Show what one check found."""
        if check in self.checks:
            return
        line = 2 * len(self.checks)
        self.checks.append(check)
        sign = Sign()
        sign.show_icon(*outcome_sign(check.outcome))
        sentence = value(check.sentence)
        sentence.setAccessibleName(
            ": ".join(filter(None, (check.name, outcome_text(check.outcome), check.sentence)))
        )
        took = QLabel(f"{check.seconds:.1f} s" if check.seconds >= 0.05 else "")
        took.setForegroundRole(took.palette().ColorRole.PlaceholderText)
        self._grid.addWidget(sign, line, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(sentence, line, 1)
        self._grid.addWidget(took, line, 2, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
        if check.hint:
            self._grid.addWidget(remark(check.hint), line + 1, 1, 1, 2)
        self._grid.setRowStretch(line + 2, 1)
        self._grid.setRowStretch(line, 0)
        self.copy.setEnabled(True)

    def end(self) -> None:
        """There is nothing more to come."""
        self._motion.hide()

    def text(self) -> str:
        """All of it, to be sent to somebody who can help."""
        lines = [self._title]
        for check in self.checks:
            took = f" ({check.seconds:.2f} s)" if check.seconds else ""
            lines.append(f"{outcome_text(check.outcome)}: {check.sentence}{took}")
            if check.hint:
                lines.append(f"    {check.hint}")
        return "\n".join(lines) + "\n"

    def _lay_out(self) -> None:
        self.copy.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._grid.setContentsMargins(0, 0, GRID, 0)
        self._grid.setHorizontalSpacing(2 * GRID)
        self._grid.setVerticalSpacing(GRID)
        self._grid.setColumnStretch(1, 1)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setAccessibleName(self.tr("What the test found"))
        self._scroll.setWidget(self._lines)
        self._scroll.setMinimumHeight(50 * GRID)
        for ground in (self._scroll.viewport(), self._lines):
            ground.setAutoFillBackground(False)
        head = QHBoxLayout()
        head.setSpacing(3 * GRID)
        head.addWidget(caption(self.tr("Test")))
        head.addWidget(self._motion, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addStretch()
        head.addWidget(self.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addLayout(head)
        layout.addWidget(self._scroll, 1)

"""The buttons of a try: run and stop, and what can be done with an answer."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.flat_button import FlatButton

__all__ = ["RunBar"]


class RunBar(QWidget):
    """Stop stands in the place of Run while something runs, so that nothing moves."""

    def __init__(self) -> None:
        super().__init__()
        self.run = QPushButton(icon("resume", "on_accent"), self.tr("&Run"))
        self.stop = QPushButton(icon("stop"), self.tr("&Stop"))
        self.run.setToolTip(_with_keys(self.tr("Ask the model"), "Ctrl+Return"))
        self.stop.setToolTip(_with_keys(self.tr("Stop it, and keep what has come"), "Esc"))
        width = max(self.run.sizeHint().width(), self.stop.sizeHint().width())
        for button in (self.run, self.stop):
            button.setMinimumWidth(width)
            button.setAutoDefault(False)
        self.said = ElidedLabel(elide=Qt.TextElideMode.ElideRight, muted=True)
        self.copy = FlatButton(self.tr("Copy the answer"), "copy")
        self.save = FlatButton(self.tr("Save the answer…"), "export")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(2 * GRID)
        line.addWidget(self.run)
        line.addWidget(self.stop)
        line.addWidget(self.said, 1)
        line.addWidget(self.copy)
        line.addWidget(self.save)
        self.run.setDefault(True)
        self.stop.hide()

    def follow(self, *, is_running: bool, problem: str, remark: str, can_run: bool, has_answer: bool) -> None:
        """Allow what can be done now; `problem` is why it cannot be run, `remark` what is said where it can."""
        had_focus = self.run.hasFocus() or self.stop.hasFocus()
        self.run.setVisible(not is_running)
        self.stop.setVisible(is_running)
        self.run.setEnabled(can_run and not problem)
        self.said.setText("" if is_running else problem or remark)
        for button in (self.copy, self.save):
            button.setEnabled(has_answer and not is_running)
        if had_focus:
            (self.stop if is_running else self.run).setFocus()


def _with_keys(text: str, keys: str) -> str:
    return f"{text} ({QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)})"

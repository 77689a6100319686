"""What there is to say of the registered model that is chosen, and how a program loads it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from modelkeep.registrations.finding import RegisteredModel
from modelkeep.registrations.values import snippet
from modelkeep_gui.registry.text import facts_text, state_sign, where_text
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.action_button import ActionButton
from modelkeep_gui.widgets.copy_button import CopyButton
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.labels import fixed_font, value
from modelkeep_gui.widgets.notice import Notice
from modelkeep_gui.widgets.sign import Sign

__all__ = ["AboutRegistered"]


class AboutRegistered(QWidget):
    """Says it in full beneath the table, where it is cut; `actions` are buttons beside it."""

    def __init__(self, *actions: QAction) -> None:
        super().__init__()
        self._one: RegisteredModel | None = None
        self._what = value("")
        self._facts = ElidedLabel(muted=True)
        self._sign = Sign()
        self._where = ElidedLabel()
        self._place = QWidget()
        place = QHBoxLayout(self._place)
        place.setContentsMargins(0, 0, 0, 0)
        place.setSpacing(2 * GRID)
        place.addWidget(self._sign)
        place.addWidget(self._where, 1)
        self._problem = Notice()
        self._code = QLabel()
        self._code.setTextFormat(Qt.TextFormat.PlainText)
        self._code.setFont(fixed_font())
        self._code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._code.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.copy = CopyButton(self.tr("Copy the Python code"), lambda: self.code)
        self._how = QWidget()
        how = QHBoxLayout(self._how)
        how.setContentsMargins(0, 0, 0, 0)
        how.setSpacing(2 * GRID)
        how.addWidget(self._code, 1)
        how.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignTop)
        texts = QVBoxLayout()
        texts.setSpacing(GRID)
        for part in (self._what, self._facts, self._place, self._problem, self._how):
            texts.addWidget(part)
        texts.addStretch(1)
        self._buttons = [ActionButton(action) for action in actions]
        buttons = QVBoxLayout()
        buttons.setSpacing(GRID)
        for button in self._buttons:
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QGridLayout(self)
        layout.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        layout.setHorizontalSpacing(4 * GRID)
        layout.addLayout(texts, 0, 0)
        layout.addLayout(buttons, 0, 1)
        layout.setColumnStretch(0, 1)
        # As high for every line, so that the table above does not jump.
        self.setMinimumHeight(8 * self.fontMetrics().height() + 8 * GRID)
        self.show_nothing()

    @property
    def text(self) -> str:
        """All that is said, but for the code."""
        parts = (self._what.text(), self._facts.text(), self._where.text(), self._problem.text)
        return " ".join(filter(None, parts))

    @property
    def code(self) -> str:
        """How a program loads what is shown, "" while nothing is."""
        return snippet(self._one.registration) if self._one else ""

    def show_nothing(self, count: int = 0) -> None:
        """Nothing is chosen, or `count` models at once."""
        self._one = None
        text = (
            self.tr("{} models are selected.").format(f"{count:,}")
            if count
            else self.tr("Choose a model to read where it is, and how a program loads it.")
        )
        self._what.setText(text)
        for label in (self._facts, self._where):
            label.setText("")
        self._problem.say("", "info", "muted")
        for part in (self._facts, self._place, self._problem, self._how):
            part.hide()

    def show_model(self, one: RegisteredModel) -> None:
        """Say all that is known of it."""
        self._one = one
        self._what.setText(one.registration.description or one.registration.name)
        self._facts.setText(facts_text(one))
        self._sign.show_icon(*state_sign(one))
        self._where.setText(where_text(one))
        is_told = one.registration.is_folder and not one.is_here
        self._problem.say(one.problem, "warning", "warn")
        self._code.setText(self.code.strip().replace("\n\n", "\n"))
        for part in (self._facts, self._place, self._how):
            part.show()
        self._problem.setVisible(bool(one.problem) and not is_told)

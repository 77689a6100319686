"""What there is to say of the line that is chosen: what it is, what it costs, what the repair does."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from modelkeep.doctor.findings import Finding, Repair
from modelkeep.text import path_text, size_text
from modelkeep_gui.doctor.text import message_text, problem_title, weight_sign
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.labels import value
from modelkeep_gui.widgets.notice import Notice

__all__ = ["AboutFinding"]


class AboutFinding(QWidget):
    """Says it in full beneath the tree, where it is cut.

    Signals:
        model_requested: the `Finding` of which the user wants to see the model.
        folder_requested: the `Finding` of which the user wants to see the place.
    """

    model_requested = Signal(object)
    folder_requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._finding: Finding | None = None
        self._what = value("")
        self._where = ElidedLabel(muted=True)
        self._repair = Notice()
        self._refusal = Notice()
        self.model = QPushButton(icon("model"), self.tr("Show &model"))
        self.folder = QPushButton(icon("folder"), self.tr("Open &folder"))
        self.model.clicked.connect(lambda _: self.model_requested.emit(self._finding))
        self.folder.clicked.connect(lambda _: self.folder_requested.emit(self._finding))
        texts = QVBoxLayout()
        texts.setSpacing(GRID)
        for part in (self._what, self._where, self._repair, self._refusal):
            texts.addWidget(part)
        texts.addStretch(1)
        buttons = QVBoxLayout()
        buttons.setSpacing(GRID)
        for button in (self.model, self.folder):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        layout.setSpacing(4 * GRID)
        layout.addLayout(texts, 1)
        layout.addLayout(buttons)
        # As high for every line, so that the tree above does not jump.
        self.setMinimumHeight(5 * self.fontMetrics().height() + 4 * GRID)
        self.show_nothing()

    @property
    def text(self) -> str:
        """All that is said."""
        parts = (self._what.text(), self._where.text(), self._repair.text, self._refusal.text)
        return " ".join(filter(None, parts))

    def show_nothing(self) -> None:
        """Nothing is chosen."""
        self._say(None, self.tr("Choose a line to read what it is and what its repair does."), "", "", "")

    def show_group(self, problem: str, findings: Sequence[Finding]) -> None:
        """Say what is true of all that was found of a problem."""
        repairs = list(dict.fromkeys(one.repair for one in findings))
        able = [one for one in findings if one.can_be_repaired]
        refused = list(dict.fromkeys(one.refusal for one in findings if one.refusal))
        costs = sum(one.on_disk for one in findings)
        where = self.tr("Costs {}").format(size_text(costs)) if costs else ""
        repair = repairs[0] if len(repairs) == 1 else ""
        self._say(None, problem_title(problem), where, repair, refused[0] if len(refused) == 1 else "")
        self._show_repair(findings[0], repair, bool(able))

    def show_finding(self, one: Finding) -> None:
        """Say all that is known of it."""
        self._say(one, message_text(one), path_text(one.path), one.repair, one.refusal)
        self._show_repair(one, one.repair, one.can_be_repaired or bool(one.refusal and one.repairable))

    def _show_repair(self, one: Finding, text: str, is_ours: bool) -> None:
        if not text:
            return
        if one.known.repair is Repair.NONE or not is_ours:
            self._repair.say(self.tr("What you can do: {}").format(text), *weight_sign(one.known.weight))
            return
        undo = self.tr("It can be undone from the trash.") if one.known.undo else ""
        self._repair.say(
            " ".join(filter(None, (self.tr("Repair: {}").format(text), undo))), "doctor", "accent"
        )

    def _say(self, one: Finding | None, what: str, where: str, repair: str, refusal: str) -> None:
        self._finding = one
        self._what.setText(what)
        self._where.setText(where)
        self._where.setVisible(bool(where))
        self._repair.setVisible(bool(repair))
        self._refusal.setVisible(bool(refusal))
        if not repair:
            self._repair.say("", "info", "muted")
        self._refusal.say(self.tr("Not now: {}").format(refusal) if refusal else "", "pause", "warn")
        self.model.setVisible(one is not None and one.key is not None)
        self.folder.setVisible(one is not None)

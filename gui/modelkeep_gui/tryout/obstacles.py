"""What stands in the way of a try, or should be known before it: a sentence each, with what can be done."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from modelkeep.inference.plan import TryPlan
from modelkeep.text import size_text
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.link_button import LinkButton
from modelkeep_gui.widgets.notice import Notice

__all__ = ["Obstacles"]

_Button = tuple[str, Callable[[], object]]


class Obstacles(QWidget):
    """Takes no room while there is none.

    Signals:
        code_asked: the `TryPlan` of a model whose own code waits for a yes.
        code_forbidden: the `TryPlan` of a model whose own code is to run no more.
        preferences_wanted: to choose another Python.
    """

    code_asked = Signal(object)
    code_forbidden = Signal(object)
    preferences_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(GRID)
        self._parts: list[QWidget] = []
        self.texts: list[str] = []
        """What is said."""
        self.hide()

    def set_plans(self, plans: Sequence[TryPlan]) -> None:
        """Say what these plans meet."""
        self._clear()
        for plan in plans:
            self._add_plan(plan, f"{plan.key.repo_id}: " if len(plans) > 1 else "")
        self.setVisible(bool(self.texts))

    def say(self, text: str, hint: str = "") -> None:
        """Say this alone."""
        self._clear()
        self._add(" ".join(filter(None, (text, hint))), "damaged", "bad")
        self.show()

    def _add_plan(self, plan: TryPlan, who: str) -> None:
        tr = self.tr
        if plan.problem:
            said = " ".join(filter(None, (who + plan.problem, plan.hint)))
            choose = (tr("Preferences…"), self.preferences_wanted.emit) if plan.cause == "runtime" else None
            self._add(said, "damaged", "bad", choose)
        if plan.verdict == "dangerous":
            said = tr("It is dangerous to load. You are asked before it is.")
            if plan.is_loaded:
                said = tr("It is dangerous, and is loaded as you allowed for once.")
            self._add(who + said, "warning", "bad")
        if plan.wants_code and not plan.code_allowed:
            self._add(
                who + tr("It runs code of its own, which needs your yes: {}").format(_names(plan.code_files)),
                "code",
                "warn",
                (tr("Look and allow…"), lambda: self.code_asked.emit(plan)),
            )
        elif plan.wants_code:
            self._add(
                who + tr("It runs code of its own, as you allowed for this revision."),
                "code",
                "muted",
                (tr("Take that back"), lambda: self.code_forbidden.emit(plan)),
            )
        if not plan.fits and not plan.is_loaded:
            need, free = size_text(plan.memory_needed), size_text(plan.memory_free)
            text = tr("It takes about {}, and {} are free: it may fail, or make the machine slow.")
            self._add(who + text.format(need, free), "memory", "warn")
        for note in plan.notes:
            self._add(who + note, "info", "muted")

    def _add(self, text: str, name: str, tone: str, button: _Button | None = None) -> None:
        self.texts.append(text)
        part: QWidget = Notice(text, name, tone)
        if button is not None:
            whole = QWidget()
            line = QHBoxLayout(whole)
            line.setContentsMargins(0, 0, 0, 0)
            line.setSpacing(3 * GRID)
            line.addWidget(part, 1)
            link = LinkButton(button[0])
            link.clicked.connect(lambda _: button[1]())
            line.addWidget(link, 0, Qt.AlignmentFlag.AlignTop)
            part = whole
        self._parts.append(part)
        self._lines.addWidget(part)

    def _clear(self) -> None:
        self.texts = []
        for part in self._parts:
            part.hide()
            part.deleteLater()
        self._parts = []
        self.hide()


def _names(files: Sequence[str], most: int = 3) -> str:
    shown = ", ".join(files[:most])
    return f"{shown}, …" if len(files) > most else shown

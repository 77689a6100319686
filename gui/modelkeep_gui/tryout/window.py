"""The window in which one model is tried, beside the library and not before it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import QBoxLayout, QFrame, QVBoxLayout, QWidget

from modelkeep.errors import ModelKeepError
from modelkeep.inference.outcome import Device, RememberedInputs
from modelkeep.inference.plan import TryPlan
from modelkeep.inference.values import LoadedModel
from modelkeep.keys import ModelKey
from modelkeep.rows import Selection
from modelkeep_gui.icons import icon
from modelkeep_gui.theme import GRID
from modelkeep_gui.tryout.asking import Asking
from modelkeep_gui.tryout.exchange import Exchange
from modelkeep_gui.tryout.focus_order import lead_through
from modelkeep_gui.tryout.form import Form
from modelkeep_gui.tryout.forms import make_form
from modelkeep_gui.tryout.head import Head
from modelkeep_gui.tryout.keeping import Keeping
from modelkeep_gui.tryout.mask_form import MaskForm
from modelkeep_gui.tryout.obstacles import Obstacles
from modelkeep_gui.tryout.prompt_form import PromptForm
from modelkeep_gui.tryout.results import Results
from modelkeep_gui.tryout.run_bar import RunBar
from modelkeep_gui.tryout.setup import Setup
from modelkeep_gui.tryout.text import result_text, revision_text
from modelkeep_gui.tryout.worker_line import WorkerLine

__all__ = ["TryWindow"]


class TryWindow(QWidget):
    """Shows what trying a model takes, the form for its task, and what came of it.

    Signals:
        code_asked: a `TryPlan` whose code waits for a yes.
        compare_wanted: the `TryPlan` of what is to be compared.
        save_wanted: the `TryResult` or `Comparison`.
        preferences_wanted: to choose another Python.
        closed: it is gone.
    """

    code_asked = Signal(object)
    compare_wanted = Signal(object)
    save_wanted = Signal(object)
    preferences_wanted = Signal()
    closed = Signal()

    def __init__(
        self, asking: Asking, keeping: Keeping, worker: WorkerLine, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.asking, self.keeping, self.worker = asking, keeping, worker
        asking.setParent(self)
        keeping.setParent(self)
        name = ModelKey.known(asking.chosen.key).repo_id
        self.setWindowTitle(self.tr("Try {}").format(name))
        self.setWindowIcon(icon("tryout"))
        self.head, self.setup, self.obstacles = Head(name), Setup(), Obstacles()
        self.bar, self.results = RunBar(), Results()
        self.exchange = Exchange(asking, self.bar, self.results, worker)
        self._others: list[Selection] = []
        self._wanted: RememberedInputs | None = None
        self._form_place = QVBoxLayout()
        self._middle = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._lay_out()
        self._connect()
        self.plan()

    @property
    def plans(self) -> Sequence[TryPlan]:
        """What is tried, as it was looked at last."""
        return self.exchange.plans

    @property
    def form(self) -> Form | None:
        """Where one says what is asked."""
        return self.exchange.form

    def _lay_out(self) -> None:
        self._form_place.setContentsMargins(0, 0, 0, 0)
        asked = QVBoxLayout()
        asked.setSpacing(2 * GRID)
        asked.addLayout(self._form_place, 1)
        asked.addWidget(self.bar)
        self._middle.setSpacing(3 * GRID)
        self._middle.addLayout(asked)
        self._middle.addWidget(self.results, 1)
        line = QFrame()
        line.setFrameShape(QFrame.Shape.HLine)
        line.setForegroundRole(QPalette.ColorRole.Mid)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 3 * GRID)
        layout.setSpacing(3 * GRID)
        for part in (self.head, self.setup, self.obstacles, line):
            layout.addWidget(part)
        layout.addLayout(self._middle, 1)
        layout.addWidget(self.worker)
        self.resize(200 * GRID, 170 * GRID)

    def _connect(self) -> None:
        asking = self.asking
        asking.planned.connect(self._show_plans)
        asking.refused.connect(self._show_refusal)
        self.keeping.remembered.connect(self.head.set_remembered)
        self.keeping.code_settled.connect(self.plan)
        self.keeping.saved.connect(self._say_saved)
        self.setup.chosen.connect(lambda _: self.plan())
        self.head.compare_wanted.connect(self._compare)
        self.head.compared_no_more.connect(lambda: self.compare_with(()))
        self.head.remembered_chosen.connect(self._ask_again)
        self.head.forget_wanted.connect(self.keeping.forget)
        self.obstacles.code_asked.connect(self.code_asked)
        self.obstacles.code_forbidden.connect(lambda plan: self.allow_code(plan, False))
        for part in (self.obstacles, self.results.trouble):
            part.preferences_wanted.connect(self.preferences_wanted)
        self.worker.left.connect(self._say_unloaded)
        self.exchange.known.connect(self._know)
        self.exchange.answered.connect(self._follow_answer)
        self.bar.copy.clicked.connect(lambda _: self._copy())
        self.bar.save.clicked.connect(lambda _: self._save())
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self, self.exchange.run)
        QShortcut(QKeySequence("Esc"), self, asking.stop)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Close), self, self.close)

    # ---- what is to be tried

    def plan(self) -> None:
        """Look at what trying takes, as it is chosen now."""
        self.setup.say_busy()
        choices = {name: chosen for name, chosen in self.setup.choices.items() if chosen}
        self.asking.plan(self._others, **choices)

    def compare_with(self, others: Sequence[Selection]) -> None:
        """Ask these the same, beside the model; none: the model alone again."""
        self._others = list(others)
        self.plan()

    def allow_code(self, plan: TryPlan, allowed: bool) -> None:
        """Remember the yes, or no, to the code of this revision, and look again."""
        key = str(plan.key.at(plan.commit))
        self.keeping.allow_code(Selection(plan.root, key), allowed)

    def set_devices(self, devices: Sequence[Device]) -> None:
        """Offer these."""
        self.setup.set_devices(devices)

    def _show_plans(self, plans: Sequence[TryPlan]) -> None:
        before, self.exchange.plans = self.plans, tuple(plans)
        plan = plans[0]
        self.setup.set_plan(plan)
        self.setup.setVisible(bool(plan.tasks))
        self.obstacles.set_plans(plans)
        names = [one.key.repo_id for one in plans]
        said = [revision_text(one.key, one.commit) for one in plans]
        if len(plans) > 1 and len(set(names)) > 1:
            said = [f"{name} {text}" for name, text in zip(names, said)]
        self.head.set_names(names[0], self.tr(" compared with ").join(said), is_compared=len(plans) > 1)
        if not plan.tasks:
            self._set_form(None)
        elif self.form is None or not before or before[0].task is not plan.task:
            self._set_form(make_form(plan.task))
        if self.form is not None:
            self.form.expect(plan)
        if plan.is_loaded:
            self.worker.follow(plan.root, plan.load.key)
        if not before:
            self.keeping.recall()
        if self._wanted is not None and self.form is not None and self._wanted.task is plan.task:
            self.form.show_inputs(self._wanted.inputs, self._wanted.options)
            self._wanted = None
        self.exchange.follow()
        self._lead()

    def _say_unloaded(self) -> None:
        # Not looked at again: that would have the next worker started, which takes its memory again.
        if self.plans:
            plan = replace(self.plans[0], is_loaded=False)
            self.exchange.plans = (plan, *self.plans[1:])
            self.setup.set_plan(plan)
            self.obstacles.set_plans(self.exchange.plans)

    def _show_refusal(self, error: ModelKeepError) -> None:
        self.exchange.plans = ()
        self.setup.say_nothing()
        self.obstacles.say(str(error), error.hint)
        self.exchange.follow()

    # ---- what is asked

    def _set_form(self, form: Form | None) -> None:
        if self.form is not None:
            self.form.hide()
            self.form.deleteLater()
        if form is not None:
            self._form_place.addWidget(form, 1)
            form.changed.connect(self._follow_form)
            form.show()  # at once, or it could not take the focus yet
            form.setFocus()
        if isinstance(form, MaskForm):
            form.mask_wanted.connect(self.exchange.load)
        if isinstance(form, PromptForm):
            form.began_anew.connect(self.exchange.begin_anew)
        self.exchange.set_form(form)
        self._follow_form()

    def _follow_form(self) -> None:
        """In a conversation what is said next stands beneath what was said."""
        is_chat = isinstance(self.form, PromptForm) and self.form.is_chat
        directions = QBoxLayout.Direction
        self._middle.setDirection(directions.BottomToTop if is_chat else directions.TopToBottom)
        self.exchange.follow()

    def _know(self, model: LoadedModel) -> None:
        if self.form is not None:
            self.form.know(model)

    def _ask_again(self, asked: RememberedInputs) -> None:
        if self.form is not None and self.plans and self.plans[0].task is asked.task:
            self.form.show_inputs(asked.inputs, asked.options)
            self.form.setFocus()
            return
        self._wanted = asked
        self.setup.choose_task(asked.task)
        self.plan()

    # ---- what is done with an answer

    def _compare(self) -> None:
        if self.plans:
            self.compare_wanted.emit(self.plans[0])

    def _save(self) -> None:
        if self.exchange.answer is not None:
            self.save_wanted.emit(self.exchange.answer)

    def _follow_answer(self, loaded: bool) -> None:
        self._lead()
        self.keeping.recall()
        if loaded:
            self.plan()  # what it takes is another matter now

    def _say_saved(self, path: str) -> None:
        self.bar.said.setText(self.tr("Saved as {}").format(os.path.basename(path)))

    def _lead(self) -> None:
        parts = (self.head, self.setup, self.obstacles, self.form, self.bar, self.results, self.worker)
        lead_through(*(part for part in parts if part is not None))

    def _copy(self) -> None:
        if self.exchange.answer is not None:
            QGuiApplication.clipboard().setText(result_text(self.exchange.answer))

    def closeEvent(self, event: QCloseEvent) -> None:
        self.asking.close()
        self.keeping.close()
        self.worker.close_line()
        self.closed.emit()
        super().closeEvent(event)

"""What a model is fine-tuned with, and exactly what that takes, before anything starts."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDialogButtonBox, QWidget

from modelkeep.errors import InvalidKey, ModelKeepError
from modelkeep.training.values import TrainingPlan
from modelkeep_gui.dialogs.note_lines import NoteLines
from modelkeep_gui.dialogs.plan_wait import PlanWait
from modelkeep_gui.dialogs.sheet import GrowingSheet
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.theme import GRID
from modelkeep_gui.training.data_view import DataView
from modelkeep_gui.training.facts import FactGrid
from modelkeep_gui.training.form import TrainForm
from modelkeep_gui.training.text import button_text, plan_facts
from modelkeep_gui.widgets.drops import local_files

__all__ = ["TrainDialog"]


class TrainDialog(GrowingSheet):
    """Its `answer` counts once it was accepted. `name` is the model's; `task` what it is for.

    Signals:
        plan_requested: the `TrainRequest` whose plan `set_plan` or `show_failure` is to bring.
        withdrawn: the last question is of no interest any more.
    """

    plan_requested = Signal(object)
    withdrawn = Signal()

    def __init__(self, name: str, task: str = "", parent: QWidget | None = None) -> None:
        super().__init__("", "train", "accent", parent)
        self.setWindowTitle(self.tr("Fine-tune"))
        self.heading.setText(self.tr("Fine-tune {}").format(name))
        self.setMinimumWidth(165 * GRID)
        self.setAcceptDrops(True)
        self._plan: TrainingPlan | None = None
        self.form = TrainForm(name, task)
        self.data, self.facts = DataView(), FactGrid()
        self.notes, self.wait = NoteLines(), PlanWait()
        self.problem = TonedNotice()
        role = QDialogButtonBox.ButtonRole
        self.train = self.add_button("", role.AcceptRole)
        self.cancel = self.add_button(self.tr("Cancel"), role.RejectRole)
        for part in (self.form, self.data, self.wait, self.facts, self.notes, self.problem):
            self.body.addWidget(part)
        self.body.addStretch()
        self.form.typed.connect(self._forget_plan)
        self.form.changed.connect(self.ask)
        self.data.again_requested.connect(self.ask)
        self.wait.again_requested.connect(self.ask)
        self._show(None)
        self.set_default(self.train)
        self.form.data.field.setFocus()

    @property
    def answer(self) -> TrainingPlan:
        """What is to be carried out."""
        assert self._plan is not None, "without a plan nothing can be accepted"
        return self._plan

    def ask(self) -> None:
        """Ask for a plan; until there is one, nothing can be accepted."""
        self._forget_plan()
        request = self.form.request
        if request is None:
            self._show(None)
            return
        self.wait.begin(self.tr("Reading the examples"))
        self.plan_requested.emit(request)

    def set_plan(self, plan: TrainingPlan) -> None:
        """Show what training would do."""
        self._plan = plan
        self.form.show_plan(plan)
        self._show(plan)
        self.layout().activate()  # type: ignore[union-attr]
        self.fit()

    def show_failure(self, error: ModelKeepError) -> None:
        """Say why there is no plan."""
        self._show(None)
        if isinstance(error, InvalidKey):
            self.form.refuse_name(" ".join(filter(None, (str(error), error.hint))))
        else:
            self.wait.fail(error)

    def _forget_plan(self) -> None:
        self.withdrawn.emit()
        self._plan = None
        self.train.setEnabled(False)

    def _show(self, plan: TrainingPlan | None) -> None:
        self.wait.end()
        is_wrong = plan is not None and any(
            data and data.problem_count for data in (plan.data, plan.evaluation)
        )
        self.data.setVisible(plan is not None)
        self.facts.setVisible(plan is not None and not is_wrong)
        # What is wrong line by line is in its own table.
        self.problem.setVisible(plan is not None and bool(plan.problem) and not is_wrong)
        self.train.setEnabled(plan is not None and not plan.problem)
        self.train.setText(self.tr("&Train") if plan is None or plan.problem else button_text(plan))
        self.notes.set_notes([] if plan is None else _notes(plan))
        if plan is not None:
            self.data.show_data(plan)
            self.facts.show_facts(plan_facts(plan))
            self.problem.say(
                " ".join(filter(None, (plan.problem.removeprefix("hf@"), plan.hint))), "damaged", "bad"
            )

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if len(local_files(event.mimeData())) == 1:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if len(files := local_files(event.mimeData())) == 1:
            event.acceptProposedAction()
            self.form.data.set_path(files[0])


def _notes(plan: TrainingPlan) -> list[str]:
    """Without what the field of the name says."""
    return [note for note in plan.notes if not (plan.target_exists and note.startswith(str(plan.target)))]

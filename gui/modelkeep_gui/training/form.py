"""What a model is trained for, what with, and what the result is called."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from modelkeep.training.values import TrainingParameters, TrainingPlan
from modelkeep_gui.dialogs.noted_field import FieldForm, NotedField
from modelkeep_gui.theme import GRID
from modelkeep_gui.training.file_field import FileField
from modelkeep_gui.training.more_form import MoreForm
from modelkeep_gui.training.text import TASKS, format_hint, task_title
from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.folded import Folded

__all__ = ["TrainForm", "TrainRequest"]

_PAUSE = 400  # milliseconds after the last key


@dataclass(frozen=True)
class TrainRequest:
    """What a plan is wanted of. Paths as they were given, "" for none; `to` "" is the usual name."""

    data: str
    task: str
    evaluation: str
    to: str
    parameters: TrainingParameters


class TrainForm(QWidget):
    """The fields.

    Signals:
        typed: that something else is being asked for, so that what was planned does not count any more.
        changed: that something else is asked for, once nobody types.
    """

    typed = Signal()
    changed = Signal()

    def __init__(self, name: str, task: str) -> None:
        super().__init__()
        self._model = name.rpartition("/")[2]
        self.task = QComboBox()
        for one in TASKS:
            self.task.addItem(task_title(one), one)
        self.task.setCurrentIndex(max(0, self.task.findData(task)))
        self.data = FileField(self.tr("File of examples"), self.tr("&Browse…"))
        self.evaluation = FileField(self.tr("File to measure with"), self.tr("Bro&wse…"))
        self.hint = ElidedLabel(elide=Qt.TextElideMode.ElideRight, muted=True)
        self.name = QLineEdit()
        self.name_field = NotedField(self.name)
        self.more = MoreForm()
        self.folded = Folded(self.tr("More"), self.more)
        self.rate_note = NotedField(self.folded)
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE)
        self._soon.timeout.connect(self.changed)
        self._lay_out()
        self._follow_task()
        self.task.activated.connect(lambda _: self._choose_task())
        self.name.textEdited.connect(lambda _: self._soon.start())
        self.name.textEdited.connect(lambda _: self.typed.emit())
        for file in (self.data, self.evaluation):
            file.typed.connect(self.typed)
            file.changed.connect(self.changed)
        self.evaluation.changed.connect(lambda: self.more.set_has_evaluation(bool(self.evaluation.path)))
        self.more.typed.connect(self.typed)
        self.more.changed.connect(self.changed)

    @property
    def request(self) -> TrainRequest | None:
        """What is asked for; None as long as something is missing, which then is said."""
        parameters = self.more.parameters
        self.rate_note.say(
            "" if parameters else self.tr("The learning rate is a number above 0, such as 5e-5.")
        )
        if parameters is None or not self.data.path:
            return None
        task = str(self.task.currentData())
        return TrainRequest(self.data.path, task, self.evaluation.path, self.name.text().strip(), parameters)

    def show_plan(self, plan: TrainingPlan) -> None:
        """Say what its name means."""
        self.name.setPlaceholderText(plan.target.repo_id)
        text = self.tr("{} is here: this becomes its next revision, and the old one stays.")
        said = text.format(plan.target.repo_id) if plan.target_exists else ""
        self.name_field.say(said, name="info", tone="muted")

    def refuse_name(self, problem: str) -> None:
        """Say that nothing can be called that."""
        self.name_field.say(problem)

    def _choose_task(self) -> None:
        self._follow_task()
        self.changed.emit()

    def _follow_task(self) -> None:
        task = str(self.task.currentData())
        self.hint.setText(format_hint(task))
        self.data.field.setAccessibleDescription(self.hint.text())
        self.name.setPlaceholderText(f"local/{self._model}-{task}")

    def _lay_out(self) -> None:
        self.name.setAccessibleName(self.tr("Name of the result"))
        self.task.setAccessibleName(self.tr("Task"))
        self.evaluation.field.setPlaceholderText(self.tr("a part of the examples, unless one is named"))
        examples = QWidget()
        beneath = QVBoxLayout(examples)
        beneath.setContentsMargins(0, 0, 0, 0)
        beneath.setSpacing(GRID)
        beneath.addWidget(self.data)
        beneath.addWidget(self.hint)
        examples.setFocusProxy(self.data.field)
        form = FieldForm()
        form.add(self.tr("Tas&k"), self.task)
        form.add(self.tr("E&xamples"), examples)
        form.add(self.tr("Meas&ure with"), self.evaluation)
        form.add(self.tr("&Name"), self.name_field)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addLayout(form)
        layout.addWidget(self.rate_note)

"""How a model is tried: for which task, where, with what, and what that takes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from modelkeep.inference.outcome import Device
from modelkeep.inference.plan import TryPlan
from modelkeep.inference.values import Backend, Task
from modelkeep_gui.theme import GRID
from modelkeep_gui.tryout.option_line import OptionLine
from modelkeep_gui.tryout.text import takes_text, task_title
from modelkeep_gui.widgets.labels import remark

__all__ = ["Setup"]

_AUTO = "auto"
_DTYPES = ("float32", "bfloat16", "float16")
_ENDINGS = {Backend.GGUF: ".gguf", Backend.ONNX: ".onnx"}


class Setup(QWidget):
    """Choices in one line, and beneath it what they come to.

    Signals:
        chosen: a dict of what is chosen, as `Tryouts.plan` takes it.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.task, self.device, self.dtype, self.file = (QComboBox() for _ in range(4))
        self._takes = remark("")
        self.device.addItem(self.tr("Automatic"), _AUTO)
        self.dtype.addItem(self.tr("Automatic"), _AUTO)
        for name in _DTYPES:
            self.dtype.addItem(name, name)
        line = OptionLine()
        line.add(self.tr("Tas&k"), self.task)
        line.add(self.tr("&Device"), self.device)
        line.add(self.tr("&Precision"), self.dtype)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addLayout(line)
        self._files = QWidget()
        files = OptionLine()
        files.setContentsMargins(0, 0, 0, 0)
        files.add(self.tr("&File"), self.file)
        self._files.setLayout(files)
        self._files.hide()
        layout.addWidget(self._files)
        layout.addWidget(self._takes)
        for box in (self.task, self.device, self.dtype, self.file):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.activated.connect(lambda _: self.chosen.emit(self.choices))

    @property
    def choices(self) -> dict[str, str]:
        """What is chosen, as `Tryouts.plan` takes it."""
        boxes = {"task": self.task, "device": self.device, "dtype": self.dtype, "file": self.file}
        return {name: str(box.currentData() or "") for name, box in boxes.items()}

    @property
    def text(self) -> str:
        """What is said of what it takes."""
        return self._takes.text()

    def say_busy(self) -> None:
        """It is being looked at: what stands there stays until there is something to say."""
        if not self._takes.text():
            self._takes.setText(self.tr("Looking at what it takes…"))

    def say_nothing(self) -> None:
        """It is not known what it takes."""
        self._takes.setText("")

    def choose_task(self, task: Task) -> None:
        """Choose this, as if the user had."""
        if (row := self.task.findData(task.value)) >= 0:
            self.task.setCurrentIndex(row)

    def set_plan(self, plan: TryPlan) -> None:
        """Show what this plan chose and could choose, and what it takes."""
        _fill(self.task, [(task_title(task), task.value) for task in _known(plan)], plan.task.value)
        ending = _ENDINGS.get(plan.load.backend)
        files = [name for name in plan.load.files if ending and name.endswith(ending)]
        _fill(self.file, [(name, name) for name in files], plan.load.file)
        self._files.setVisible(len(files) > 1)
        self._takes.setText("" if plan.problem and not plan.tasks else takes_text(plan))

    def set_devices(self, devices: Sequence[Device]) -> None:
        """Offer these beside leaving it to the machine."""
        offered = [(self.tr("Automatic"), _AUTO), *((one.title or one.name, one.name) for one in devices)]
        _fill(self.device, offered, str(self.device.currentData()))


def _known(plan: TryPlan) -> tuple[Task, ...]:
    return plan.tasks or (plan.task,)


def _fill(box: QComboBox, offered: Sequence[tuple[str, str]], wanted: str) -> None:
    if [(box.itemText(row), box.itemData(row)) for row in range(box.count())] != list(offered):
        box.clear()
        for text, value in offered:
            box.addItem(text, value)
    if (row := box.findData(wanted)) >= 0:
        box.setCurrentIndex(row)

"""How models are tried: by which Python, for how long, with how much memory."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from modelkeep.inference_choices import InferenceSettings
from modelkeep.settings import Settings
from modelkeep_gui.dialogs.noted_field import FieldForm
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.settings.interpreter_choice import InterpreterChoice
from modelkeep_gui.theme import GRID
from modelkeep_gui.translations import plain_text
from modelkeep_gui.widgets.labels import remark

__all__ = ["InferencePage"]

_MINUTE, _GB = 60.0, 1_000_000_000


class InferencePage(QWidget):
    """Choices that count for the next try. Without a `runner` nobody can be asked what a Python has."""

    def __init__(self, runner: JobRunner | None = None) -> None:
        super().__init__()
        self._runner = runner
        tr = self.tr
        self.interpreter = InterpreterChoice(runner)
        self.idle = _figure(0.5, 1440, tr(" min"))
        self.memory = _figure(0.0, 4096, " GB", tr("what the machine can give"))
        self.seconds = _figure(0.0, 1440, tr(" min"), tr("no limit"))
        self.workers = QSpinBox()
        self.workers.setRange(1, 32)
        self.keep = QCheckBox(tr("&Keep what models were asked last, to ask it again"))
        self.forget = QPushButton(tr("&Forget all now"))
        self.forget.setAutoDefault(False)
        self.forget.setEnabled(runner is not None)
        self.forget.clicked.connect(lambda _: self._forget())
        self._forgotten = remark("")
        form = FieldForm()
        form.add(tr("P&ython"), self.interpreter)
        for text, box, said in (
            (tr("&Leaves after"), self.idle, tr("without anything to do, and gives its memory back")),
            (tr("&Memory"), self.memory, tr("at most for one model")),
            (tr("&Time"), self.seconds, tr("at most for loading, and for one answer")),
            (tr("Models at &once"), self.workers, tr("that stay loaded")),
        ):
            box.setAccessibleName(plain_text(text))
            form.add(text, _beside(box, said))
        forgetting = QHBoxLayout()
        forgetting.setSpacing(3 * GRID)
        forgetting.addWidget(self.forget)
        forgetting.addWidget(self._forgotten, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3 * GRID)
        layout.addWidget(
            remark(
                tr("A model that is tried runs in a process of its own, without a network, on this machine.")
            )
        )
        layout.addLayout(form)
        layout.addWidget(self.keep)
        layout.addLayout(forgetting)
        layout.addStretch()

    @property
    def title(self) -> str:
        return self.tr("Inference")

    def load(self, settings: Settings) -> None:
        chosen = settings.inference
        self.interpreter.set_path(chosen.interpreter)
        self.idle.setValue(chosen.idle / _MINUTE)
        self.memory.setValue(chosen.memory / _GB)
        self.seconds.setValue(chosen.seconds / _MINUTE)
        self.workers.setValue(chosen.workers)
        self.keep.setChecked(chosen.keep_inputs)

    def save(self, settings: Settings) -> Settings:
        before = settings.inference
        chosen = InferenceSettings(
            interpreter=self.interpreter.path,
            idle=_unless_same(self.idle, before.idle, _MINUTE),
            memory=int(_unless_same(self.memory, before.memory, _GB)),
            seconds=_unless_same(self.seconds, before.seconds, _MINUTE),
            workers=self.workers.value(),
            keep_inputs=self.keep.isChecked(),
        )
        return replace(settings, inference=chosen)

    def _forget(self) -> None:
        assert self._runner is not None
        self._runner.run(
            self.tr("Forget what models were asked"),
            "tryouts.forget_inputs",
            lane="try-look",
            visible=False,
            on_done=self._say_forgotten,
        )

    def _say_forgotten(self, count: int) -> None:
        self._forgotten.setText(self.tr("Forgotten: {}").format(f"{count:,}"))


def _figure(least: float, most: float, unit: str, nothing: str = "") -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(least, most)
    box.setDecimals(1)
    box.setSuffix(unit if unit.startswith(" ") else f" {unit}")
    box.setSpecialValueText(nothing)
    box.setMinimumWidth(30 * GRID)
    return box


def _beside(box: QWidget, text: str) -> QWidget:
    whole = QWidget()
    whole.setFocusProxy(box)
    line = QHBoxLayout(whole)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(2 * GRID)
    line.addWidget(box)
    line.addWidget(remark(text), 1)
    return whole


def _unless_same(box: QDoubleSpinBox, before: float, unit: float) -> float:
    """What is chosen; what was chosen before to more figures than are shown stays as it is."""
    return before if round(before / unit, 1) == box.value() else box.value() * unit

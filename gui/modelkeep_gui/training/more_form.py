"""How a model is trained, for those who want to say more than what with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QGridLayout, QLineEdit, QSpinBox, QWidget

from modelkeep.inference.outcome import Device
from modelkeep.training.values import TrainingParameters
from modelkeep_gui.theme import GRID
from modelkeep_gui.translations import plain_text
from modelkeep_gui.widgets.labels import field_label

__all__ = ["MoreForm"]

_PAUSE = 500  # milliseconds after the last change
_MOST = 2**31 - 1


class MoreForm(QWidget):
    """The parameters.

    Signals:
        typed: that something is being changed.
        changed: that there are others, once nobody changes them.
    """

    typed = Signal()
    changed = Signal()

    def __init__(self, begin: TrainingParameters = TrainingParameters()) -> None:  # noqa: B008 - frozen
        super().__init__()
        self._begin = begin
        self.epochs = QDoubleSpinBox(minimum=0.1, maximum=10_000, decimals=1, singleStep=1.0)
        self.epochs.setValue(begin.epochs)
        self.rate = QLineEdit(f"{begin.lr:g}")
        self.batch = _counts(begin.batch, 1, 65_536)
        self.seed = _counts(begin.seed, 0, _MOST)
        self.length = _counts(begin.max_length, 0, 1 << 20)
        self.length.setSpecialValueText(self.tr("what the model takes"))
        self.share = _counts(round(100 * begin.eval_share), 0, 90)
        self.share.setSuffix(self.tr(" % of the examples"))
        self.method, self.device = QComboBox(), QComboBox()
        for text, name in (
            (self.tr("Automatic"), "auto"),
            (self.tr("All weights"), "full"),
            (self.tr("LoRA, which takes less memory"), "lora"),
        ):
            self.method.addItem(text, name)
        self.set_devices(())
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE)
        self._soon.timeout.connect(self.changed)
        self._lay_out()
        for box in (self.epochs, self.batch, self.seed, self.length, self.share):
            box.valueChanged.connect(lambda _: self._type())
        self.rate.textEdited.connect(lambda _: self._type())
        for choice in (self.method, self.device):
            choice.activated.connect(lambda _: self._type())

    @property
    def parameters(self) -> TrainingParameters | None:
        """What is asked for; None where the learning rate is no number."""
        rate = self._rate()
        if rate is None:
            return None
        return replace(
            self._begin,
            epochs=round(self.epochs.value(), 1),
            lr=rate,
            batch=self.batch.value(),
            seed=self.seed.value(),
            max_length=self.length.value(),
            eval_share=self.share.value() / 100,
            method=self.method.currentData(),
            device=self.device.currentData(),
        )

    def set_devices(self, devices: Sequence[Device]) -> None:
        """Offer these beside leaving it to the machine."""
        wanted = self.device.currentData()
        self.device.clear()
        self.device.addItem(self.tr("Automatic"), "auto")
        for one in devices:
            self.device.addItem(one.title or one.name, one.name)
        self.device.setCurrentIndex(max(0, self.device.findData(wanted)))

    def set_has_evaluation(self, has_it: bool) -> None:
        """Whether there is a file to measure with, so that no examples are kept for that."""
        self.share.setEnabled(not has_it)

    def _type(self) -> None:
        self.typed.emit()
        self._soon.start()

    def _rate(self) -> float | None:
        try:
            rate = float(self.rate.text().strip().replace(",", "."))
        except ValueError:
            return None
        return rate if math.isfinite(rate) and rate > 0 else None

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(4 * GRID, 0, 0, 0)
        grid.setHorizontalSpacing(3 * GRID)
        grid.setVerticalSpacing(2 * GRID)
        fields = (
            (self.tr("&Epochs"), self.epochs),
            (self.tr("Learning &rate"), self.rate),
            (self.tr("Batc&h"), self.batch),
            (self.tr("&Seed"), self.seed),
            (self.tr("Meth&od"), self.method),
            (self.tr("De&vice"), self.device),
            (self.tr("Tokens at &most"), self.length),
            (self.tr("Kept &for measuring"), self.share),
        )
        for number, (text, field) in enumerate(fields):
            row, column = divmod(number, 2)
            field.setAccessibleName(plain_text(text))
            grid.addWidget(field_label(text, field), row, 2 * column, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(field, row, 2 * column + 1)
        for column in (1, 3):
            grid.setColumnStretch(column, 1)


def _counts(begin: int, least: int, most: int) -> QSpinBox:
    box = QSpinBox(minimum=least, maximum=most)
    box.setGroupSeparatorShown(True)
    box.setValue(begin)
    return box

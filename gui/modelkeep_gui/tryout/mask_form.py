"""A text with a blank in it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QPushButton, QSpinBox

from modelkeep.inference.plan import TryPlan
from modelkeep.inference.values import LoadedModel, TryInputs, TryOptions
from modelkeep_gui.tryout.form import Form, TextField
from modelkeep_gui.tryout.option_line import OptionLine

__all__ = ["MaskForm"]

_CANDIDATES = 5
_CASE = QTextDocument.FindFlag.FindCaseSensitively


class MaskForm(Form):
    """How a blank is written is the model's to say: where its files do not, the button that puts one in has it
    loaded first.

    Signals:
        mask_wanted: nobody knows yet how this model writes a blank.
    """

    mask_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._mask = ""
        self._is_awaited = False
        self.text = TextField(self.tr("Text"), self.tr("A sentence with a blank in it"))
        self.text.textChanged.connect(self.changed)
        self.insert = QPushButton(self.tr("&Insert a blank"))
        self.insert.setAutoDefault(False)
        self.insert.clicked.connect(lambda _: self._insert())
        self.count = QSpinBox()
        self.count.setRange(1, 100)
        self.count.setValue(_CANDIDATES)
        line = OptionLine()
        line.insertWidget(0, self.insert)
        line.add(self.tr("&Candidates"), self.count)
        self.body.addWidget(self.text, 1)
        self.body.addLayout(line)
        self.setFocusProxy(self.text)

    def inputs(self) -> TryInputs:
        return TryInputs(texts=(self.text.toPlainText(),))

    def options(self) -> TryOptions:
        return TryOptions(top_k=self.count.value())

    def problem(self) -> str:
        if self.text.is_blank:
            return self.tr("Write a sentence with a blank first.")
        if self._mask and self.text.document().find(self._mask, 0, _CASE).isNull():
            return self.tr("There is no blank in it: “{}” stands for one.").format(self._mask)
        return ""

    def show_inputs(self, inputs: TryInputs, options: TryOptions) -> None:
        self.text.setPlainText("\n".join(inputs.texts))
        self.count.setValue(max(1, options.top_k))

    def expect(self, plan: TryPlan) -> None:
        if plan.mask:
            self._take(plan.mask)

    def know(self, model: LoadedModel) -> None:
        self._take(model.mask)

    def _take(self, mask: str) -> None:
        self._mask = mask
        self.insert.setToolTip(mask)
        if mask:
            self.text.setPlaceholderText(self.tr("A sentence with a blank in it: {}").format(mask))
        if self._is_awaited:
            self._is_awaited = False
            self._insert()
        self.changed.emit()

    def _insert(self) -> None:
        if self._mask:
            self.text.insertPlainText(self._mask)
            self.text.setFocus()
        else:
            self._is_awaited = True
            self.mask_wanted.emit()

"""A text, or several, for a model to classify, to compare or to find things in."""

from __future__ import annotations

from itertools import islice

from PySide6.QtWidgets import QComboBox, QSpinBox

from modelkeep.inference.values import TryInputs, TryOptions
from modelkeep_gui.tryout.form import Form, TextField
from modelkeep_gui.tryout.option_line import OptionLine

__all__ = ["ClassifyForm", "SentencesForm", "TextForm"]

_JUDGED: tuple[bool | None, ...] = (None, False, True)
_LABELS = 5


class TextForm(Form):
    """One text, of as many lines as one likes."""

    def __init__(self, hint: str = "", lines: int = 4) -> None:
        super().__init__()
        self.text = TextField(self.tr("Text"), hint or self.tr("Write or paste a text"), lines)
        self.text.textChanged.connect(self.changed)
        self.body.addWidget(self.text, 1)
        self.setFocusProxy(self.text)

    def inputs(self) -> TryInputs:
        return TryInputs(texts=(self.text.toPlainText(),))

    def problem(self) -> str:
        return self.tr("Write a text first.") if self.text.is_blank else ""

    def show_inputs(self, inputs: TryInputs, options: TryOptions) -> None:
        self.text.setPlainText("\n".join(inputs.texts))


class SentencesForm(TextForm):
    """Sentences, one in each line."""

    def __init__(self, least: int = 1, hint: str = "") -> None:
        super().__init__(hint or self.tr("Sentences, one in each line"))
        self._least = least

    def inputs(self) -> TryInputs:
        return TryInputs(texts=tuple(self.text.lines()))

    def problem(self) -> str:
        if not (count := sum(1 for _ in islice(self.text.lines(), self._least))):
            return self.tr("Write a sentence first.")
        return self.tr("Write another sentence to compare it with.") if count < self._least else ""


class ClassifyForm(SentencesForm):
    """Sentences, one in each line, and how their labels are to be judged."""

    def __init__(self) -> None:
        super().__init__()
        self.count = QSpinBox()
        self.count.setRange(0, 999)
        self.count.setSpecialValueText(self.tr("all"))
        self.count.setValue(_LABELS)
        self.judged = QComboBox()
        for text in (
            self.tr("as the model says"),
            self.tr("one label of all"),
            self.tr("each label on its own"),
        ):
            self.judged.addItem(text)
        line = OptionLine()
        line.add(self.tr("&Judged"), self.judged)
        line.add(self.tr("La&bels"), self.count)
        self.body.addLayout(line)

    def options(self) -> TryOptions:
        return TryOptions(top_k=self.count.value(), multi_label=_JUDGED[self.judged.currentIndex()])

    def show_inputs(self, inputs: TryInputs, options: TryOptions) -> None:
        super().show_inputs(inputs, options)
        self.count.setValue(options.top_k)
        self.judged.setCurrentIndex(_JUDGED.index(options.multi_label))

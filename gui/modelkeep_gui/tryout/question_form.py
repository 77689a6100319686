"""A question, and the text in which its answer stands."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit

from modelkeep.inference.values import TryInputs, TryOptions
from modelkeep_gui.tryout.form import Form, TextField
from modelkeep_gui.widgets.labels import field_label

__all__ = ["QuestionForm"]


class QuestionForm(Form):
    """Both have to be there."""

    def __init__(self) -> None:
        super().__init__()
        self.question = QLineEdit()
        self.question.setAccessibleName(self.tr("Question"))
        self.question.textChanged.connect(lambda _: self.changed.emit())
        self.context = TextField(self.tr("Text"), self.tr("The text in which the answer stands"), 5)
        self.context.textChanged.connect(self.changed)
        self.body.addWidget(field_label(self.tr("&Question"), self.question))
        self.body.addWidget(self.question)
        self.body.addWidget(field_label(self.tr("Te&xt"), self.context))
        self.body.addWidget(self.context, 1)
        self.setFocusProxy(self.question)

    def inputs(self) -> TryInputs:
        return TryInputs(texts=(self.question.text(),), context=self.context.toPlainText())

    def problem(self) -> str:
        if not self.question.text().strip():
            return self.tr("Write a question first.")
        if self.context.is_blank:
            return self.tr("Write the text in which the answer stands.")
        return ""

    def show_inputs(self, inputs: TryInputs, options: TryOptions) -> None:
        self.question.setText(" ".join(inputs.texts))
        self.context.setPlainText(inputs.context)

"""A text that a model makes another one of: shorter, in another language, or as it was taught."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QLineEdit

from modelkeep.inference.values import TryInputs, TryOptions
from modelkeep_gui.theme import GRID
from modelkeep_gui.tryout.generation_options import GenerationOptions
from modelkeep_gui.tryout.option_line import OptionLine
from modelkeep_gui.tryout.text_form import TextForm
from modelkeep_gui.widgets.folded import Folded

__all__ = ["SequenceForm"]


class SequenceForm(TextForm):
    """A text and how the other one is to be made; `translates`: from which language into which."""

    def __init__(self, *, translates: bool = False) -> None:
        super().__init__()
        self.source, self.target = _language(), _language()
        self.source.setPlaceholderText(self.tr("as usual"))
        self.target.setPlaceholderText(self.tr("as usual"))
        if translates:
            line = OptionLine()
            line.add(self.tr("&From"), self.source)
            line.add(self.tr("&To"), self.target)
            self.body.addLayout(line)
        self.how = GenerationOptions()
        self.body.addWidget(Folded(self.tr("Options"), self.how))

    def options(self) -> TryOptions:
        return replace(
            self.how.options(),
            source_language=self.source.text().strip(),
            target_language=self.target.text().strip(),
        )

    def show_inputs(self, inputs: TryInputs, options: TryOptions) -> None:
        super().show_inputs(inputs, options)
        self.how.show_options(options)
        self.source.setText(options.source_language)
        self.target.setText(options.target_language)


def _language() -> QLineEdit:
    field = QLineEdit()
    field.setFixedWidth(30 * GRID)
    return field

"""How a text is to be made."""

from __future__ import annotations

from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from modelkeep.inference.values import TryOptions
from modelkeep_gui.theme import GRID
from modelkeep_gui.tryout.form import TextField
from modelkeep_gui.tryout.option_line import OptionLine
from modelkeep_gui.widgets.labels import field_label

__all__ = ["GenerationOptions"]

_USUAL = TryOptions()


class GenerationOptions(QWidget):
    """Length, chance and ends; `has_system` adds a field for what a conversation begins with."""

    def __init__(self, *, has_system: bool = False) -> None:
        super().__init__()
        self.tokens = QSpinBox()
        self.tokens.setRange(1, 100_000)
        self.tokens.setValue(_USUAL.max_new_tokens)
        self.temperature = _fraction(0.0, 5.0, _USUAL.temperature)
        self.temperature.setToolTip(self.tr("0: always the likeliest word. Higher: more by chance."))
        self.top_p = _fraction(0.01, 1.0, _USUAL.top_p)
        self.top_p.setToolTip(self.tr("Only the likeliest words that make up this share are chosen from."))
        self.seed = QSpinBox()
        self.seed.setRange(-1, 2_147_483_647)
        self.seed.setValue(-1)
        self.seed.setSpecialValueText(self.tr("by chance"))
        self.seed.setToolTip(self.tr("The same seed makes the same text again."))
        self.stop = TextField(self.tr("Ends with"), self.tr("Texts that end it, one in each line"), 2)
        self.system = TextField(
            self.tr("System prompt"), self.tr("What a conversation begins with, for models that have one"), 2
        )
        line = OptionLine()
        line.add(self.tr("&Most tokens"), self.tokens)
        line.add(self.tr("&Temperature"), self.temperature)
        line.add(self.tr("To&p-p"), self.top_p)
        line.add(self.tr("S&eed"), self.seed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addLayout(line)
        beside = QHBoxLayout()
        beside.setSpacing(3 * GRID)
        layout.addLayout(beside)
        fields = ((self.tr("Ends &with"), self.stop), (self.tr("S&ystem prompt"), self.system))
        for text, field in fields if has_system else fields[:1]:
            column = QVBoxLayout()
            column.setSpacing(GRID)
            column.addWidget(field_label(text, field))
            column.addWidget(field)
            beside.addLayout(column)

    def options(self) -> TryOptions:
        """What is chosen."""
        return TryOptions(
            max_new_tokens=self.tokens.value(),
            temperature=self.temperature.value(),
            top_p=self.top_p.value(),
            seed=self.seed.value() if self.seed.value() >= 0 else None,
            stop=tuple(filter(None, self.stop.toPlainText().split("\n"))),
        )

    def show_options(self, options: TryOptions) -> None:
        """Show what was chosen before."""
        self.tokens.setValue(options.max_new_tokens)
        self.temperature.setValue(options.temperature)
        self.top_p.setValue(options.top_p)
        self.seed.setValue(-1 if options.seed is None else options.seed)
        self.stop.setPlainText("\n".join(options.stop))


def _fraction(least: float, most: float, usual: float) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(least, most)
    box.setSingleStep(0.05)
    box.setDecimals(2)
    box.setValue(usual)
    return box

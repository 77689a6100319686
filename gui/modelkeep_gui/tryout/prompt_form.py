"""A prompt for a model that makes text."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QPushButton

from modelkeep.inference.plan import TryPlan
from modelkeep.inference.values import LoadedModel, Message, TryInputs, TryOptions
from modelkeep_gui.tryout.form import Form, TextField
from modelkeep_gui.tryout.generation_options import GenerationOptions
from modelkeep_gui.tryout.option_line import OptionLine
from modelkeep_gui.widgets.folded import Folded

__all__ = ["PromptForm"]


class PromptForm(Form):
    """A prompt, or what is said next in a conversation, which only models with a chat template can have.

    Signals:
        began_anew: the conversation is to be forgotten.
    """

    began_anew = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._chats: bool | None = None  # None: nobody knows yet
        self.text = TextField(self.tr("Prompt"), self.tr("Write a prompt"), 3)
        self.text.textChanged.connect(self.changed)
        self.chat = QCheckBox(self.tr("As a &conversation"))
        self.chat.setToolTip(self.tr("Put what you write into the model’s chat template, and remember it."))
        self.chat.toggled.connect(lambda _: self._follow())
        self.anew = QPushButton(self.tr("&New conversation"))
        self.anew.setAutoDefault(False)
        self.anew.clicked.connect(lambda _: self.began_anew.emit())
        self.how = GenerationOptions(has_system=True)
        line = OptionLine()
        line.insertWidget(0, self.chat)
        line.insertWidget(1, self.anew)
        self.body.addWidget(self.text, 1)
        self.body.addLayout(line)
        self.body.addWidget(Folded(self.tr("Options"), self.how))
        self.chat.hide()
        self.anew.hide()
        self.setFocusProxy(self.text)

    @property
    def is_chat(self) -> bool:
        """Whether what is said is remembered."""
        return self._chats is True and self.chat.isChecked()

    def inputs(self) -> TryInputs:
        return TryInputs(texts=(self.text.toPlainText(),))

    def in_conversation(self, turns: tuple[Message, ...]) -> TryInputs:
        """What is asked after these turns."""
        system = self.how.system.toPlainText().strip()
        before = (Message("system", system),) if system else ()
        return replace(self.inputs(), messages=(*before, *turns))

    def options(self) -> TryOptions:
        return replace(self.how.options(), chat=self.chat.isChecked() if self._chats is not None else None)

    def problem(self) -> str:
        if not self.text.is_blank:
            return ""
        return self.tr("Say something first.") if self.is_chat else self.tr("Write a prompt first.")

    def show_inputs(self, inputs: TryInputs, options: TryOptions) -> None:
        self.text.setPlainText("\n".join(inputs.texts))
        self.how.show_options(options)
        system = next((one.content for one in inputs.messages if one.role == "system"), "")
        self.how.system.setPlainText(system)

    def know(self, model: LoadedModel) -> None:
        self._settle(model.chat)

    def expect(self, plan: TryPlan) -> None:
        if plan.chat and self._chats is None:
            self._settle(True)

    def _settle(self, chats: bool) -> None:
        if chats is not self._chats:
            self._chats = chats
            self.chat.setVisible(chats)
            self.chat.setChecked(chats)
            self._follow()

    def _follow(self) -> None:
        self.anew.setVisible(self.is_chat)
        self.text.setPlaceholderText(self.tr("Say something") if self.is_chat else self.tr("Write a prompt"))
        self.changed.emit()

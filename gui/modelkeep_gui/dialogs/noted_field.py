"""Something to fill in, with room beneath it for what is wrong with what is in it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.labels import field_label

__all__ = ["FieldForm", "NotedField"]


class NotedField(QWidget):
    """`parts` beside each other, the first of which takes the room and is what the note is about."""

    def __init__(self, *parts: QWidget, stretches: bool = True) -> None:
        super().__init__()
        self.main = parts[0]
        self._note = TonedNotice()
        self._note.hide()
        self._line = QHBoxLayout()
        self._line.setSpacing(2 * GRID)
        for number, part in enumerate(parts):
            self._line.addWidget(part, int(stretches and not number))
        if not stretches:
            self._line.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addLayout(self._line)
        layout.addWidget(self._note)

    @property
    def problem(self) -> str:
        return self._note.text

    def say(self, problem: str, *, name: str = "warning", tone: str = "bad") -> None:
        """Write `problem` beneath the field, where a screen reader finds it too; "" takes it away."""
        self._note.say(problem, name, tone)
        self._note.setVisible(bool(problem))
        self.main.setAccessibleDescription(problem)


class FieldForm(QFormLayout):
    """A form whose labels stand beside the first line of a field, however high its note makes it."""

    def __init__(self) -> None:
        super().__init__()
        self.setContentsMargins(0, 0, 0, 0)
        self.setHorizontalSpacing(3 * GRID)
        self.setVerticalSpacing(2 * GRID)
        self.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)

    def add(self, text: str, field: QWidget) -> None:
        """A row: the key of its label goes to the field."""
        main = field.main if isinstance(field, NotedField) else field.focusProxy() or field
        label = field_label(text, main)
        label.setFixedHeight((main.focusProxy() or main).sizeHint().height())
        label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.addRow(label, field)

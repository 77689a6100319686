"""The first tab: facts in two columns, how to load the model, and the user's own note."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from modelkeep.details import ModelDetails
from modelkeep.remote.values import Lineage
from modelkeep.rows import Selection
from modelkeep_gui.details.facts import Action, Fact, Section, Warn, sections, warnings
from modelkeep_gui.details.lineage import LineageTree, relatives
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.copy_button import CopyButton
from modelkeep_gui.widgets.elided_field import ElidedField
from modelkeep_gui.widgets.folded import Folded, LineList
from modelkeep_gui.widgets.labels import caption, fixed_font, remark, value
from modelkeep_gui.widgets.link_button import LinkButton
from modelkeep_gui.widgets.notice import Notice

__all__ = ["Facts", "NoteChange", "Overview"]

_SHORT = 16  # characters that leave room for a button beside them


class NoteChange(NamedTuple):
    """What the user wrote about a model; "" when the note was removed."""

    root: str
    key: str
    text: str


class Overview(QScrollArea):
    """Facts, warnings, code and note of one model, in a column that scrolls.

    Signals:
        note_changed: a `NoteChange`, when the user leaves the note.
        verify_requested, mend_requested, trial_requested: the `Selection` of the revision that is shown.
    """

    note_changed = Signal(object)
    verify_requested = Signal(object)
    mend_requested = Signal(object)
    trial_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chosen = Selection("", "")
        self._facts = Facts()
        self._facts.action_chosen.connect(self._begin)
        self._family = caption(self.tr("Lineage"))
        self.lineage = LineageTree()
        self.is_known: Callable[[str], bool] = lambda _: False
        """Whether there is a model of that key to go to from its lineage."""
        self._code = _Code()
        self._remarks = LineList(self.tr("What could not be understood"), most=8)
        self._folded = Folded("", self._remarks)
        self.note = NoteEdit()
        self.note.note_changed.connect(self.note_changed)
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(4 * GRID, 3 * GRID, 4 * GRID, 4 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self._facts)
        layout.addSpacing(2 * GRID)
        layout.addWidget(self._family)
        layout.addWidget(self.lineage)
        layout.addWidget(self._code)
        layout.addSpacing(2 * GRID)
        layout.addWidget(caption(self.tr("Note")))
        layout.addWidget(self.note)
        layout.addWidget(self._folded)
        layout.addStretch()
        self.setWidget(body)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(self.tr("Overview"))

    def set_details(self, details: ModelDetails) -> None:
        """Show what is known of this model; a note that is being written stays."""
        row = details.row
        if not self.note.is_about(row.root, row.key):
            self.verticalScrollBar().setValue(0)
        self._chosen = Selection(row.root, f"{row.key}@{details.commit}")
        self._facts.show_facts(warnings(details), sections(details))
        self._code.show_code(details.snippet)
        self._show_lineage(details)
        notes = details.description.notes
        self._folded.set_title(
            self.tr("1 remark on its files")
            if len(notes) == 1
            else self.tr("{} remarks on its files").format(len(notes))
        )
        self._remarks.set_lines([(note, "") for note in notes])
        self._folded.setVisible(bool(notes))
        self.note.set_note(row.root, row.key, row.note)

    def _show_lineage(self, details: ModelDetails) -> None:
        is_model = details.row.repo_type == "model"
        family = relatives(details.row.key, (details.lineage if is_model else None) or Lineage())
        self.lineage.set_relatives(family, self.is_known)
        for part in (self._family, self.lineage):
            part.setVisible(bool(family))

    def _begin(self, action: Action) -> None:
        signals = {
            "verify": self.verify_requested,
            "mend": self.mend_requested,
            "try": self.trial_requested,
        }
        signals[action].emit(self._chosen)


class Facts(QWidget):
    """Warnings, and sections of facts in two columns.

    Signals:
        action_chosen: the `Action` of a button that was pressed.
    """

    action_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._buttons: dict[Action, LinkButton] = {}
        self._shown: tuple[tuple[Warn, ...], tuple[Section, ...]] = ((), ())
        self._line = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(3 * GRID)
        self._grid.setVerticalSpacing(GRID)
        self._grid.setColumnStretch(1, 1)

    def show_facts(self, warns: tuple[Warn, ...], found: tuple[Section, ...]) -> None:
        # A new scan mostly says the same: then nothing flickers, and a selected text stays selected.
        if (warns, found) == self._shown:
            return
        self._shown = (warns, found)
        focused = next((action for action, button in self._buttons.items() if button.hasFocus()), None)
        self._buttons.clear()
        while item := self._grid.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        self._line = 0
        for warn in warns:
            self._add_wide(Notice(warn.text, warn.icon, warn.tone))
        for section in found:
            if self._line:
                self._add_wide(_gap())
            self._add_wide(caption(section.title))
            for fact in section.facts:
                self._add_fact(fact)
        if focused in self._buttons:
            self._grid.activate()
            self._buttons[focused].setFocus()

    def _add_wide(self, widget: QWidget) -> None:
        self._grid.addWidget(widget, self._line, 0, 1, 2)
        self._line += 1

    def _add_fact(self, fact: Fact) -> None:
        label = QLabel(fact.label)
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        shown = _shown(fact)
        if fact.tooltip:
            shown.setToolTip(fact.tooltip)
        label.setBuddy(shown)
        place = Qt.AlignmentFlag.AlignVCenter if fact.is_place else Qt.AlignmentFlag.AlignTop
        self._grid.addWidget(label, self._line, 0, place)
        are_beside = len(fact.text) <= _SHORT
        if fact.buttons and are_beside:
            shown = self._with_buttons(fact, shown)
        self._grid.addWidget(shown, self._line, 1)
        self._line += 1
        if fact.remark:
            self._grid.addWidget(remark(fact.remark), self._line, 1)
            self._line += 1
        if fact.buttons and not are_beside:
            self._grid.addWidget(self._with_buttons(fact), self._line, 1)
            self._line += 1

    def _with_buttons(self, fact: Fact, before: QWidget | None = None) -> QWidget:
        whole = QWidget()
        line = QHBoxLayout(whole)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(3 * GRID)
        if before is not None:
            line.addWidget(before, 1, Qt.AlignmentFlag.AlignTop)
        for text, action in fact.buttons:
            button = self._buttons[action] = LinkButton(text)
            button.clicked.connect(lambda _, action=action: self.action_chosen.emit(action))
            line.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        if before is None:
            line.addStretch()
        return whole


def _shown(fact: Fact) -> QWidget:
    if fact.is_place:
        return ElidedField(fact.text, fact.label)
    return Notice(fact.text, *fact.sign) if fact.sign else value(fact.text)


def _gap() -> QWidget:
    gap = QWidget()
    gap.setFixedHeight(2 * GRID)
    return gap


class _Code(QWidget):
    """A few lines of code to read and to copy."""

    def __init__(self) -> None:
        super().__init__()
        self._text = QPlainTextEdit(readOnly=True)
        self._text.setFont(fixed_font())
        self._text.setAccessibleName(self.tr("Code that loads the model"))
        self._text.setTabChangesFocus(True)
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._text.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        head = QHBoxLayout()
        head.addWidget(caption(self.tr("Use it")))
        head.addStretch()
        head.addWidget(CopyButton(self.tr("Copy the code"), self._text.toPlainText))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addLayout(head)
        layout.addWidget(self._text)

    def show_code(self, code: str) -> None:
        self.setVisible(bool(code))
        if code != self._text.toPlainText():
            self._text.setPlainText(code)
            lines = code.count("\n") + 1
            around = 2 * (int(self._text.document().documentMargin()) + GRID)
            bar = self._text.horizontalScrollBar().sizeHint().height()
            self._text.setFixedHeight(lines * self._text.fontMetrics().lineSpacing() + around + bar)


class NoteEdit(QPlainTextEdit):
    """What the user wants to remember of a model. It is saved when the user leaves it, or when it is about another.

    Signals:
        note_changed: a `NoteChange`.
    """

    note_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._saved = NoteChange("", "", "")
        self.setPlaceholderText(self.tr("Why is it here? Who needs it?"))
        self.setAccessibleName(self.tr("Note"))
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def is_about(self, root: str, key: str) -> bool:
        """Whether it is this model's note that is shown."""
        return (root, key) == self._saved[:2]

    def set_note(self, root: str, key: str, text: str) -> None:
        """Show the note of a model. What was written on another one is saved before."""
        new = NoteChange(root, key, text)
        if not self.is_about(root, key):
            self.save()
        elif self._is_changed:
            self._saved = new
            return
        self._saved = new
        if self.toPlainText() != text:
            self.setPlainText(text)

    def save(self) -> None:
        """Tell what was written, if it is new."""
        if self._is_changed:
            self._saved = self._saved._replace(text=self.toPlainText().strip())
            self.note_changed.emit(self._saved)

    @property
    def _is_changed(self) -> bool:
        return bool(self._saved.key) and self.toPlainText().strip() != self._saved.text

    def sizeHint(self) -> QSize:
        return QSize(60 * GRID, 3 * self.fontMetrics().lineSpacing() + 5 * GRID)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.save()

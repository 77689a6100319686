"""All that is known of one model of an import plan, with what has to be decided about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from modelkeep.archive.import_plan import Action, ImportFile, ImportItem
from modelkeep.text import exact_size_text, size_text
from modelkeep_gui.dialogs.import_text import Fact, Remark, facts, file_text, name_problem, remarks
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.elided_field import ElidedField
from modelkeep_gui.widgets.labels import caption, remark, value
from modelkeep_gui.widgets.plain_table import PlainTable, TableColumn

__all__ = ["ImportDetails"]


class ImportDetails(QSplitter):
    """Shows a model: at the left what is known and what is to be decided, at the right its files.

    Signals:
        named: the name that is typed for it (str), which need not be one that a model can have.
        decided: whether its files shall replace those of the cache (bool).
    """

    named = Signal(object)
    decided = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._replaces: frozenset[str] = frozenset()
        self._lacking: frozenset[str] = frozenset()
        self.name = _NameField()
        self.choice = _Choice()
        self.allow = QPushButton(self.tr("Import it all the &same…"))
        self.allow.setAutoDefault(False)
        self._remarks = _Remarks()
        self._facts = _Facts()
        self.files = PlainTable(self.tr("Files"), self._columns(), is_muted=lambda file: not file.is_written)
        self.files.setSelectionMode(PlainTable.SelectionMode.SingleSelection)
        self.name.edited.connect(self.named)
        self.choice.decided.connect(self.decided)
        self._lay_out()

    def show_item(
        self,
        item: ImportItem | None,
        name: str | None = None,
        *,
        is_wanted: bool = False,
        is_blocked: bool = False,
    ) -> None:
        """Show a model, or nothing. `name` is what is typed for it, None where it has one of its own.

        `is_blocked`: it is dangerous, and the button that allows it once is there.
        """
        self.allow.setVisible(is_blocked)
        self.name.setVisible(name is not None)
        self.name.show_name(name or "")
        self.choice.setVisible(item is not None and item.action is Action.REPLACE and not is_blocked)
        self.choice.show_choice(is_wanted)
        self._remarks.show_remarks(tuple(remarks(item)) if item else ())
        self._facts.show_facts(tuple(facts(item)) if item else ())
        self._replaces = frozenset(item.replaces) if item else frozenset()
        self._lacking = frozenset(item.lacking) if item else frozenset()
        self.files.set_values(item.files if item else ())
        self.files.set_placeholder(self.tr("Nothing could be read of it.") if item else "")

    @property
    def wants_name(self) -> bool:
        """Whether a name has to be typed before the model can be imported."""
        return self.name.isVisibleTo(self) and bool(self.name.problem)

    @property
    def texts(self) -> list[str]:
        """What is said of the model, from top to bottom."""
        return [*self._remarks.texts, *self._facts.texts]

    def _lay_out(self) -> None:
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 3 * GRID, 0)
        layout.setSpacing(2 * GRID)
        for part in (self.name, self._remarks, self.choice):
            layout.addWidget(part)
        layout.addWidget(self.allow, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._facts)
        layout.addStretch()
        scroll = QScrollArea(widgetResizable=True)
        scroll.setWidget(body)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setBackgroundRole(QPalette.ColorRole.Window)
        scroll.setAccessibleName(self.tr("About the model"))
        self.files.setFrameShape(PlainTable.Shape.StyledPanel)
        right = QWidget()
        beside = QVBoxLayout(right)
        beside.setContentsMargins(3 * GRID, 0, 0, 0)
        beside.addWidget(self.files)
        self.addWidget(scroll)
        self.addWidget(right)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(1)
        self.setStretchFactor(0, 1)
        self.setStretchFactor(1, 1)

    def _columns(self) -> tuple[TableColumn[ImportFile], ...]:
        return (
            TableColumn(
                self.tr("File"),
                lambda file: file.name,
                lambda file: file.name.casefold(),
                14,
                tooltip=lambda file: file.name,
            ),
            TableColumn(
                self.tr("Size"),
                lambda file: size_text(file.size),
                lambda file: file.size,
                8,
                tooltip=lambda file: exact_size_text(file.size),
                is_figure=True,
            ),
            TableColumn(
                self.tr("In this cache"),
                lambda file: file_text(file, self._replaces, self._lacking),
                lambda file: file_text(file, self._replaces, self._lacking),
                20,
                tooltip=lambda file: file.existing,
            ),
        )


class _NameField(QWidget):
    """Where a model without a name gets one. What is wrong with it is said beneath, as one types.

    Signals:
        edited: the text, by the user.
    """

    edited = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.field = QLineEdit()
        self.field.setPlaceholderText("org/name")
        self.field.textEdited.connect(self._edit)
        label = caption(self.tr("Name"))
        label.setBuddy(self.field)
        self.field.setAccessibleName(self.tr("Name of the model"))
        self._explanation = remark(
            self.tr("It does not say what it is called. Programs will load it by this name.")
        )
        self._problem = TonedNotice()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, GRID)
        layout.setSpacing(GRID)
        for part in (label, self.field, self._problem, self._explanation):
            layout.addWidget(part)

    @property
    def problem(self) -> str:
        """What is wrong with the name, "" for nothing."""
        return self._problem.text if self._problem.isVisibleTo(self) else ""

    def show_name(self, name: str) -> None:
        if name != self.field.text():
            self.field.setText(name)
        self._explain()

    def _edit(self, text: str) -> None:
        self._explain()
        self.edited.emit(text)

    def _explain(self) -> None:
        problem = name_problem(self.field.text())
        self._problem.say(problem, "warning", "bad")
        self._problem.setVisible(bool(problem))
        self._explanation.setVisible(not problem)


class _Choice(QWidget):
    """What shall become of a commit that the cache has with other content.

    Signals:
        decided: whether it is to be replaced (bool), by the user.
    """

    decided = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.skip = QRadioButton(self.tr("&Skip: keep what is in the cache"))
        self.replace = QRadioButton(self.tr("&Replace: let the archive's files take its place"))
        for button in (self.skip, self.replace):
            button.clicked.connect(lambda: self.decided.emit(self.replace.isChecked()))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6 * GRID, 0, 0, GRID)
        layout.setSpacing(GRID)
        layout.addWidget(self.skip)
        layout.addWidget(self.replace)

    def show_choice(self, replaces: bool) -> None:
        (self.replace if replaces else self.skip).setChecked(True)


class _Remarks(QWidget):
    """Sentences with a sign each."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[Remark, ...] = ()
        self._list = QVBoxLayout(self)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(2 * GRID)

    @property
    def texts(self) -> list[str]:
        return [said.text for said in self._shown]

    def show_remarks(self, remarks: tuple[Remark, ...]) -> None:
        if remarks == self._shown:
            return
        self._shown = remarks
        _empty(self._list)
        for said in remarks:
            self._list.addWidget(TonedNotice(said.text, said.icon, said.tone))
        self.setVisible(bool(remarks))


class _Facts(QWidget):
    """What is known, in two columns."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[Fact, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(3 * GRID)
        self._grid.setVerticalSpacing(GRID)
        self._grid.setColumnStretch(1, 1)

    @property
    def texts(self) -> list[str]:
        return [f"{fact.label}: {fact.text}" for fact in self._shown]

    def show_facts(self, facts: tuple[Fact, ...]) -> None:
        if facts == self._shown:
            return
        self._shown = facts
        _empty(self._grid)
        for line, fact in enumerate(facts):
            label = QLabel(fact.label)
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            shown = ElidedField(fact.text, fact.label) if fact.is_place else value(fact.text)
            label.setBuddy(shown)
            place = Qt.AlignmentFlag.AlignVCenter if fact.is_place else Qt.AlignmentFlag.AlignTop
            self._grid.addWidget(label, line, 0, place)
            self._grid.addWidget(shown, line, 1)


def _empty(layout: QVBoxLayout | QGridLayout) -> None:
    while item := layout.takeAt(0):
        if widget := item.widget():
            widget.hide()
            widget.deleteLater()

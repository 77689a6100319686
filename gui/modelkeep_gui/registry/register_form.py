"""The fields of a registration, and what is wrong with what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
    QFileDialog,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from modelkeep.registrations.values import LOADERS
from modelkeep_gui.dialogs.noted_field import FieldForm, NotedField
from modelkeep_gui.icons import icon
from modelkeep_gui.registry.said import (
    class_said,
    loader_said,
    model_said,
    name_said,
    parameters_of,
    parameters_said,
    texts_of,
    type_said,
)
from modelkeep_gui.theme import GRID
from modelkeep_gui.widgets.folded import Folded

if TYPE_CHECKING:
    from modelkeep.registered import RegisteredView

__all__ = ["RegisterForm", "ToRegister"]

_CLASSES = (
    "AutoModel",
    "AutoModelForSequenceClassification",
    "AutoModelForTokenClassification",
    "AutoModelForMaskedLM",
    "AutoModelForQuestionAnswering",
    "AutoModelForCausalLM",
    "AutoModelForSeq2SeqLM",
)
"""Those that are wanted most; any other can be typed."""


@dataclass(frozen=True)
class ToRegister:
    """What was filled in, as the core takes it."""

    name: str
    model: str
    model_type: str
    tags: tuple[str, ...] = ()
    description: str = ""
    loader: str = ""
    model_class: str = ""
    parameters: dict[str, object] = field(default_factory=dict)
    force: bool = False
    new_type: bool = False


class RegisterForm(QWidget):
    """The fields. What is wrong is said when `check` is called, and while one mends it.

    Signals:
        changed: something was typed or chosen.
    """

    changed = Signal()

    def __init__(self, view: RegisteredView, cached: Sequence[str], model: str = "") -> None:
        super().__init__()
        self._view = view
        self._of_name = {one.registration.name: one for one in view.models}
        suggested = model.partition("@")[0].rpartition("/")[2]
        self.name = QLineEdit("" if suggested in self._of_name else suggested)
        self.model = QLineEdit(model)
        self.browse = QPushButton(icon("folder"), self.tr("&Folder…"))
        self.type = QComboBox()
        self.tags = QLineEdit()
        self.description = QLineEdit()
        self.loader = QComboBox()
        self.model_class = QComboBox()
        self.parameters = QPlainTextEdit()
        self.replace = QCheckBox(self.tr("Take the &place of what has this name"))
        self.name_field = NotedField(self.name)
        self.model_field = NotedField(self.model, self.browse)
        self.type_field = NotedField(self.type)
        self.loader_field = NotedField(self.loader)
        self.class_field = NotedField(self.model_class)
        self.parameters_field = NotedField(self.parameters)
        self.more = Folded("", QWidget())
        self._offer(cached)
        self._lay_out()
        self._connect()
        self._follow()

    @property
    def choice(self) -> ToRegister:
        """What is filled in; only when `check` found nothing wrong."""
        kind = self._type
        return ToRegister(
            self._name,
            self.model.text().strip(),
            kind,
            texts_of(self.tags.text()),
            self.description.text().strip(),
            self.loader.currentText().strip(),
            self.model_class.currentText().strip(),
            parameters_of(self.parameters.toPlainText()),
            self.replace.isChecked() and self._name in self._of_name,
            kind not in self._view.types,
        )

    def check(self) -> bool:
        """Say at each field what is wrong with it, and go to the first that is; returns whether none is."""
        problems = self._problems()
        for one, problem in problems.items():
            self._say(one, problem)
        self._follow()
        if any(problems[one] for one in (self.loader_field, self.class_field, self.parameters_field)):
            self.more.set_open(True)
        wrong = [one for one, problem in problems.items() if problem]
        for one in wrong[:1]:
            one.main.setFocus()
        return not wrong

    # ---- what follows

    @property
    def _name(self) -> str:
        return self.name.text().strip()

    @property
    def _type(self) -> str:
        return self.type.currentText().strip().lower() or "generic"

    def _problems(self) -> dict[NotedField, str]:
        taken = self._of_name.get(self._name)
        return {
            self.name_field: name_said(self._name, taken, self._view.own_file, self.replace.isChecked()),
            self.model_field: model_said(self.model.text().strip()),
            self.type_field: type_said(self._type),
            self.loader_field: loader_said(self.loader.currentText().strip()),
            self.class_field: class_said(self.model_class.currentText().strip()),
            self.parameters_field: parameters_said(self.parameters.toPlainText()),
        }

    def _typed(self) -> None:
        problems = self._problems()
        for one, problem in problems.items():
            if one.property("is_wrong"):  # it may be right now
                self._say(one, problem)
        self._follow()
        self.changed.emit()

    def _say(self, one: NotedField, problem: str) -> None:
        one.setProperty("is_wrong", bool(problem))
        one.say(problem)

    def _follow(self) -> None:
        """What is not wrong, and yet to be known."""
        taken = self._of_name.get(self._name)
        self.replace.setVisible(taken is not None and taken.registration.file in ("", self._view.own_file))
        if not self.type_field.property("is_wrong"):
            is_new = self._type not in self._view.types and not type_said(self._type)
            text = self.tr("“{}” becomes a new type.").format(self._type) if is_new else ""
            self.type_field.say(text, name="info", tone="muted")
        if not self.loader_field.property("is_wrong"):
            is_code = ":" in self.loader.currentText() and not loader_said(self.loader.currentText().strip())
            text = self.tr("This is code, which runs in the program that loads the model.") if is_code else ""
            self.loader_field.say(text, name="info", tone="muted")

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose the folder of a model"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.model.setText)
        dialog.open()

    # ---- where things are

    def _offer(self, cached: Sequence[str]) -> None:
        completer = QCompleter(sorted(set(cached), key=str.casefold), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.model.setCompleter(completer)
        for box in (self.type, self.loader, self.model_class):
            box.setEditable(True)
            box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.type.addItems(self._view.types)
        self.loader.addItems(["", *LOADERS])
        self.model_class.addItems(["", *_CLASSES])
        for box, hint in (
            (self.loader, self.tr("The usual one of its type, or package.module:Class")),
            (self.model_class, self.tr("The usual one of its loader")),
        ):
            if (edit := box.lineEdit()) is not None:
                edit.setPlaceholderText(hint)

    def _lay_out(self) -> None:
        for part, name, hint in (
            (self.name, self.tr("Name"), self.tr("our-ner")),
            (self.model, self.tr("Model"), self.tr("org/name, org/name@revision or a folder")),
            (self.tags, self.tr("Tags"), self.tr("ner, german")),
            (self.description, self.tr("Description"), self.tr("What it is for, in a line")),
            (self.parameters, self.tr("Parameters"), "num_labels=5"),
        ):
            part.setAccessibleName(name)
            part.setPlaceholderText(hint)
        for box, name in (
            (self.type, self.tr("Type")),
            (self.loader, self.tr("Loader")),
            (self.model_class, self.tr("Class")),
        ):
            box.setAccessibleName(name)
        self.browse.setAutoDefault(False)
        self.parameters.setTabChangesFocus(True)
        self.parameters.setToolTip(self.tr("What its configuration is to have, one to a line"))
        self.parameters.setFixedHeight(3 * self.fontMetrics().height() + 4 * GRID)
        form = FieldForm()
        form.add(self.tr("&Name"), self.name_field)
        form.addRow("", self.replace)
        form.add(self.tr("&Model"), self.model_field)
        form.add(self.tr("&Type"), self.type_field)
        form.add(self.tr("Ta&gs"), NotedField(self.tags))
        form.add(self.tr("&Description"), NotedField(self.description))
        inner = QWidget()
        more = FieldForm()
        more.add(self.tr("&Loader"), self.loader_field)
        more.add(self.tr("Clas&s"), self.class_field)
        more.add(self.tr("P&arameters"), self.parameters_field)
        # Beside the first of its lines, not in the middle of all that it could have.
        more.labelForField(self.parameters_field).setFixedHeight(self.name.sizeHint().height())
        inner.setLayout(more)
        self.more = Folded(self.tr("How it is loaded"), inner)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        layout.addLayout(form)
        layout.addWidget(self.more)

    def _connect(self) -> None:
        self.browse.clicked.connect(lambda _: self._choose_folder())
        for text in (self.name, self.model, self.tags, self.description):
            text.textChanged.connect(lambda _: self._typed())
        for box in (self.type, self.loader, self.model_class):
            box.currentTextChanged.connect(lambda _: self._typed())
        self.parameters.textChanged.connect(self._typed)
        self.replace.toggled.connect(lambda _: self._typed())

"""Registering a model: what is wrong is said at its field, and what is right is what the core is given."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from modelkeep.errors import RegistryError
from modelkeep.registered import RegisteredModel, RegisteredView
from modelkeep.registrations.values import Registration
from modelkeep_gui.dialogs.noted_field import NotedField
from modelkeep_gui.registry.register_dialog import RegisterDialog
from modelkeep_gui.registry.register_form import RegisterForm, ToRegister
from support.accessible import nameless, unreachable

OWN = "/models/registered.yaml"
TAKEN = (
    Registration("preset", model="org/preset"),
    Registration("mine", model="org/mine", origin="file", file=OWN, line=3),
    Registration("theirs", model="org/theirs", origin="file", file="/models/theirs.yaml", line=12),
)
VIEW = RegisteredView("/models", tuple(map(RegisteredModel, TAKEN)), ("generic", "clinical"), (), OWN)


@pytest.fixture
def dialog(qtbot: QtBot) -> RegisterDialog:
    dialog = RegisterDialog(VIEW, ["org/cached", "other/model"])
    qtbot.addWidget(dialog)
    dialog.open()
    return dialog


def test_what_is_filled_in_is_what_is_asked_for(qtbot: QtBot, dialog: RegisterDialog) -> None:
    form = dialog.form
    form.name.setText(" ward-ner ")
    form.model.setText("org/cached@v2")
    form.type.setCurrentText("Clinical")
    form.tags.setText("ner, german,, ner")
    form.description.setText("Of the ward.")
    form.loader.setCurrentText("MedicalModelLoader")
    form.model_class.setCurrentText("AutoModelForTokenClassification")
    form.parameters.setPlainText("num_labels = 5\n\noutput_attentions=true\nlabel=five")
    with qtbot.waitSignal(dialog.save_requested) as asked:
        dialog.save.click()
    assert asked.args == [
        ToRegister(
            "ward-ner",
            "org/cached@v2",
            "clinical",
            ("ner", "german"),
            "Of the ward.",
            "MedicalModelLoader",
            "AutoModelForTokenClassification",
            {"num_labels": 5, "output_attentions": True, "label": "five"},
        )
    ]
    assert dialog.isVisible()
    dialog.show_failure(RegistryError("It cannot be.", hint="Try another."))
    assert dialog.notice.text == "It cannot be. Try another."
    assert dialog.save.isEnabled()


_Field = Callable[[RegisterForm], NotedField]


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        (lambda f: f.name.setText(""), lambda f: f.name_field, "Give it a name."),
        (lambda f: f.name.setText("two words"), lambda f: f.name_field, "A name has letters"),
        (lambda f: f.name.setText("preset"), lambda f: f.name_field, "org/preset is registered"),
        (lambda f: f.name.setText("theirs"), lambda f: f.name_field, "/models/theirs.yaml, line 12"),
        (lambda f: f.model.setText(""), lambda f: f.model_field, "Name a model"),
        (lambda f: f.model.setText("../weights"), lambda f: f.model_field, "Write the whole path"),
        (lambda f: f.model.setText("a b/c"), lambda f: f.model_field, "a b/c"),
        (lambda f: f.type.setCurrentText("x-ray"), lambda f: f.type_field, "A type has letters"),
        (lambda f: f.loader.setCurrentText("OurLoader"), lambda f: f.loader_field, "There are ModelLoader"),
        (lambda f: f.loader.setCurrentText("a b:C"), lambda f: f.loader_field, "There are ModelLoader"),
        (
            lambda f: f.parameters.setPlainText("five"),
            lambda f: f.parameters_field,
            "“five” is not NAME=VALUE.",
        ),
        (lambda f: f.model_class.setCurrentText("a class"), lambda f: f.class_field, "Name a class"),
        (
            lambda f: f.parameters.setPlainText("trust_remote_code=true"),
            lambda f: f.parameters_field,
            "cannot be registered",
        ),
        (
            lambda f: f.parameters.setPlainText("num_labels=many"),
            lambda f: f.parameters_field,
            "a whole number",
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_field_before_anything_is_kept(
    qtbot: QtBot, dialog: RegisterDialog, change: Callable[[RegisterForm], object], field: _Field, said: str
) -> None:
    form = dialog.form
    form.name.setText("ward-ner")
    form.model.setText("org/cached")
    change(form)
    with qtbot.assertNotEmitted(dialog.save_requested):
        dialog.save.click()
    wrong = field(form)
    assert said in wrong.problem
    assert wrong.main.isVisible()
    assert wrong.main.accessibleDescription() == wrong.problem


def test_what_was_wrong_is_forgotten_as_soon_as_it_is_right(dialog: RegisterDialog) -> None:
    dialog.save.click()
    form = dialog.form
    assert form.name_field.problem
    assert form.model_field.problem
    form.name.setText("ward-ner")
    assert not form.name_field.problem
    assert form.model_field.problem


def test_what_has_the_name_is_replaced_only_when_one_says_so(qtbot: QtBot, dialog: RegisterDialog) -> None:
    form = dialog.form
    form.model.setText("org/cached")
    form.name.setText("free")
    assert not form.replace.isVisible()
    form.name.setText("theirs")
    assert not form.replace.isVisible()
    form.name.setText("mine")
    assert form.replace.isVisible()
    dialog.save.click()
    assert "org/mine is registered" in form.name_field.problem
    form.replace.setChecked(True)
    assert form.name_field.problem == ""
    with qtbot.waitSignal(dialog.save_requested) as asked:
        dialog.save.click()
    assert asked.args[0].force
    form.name.setText("free")
    assert not form.choice.force


def test_a_new_type_and_code_are_told_of(dialog: RegisterDialog) -> None:
    form = dialog.form
    form.type.setCurrentText("Radiology")
    assert form.type_field.problem == "“radiology” becomes a new type."
    assert form.choice.new_type
    form.type.setCurrentText("clinical")
    assert form.type_field.problem == ""
    assert not form.choice.new_type
    form.loader.setCurrentText("ours.loading:Loader")
    assert "This is code" in form.loader_field.problem


def test_a_model_of_a_cache_comes_with_its_name(qtbot: QtBot) -> None:
    dialog = RegisterDialog(VIEW, [], "dmis-lab/biobert-v1.1@main")
    qtbot.addWidget(dialog)
    dialog.open()
    assert (dialog.form.name.text(), dialog.form.model.text()) == (
        "biobert-v1.1",
        "dmis-lab/biobert-v1.1@main",
    )
    assert dialog.form.name.hasSelectedText()
    taken = RegisterDialog(VIEW, [], "org/mine")
    qtbot.addWidget(taken)
    assert taken.form.name.text() == ""


def test_cached_models_are_offered_while_one_types(qtbot: QtBot, dialog: RegisterDialog) -> None:
    completer = dialog.form.model.completer()
    completer.setCompletionPrefix("CACH")
    assert completer.currentCompletion() == "org/cached"


def test_it_can_be_filled_in_without_a_mouse(qtbot: QtBot, dialog: RegisterDialog) -> None:
    dialog.form.more.set_open(True)
    assert nameless(dialog) == []
    assert unreachable(dialog) == []
    form = dialog.form
    form.parameters.setFocus()
    qtbot.keyClick(form.parameters, Qt.Key.Key_Tab)
    assert "\t" not in form.parameters.toPlainText()

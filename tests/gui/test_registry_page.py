"""The page of registered models: what it shows, what can be done, and the real registry behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QDialog, QVBoxLayout
from pytestqt.qtbot import QtBot

from modelkeep.errors import RegistryError
from modelkeep.registered import RegisteredModel, RegisteredView
from modelkeep.registrations.values import FileProblem, Registration
from modelkeep_gui.dialogs.download_dialog import DownloadDialog
from modelkeep_gui.operations import registering
from modelkeep_gui.registry.check_dialog import CheckDialog
from modelkeep_gui.registry.page import RegistryPage
from modelkeep_gui.registry.register_dialog import RegisterDialog
from support.accessible import nameless, unreachable
from support.caches import CacheMaker
from support.sessions import Heard, open_session

PATIENCE = 20_000
OWN = "/models/registered.yaml"


def model(name: str, repo: str = "", **values: object) -> RegisteredModel:
    said = Registration(
        name, "clinical", repo or f"org/{name}", description=f"What {name} is.", tags=("bert",)
    )
    return RegisteredModel(said, **values)  # type: ignore[arg-type]


def ours(one: RegisteredModel, file: str = OWN, line: int = 3) -> RegisteredModel:
    return replace(one, registration=replace(one.registration, origin="file", file=file, line=line))


CACHED = model(
    "cached", root="/hub", commit="a" * 40, path="/hub/c", state="whole", size=9, key="hf@org/cached"
)
DAMAGED = replace(
    model("ill", root="/hub", path="/hub/i", state="damaged", key="hf@org/ill"),
    problem="A link leads nowhere.",
)
MISSING = model("missing")
MINE = ours(model("mine"))
THEIRS = ours(model("theirs"), "/models/theirs.yaml", 12)
FOLDER = model("folder", "/weights", path="/weights", state="folder")
LOST = replace(model("lost", "/gone"), problem="/gone is not there.")
ALL = (MISSING, CACHED, THEIRS, DAMAGED, MINE, FOLDER, LOST)


def view(*models: RegisteredModel, problems: tuple[FileProblem, ...] = ()) -> RegisteredView:
    return RegisteredView("/models", models, ("generic", "biomedical", "clinical"), problems, OWN)


@pytest.fixture
def page(qtbot: QtBot) -> RegistryPage:
    page = RegistryPage()
    qtbot.addWidget(page)
    page.resize(800, 560)
    page.show()
    page.set_view(view(*ALL))
    return page


def names(page: RegistryPage) -> list[str]:
    return [one.registration.name for one in page.table.rows.values]


def column(page: RegistryPage, number: int) -> list[str]:
    rows = page.table.rows
    return [rows.index(row, number).data() for row in range(rows.rowCount())]


def test_it_says_of_each_whether_it_is_here_and_where_it_is_registered(page: RegistryPage) -> None:
    assert names(page) == ["cached", "folder", "ill", "lost", "mine", "missing", "theirs"]
    assert column(page, 1) == ["whole", "a folder", "damaged", "not here", "not here", "not here", "not here"]
    assert column(page, 5)[4:] == ["registered.yaml:3", "Modelkeep", "theirs.yaml:12"]
    assert page.summary == "3 of 7 are here"


def test_the_table_sorts_itself_and_is_a_right_model(page: RegistryPage) -> None:
    tester = QAbstractItemModelTester(page.table.rows, QAbstractItemModelTester.FailureReportingMode.Fatal)
    page.table.select_names({"ill"})
    page.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert names(page)[-3:] == ["ill", "cached", "folder"]
    assert page.table.current == DAMAGED
    page.set_view(view())
    assert page.table.placeholder == "No model is registered."
    tester.deleteLater()


def test_a_filter_looks_in_names_types_tags_and_states(qtbot: QtBot, page: RegistryPage) -> None:
    page.table.select_names({"cached"})
    qtbot.keyClicks(page.search, "BERT whole")
    assert names(page) == ["cached"]
    assert page.table.current == CACHED
    assert page.summary == "1 of 7"
    page.search.setText("nothing of the kind")
    assert names(page) == []
    assert "Clear the filter" in page.table.placeholder
    qtbot.keyClick(page.search, Qt.Key.Key_Escape)
    assert len(names(page)) == 7
    qtbot.keyClick(page.search, Qt.Key.Key_Down)
    assert page.table.current == CACHED


def test_ctrl_f_among_them_means_their_filter(qtbot: QtBot, page: RegistryPage) -> None:
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(page.search.hasFocus)


@pytest.mark.parametrize(
    ("chosen", "can"),
    [
        ({"cached"}, {"show_model", "try_it", "open_folder", "copy_code"}),
        ({"ill"}, {"show_model", "try_it", "open_folder", "copy_code"}),
        ({"missing"}, {"download", "copy_code"}),
        ({"mine"}, {"download", "copy_code", "unregister"}),
        ({"theirs"}, {"download", "copy_code"}),
        ({"folder"}, {"open_folder", "copy_code"}),
        ({"lost"}, {"copy_code"}),
        ({"cached", "missing", "mine"}, {"download", "copy_code"}),
        (set(), set()),
    ],
)
def test_what_can_be_done_follows_from_what_is_chosen(
    page: RegistryPage, chosen: set[str], can: set[str]
) -> None:
    page.table.select_names(chosen)
    actions = ("download", "show_model", "try_it", "open_folder", "copy_code", "unregister")
    assert {name for name in actions if getattr(page, name).isEnabled()} == can


def test_download_asks_for_what_is_not_here_of_what_is_chosen(qtbot: QtBot, page: RegistryPage) -> None:
    page.table.select_names({"cached", "missing", "mine", "lost"})
    with qtbot.waitSignal(page.download_requested) as asked:
        page.download.trigger()
    assert asked.args == [[MINE, MISSING]]


def test_enter_shows_what_is_here_and_downloads_what_is_not(qtbot: QtBot, page: RegistryPage) -> None:
    page.table.select_names({"cached"})
    with qtbot.waitSignal(page.show_requested) as shown:
        qtbot.keyClick(page.table, Qt.Key.Key_Return)
    assert shown.args == [CACHED]
    page.table.clearSelection()
    page.table.select_names({"missing"})
    with qtbot.waitSignal(page.download_requested) as asked:
        qtbot.keyClick(page.table, Qt.Key.Key_Return)
    assert asked.args == [[MISSING]]


def test_a_model_is_explained_with_the_code_that_loads_it(qtbot: QtBot, page: RegistryPage) -> None:
    page.table.select_names({"ill"})
    assert "What ill is." in page.about.text
    assert "A link leads nowhere." in page.about.text
    assert page.about.code.endswith('model, tokenizer = get_registry().load_model("ill")\n')
    page.table.select_names({"cached"})
    assert page.about.text == "2 models are selected."
    qtbot.keyClick(page.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text()
    assert copied.count("from modelkeep.lifecycle import get_registry") == 1
    assert 'load_model("cached")' in copied
    assert 'load_model("ill")' in copied


def test_problems_of_files_are_listed_and_lead_to_their_folder(qtbot: QtBot, page: RegistryPage) -> None:
    assert not page.problems.isVisible()
    page.set_view(
        view(
            CACHED,
            problems=(
                FileProblem("/models/a.yaml", 7, "It is wrong."),
                FileProblem("/models/b.yaml", 0, "So is it."),
            ),
        )
    )
    assert page.problems.isVisible()
    rows = page.problems.rows
    assert [rows.index(row, 1).data() for row in range(2)] == ["a.yaml:7", "b.yaml"]
    page.problems.selectRow(0)
    qtbot.keyClick(page.problems, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "/models/a.yaml, line 7: It is wrong."
    with qtbot.waitSignal(page.folder_requested) as asked:
        qtbot.keyClick(page.problems, Qt.Key.Key_Return)
    assert asked.args == ["/models/a.yaml"]


def test_an_error_says_what_to_do_and_can_be_tried_again(qtbot: QtBot, page: RegistryPage) -> None:
    page.show_error(RegistryError("It is broken.", hint="Mend it."))
    assert page.is_large
    assert page.state.text == "What is registered could not be read It is broken. Mend it."
    with qtbot.waitSignal(page.look_requested):
        page.again.click()
    page.set_view(view(CACHED))
    assert not page.is_large


def test_everything_can_be_reached_and_named(page: RegistryPage) -> None:
    page.set_view(view(*ALL, problems=(FileProblem("/models/a.yaml", 7, "It is wrong."),)))
    page.table.select_names({"mine"})
    assert nameless(page) == []
    assert unreachable(page) == []


def test_a_check_says_what_is_wrong_or_that_nothing_is(qtbot: QtBot) -> None:
    bad = CheckDialog("/models/a.yaml", [FileProblem("/models/a.yaml", 7, "It is wrong.")])
    good = CheckDialog("/models/a.yaml", [])
    for dialog in (bad, good):
        qtbot.addWidget(dialog)
        dialog.open()
        assert nameless(dialog) == []
    assert bad.heading.text() == "1 thing is wrong in a.yaml"
    bad.copy.click()
    assert QGuiApplication.clipboard().text() == "/models/a.yaml, line 7: It is wrong."
    assert good.heading.text() == "Nothing is wrong in a.yaml"
    assert not good.table.isVisible()


# ---- with the real library


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "models"
    made.mkdir()
    monkeypatch.setenv("MODELKEEP_MODELS_DIR", str(made))
    return made


@pytest.fixture
def heard(
    qtbot: QtBot, qapp: QApplication, cache: CacheMaker, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Heard]:
    cache.add("dmis-lab/biobert-v1.1", {"config.json": b"{}", "model.safetensors": b"weights"})
    (folder / "ours.yaml").write_text("ours:\n  model: org/ours\n  modle_type: clinical\n")
    monkeypatch.setenv("MODELKEEP_ROOTS", str(cache.root))
    with open_session(qtbot, qapp) as heard:
        yield heard


@pytest.fixture
def real(qtbot: QtBot, heard: Heard) -> RegistryPage:
    page = registering.make_page(heard.session, heard.window)
    QVBoxLayout(heard.window).addWidget(page)
    heard.window.show()
    qtbot.waitUntil(lambda: page.view is not None, timeout=PATIENCE)
    return page


def found(heard: Heard, kind: type[QDialog]) -> Callable[[], bool]:
    return lambda: any(one.isVisible() for one in heard.window.findChildren(kind))


def chosen(page: RegistryPage) -> str:
    return page.table.current.registration.name if page.table.current else ""


def test_what_is_cached_is_said_to_be_and_problems_are_seen(real: RegistryPage) -> None:
    state = dict(zip(names(real), column(real, 1)))
    assert (state["biobert-base"], state["clinical-bert-base"]) == ("whole", "not here")
    assert real.problems.isVisible()
    assert real.problems.rows.value_at(0).line == 3


def test_a_model_is_registered_forgotten_and_brought_back(
    qtbot: QtBot, heard: Heard, real: RegistryPage, folder: Path
) -> None:
    real.register.trigger()
    qtbot.waitUntil(found(heard, RegisterDialog), timeout=PATIENCE)
    dialog = heard.window.findChildren(RegisterDialog)[0]
    dialog.form.name.setText("ward-ner")
    dialog.form.model.setText("dmis-lab/biobert-v1.1")
    dialog.form.type.setCurrentText("radiology")
    dialog.save.click()
    qtbot.waitUntil(lambda: chosen(real) == "ward-ner", timeout=PATIENCE)
    text = (folder / "registered.yaml").read_text()
    assert "ward-ner:" in text
    assert real.table.current is not None
    assert real.table.current.registration.model_type == "radiology"
    assert heard.said[-1].text == "dmis-lab/biobert-v1.1 is registered as ward-ner."
    real.unregister.trigger()
    qtbot.waitUntil(lambda: "ward-ner" not in names(real), timeout=PATIENCE)
    assert "ward-ner" not in (folder / "registered.yaml").read_text()
    undo = heard.said[-1].about
    assert callable(undo)
    undo()
    qtbot.waitUntil(lambda: chosen(real) == "ward-ner", timeout=PATIENCE)
    assert (folder / "registered.yaml").read_text() == text


def test_a_replaced_registration_comes_back_when_that_is_undone(
    qtbot: QtBot, heard: Heard, real: RegistryPage, folder: Path
) -> None:
    def register(name: str, model: str) -> None:
        registering.register(heard.session, heard.window)
        qtbot.waitUntil(found(heard, RegisterDialog), timeout=PATIENCE)
        dialog = next(one for one in heard.window.findChildren(RegisterDialog) if one.isVisible())
        dialog.form.name.setText(name)
        dialog.form.model.setText(model)
        dialog.form.replace.setChecked(True)
        before = len(heard.said)
        dialog.save.click()
        qtbot.waitUntil(lambda: len(heard.said) > before, timeout=PATIENCE)

    register("mine", "org/first")
    register("mine", "org/second")
    assert "org/second" in (folder / "registered.yaml").read_text()
    undo = heard.said[-1].about
    assert callable(undo)
    undo()
    qtbot.waitUntil(lambda: "org/first" in (folder / "registered.yaml").read_text(), timeout=PATIENCE)


def test_a_file_is_checked(qtbot: QtBot, heard: Heard, folder: Path) -> None:
    registering.check_file(heard.session, heard.window, str(folder / "ours.yaml"))
    qtbot.waitUntil(found(heard, CheckDialog), timeout=PATIENCE)
    dialog = heard.window.findChildren(CheckDialog)[0]
    assert dialog.heading.text() == "1 thing is wrong in ours.yaml"


def test_several_are_downloaded_one_after_another(qtbot: QtBot, heard: Heard, real: RegistryPage) -> None:
    real.table.select_names({"clinical-bert-base", "clinical-bert-base-uncased", "bert-base-uncased"})
    real.download.trigger()
    dialogs = partial(heard.window.findChildren, DownloadDialog)
    assert len(dialogs()) == 1
    first = dialogs()[0]
    # Two of the names stand for one model.
    assert first.heading.text() == "Download a model (1 of 2)"
    assert first.search.field.text() == "google-bert/bert-base-uncased"
    first.reject()
    qtbot.wait(0)
    assert not any(one.isVisible() for one in dialogs())


def test_what_is_in_the_table_of_the_window_is_shown_there(
    qtbot: QtBot, heard: Heard, real: RegistryPage, cache: CacheMaker
) -> None:
    real.table.select_names({"biobert-base"})
    real.show_model.trigger()
    assert heard.said[-1].action == "Add it"
    heard.session.feed.refresh()
    qtbot.waitUntil(lambda: bool(heard.session.table.rows), timeout=PATIENCE)
    real.show_model.trigger()
    [shown] = heard.revealed
    assert shown.models[0].key == "hf@dmis-lab/biobert-v1.1"

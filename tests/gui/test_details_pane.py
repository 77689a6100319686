"""The details pane, told what to show, and what it tells."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMainWindow, QPlainTextEdit, QToolButton
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from modelkeep.cache.inventory import Problem, ProblemKind
from modelkeep.details import Trusted
from modelkeep.library import open_library
from modelkeep.rows import Selection
from modelkeep_gui.details.facts import Fact, sections
from modelkeep_gui.details.pane import DetailsPane
from modelkeep_gui.library.view import Selected
from modelkeep_gui.widgets.elided_field import ElidedField
from modelkeep_gui.widgets.folded import Folded, LineList
from support.accessible import nameless, unreachable
from support.caches import CacheMaker
from support.details import MAIN, NOWHERE, OTHER, SNAPSHOT, description, file_line, model_details
from support.models import tiny_bert_files
from support.rows import DAY, NOW, model_row, revision_row
from support.safety import DANGEROUS
from support.windows import only, seen

OVERVIEW, CARD, FILES, REVISIONS, SAFETY = range(5)
KEY = ("/cache/hub", "hf@dmis-lab/biobert-v1.1")


@pytest.fixture
def pane(qtbot: QtBot) -> DetailsPane:
    pane = DetailsPane()
    qtbot.addWidget(pane)
    pane.resize(380, 900)
    pane.show()
    return pane


def fact(label: str, **values: object) -> Fact:
    """The fact of that label that the overview has of such details."""
    found = sections(model_details(**values), NOW)
    return next(fact for section in found for fact in section.facts if fact.label == label)


# What is shown ----------------------------------------------------------------------------------------------------


def test_it_says_what_it_is_for_while_nothing_is_selected(pane: DetailsPane) -> None:
    assert seen(pane) == "Select a model to see what it is."


def test_a_model_of_a_real_cache_is_shown(pane: DetailsPane, cache: CacheMaker) -> None:
    card = b"---\nlicense: mit\npipeline_tag: fill-mask\n---\n# Tiny\n"
    cache.add("org/tiny", tiny_bert_files({"README.md": card}))
    with open_library([cache.root]) as library:
        details = library.details(library.inventory(cache.root).root, "hf@org/tiny")
    pane.set_details(details)
    text = seen(pane)
    assert all(word in text for word in ("org/tiny", "whole", "mit", "fill-mask", details.snapshot))
    pane.tabs.setCurrentIndex(CARD)
    assert pane.card.page.toPlainText() == "Tiny"
    names = [line.name for line in pane.files.table.rows.values]
    assert names == sorted({*tiny_bert_files(), "README.md"})
    assert pane.revisions.current is not None
    assert pane.revisions.current.commit == details.commit


@pytest.mark.parametrize(
    ("label", "values", "text", "remark"),
    [
        ("Parameters", {}, "108 M", "F32 108 M · I64 512"),
        ("Context", {}, "512 tokens", ""),
        ("Licence", {"description": description()}, "not stated", ""),
        ("Last used", {}, "2 d ago, by miriam", "seen by Modelkeep"),
        (
            "Last used",
            {"row": model_row(last_used_source="atime"), "used_by": ""},
            "2 d ago",
            "file access times: at least this late",
        ),
        (
            "Last used",
            {"row": model_row(last_used_source="atime-unreliable"), "used_by": ""},
            "2 d ago",
            "the mount keeps no access times",
        ),
        ("Last used", {"row": model_row(last_used=0.0)}, "not known", ""),
        ("Imported", {}, "9 d ago, by ada", ""),
        ("Frees", {"row": model_row(frees=33_004_544)}, "33 MB", "something else needs the other 400 MB"),
        ("Languages", {"description": description(languages=tuple("abcdefghijklmno"))}, None, "and 3 more"),
    ],
)
def test_a_fact_says_how_it_is_known(label: str, values: dict, text: str | None, remark: str) -> None:
    found = fact(label, **values)
    assert found.remark == remark
    assert text is None or found.text == text


def test_what_nobody_knows_is_left_out() -> None:
    row = model_row("gpt2", last_used=0.0, modified=0.0, revisions=())
    details = model_details(row=row, description=description(), provenance=NOWHERE, snapshot="/x", commit="")
    labels = [fact.label for section in sections(details, NOW) for fact in section.facts]
    assert labels == ["Licence", "Size", "Frees", "Folder", "Last used"]


def test_pickles_and_custom_code_are_warned_of(pane: DetailsPane) -> None:
    pane.set_details(model_details(description=description(has_pickles=True, custom_code=True)))
    assert "Contains pickles: they can run code when loaded." in seen(pane)
    assert "Python code of its own" in seen(pane)
    pane.set_details(model_details(description=description()))
    assert "run" not in seen(pane.overview)


def test_three_problems_are_seen_and_the_rest_unfolds(pane: DetailsPane) -> None:
    problems = tuple(
        Problem(ProblemKind.BROKEN_LINK, f"/x/{number}", f"Link {number} leads nowhere.")
        for number in range(9)
    )
    pane.set_details(model_details(problems=problems))
    assert "Link 2 leads nowhere." in seen(pane.header)
    assert "Link 3" not in seen(pane.header)
    more = only(pane.header, Folded)
    assert more.title == "and 6 more"
    lines = only(pane.header, LineList)
    assert not lines.isVisible()
    more.set_open(True)
    assert lines.isVisible()
    assert lines.texts() == [problem.message for problem in problems[3:]]
    assert lines.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole) == "Link 3 leads nowhere.\n/x/3"


def test_the_state_of_the_shown_revision_is_told_where_it_differs(pane: DetailsPane) -> None:
    row = model_details().row._replace(state="incomplete")
    pane.set_details(model_details(row=row))
    assert "1 file missing | main · 551ca18: whole" in seen(pane.header)


def test_the_tab_stays_from_model_to_model(pane: DetailsPane) -> None:
    pane.set_details(model_details())
    pane.tabs.setCurrentIndex(FILES)
    pane.set_details(None)
    pane.set_details(model_details(row=model_row("gpt2")))
    assert pane.tabs.currentIndex() == FILES
    assert pane.files.isVisible()


def test_several_selected_are_summed_up(pane: DetailsPane) -> None:
    shared = model_row("org/shared", frees=3_004_544, state="damaged")
    pane.set_selection_summary([model_row(), shared, revision_row()])
    assert pane.summary.texts == [
        "3 selected",
        "1.3 GB",
        "1.3 GB",
        "at least 869 MB",
        "1 damaged · 2 whole",
    ]


def test_a_selection_of_which_nothing_is_left_is_none(pane: DetailsPane) -> None:
    pane.set_details(model_details())
    pane.set_selection_summary([])
    assert seen(pane) == "Select a model to see what it is."


def test_another_model_is_seen_from_its_top(pane: DetailsPane) -> None:
    pane.resize(380, 400)
    pane.set_details(model_details())
    bar = pane.overview.verticalScrollBar()
    bar.setValue(bar.maximum())
    place = bar.value()
    assert place > 0
    pane.set_details(model_details(used_by="ada"))
    assert bar.value() == place
    pane.set_details(model_details(row=model_row("gpt2")))
    assert bar.value() == 0


def test_it_waits_a_moment_before_it_says_that_it_reads(qtbot: QtBot, pane: DetailsPane) -> None:
    pane.set_details(model_details())
    pane.set_busy("org/slow")
    assert "dmis-lab/biobert-v1.1" in seen(pane)
    qtbot.waitUntil(lambda: "Reading…" in seen(pane), timeout=5000)
    assert "org/slow" in seen(pane)
    pane.set_details(model_details())
    assert "Reading…" not in seen(pane)


def test_a_long_name_makes_no_pane_wider_and_is_copied_whole(pane: DetailsPane) -> None:
    name = "an-organisation/" + "a-very-long-name-" * 20
    pane.set_details(model_details(row=model_row(name), snapshot=f"/cache/{name}"))
    assert pane.minimumSizeHint().width() < 380
    field = only(pane.header, ElidedField)
    assert field.toolTip() == name
    field.selectAll()
    field.copy()
    assert QGuiApplication.clipboard().text() == name


# What is told -----------------------------------------------------------------------------------------------------


def test_pin_and_folder_are_told(qtbot: QtBot, pane: DetailsPane) -> None:
    pane.set_details(model_details())
    with qtbot.waitSignal(pane.pin_toggled) as told:
        pane.header.pin.click()
    assert told.args == [(*KEY, True)]
    with qtbot.waitSignal(pane.folder_requested) as told:
        pane.header.folder.click()
    assert told.args == [SNAPSHOT]


def test_a_note_is_told_when_it_is_left(qtbot: QtBot, pane: DetailsPane) -> None:
    pane.set_details(model_details())
    note = pane.overview.note
    note.setFocus()
    qtbot.keyClicks(note, "Ask Miriam")
    with qtbot.waitSignal(pane.note_changed) as told:
        pane.header.pin.setFocus()
    assert told.args == [(*KEY, "Ask Miriam")]
    with qtbot.assertNotEmitted(pane.note_changed):
        note.setFocus()
        pane.header.pin.setFocus()


def test_a_note_belongs_to_the_model_it_was_written_on(qtbot: QtBot, pane: DetailsPane) -> None:
    pane.set_details(model_details())
    qtbot.keyClicks(pane.overview.note, "mine")
    with qtbot.waitSignal(pane.note_changed) as told:
        pane.set_details(model_details(row=model_row("gpt2", note="other")))
    assert told.args == [(*KEY, "mine")]
    assert pane.overview.note.toPlainText() == "other"


def test_a_note_being_written_survives_a_new_look_at_the_disk(qtbot: QtBot, pane: DetailsPane) -> None:
    pane.set_details(model_details())
    qtbot.keyClicks(pane.overview.note, "half a sent")
    details = model_details()
    pane.set_details(replace(details, row=details.row._replace(last_used=NOW + DAY)))
    assert pane.overview.note.toPlainText() == "half a sent"


def test_the_code_is_copied(pane: DetailsPane) -> None:
    pane.set_details(model_details())
    copy = next(b for b in pane.overview.findChildren(QToolButton) if b.accessibleName() == "Copy the code")
    copy.click()
    assert QGuiApplication.clipboard().text() == model_details().snippet


# Files and revisions ----------------------------------------------------------------------------------------------


@pytest.fixture
def files(pane: DetailsPane) -> DetailsPane:
    pane.set_details(model_details())
    pane.tabs.setCurrentIndex(FILES)
    pane.files.table.setFocus()
    return pane


def choose(pane: DetailsPane, *names: str) -> None:
    table = pane.files.table
    flags = table.selectionModel().SelectionFlag
    table.clearSelection()
    for row, line in enumerate(table.rows.values):
        if line.name in names:
            table.selectionModel().select(table.rows.index(row, 0), flags.Select | flags.Rows)


def test_missing_files_are_listed_too(files: DetailsPane) -> None:
    table = files.files.table
    assert files.files.summary == "4 files · 436 MB · 1 not here"
    row = [line.name for line in table.rows.values].index("tf_model.h5")
    texts = [table.rows.index(row, column).data() for column in range(4)]
    assert texts == ["tf_model.h5", "", "", "not here"]
    muted = QGuiApplication.palette().placeholderText()
    assert table.rows.index(row, 0).data(Qt.ItemDataRole.ForegroundRole) == muted
    assert table.rows.index(0, 0).data(Qt.ItemDataRole.ForegroundRole) is None


def test_files_are_sorted_and_stay_selected(files: DetailsPane) -> None:
    choose(files, "vocab.txt")
    files.files.table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    names = [line.name for line in files.files.table.rows.values]
    assert names == ["pytorch_model.bin", "vocab.txt", "config.json", "tf_model.h5"]
    assert [line.name for line in files.files.table.selected] == ["vocab.txt"]
    assert files.files.summary == "1 selected · 213 kB"


def test_the_selected_files_are_to_be_deleted(qtbot: QtBot, files: DetailsPane) -> None:
    choose(files, "vocab.txt", "pytorch_model.bin", "tf_model.h5")
    with qtbot.waitSignal(files.files_delete_requested) as told:
        qtbot.keyClick(files.files.table, Qt.Key.Key_Delete)
    expected = Selection(KEY[0], f"{KEY[1]}@{MAIN}", ("pytorch_model.bin", "vocab.txt"))
    assert told.args == [expected]


def test_what_is_not_here_cannot_be_deleted(qtbot: QtBot, files: DetailsPane) -> None:
    choose(files, "tf_model.h5")
    with qtbot.assertNotEmitted(files.files_delete_requested):
        qtbot.keyClick(files.files.table, Qt.Key.Key_Delete)


def test_keys_among_files_never_reach_the_window(qtbot: QtBot) -> None:
    window, pane = QMainWindow(), DetailsPane()
    qtbot.addWidget(window)
    window.setCentralWidget(pane)
    reached: list[str] = []
    for keys in ("Del", "Ctrl+C"):
        action = QAction(keys, window)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda _, keys=keys: reached.append(keys))
        window.addAction(action)
    window.show()
    window.activateWindow()
    pane.set_details(model_details())
    pane.tabs.setCurrentIndex(FILES)
    pane.files.table.setFocus()
    choose(pane, "vocab.txt")
    with qtbot.waitSignal(pane.files_delete_requested):
        qtbot.keyClick(window.windowHandle(), Qt.Key.Key_Delete)
    qtbot.keyClick(window.windowHandle(), Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == f"{SNAPSHOT}/vocab.txt"
    assert reached == []


def test_the_models_of_the_tables_keep_qts_contract(files: DetailsPane, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(files.files.table.model())
    qtmodeltester.check(files.revisions.model())


def test_choosing_a_revision_is_told_and_showing_one_is_not(qtbot: QtBot, pane: DetailsPane) -> None:
    with qtbot.assertNotEmitted(pane.revision_chosen):
        pane.set_details(model_details())
        pane.set_details(model_details(commit=OTHER))
        pane.set_details(model_details())
    pane.tabs.setCurrentIndex(REVISIONS)
    with qtbot.waitSignal(pane.revision_chosen) as told:
        qtbot.keyClick(pane.revisions, Qt.Key.Key_Down)
    assert told.args == [Selected(*KEY, OTHER)]


def test_a_revision_is_clicked_copied_and_to_be_deleted(qtbot: QtBot, pane: DetailsPane) -> None:
    pane.set_details(model_details())
    pane.tabs.setCurrentIndex(REVISIONS)
    view = pane.revisions
    area = view.visualRect(view.model().index(1, 0))
    with qtbot.waitSignal(pane.revision_chosen):
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=area.center() - QPoint(0, 4))
    view.copy_commit.trigger()
    assert QGuiApplication.clipboard().text() == OTHER
    with qtbot.waitSignal(pane.revision_delete_requested) as told:
        qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert told.args == [Selected(*KEY, OTHER)]


def test_another_revision_can_be_made_main(qtbot: QtBot, pane: DetailsPane) -> None:
    pane.set_details(model_details())
    pane.tabs.setCurrentIndex(REVISIONS)
    view = pane.revisions
    assert not view.make_main.isEnabled()
    qtbot.keyClick(view, Qt.Key.Key_Down)
    with qtbot.waitSignal(pane.revision_main_requested) as told:
        view.make_main.trigger()
    assert told.args == [Selected(*KEY, OTHER)]


def test_a_screen_reader_hears_a_revision(pane: DetailsPane) -> None:
    pane.set_details(model_details())
    text = pane.revisions.model().index(1, 0).data()
    assert text == "refs/pr/4, 46d4ac7, 1 file missing, 433 MB, frees 433 MB, 9 files"


# For everyone -----------------------------------------------------------------------------------------------------


def test_all_tabs_are_seen_however_narrow_it_is(pane: DetailsPane) -> None:
    files = tuple(file_line(f"{n}.json", 1, "config") for n in range(1_199))
    pane.set_details(model_details(files=files))
    pane.setMinimumWidth(0)
    pane.resize(700, 600)
    bar = pane.tabs.tabBar()
    assert bar.tabText(FILES) == "Files 1,200"
    assert bar.tabToolTip(FILES) == ""
    roomy = bar.sizeHint().width()
    for width, text in ((roomy, "Files 1,200"), (roomy - 1, "Files"), (roomy * 3 // 4, "Files")):
        pane.resize(width, 600)
        assert bar.tabText(FILES) == text
        assert bar.tabRect(SAFETY).right() <= width
        assert bar.tabToolTip(FILES) == ("" if width == roomy else "Files 1,200")
        assert bar.accessibleTabName(FILES) == "Files 1,200"


def test_a_dangerous_model_is_not_called_whole_alone(pane: DetailsPane) -> None:
    pane.set_details(model_details(trusted=Trusted(safety=DANGEROUS)))
    assert "dangerous" in seen(pane.header)
    assert fact("Safety", trusted=Trusted(safety=DANGEROUS)).sign == ("damaged", "bad")


@pytest.mark.parametrize("tab", [OVERVIEW, CARD, FILES, REVISIONS, SAFETY])
def test_everything_has_a_name_and_is_reached_by_tab(pane: DetailsPane, tab: int) -> None:
    notes = ("README.md: The card is not UTF-8.",)
    trusted = Trusted(safety=DANGEROUS)
    pane.set_details(model_details(description=description(notes=notes), trusted=trusted))
    pane.tabs.setCurrentIndex(tab)
    assert nameless(pane) == []
    assert unreachable(pane) == []


def test_tab_leaves_every_text(qtbot: QtBot, pane: DetailsPane) -> None:
    pane.set_details(model_details())
    for text in pane.overview.findChildren(QPlainTextEdit):
        text.setFocus()
        qtbot.keyClick(text, Qt.Key.Key_Tab)
        assert not text.hasFocus()


def test_a_broken_card_is_a_note_that_unfolds(pane: DetailsPane, cache: CacheMaker, tmp_path: Path) -> None:
    cache.add("org/broken", tiny_bert_files({"README.md": b"---\nlicense: [mit\n---\n# Still *here*\n"}))
    with open_library([cache.root]) as library:
        pane.set_details(library.details(library.inventory(cache.root).root, "hf@org/broken"))
    folded = only(pane.overview, Folded)
    assert folded.isVisible()
    assert folded.title == "1 remark on its files"
    assert "README.md" in only(folded, LineList).texts()[0]
    pane.tabs.setCurrentIndex(CARD)
    assert pane.card.page.toPlainText() == "Still here"


# Safety -----------------------------------------------------------------------------------------------------------


def test_what_is_known_of_safety_is_a_tab_that_stays(qtbot: QtBot, pane: DetailsPane) -> None:
    pane.show_safety()
    pane.set_details(model_details(trusted=Trusted(safety=DANGEROUS)))
    assert pane.tabs.currentIndex() == SAFETY
    assert "1 file is dangerous." in seen(pane)
    with qtbot.waitSignal(pane.scan_requested) as asked:
        pane.safety.scan.click()
    assert asked.args == [Selection(KEY[0], f"{KEY[1]}@{MAIN}")]
    with qtbot.waitSignal(pane.convert_requested) as asked:
        pane.safety.convert.click()
    assert asked.args == [Selection(KEY[0], f"{KEY[1]}@{MAIN}")]
    pane.set_details(model_details(commit=OTHER))
    assert pane.tabs.currentIndex() == SAFETY
    assert "Nobody has scanned this revision yet." in seen(pane)

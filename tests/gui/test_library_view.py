from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from modelkeep.filter import parse_filter
from modelkeep_gui.library.table_model import LibraryTableModel
from modelkeep_gui.library.view import LibraryView, Selected
from support.rows import model_row, revision_row

ROOT = "/cache/hub"
MANY = [model_row(f"org/m{number:03}") for number in range(200)]


@pytest.fixture
def view(qtbot: QtBot) -> LibraryView:
    model = LibraryTableModel()
    model.replace_rows(ROOT, MANY)
    view = LibraryView(model)
    model.setParent(view)
    qtbot.addWidget(view)
    view.resize(900, 400)
    view.show()
    qtbot.waitExposed(view)
    return view


def table(view: LibraryView) -> LibraryTableModel:
    model = view.model()
    assert isinstance(model, LibraryTableModel)
    return model


def line(number: int, commit: str | None = None) -> Selected:
    return Selected(ROOT, f"hf@org/m{number:03}", commit)


def top_name(view: LibraryView) -> str:
    row = table(view).row_at(view.indexAt(QPoint(0, 0)))
    assert row is not None
    return row.repo_id


def test_selection_expansion_and_place_survive_a_new_scan(view: LibraryView) -> None:
    view.select([line(60), line(62)])
    view.expand(table(view).index_of(ROOT, "hf@org/m061"))
    view.scrollTo(table(view).index_of(ROOT, "hf@org/m055"), LibraryView.ScrollHint.PositionAtTop)
    view.verticalScrollBar().setValue(view.verticalScrollBar().value() + 7)
    place = view.visualRect(table(view).index_of(ROOT, "hf@org/m060"))
    assert top_name(view) == "org/m055"

    changed = [row._replace(note="new") for row in MANY[5:]]
    table(view).replace_rows(ROOT, [model_row(f"org/a{number}") for number in range(3)] + changed)

    assert view.selected == [line(60), line(62)]
    assert view.isExpanded(table(view).index_of(ROOT, "hf@org/m061"))
    assert top_name(view) == "org/m055"
    assert view.visualRect(table(view).index_of(ROOT, "hf@org/m060")) == place


def test_at_the_top_new_rows_are_seen(view: LibraryView) -> None:
    table(view).add_rows(ROOT, [model_row("org/a")])
    assert top_name(view) == "org/a"


def test_sorting_does_not_follow_the_row_that_was_on_top(view: LibraryView) -> None:
    view.verticalScrollBar().setValue(300)
    view.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert view.verticalScrollBar().value() == 300


def test_what_is_expanded_is_so_again_after_a_filter_hid_it(view: LibraryView) -> None:
    view.expand(table(view).index_of(ROOT, "hf@org/m010"))
    table(view).set_filter(parse_filter("m011"))
    table(view).set_filter(parse_filter(""))
    assert view.isExpanded(table(view).index_of(ROOT, "hf@org/m010"))
    view.collapse(table(view).index_of(ROOT, "hf@org/m010"))
    table(view).set_filter(parse_filter("m011"))
    table(view).set_filter(parse_filter(""))
    assert not view.isExpanded(table(view).index_of(ROOT, "hf@org/m010"))


def test_a_selected_row_that_goes_is_told(view: LibraryView, qtbot: QtBot) -> None:
    view.select([line(3), line(5)])
    with qtbot.waitSignal(view.selection_changed) as told:
        table(view).replace_rows(ROOT, MANY[4:])
    assert told.args == [[line(5)]]
    with qtbot.waitSignal(view.selection_changed) as told:
        table(view).set_filter(parse_filter("nothing"))
    assert told.args == [[]]


def test_the_selection_is_in_the_order_of_the_table(view: LibraryView) -> None:
    commit = revision_row().commit
    view.expand(table(view).index_of(ROOT, "hf@org/m002"))
    view.select([line(7), line(2, commit), line(2), line(1)])
    assert view.selected == [line(1), line(2), line(2, commit), line(7)]


def test_selecting_several_lines_is_told_once(view: LibraryView) -> None:
    told: list[list[Selected]] = []
    view.selection_changed.connect(told.append)
    view.select([line(7), line(150), line(9), Selected("/nowhere", "hf@org/m001", None)])
    assert told == [[line(7), line(9), line(150)]]


def test_keys_speak_of_the_selection(view: LibraryView, qtbot: QtBot) -> None:
    view.select([line(4)])
    with qtbot.waitSignal(view.delete_pressed) as deleted:
        qtbot.keyClick(view, Qt.Key.Key_Delete)
    with qtbot.waitSignal(view.space_pressed) as looked_at:
        qtbot.keyClick(view, Qt.Key.Key_Space)
    with qtbot.waitSignal(view.opened) as opened:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert deleted.args == looked_at.args == [[line(4)]]
    assert opened.args == [line(4)]
    with qtbot.waitSignal(view.selection_changed) as moved:
        qtbot.keyClick(view, Qt.Key.Key_Down)
    assert moved.args == [[line(5)]]


def test_the_layout_comes_back(view: LibraryView, qtbot: QtBot, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    number = {column.id: place for place, column in enumerate(table(view).columns)}
    header = view.header()
    view.columns.show_column(number["task"], False)
    view.columns.show_column(number["cache"], True)
    header.moveSection(header.visualIndex(number["size"]), 1)
    header.resizeSection(number["library"], 123)
    view.sortByColumn(number["size"], Qt.SortOrder.DescendingOrder)
    view.save_layout(settings)
    settings.sync()

    other = LibraryView(LibraryTableModel(view))
    qtbot.addWidget(other)
    other.restore_layout(QSettings(settings.fileName(), QSettings.Format.IniFormat))
    assert other.isColumnHidden(number["task"])
    assert not other.isColumnHidden(number["cache"])
    assert other.header().visualIndex(number["size"]) == 1
    assert other.header().sectionSize(number["library"]) == 123
    assert other.header().sortIndicatorSection() == number["size"]
    other.columns.reset()
    assert not other.isColumnHidden(number["task"])
    assert other.header().visualIndex(number["size"]) == number["size"]


@pytest.mark.parametrize("garbage", [17, "x", ["name", "size:wide", "gone:12", 3], []])
def test_a_layout_that_makes_no_sense_changes_nothing(
    view: LibraryView, tmp_path: Path, garbage: object
) -> None:
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    settings.setValue("library/columns", garbage)
    settings.setValue("library/sort", garbage)
    before = view.header().saveState()
    view.restore_layout(settings)
    assert view.header().saveState() == before


def test_the_name_fills_what_the_others_leave_until_it_is_sized_by_hand(view: LibraryView) -> None:
    header = view.header()
    view.resize(1600, 400)
    wide = header.sectionSize(0)
    view.columns.show_column(2, False)
    assert header.sectionSize(0) > wide
    header.resizeSection(0, 300)
    view.resize(1300, 400)
    assert header.sectionSize(0) == 300


def test_columns_of_words_give_way_before_the_table_scrolls_sideways(view: LibraryView) -> None:
    header = view.header()
    view.resize(1600, 400)
    usual, others = header.sectionSize(2), sum(map(header.sectionSize, range(1, header.count())))
    view.resize(others + 150, 400)
    assert header.length() <= view.viewport().width()
    assert header.sectionSize(2) < usual
    view.resize(1600, 400)
    assert header.sectionSize(2) == usual


def test_the_cache_is_shown_while_several_have_models_unless_the_user_says_otherwise(
    view: LibraryView, tmp_path: Path
) -> None:
    number = next(n for n, column in enumerate(table(view).columns) if column.id == "cache")
    assert view.isColumnHidden(number)
    table(view).replace_rows("/elsewhere", [model_row("org/a", root="/elsewhere")])
    assert not view.isColumnHidden(number)
    table(view).replace_rows("/elsewhere", [])
    assert view.isColumnHidden(number)
    view.columns.show_column(number, False)
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    view.save_layout(settings)
    view.columns.reset()
    view.restore_layout(settings)
    table(view).replace_rows("/elsewhere", [model_row("org/a", root="/elsewhere")])
    assert view.isColumnHidden(number)


def test_the_menu_of_columns_leaves_the_name_alone(view: LibraryView) -> None:
    menu = QMenu(view)
    view.columns.fill(menu)
    titles = [action.text() for action in menu.actions() if action.isCheckable()]
    assert "Name" not in titles
    assert "Licence" in titles


def test_dropped_files_are_handed_on(view: LibraryView, qtbot: QtBot, tmp_path: Path) -> None:
    paths = [tmp_path / "a.zip", tmp_path / "b.zip"]
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    view.dragEnterEvent(QDragEnterEvent(QPoint(5, 5), copy, data, left, none))
    with qtbot.waitSignal(view.files_dropped) as dropped:
        view.dropEvent(QDropEvent(QPointF(5, 5), copy, data, left, none))
    assert dropped.args == [[str(path) for path in paths]]


def test_a_drag_that_is_no_file_is_not_taken(view: LibraryView) -> None:
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/a.zip")])
    event = QDragEnterEvent(
        QPoint(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    event.ignore()
    view.dragEnterEvent(event)
    assert not event.isAccepted()

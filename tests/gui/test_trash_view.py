"""The trash in place of the table."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from modelkeep.cache.deletion import execute_deletion, plan_deletion
from modelkeep.cache.parts import Target
from modelkeep.cache.scan import scan
from modelkeep.cache.trash import TrashEntry, list_trash
from modelkeep.keys import ModelKey
from modelkeep_gui.library.trash_view import TrashView
from support.accessible import nameless, unreachable
from support.caches import CacheMaker
from support.rows import DAY, NOW


def entry(
    name: str = "org/model", what: str = "model", frees: int = 1_000_000, **values: object
) -> TrashEntry:
    key = ModelKey(name, "551ca18e" * 5 if what == "revision" else None)
    usual = {
        "id": name,
        "root": "/cache/hub",
        "key": key,
        "what": what,
        "deleted_at": NOW,
        "deleted_by": "ada",
    }
    return TrashEntry(**usual | {"size": 2 * frees, "frees": frees, "files": 3} | values)  # type: ignore[arg-type]


ENTRIES = [
    entry("org/model", deleted_at=NOW - 2 * DAY),
    entry("org/revised", "revision", 5_000_000),
    entry("org/filed", "files", 2_000_000),
    entry("?", "leftover", 3_000_000),
]


@pytest.fixture
def view(qtbot: QtBot) -> TrashView:
    view = TrashView()
    qtbot.addWidget(view)
    view.resize(900, 400)
    view.show()
    view.set_entries(ENTRIES)
    return view


def choose(view: TrashView, *rows: int) -> None:
    flags = view.table.selectionModel().SelectionFlag
    view.table.clearSelection()
    for row in rows:
        view.table.selectionModel().select(view.table.rows.index(row, 0), flags.Select | flags.Rows)


def column(view: TrashView, number: int) -> list[str]:
    return [view.table.rows.index(row, number).data() for row in range(view.table.rows.rowCount())]


def button(view: TrashView, text: str) -> QPushButton:
    return next(found for found in view.findChildren(QPushButton) if text in found.text().replace("&", ""))


def test_each_line_says_what_it_is(view: TrashView) -> None:
    assert column(view, 0) == ["org/model", "org/revised", "org/filed", "not known"]
    assert column(view, 1) == ["model", "revision 551ca18", "3 files", "rest of an emptying"]
    assert column(view, 5) == ["1.0 MB", "5.0 MB", "2.0 MB", "3.0 MB"]
    assert view.summary == "4 items · 11 MB to gain"


def test_what_was_deleted_from_a_real_cache_is_there(view: TrashView, cache: CacheMaker) -> None:
    cache.add("org/gone", {"config.json": b"{}"})
    execute_deletion(plan_deletion(scan(cache.root), [Target(ModelKey("org/gone"))]))
    view.set_entries(list_trash(cache.root))
    assert column(view, 0) == ["org/gone"]
    assert column(view, 4) == ["now"]


def test_without_a_selection_only_emptying_is_possible(view: TrashView) -> None:
    enabled = [action.isEnabled() for action in (view.restore, view.remove, view.empty)]
    assert enabled == [False, False, True]
    assert not button(view, "Restore").isEnabled()


def test_the_selected_ones_are_restored(qtbot: QtBot, view: TrashView) -> None:
    choose(view, 0, 3)
    assert view.summary == "2 selected · 4.0 MB to gain"
    with qtbot.waitSignal(view.restore_requested) as told:
        button(view, "Restore").click()
    assert told.args == [[ENTRIES[0]]]


def test_what_an_emptying_left_can_only_be_removed(qtbot: QtBot, view: TrashView) -> None:
    choose(view, 3)
    assert not view.restore.isEnabled()
    with qtbot.waitSignal(view.removal_requested) as told:
        qtbot.keyClick(view.table, Qt.Key.Key_Delete)
    assert told.args == [[ENTRIES[3]]]


def test_emptying_is_asked_for(qtbot: QtBot, view: TrashView) -> None:
    with qtbot.waitSignal(view.emptying_requested):
        button(view, "Empty trash").click()


def test_an_empty_trash_says_so_and_offers_nothing(view: TrashView) -> None:
    full = view.table.grab().toImage()
    view.set_entries([])
    assert view.table.grab().toImage() != full
    assert not any(action.isEnabled() for action in (view.restore, view.remove, view.empty))
    assert view.summary == ""


def test_a_click_on_a_title_sorts_the_largest_first(qtbot: QtBot, view: TrashView) -> None:
    header = view.table.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(5) + 20, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert column(view, 5) == ["5.0 MB", "3.0 MB", "2.0 MB", "1.0 MB"]
    view.set_entries(ENTRIES[:2])
    assert column(view, 5) == ["5.0 MB", "1.0 MB"]


def test_the_same_trash_keeps_the_selection(view: TrashView) -> None:
    choose(view, 1)
    view.set_entries(list(ENTRIES))
    assert view.table.selected == [ENTRIES[1]]
    view.set_entries(ENTRIES[:1])
    assert view.table.selected == []
    assert not view.remove.isEnabled()


def test_the_menu_has_what_the_buttons_have(view: TrashView) -> None:
    assert view.table.contextMenuPolicy() == Qt.ContextMenuPolicy.ActionsContextMenu
    assert [action for action in view.table.actions() if isinstance(action, QAction)] == [
        view.restore,
        view.remove,
    ]


def test_the_table_keeps_qts_contract(view: TrashView, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(view.table.model())


def test_everything_has_a_name_and_is_reached_by_tab(view: TrashView) -> None:
    choose(view, 0)
    assert nameless(view) == []
    assert unreachable(view) == []

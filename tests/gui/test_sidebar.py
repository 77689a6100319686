from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from modelkeep_gui.library.scopes import ALL, SMART_LISTS, TRASH, Counts, Scope, count_rows
from modelkeep_gui.library.sidebar import RootEntry, Sidebar, SidebarData
from support.rows import DAY, NOW, model_row

HOME, USB = RootEntry("/home/hub", "Home", 310 * 10**9), RootEntry("/media/usb", "USB", is_here=False)


@pytest.fixture
def sidebar(qtbot: QtBot) -> Sidebar:
    sidebar = Sidebar()
    qtbot.addWidget(sidebar)
    sidebar.set_data(SidebarData((HOME, USB), Counts({}, {"damaged": 2}), trash=8 * 10**9))
    sidebar.resize(220, 600)
    sidebar.show()
    return sidebar


def said(sidebar: Sidebar) -> list[str]:
    model = sidebar.model()
    role = Qt.ItemDataRole.AccessibleTextRole
    return [model.index(row, 0).data(role) for row in range(model.rowCount())]


def test_counting_finds_every_kind() -> None:
    rows = [
        model_row("a/damaged", state="damaged", safety="dangerous"),
        model_row("a/incomplete", state="incomplete"),
        model_row("a/pinned", pinned=True, formats=("pickle", "safetensors")),
        model_row("a/old", last_used=NOW - 91 * DAY, modified=NOW - 200 * DAY, root="/data"),
        model_row("a/code", custom_code=True, on_disk=1),
        model_row("a/squad", repo_type="dataset"),
    ]
    counts = count_rows(rows, NOW)
    assert counts.by_list == dict.fromkeys(SMART_LISTS, 1)
    assert counts.size_by_root == {"/cache/hub": 4 * 433_004_544 + 1, "/data": 433_004_544}
    assert counts.size == 5 * 433_004_544 + 1


@pytest.mark.parametrize("name", SMART_LISTS)
def test_a_count_is_how_many_the_list_then_shows(name: str) -> None:
    rows = [model_row("a/a", state="damaged", pinned=True), model_row("a/b", formats=("pickle",))]
    scope = Scope(smart_list=name)  # type: ignore[arg-type]
    holds = scope.test(NOW)
    assert holds is not None
    assert sum(map(holds, rows)) == count_rows(rows, NOW).by_list[name]  # type: ignore[index]


def test_all_has_no_test_and_a_root_has_its_own() -> None:
    assert ALL.test(NOW) is None
    holds = Scope(root="/data").test(NOW)
    assert holds is not None
    assert holds(model_row(root="/data"))
    assert not holds(model_row(root="/other"))


def test_each_line_says_its_figure(sidebar: Sidebar) -> None:
    lines = said(sidebar)
    assert lines[:4] == ["Caches", "All 310 GB", "Home 310 GB", "USB away"]
    assert "Damaged 2" in lines
    assert "Pinned" in lines
    assert lines[-1] == "Trash 8.0 GB"


def test_a_click_chooses(sidebar: Sidebar, qtbot: QtBot) -> None:
    place = sidebar.visualRect(sidebar.model().index(2, 0)).center()
    with qtbot.waitSignal(sidebar.scope_chosen) as chosen:
        qtbot.mouseClick(sidebar.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == [Scope(root=HOME.path)]


def test_keys_go_over_captions(sidebar: Sidebar, qtbot: QtBot) -> None:
    assert sidebar.scope == ALL
    chosen: list[Scope] = []
    sidebar.scope_chosen.connect(chosen.append)
    for _ in range(3):
        qtbot.keyClick(sidebar, Qt.Key.Key_Down)
    assert chosen == [Scope(root=HOME.path), Scope(root=USB.path), Scope(smart_list="damaged")]
    qtbot.keyClick(sidebar, Qt.Key.Key_End)
    assert sidebar.scope == TRASH


def test_the_choice_stays_while_figures_and_caches_change(sidebar: Sidebar, qtbot: QtBot) -> None:
    sidebar.choose(Scope(smart_list="pickles"))
    with qtbot.assertNotEmitted(sidebar.scope_chosen):
        sidebar.set_data(SidebarData((HOME, USB), Counts({}, {"pickles": 4})))
        sidebar.set_data(SidebarData((HOME,), Counts({}, {"pickles": 4})))
    assert sidebar.scope == Scope(smart_list="pickles")
    assert sidebar.currentIndex().data() == "Pickles"


def test_when_the_chosen_cache_goes_all_is_shown(sidebar: Sidebar, qtbot: QtBot) -> None:
    sidebar.choose(Scope(root=USB.path))
    with qtbot.waitSignal(sidebar.scope_chosen) as chosen:
        sidebar.set_data(SidebarData((HOME,)))
    assert chosen.args == [ALL]


def test_a_cache_that_is_away_says_so(sidebar: Sidebar) -> None:
    tooltip = sidebar.model().index(3, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert USB.path in tooltip
    assert "not there now" in tooltip

"""Remotes in the sidebar, and which commands about them can be used."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from modelkeep_gui.actions import Actions
from modelkeep_gui.library.scopes import ALL, Scope, remote_scope
from modelkeep_gui.library.sidebar import RemoteEntry, Sidebar, SidebarData
from modelkeep_gui.remotes.actions import Situation
from support.remote_rows import remote_row

REMOTES = (
    RemoteEntry("team", "folder", "/srv/models", models=1200, follows=3),
    RemoteEntry("nlp", "s3", "s3://models", problem="No answer."),
    RemoteEntry("hub", "hub", "hub:"),
)
HERE, THERE = remote_row("org/here", "here"), remote_row("org/there", "there")


@pytest.fixture
def sidebar(qtbot: QtBot) -> Sidebar:
    sidebar = Sidebar()
    qtbot.addWidget(sidebar)
    sidebar.set_data(SidebarData(remotes=REMOTES))
    sidebar.resize(220, 700)
    sidebar.show()
    return sidebar


def line(sidebar: Sidebar, text: str) -> int:
    model = sidebar.model()
    return next(n for n in range(model.rowCount()) if model.index(n, 0).data() == text)


def test_each_remote_says_how_much_it_holds_or_that_it_is_away(sidebar: Sidebar) -> None:
    model, role = sidebar.model(), Qt.ItemDataRole.AccessibleTextRole
    first = line(sidebar, "Remotes")
    said = [model.index(first + n, 0).data(role) for n in range(5)]
    assert said == ["Remotes", "team follows 3 · 1,200", "nlp away", "hub", "Add a remote…"]
    assert "No answer." in model.index(line(sidebar, "nlp"), 0).data(Qt.ItemDataRole.ToolTipRole)


def test_a_click_shows_a_remote(sidebar: Sidebar, qtbot: QtBot) -> None:
    place = sidebar.visualRect(sidebar.model().index(line(sidebar, "nlp"), 0)).center()
    with qtbot.waitSignal(sidebar.scope_chosen) as chosen:
        qtbot.mouseClick(sidebar.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == [remote_scope("nlp")]
    assert not remote_scope("nlp").has_models


def test_a_remote_is_added_by_click_and_by_key_and_the_choice_stays(sidebar: Sidebar, qtbot: QtBot) -> None:
    chosen: list[Scope] = []
    sidebar.scope_chosen.connect(chosen.append)
    index = sidebar.model().index(line(sidebar, "Add a remote…"), 0)
    with qtbot.waitSignal(sidebar.remote_wanted):
        qtbot.mouseClick(
            sidebar.viewport(), Qt.MouseButton.LeftButton, pos=sidebar.visualRect(index).center()
        )
    sidebar.setCurrentIndex(index)
    with qtbot.waitSignal(sidebar.remote_wanted):
        qtbot.keyClick(sidebar, Qt.Key.Key_Return)
    assert chosen == []
    assert sidebar.scope == ALL


def test_a_remote_that_is_gone_is_chosen_no_more(sidebar: Sidebar) -> None:
    sidebar.choose(remote_scope("nlp"))
    sidebar.set_data(SidebarData(remotes=REMOTES[:1]))
    assert sidebar.scope == ALL


def enabled(actions: Actions, now: Situation) -> set[str]:
    actions.remote.enable_for(now)
    found = {name: value for name, value in vars(actions.remote).items() if isinstance(value, QAction)}
    return {name for name, action in found.items() if action.isEnabled()}


def test_what_can_be_done_follows_from_what_is_chosen(qapp: QApplication) -> None:
    actions = Actions()
    of_any = {"add", "sync", "verify", "verify_deep", "edit", "test", "remove", "follow"}
    of_stores = {"restore", "collect"}
    assert enabled(actions, Situation()) == {"add"}
    assert enabled(actions, Situation(1)) == {"add", "sync"}
    assert enabled(actions, Situation(1, local=1)) == {"add", "sync", "copy_to"}
    assert enabled(actions, Situation(1, "folder")) == of_any | of_stores
    assert enabled(actions, Situation(1, "hub")) == of_any
    there = {"fetch", "copy_to", "move_to", "delete"}
    assert enabled(actions, Situation(1, "s3", (THERE,))) == of_any | of_stores | there | {"tag"}
    assert enabled(actions, Situation(1, "hub", (THERE,))) == of_any | there
    assert enabled(actions, Situation(1, "s3", (HERE,))) == of_any | of_stores | {"copy_to"}
    assert enabled(actions, Situation(1, "s3", (THERE, THERE))) == of_any | of_stores | {"fetch"}
    assert enabled(actions, Situation(1, "s3", (THERE, HERE))) == of_any | of_stores

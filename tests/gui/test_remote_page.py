"""The page of a remote and what it says of a model, without a remote."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from modelkeep.errors import Offline, RemoteUnreachable
from modelkeep.filter import parse_filter
from modelkeep.remote.values import Lineage
from modelkeep_gui.details.lineage import relatives
from modelkeep_gui.details.overview import Overview
from modelkeep_gui.library.view import Selected
from modelkeep_gui.remotes.listings import Listing
from modelkeep_gui.remotes.page import RemotePage
from support.accessible import nameless
from support.details import model_details
from support.remote_rows import TEAM, remote_details, remote_row
from support.rows import NOW
from support.windows import seen

ROWS = (
    remote_row("org/both", "both"),
    remote_row("org/here", "here"),
    remote_row("org/newer", "newer"),
    remote_row("org/there", "there"),
)


@pytest.fixture
def page(qtbot: QtBot) -> RemotePage:
    page = RemotePage()
    qtbot.addWidget(page)
    page.resize(1100, 600)
    page.show()
    return page


def cells(page: RemotePage, id: str) -> list[str]:
    number = next(n for n, column in enumerate(page.table.columns) if column.id == id)
    return [page.table.index(row, number).data() for row in range(page.table.rowCount())]


def test_what_is_only_here_was_never_pushed(page: RemotePage) -> None:
    rows = [remote_row("org/here", "here", modified=NOW), remote_row("org/there", "there", modified=NOW)]
    page.show_remote(TEAM, Listing(tuple(rows)))
    here, there = cells(page, "modified")
    assert here == ""
    assert there


def test_each_model_says_where_it_is(page: RemotePage) -> None:
    page.show_remote(TEAM, Listing(ROWS))
    assert cells(page, "where") == ["both", "here", "newer", "there"]
    assert "3 models there · 1 newer" in seen(page)
    assert not nameless(page)


def test_what_is_newer_comes_first_when_sorted_by_where(page: RemotePage) -> None:
    page.show_remote(TEAM, Listing(ROWS))
    page.table.sort(1)
    assert cells(page, "where") == ["newer", "there", "both", "here"]


def test_a_listing_that_is_on_its_way_says_so(page: RemotePage) -> None:
    page.show_remote(TEAM, Listing(is_loading=True))
    assert page.state.text == "Asking what it holds…"


def test_why_it_is_away_stays_while_it_is_asked_again(page: RemotePage) -> None:
    page.show_remote(TEAM, Listing(ROWS, RemoteUnreachable("No answer.")))
    page.show_remote(TEAM, Listing(ROWS, RemoteUnreachable("No answer."), is_loading=True))
    assert page.notice.isVisible()
    assert not page.again.isVisible()


def test_rows_stay_while_they_are_asked_for_again(page: RemotePage) -> None:
    page.show_remote(TEAM, Listing(ROWS))
    page.show_remote(TEAM, Listing(ROWS, is_loading=True))
    assert page.view.isVisible()


def test_an_empty_remote_offers_to_push(page: RemotePage, qtbot: QtBot) -> None:
    page.show_remote(TEAM, Listing(()))
    (push,) = page.state.buttons
    with qtbot.waitSignal(page.push_requested):
        push.click()


def test_one_that_has_nothing_shows_what_is_here_when_asked(page: RemotePage) -> None:
    page.show_remote(TEAM, Listing((ROWS[1],)))
    assert not page.view.isVisible()
    assert not page.pane.isVisible()
    _, here = page.state.buttons
    here.click()
    assert cells(page, "where") == ["here"]
    assert page.view.isVisible()
    assert page.pane.isVisible()
    assert page.notice.text.startswith("Nothing is there yet.")
    assert not page.again.isVisible()
    page.show_remote(TEAM, Listing(ROWS))
    assert not page.notice.isVisible()


def test_one_that_cannot_be_reached_says_why_and_can_be_tried_again(page: RemotePage, qtbot: QtBot) -> None:
    page.show_remote(TEAM, Listing(error=RemoteUnreachable("No answer.", hint="Is it on?")))
    assert page.state.text == "No answer. Is it on?"
    with qtbot.waitSignal(page.retry_requested):
        page.state.buttons[0].click()


def test_what_it_held_before_stays_to_be_seen(page: RemotePage) -> None:
    page.show_remote(TEAM, Listing(ROWS, RemoteUnreachable("No answer.")))
    assert page.view.isVisible()
    assert page.notice.isVisible()
    assert page.notice.text == "No answer. This is what it held before."


def test_offline_one_can_go_online(page: RemotePage, qtbot: QtBot) -> None:
    page.show_remote(TEAM, Listing(error=Offline("Nothing leaves this machine.")))
    with qtbot.waitSignal(page.online_requested):
        next(button for button in page.state.buttons if "online" in button.text()).click()


def test_the_filter_of_the_window_counts_here_too(page: RemotePage) -> None:
    page.show_remote(TEAM, Listing(ROWS))
    page.set_filter(parse_filter("newer"), "newer")
    assert cells(page, "name") == ["org/newer"]


def test_another_remote_shows_nothing_of_the_first(page: RemotePage) -> None:
    page.show_remote(TEAM, Listing(ROWS))
    other = TEAM.__class__("other", "s3://bucket", "s3", "")
    page.show_remote(other, Listing((remote_row("org/else", "there", "other"),)))
    assert cells(page, "name") == ["org/else"]


def test_the_choice_stays_when_the_rows_come_again(page: RemotePage) -> None:
    page.show_remote(TEAM, Listing(ROWS))
    page.view.select([Selected(ROWS[3].root, ROWS[3].key, None)])
    page.show_remote(TEAM, Listing((*ROWS[:3], ROWS[3]._replace(where="both"))))
    assert [(row.repo_id, row.where) for row in page.chosen] == [("org/there", "both")]


# ---- what it says of one


def test_the_pane_says_who_pushed_what_and_why(page: RemotePage) -> None:
    page.pane.show_details(ROWS[3], remote_details(), lambda _: False)
    assert page.pane.revisions.texts()[0].startswith("main, bbbbbbb, 2.0 MB")
    assert "by ada, July’s data" in page.pane.revisions.texts()[0]
    assert "aaaaaaa → bbbbbbb" in page.pane.history.texts()[0]
    assert [file.path for file in page.pane.files.rows.values] == ["config.json", "model.safetensors"]


def test_another_revision_can_be_looked_at(page: RemotePage, qtbot: QtBot) -> None:
    page.pane.show_details(ROWS[3], remote_details(), lambda _: False)
    with qtbot.waitSignal(page.pane.revision_chosen) as chosen:
        page.pane.revisions.setCurrentIndex(page.pane.revisions.model().index(1, 0))
    assert chosen.args == ["a" * 40]


def test_pickles_are_warned_of(page: RemotePage) -> None:
    page.pane.show_details(ROWS[3], remote_details(formats=("pickle",)), lambda _: False)
    assert "Contains pickles" in seen(page.pane)


def test_the_family_is_a_tree(page: RemotePage, qtbot: QtBot) -> None:
    lineage = Lineage(f"hf@org/parent@{'e' * 40}", f"hf@org/root@{'f' * 40}")
    details = remote_details(lineage=lineage, children=("hf@org/child",))
    page.pane.show_details(ROWS[3], details, lambda key: "child" in key)
    tree = page.pane.lineage
    lines = tree.lines()
    assert lines == [
        "org/root fffffff",
        "  …",
        "    org/parent eeeeeee",
        "      org/there bbbbbbb",
        "        org/child",
    ]
    chosen: list[str] = []
    tree.chosen.connect(chosen.append)
    index = tree.model().index(0, 0)
    while index.isValid():
        tree.clicked.emit(index)
        index = tree.model().index(0, 0, index)
    assert chosen == ["hf@org/child"]


def test_a_line_that_is_known_has_no_gap() -> None:
    lineage = Lineage("hf@org/c", "hf@org/a")
    family = relatives("hf@org/this", lineage, line=("hf@org/a", "hf@org/b", "hf@org/c"))
    assert [(one.role, one.key[-1], one.depth) for one in family] == [
        ("root", "a", 0),
        ("parent", "b", 1),
        ("parent", "c", 2),
        ("this", "s", 3),
    ]


def test_a_parent_that_is_the_first_of_all_is_one_line() -> None:
    parent = "hf@org/parent@" + "e" * 40
    family = relatives("hf@org/this", Lineage(parent, parent))
    assert [(one.role, one.depth) for one in family] == [("parent", 0), ("this", 1)]


def test_a_model_without_relatives_has_no_tree(page: RemotePage) -> None:
    assert relatives("hf@org/this", Lineage()) == ()
    page.pane.show_details(ROWS[3], remote_details(), lambda _: False)
    assert not page.pane.lineage.isVisible()


def test_a_model_of_a_cache_shows_what_it_was_made_from(qtbot: QtBot) -> None:
    overview = Overview()
    qtbot.addWidget(overview)
    overview.show()
    overview.is_known = lambda key: key == "hf@org/base"
    details = model_details(lineage=Lineage("hf@org/base", "hf@org/base"))
    overview.set_details(details)
    assert overview.lineage.lines() == ["org/base", f"  {details.row.repo_id}"]
    with qtbot.waitSignal(overview.lineage.chosen) as chosen:
        overview.lineage.activated.emit(overview.lineage.model().index(0, 0))
    assert chosen.args == ["hf@org/base"]
    overview.set_details(model_details())
    assert not overview.lineage.isVisible()

"""The page of what was done: what it shows, finds, reads on, and exports."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QFileDialog, QVBoxLayout
from pytestqt.qtbot import QtBot

from modelkeep.activity import VERBS, ActivityPage, ActivityQuery
from modelkeep.cache.catalog import Catalog, Event
from modelkeep.errors import CacheBusy
from modelkeep_gui.activity.text import result_text, verb_word
from modelkeep_gui.activity.view import ActivityView
from modelkeep_gui.library.view import Selected
from modelkeep_gui.operations import activity
from support.accessible import nameless, unreachable
from support.caches import CacheMaker
from support.sessions import Heard, open_session

PATIENCE = 20_000
NOW = 1_772_373_600.0


def event(number: int = 0, **values: object) -> Event:
    usual = Event(NOW + number, "anna", "delete", "hf@org/model", "/hub", 2_000_000, "done")
    return usual._replace(**values)  # type: ignore[arg-type]


def page_of(*numbers: int, next: int = 0, total: int = 0) -> ActivityPage:
    return ActivityPage(tuple((n, event(n)) for n in numbers), next, total or len(numbers))


@pytest.fixture
def view(qtbot: QtBot) -> ActivityView:
    view = ActivityView()
    qtbot.addWidget(view)
    view.resize(700, 400)
    with qtbot.waitSignal(view.wanted) as wanted:
        view.show()
    assert wanted.args == [ActivityQuery()]
    return view


def cells(view: ActivityView, row: int) -> list[str]:
    return [view.rows.index(row, column).data() for column in range(view.rows.columnCount())]


def ids(view: ActivityView) -> list[int]:
    return [round(one.at - NOW) for one in view.rows.events]


def test_each_line_says_who_did_what(view: ActivityView) -> None:
    bad = event(1, outcome="failed", detail="It is in use.", key=f"hf@org/model@{'ab' * 20}", bytes=0)
    view.show_page(ActivityQuery(), ActivityPage(((2, bad), (1, event(0))), 0, 2))
    assert cells(view, 0)[1:] == ["anna", "Delete", "org/model@abababa", "", "failed: It is in use."]
    assert cells(view, 1)[3:] == ["org/model", "2.0 MB", "done"]
    assert view.rows.index(0, 5).data(Qt.ItemDataRole.DecorationRole) is not None
    assert view.rows.index(1, 4).data(Qt.ItemDataRole.ToolTipRole) == "2,000,000 bytes"
    assert time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(NOW)) in view.rows.index(1, 0).data(
        Qt.ItemDataRole.ToolTipRole
    )
    assert view.summary == "2 events"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"verb": "verify", "outcome": "failed", "detail": "damaged"}, "damaged"),
        ({"verb": "verify", "outcome": "done", "detail": "unproven"}, "nothing wrong, not all proven"),
        ({"verb": "verify", "outcome": "cancelled"}, "cancelled"),
        (
            {"verb": "repair", "detail": "dangling-ref, stale-lock. It is held."},
            "done: Refs that lead nowhere, Locks of models that are gone. It is held.",
        ),
        ({"verb": "repair", "detail": "dangling-ref"}, "done: Refs that lead nowhere"),
    ],
)
def test_what_was_found_is_told_in_words(values: dict[str, str], said: str) -> None:
    assert result_text(event(0, **values)) == said


def test_every_verb_has_a_word() -> None:
    words = [verb_word(verb) for verb in VERBS]
    assert [word for word in words if not word[0].isupper()] == []
    assert len(set(words)) == len(VERBS)


def test_it_asks_for_what_is_typed_and_chosen(qtbot: QtBot, view: ActivityView) -> None:
    with qtbot.waitSignal(view.wanted) as wanted:
        view.search.setText(" ada  model ")
    assert wanted.args == [ActivityQuery(text="ada  model")]
    with qtbot.waitSignal(view.wanted) as wanted:
        view.verb.setCurrentIndex(view.verb.findText("Export"))
    assert wanted.args == [ActivityQuery(text="ada  model", verbs=("export",))]
    with qtbot.waitSignal(view.wanted) as wanted:
        view.outcome.setCurrentIndex(view.outcome.findText("failed"))
    assert wanted.args == [ActivityQuery(text="ada  model", verbs=("export",), outcomes=("failed",))]


def test_an_answer_that_nobody_waits_for_any_more_is_dropped(qtbot: QtBot, view: ActivityView) -> None:
    with qtbot.waitSignal(view.wanted):
        view.search.setText("new")
    view.show_page(ActivityQuery(text="old"), page_of(1))
    assert ids(view) == []
    view.show_page(ActivityQuery(text="new"), page_of())
    assert view.placeholder == "Nothing was found."


def test_older_ones_come_as_one_scrolls(qtbot: QtBot, view: ActivityView) -> None:
    asked: list[ActivityQuery] = []
    view.wanted.connect(asked.append)
    view.show_page(ActivityQuery(), page_of(*range(100, 50, -1), next=51, total=100))
    view.table.scrollToBottom()
    qtbot.waitUntil(lambda: bool(asked))
    assert [query.before for query in asked] == [51]
    view.show_page(asked[0], page_of(*range(50, 0, -1), total=100))
    assert ids(view) == [*range(100, 0, -1)]
    assert not view.rows.canFetchMore()


def test_what_is_new_comes_above_and_nothing_else_moves(view: ActivityView) -> None:
    tester = QAbstractItemModelTester(view.rows, QAbstractItemModelTester.FailureReportingMode.Fatal)
    view.show_page(ActivityQuery(), page_of(3, 2, 1))
    view.table.setCurrentIndex(view.rows.index(1, 0))
    view.show_page(ActivityQuery(), page_of(5, 4, 3, 2, 1))
    assert ids(view) == [5, 4, 3, 2, 1]
    assert view.rows.event_at(view.table.currentIndex()).at == NOW + 2
    view.show_page(ActivityQuery(), page_of(9, 8))
    assert ids(view) == [9, 8]
    tester.deleteLater()


def test_nothing_and_errors_are_said(view: ActivityView) -> None:
    view.show_page(ActivityQuery(), page_of())
    assert view.placeholder.startswith("Nothing was done yet.")
    assert not view.export.isEnabled()
    view.show_error(CacheBusy("It is busy.", hint="Wait."))
    assert view.placeholder == "It is busy. Wait."


def test_keys_do_what_the_mouse_does(qtbot: QtBot, view: ActivityView) -> None:
    view.show_page(ActivityQuery(), page_of(2, 1))
    view.activateWindow()
    view.search.setFocus()
    qtbot.keyClick(view.search, Qt.Key.Key_Down)
    with qtbot.waitSignal(view.opened) as opened:
        qtbot.keyClick(view.table, Qt.Key.Key_Return)
    assert opened.args == [event(2)]
    assert nameless(view) == []
    assert unreachable(view) == []


# ---- with the real library


@pytest.fixture
def heard(
    qtbot: QtBot, qapp: QApplication, cache: CacheMaker, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Heard]:
    cache.add("org/model", {"config.json": b"{}"})
    monkeypatch.setenv("MODELKEEP_ROOTS", str(cache.root))
    with Catalog() as catalog:
        for number in range(600):
            catalog.record_event(event(number, by="ada" if number % 100 == 7 else "bob"))
    with open_session(qtbot, qapp) as heard:
        yield heard


def test_it_is_read_searched_exported_and_leads_to_the_model(
    qtbot: QtBot, heard: Heard, cache: CacheMaker, tmp_path: Path
) -> None:
    view = activity.make_page(heard.session, heard.window)
    QVBoxLayout(heard.window).addWidget(view)
    heard.window.show()
    qtbot.waitUntil(lambda: view.rows.rowCount() == 500, timeout=PATIENCE)
    assert view.summary == "600 events"
    view.table.scrollToBottom()
    qtbot.waitUntil(lambda: view.rows.rowCount() == 600, timeout=PATIENCE)
    view.search.setText("ADA")
    qtbot.waitUntil(lambda: view.rows.rowCount() == 6, timeout=PATIENCE)

    view.export.trigger()
    [dialog] = heard.window.findChildren(QFileDialog)
    target = tmp_path / "log.jsonl"
    dialog.fileSelected.emit(str(target))
    dialog.reject()
    qtbot.waitUntil(lambda: bool(heard.said), timeout=PATIENCE)
    assert heard.said.pop().tone == "good"
    assert [json.loads(line)["by"] for line in target.read_text().splitlines()] == ["ada"] * 6

    with qtbot.waitSignal(heard.session.feed.views_changed, timeout=PATIENCE):
        heard.session.feed.refresh()
    view.table.doubleClicked.emit(view.rows.index(0, 0))
    assert heard.revealed[0].models == (Selected(str(cache.root), "hf@org/model", None),)
    view.opened.emit(event(key="hf@org/gone"))
    assert heard.said.pop().text == "org/gone is in no cache now."


def test_it_looks_again_when_a_job_ends(qtbot: QtBot, heard: Heard, cache: CacheMaker) -> None:
    view = activity.make_page(heard.session, heard.window)
    QVBoxLayout(heard.window).addWidget(view)
    heard.window.show()
    qtbot.waitUntil(lambda: view.rows.rowCount() == 500, timeout=PATIENCE)
    with Catalog() as catalog:
        catalog.record_event(event(1000, verb="push"))
    heard.session.runner.run("Nothing", "activity.export", ActivityQuery(text="none"), str(cache.root / "x"))
    qtbot.waitUntil(lambda: view.rows.rowCount() == 501, timeout=PATIENCE)
    assert cells(view, 0)[2] == "Push"

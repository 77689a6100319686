"""The table follows the disks by itself: what comes, goes or breaks is seen without losing one's place."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from modelkeep.rows import ModelRow
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.library.feed import LibraryFeed
from modelkeep_gui.library.table_model import LibraryTableModel
from modelkeep_gui.library.view import LibraryView, Selected
from support.caches import CacheMaker
from support.models import tiny_bert_files

SECONDS = 20_000  # milliseconds until a change on the disk must be on the screen


@pytest.fixture
def feed(qtbot: QtBot, cache: CacheMaker, monkeypatch: pytest.MonkeyPatch) -> Iterator[LibraryFeed]:
    monkeypatch.setenv("MODELKEEP_ROOTS", str(cache.root))
    runner = JobRunner("modelkeep.library:open_library")
    feed = LibraryFeed(runner, LibraryTableModel())
    yield feed
    feed.stop()
    runner.shutdown()


def names(feed: LibraryFeed) -> list[str]:
    return [row.repo_id for row in feed._table.rows]


def row(feed: LibraryFeed, repo_id: str) -> ModelRow:
    return next(row for row in feed._table.rows if row.repo_id == repo_id)


def test_models_are_listed_and_then_described(qtbot: QtBot, feed: LibraryFeed, cache: CacheMaker) -> None:
    cache.add("org/bert", tiny_bert_files())
    with qtbot.waitSignal(feed.views_changed):
        feed.refresh()
    assert names(feed) == ["org/bert"]
    qtbot.waitUntil(lambda: row(feed, "org/bert").formats == ("safetensors",))


def test_what_another_program_does_is_seen_and_keeps_ones_place(
    qtbot: QtBot, feed: LibraryFeed, cache: CacheMaker
) -> None:
    for number in range(60):
        cache.add(f"org/model-{number:02}")
    view = LibraryView(feed._table)
    qtbot.addWidget(view)
    view.resize(600, 300)
    view.show()
    with qtbot.waitSignal(feed.views_changed):
        feed.refresh()
    chosen = Selected(str(cache.root), "hf@org/model-40", None)
    view.select([chosen])
    top = view.verticalScrollBar().value()
    assert top > 0

    cache.add("aaa/first")
    qtbot.waitUntil(lambda: "aaa/first" in names(feed), timeout=SECONDS)
    assert view.selected == [chosen]
    assert view.visualRect(feed._table.index_of(*chosen)).isValid()

    cache.set_ref("org/model-07", "main", "0" * 40)
    qtbot.waitUntil(lambda: row(feed, "org/model-07").state == "damaged", timeout=SECONDS)
    assert view.selected == [chosen]

    shutil.rmtree(cache.folder("org/model-41"))
    qtbot.waitUntil(lambda: "org/model-41" not in names(feed), timeout=SECONDS)
    assert view.selected == [chosen]


def test_a_cache_that_vanishes_and_comes_back(
    qtbot: QtBot, feed: LibraryFeed, cache: CacheMaker, tmp_path: Path
) -> None:
    cache.add("org/bert")
    with qtbot.waitSignal(feed.views_changed):
        feed.refresh()
    cache.root.rename(tmp_path / "away")
    qtbot.waitUntil(lambda: feed.views[0].state == "missing", timeout=SECONDS)
    assert names(feed) == []
    (tmp_path / "away").rename(cache.root)
    qtbot.waitUntil(lambda: names(feed) == ["org/bert"], timeout=SECONDS)


def test_the_next_window_begins_with_what_this_one_saw(
    qtbot: QtBot, feed: LibraryFeed, cache: CacheMaker
) -> None:
    cache.add("org/bert", tiny_bert_files())
    with qtbot.waitSignal(feed.remembered):
        feed.refresh()
    table = LibraryTableModel()
    LibraryFeed(feed._runner, table).show_remembered()
    assert [row.task for row in table.rows] == ["feature-extraction"]

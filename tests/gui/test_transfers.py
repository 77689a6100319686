"""The downloads in the window: what runs, what waits, what the page shows of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from modelkeep.hub.transfer import Transfer, TransferState
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.transfers.graph import SpeedGraph
from modelkeep_gui.transfers.queue import AT_ONCE, TransferQueue
from modelkeep_gui.transfers.tree_model import TransferTreeModel
from modelkeep_gui.transfers.view import TransfersView
from support.accessible import nameless
from support.transfers import FOLDER, transfer

Begin = Callable[..., TransferQueue]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    return tmp_path


@pytest.fixture
def begin(qtbot: QtBot, folder: Path) -> Iterator[Begin]:
    runners = []

    def start(*names: str) -> TransferQueue:
        (folder / "queue").write_text(" ".join(names))
        runner = JobRunner("support.transfers:Service")
        runners.append(runner)
        queue = TransferQueue(runner)
        queue.start()
        return queue

    yield start
    for runner in runners:
        runner.shutdown()


def begun(folder: Path) -> list[str]:
    file = folder / "begun"
    return file.read_text().split() if file.exists() else []


def states(queue: TransferQueue) -> dict[str, TransferState]:
    return {one.id: one.state for one in queue.transfers}


def test_what_an_earlier_window_left_goes_on_in_its_order(qtbot: QtBot, folder: Path, begin: Begin) -> None:
    names = ["one", "two", "three"]
    queue = begin(*names)
    qtbot.waitUntil(lambda: len(begun(folder)) == AT_ONCE)
    assert sorted(begun(folder)) == sorted(names[:AT_ONCE])
    for name in names:
        (folder / f"{name}.go").touch()
    qtbot.waitUntil(lambda: not queue.transfers)
    assert begun(folder)[AT_ONCE:] == names[AT_ONCE:]
    assert not queue.is_running


def test_its_speed_is_that_of_what_runs_here(qtbot: QtBot, begin: Begin) -> None:
    queue = begin("one", "two", "three")
    qtbot.waitUntil(lambda: queue.rate == AT_ONCE * 1_000.0)


def test_a_cancelled_job_is_a_paused_download(qtbot: QtBot, folder: Path, begin: Begin) -> None:
    queue = begin("one")
    qtbot.waitUntil(lambda: begun(folder) == ["one"])
    [job] = [job for job in queue._runner.running() if job.visible]
    job.cancel()
    qtbot.waitUntil(lambda: states(queue) == {"one": TransferState.PAUSED})
    queue.refresh()
    qtbot.waitUntil(lambda: not queue.is_running)
    assert begun(folder) == ["one"]
    queue.resume(queue.transfers)
    qtbot.waitUntil(lambda: begun(folder) == ["one", "one"])


def test_one_that_fails_lets_the_next_begin_and_waits_for_the_user(
    qtbot: QtBot, folder: Path, begin: Begin
) -> None:
    (folder / "one.fail").touch()
    queue = begin("one", "two", "three")
    with qtbot.waitSignal(queue.failed) as failed:
        pass
    one, error = failed.args[0]
    assert (one.state, one.error, one.hint) == (TransferState.FAILED, str(error), "See its name.")
    qtbot.waitUntil(lambda: len(begun(folder)) == 3)
    assert begun(folder).count("one") == 1
    (folder / "one.go").touch()
    (folder / "two.go").touch()
    queue.resume([one for one in queue.transfers if one.id == "one"])
    qtbot.waitUntil(lambda: begun(folder).count("one") == 2)


def test_what_is_added_begins_and_what_is_cancelled_is_forgotten(
    qtbot: QtBot, folder: Path, begin: Begin
) -> None:
    queue = begin()
    queue.add("later")  # type: ignore[arg-type] # the tests' service takes a name for a plan
    qtbot.waitUntil(lambda: begun(folder) == ["later"])
    (folder / "later.go").touch()
    with qtbot.waitSignal(queue.arrived) as arrived:
        pass
    assert arrived.args[0].key.repo_id == "org/later"
    qtbot.waitUntil(lambda: not queue.transfers)


def test_the_order_can_be_changed(qtbot: QtBot, begin: Begin) -> None:
    queue = begin("one", "two", "three", "four")
    qtbot.waitUntil(lambda: len(queue.transfers) == 4)
    queue.move(queue.transfers[3], -1)
    qtbot.waitUntil(lambda: list(states(queue)) == ["one", "two", "four", "three"])


# ---- the page


@pytest.fixture
def page(qtbot: QtBot) -> TransfersView:
    page = TransfersView(lambda: 2_000.0)
    qtbot.addWidget(page)
    page.resize(900, 400)
    page.show()
    return page


def running(name: str, done: int) -> Transfer:
    return replace(transfer(name, state=TransferState.RUNNING, done=done), rate=1_000.0)


def test_the_lines_say_how_far_each_is(page: TransfersView) -> None:
    page.set_transfers([running("one", 4_000), transfer("two")])
    lines = page.tree.lines
    shown = [str(lines.index(0, column).data()) for column in range(lines.columnCount())]
    assert shown == ["org/one", "40 %", "10 kB", "1.0 kB/s", "0:06", "downloading"]
    top = lines.index(0, 0)
    assert [str(lines.index(row, 0, top).data()) for row in range(2)] == ["config.json", "model.safetensors"]
    assert page.summary == "16 kB to come in 2 downloads"


def test_what_is_selected_and_unfolded_stays_so_while_figures_change(page: TransfersView) -> None:
    page.set_transfers([running("one", 4_000), transfer("two")])
    first = page.tree.lines.index(0, 0)
    page.tree.expand(first)
    page.tree.setCurrentIndex(first)
    page.advance(running("one", 6_000))
    page.set_transfers([transfer("two"), running("one", 7_000)])
    assert [one.id for one in page.tree.selected] == ["one"]
    assert page.tree.isExpanded(page.tree.lines.index(1, 0))
    assert not page.tree.isExpanded(page.tree.lines.index(0, 0))


def test_only_what_can_be_done_is_offered(page: TransfersView) -> None:
    page.set_transfers([running("one", 4_000), transfer("two", state=TransferState.PAUSED)])
    assert not page.cancel.isEnabled()
    page.tree.setCurrentIndex(page.tree.lines.index(0, 0))
    assert [action.isEnabled() for action in (page.pause, page.resume, page.up, page.down)] == [
        True,
        False,
        False,
        True,
    ]
    page.tree.setCurrentIndex(page.tree.lines.index(1, 0))
    assert [action.isEnabled() for action in (page.pause, page.resume)] == [False, True]
    page.set_transfers([])
    assert not any(action.isEnabled() for action in (page.pause_all, page.resume_all, page.cancel))


def test_the_one_to_be_seen_is_selected_alone_whatever_key_is_held(qtbot: QtBot, page: TransfersView) -> None:
    page.set_transfers([transfer("one"), transfer("two")])
    page.tree.choose(transfer("one"))
    qtbot.keyClick(page.tree, Qt.Key.Key_Insert, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.keyboardModifiers() == Qt.KeyboardModifier.ControlModifier
    page.tree.choose(transfer("two"))
    assert [one.id for one in page.tree.selected] == ["two"]


def test_pause_all_asks_for_those_that_are_not_paused(qtbot: QtBot, page: TransfersView) -> None:
    page.set_transfers([running("one", 1), transfer("two", state=TransferState.FAILED), transfer("three")])
    with qtbot.waitSignal(page.pause_requested) as paused:
        page.pause_all.trigger()
    assert [one.id for one in paused.args[0]] == ["one", "three"]
    with qtbot.waitSignal(page.resume_requested) as resumed:
        page.resume_all.trigger()
    assert [one.id for one in resumed.args[0]] == ["two"]


def test_the_model_keeps_qts_rules(qtbot: QtBot) -> None:
    model = TransferTreeModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_transfers([running("one", 4_000), transfer("two")])
    model.advance(replace(running("one", 5_000), files=transfer("one").files[:1]))
    assert model.rowCount(model.index(0, 0)) == 1
    model.advance(replace(running("one", 5_000), files=()))
    assert model.rowCount(model.index(0, 0)) == 0
    model.set_transfers([transfer("two")])


def test_the_graph_keeps_two_minutes(qtbot: QtBot) -> None:
    rates = iter([0.0, 500.0, 0.0])
    graph = SpeedGraph(lambda: next(rates))
    qtbot.addWidget(graph)
    for fastest in (0.0, 500.0, 500.0):
        graph.sample()
        assert graph.fastest == fastest
    graph.show()
    graph.grab()


def test_what_stopped_a_download_is_read_beneath_the_list(page: TransfersView) -> None:
    failed = transfer("one", state=TransferState.FAILED)
    failed = replace(failed, error="The hub has no such model.", hint="See its name.")
    page.set_transfers([failed, transfer("two")])
    assert page.trouble.text == "org/one: The hub has no such model. See its name."
    page.tree.choose(failed)
    assert page.trouble.isVisible()
    assert page.trouble.text == "The hub has no such model. See its name."
    page.tree.choose(transfer("two"))
    assert not page.trouble.isVisible()


def test_what_happened_to_a_file_is_read_beneath_the_list(page: TransfersView) -> None:
    one = running("one", 4_000)
    noted = one.files[1]._replace(note="wrong content, fetched again")
    page.set_transfers([one])
    page.tree.choose(one)
    page.advance(replace(one, files=(one.files[0], noted)))
    assert page.trouble.text == "model.safetensors: wrong content, fetched again"


def test_everything_has_a_name(page: TransfersView) -> None:
    page.set_transfers([running("one", 4_000)])
    assert nameless(page) == []

"""Downloading from the search to the queue, with a work process that answers as a hub would; once with a real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from modelkeep.hub.download_plan import DownloadPlan
from modelkeep.rows import RootView
from modelkeep.settings import Settings
from modelkeep_gui.dialogs.download_dialog import DownloadDialog
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.library.feed import LibraryFeed
from modelkeep_gui.library.table_model import LibraryTableModel
from modelkeep_gui.operations import download
from modelkeep_gui.session import Session
from modelkeep_gui.theme import Theme
from modelkeep_gui.transfers.queue import TransferQueue
from support.downloads import GB
from support.hub import HubServer
from support.rows import model_row
from support.windows import seen

PATIENCE = 20_000
ROOT = RootView("/models/hub", "hub", "ready", "", True, 0, 0, 0, 0, 0, 0, 1, 500 * GB, 96 * GB, (), 0.0)


class Queue(TransferQueue):
    """Keeps what is put into it."""

    def add(self, plan: DownloadPlan) -> None:
        self.added = plan


@pytest.fixture
def session(
    qtbot: QtBot, qapp: QApplication, service: str, own_places: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Session]:
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(own_places / "config"))
    palette, style = qapp.palette(), qapp.style().name()
    runner, table = JobRunner("support.downloads:Service"), LibraryTableModel()
    feed = LibraryFeed(runner, table)
    feed.views = (ROOT,)
    yield Session(runner, table, feed, Queue(runner), Theme(qapp, "light"), Settings())
    runner.shutdown()
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(palette)


@pytest.fixture
def above(qtbot: QtBot) -> QWidget:
    above = QWidget()
    qtbot.addWidget(above)
    above.show()
    return above


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    with HubServer() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        yield hub


@pytest.fixture
def real(
    qtbot: QtBot, session: Session, hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Session]:
    """A session with the library itself and its queue, on an empty cache and a hub on this machine."""
    (tmp_path / "hub").mkdir()
    monkeypatch.setenv("MODELKEEP_ROOTS", str(tmp_path / "hub"))
    runner, table = JobRunner("modelkeep.library:open_library"), LibraryTableModel()
    feed = LibraryFeed(runner, table)
    real = Session(runner, table, feed, TransferQueue(runner), session.theme, Settings())
    with qtbot.waitSignal(feed.views_changed, timeout=PATIENCE):
        feed.refresh()
    real.transfers.start()
    yield real
    real.transfers.stop()
    feed.stop()
    runner.shutdown()


def opened(qtbot: QtBot, session: Session, above: QWidget, text: str = "") -> DownloadDialog:
    dialog = download.choose(session, above, text)
    qtbot.waitUntil(lambda: bool(dialog.search.hub.count()) and not dialog.is_busy, timeout=PATIENCE)
    return dialog


def test_from_the_search_to_the_queue(qtbot: QtBot, session: Session, above: QWidget) -> None:
    dialog = opened(qtbot, session, above)
    results = dialog.search.results
    assert results.rows.models[2].repo_id == "org/popular-0"
    results.setCurrentIndex(results.rows.index(2))
    qtbot.waitUntil(lambda: dialog.download.isEnabled(), timeout=PATIENCE)
    qtbot.waitUntil(lambda: dialog.model.about.revision.count() == 3, timeout=PATIENCE)
    dialog.model.picker.everything.click()
    fit = dialog.answer.fit
    qtbot.waitUntil(lambda: dialog.answer.fit != fit, timeout=PATIENCE)
    said: list[object] = []
    session.told.connect(said.append)
    dialog.download.click()
    queue = session.transfers
    assert isinstance(queue, Queue)
    assert (queue.added.key.repo_id, len(queue.added.chosen)) == ("org/popular-0", 8)
    assert len(said) == 1


def test_a_name_opens_its_model(qtbot: QtBot, session: Session, above: QWidget) -> None:
    dialog = opened(qtbot, session, above, "org/mine@v1.0")
    assert (dialog.answer.key.repo_id, dialog.answer.ref) == ("org/mine", "v1.0")
    qtbot.waitUntil(lambda: dialog.model.about.revision.currentText() == "v1.0 (tag)", timeout=PATIENCE)


def test_only_the_last_of_several_searches_is_shown(qtbot: QtBot, session: Session, above: QWidget) -> None:
    dialog = opened(qtbot, session, above)
    for text in ("first", "second", "nothing", "last"):
        dialog.search.field.setText(text)
        dialog.search.search()
    qtbot.waitUntil(lambda: not dialog.is_busy, timeout=PATIENCE)
    assert dialog.search.results.rows.models[2].repo_id == "org/last-0"


def test_the_offline_switch_is_turned_off_from_within(qtbot: QtBot, session: Session, above: QWidget) -> None:
    dialog = opened(qtbot, session, above, "offline")
    assert "the offline switch is on" in seen(dialog)
    dialog.failure.online.click()
    qtbot.waitUntil(lambda: bool(dialog.search.results.rows.models), timeout=PATIENCE)
    assert dialog.search.results.isVisible()


def test_a_model_without_access_says_where_to_ask(qtbot: QtBot, session: Session, above: QWidget) -> None:
    dialog = opened(qtbot, session, above, "org/gated")
    assert "org/gated is gated." in seen(dialog)
    assert "https://huggingface.co/org/gated" in dialog.model.page.text


def test_what_a_cache_has_is_marked(qtbot: QtBot, session: Session, above: QWidget) -> None:
    begun = model_row("org/popular-0", state="incomplete")
    session.table.replace_rows("/models/hub", [model_row("org/popular-1"), begun])
    dialog = opened(qtbot, session, above)
    assert dialog.search.results.rows.here == {"org/popular-1"}


def test_the_size_and_the_hub_are_remembered(qtbot: QtBot, session: Session, above: QWidget) -> None:
    dialog = opened(qtbot, session, above)
    dialog.resize(dialog.width(), 640)
    box = dialog.search.hub
    box.setCurrentIndex(1)
    box.activated.emit(1)
    dialog.reject()
    again = opened(qtbot, session, above)
    assert again.height() == 640
    assert again.search.profile == "Team"


def test_a_model_of_a_hub_comes_into_the_cache(
    qtbot: QtBot, real: Session, above: QWidget, hub: HubServer
) -> None:
    content = {"config.json": b"{}", "model.safetensors": b"w" * 5000, "pytorch_model.bin": b"p" * 5000}
    hub.add("org/name", content, pipeline_tag="fill-mask", downloads=5)
    hub.add("org/other", {"config.json": b"{}"})
    dialog = opened(qtbot, real, above, "name")
    results = dialog.search.results
    assert [model.repo_id for model in results.rows.models] == ["org/name"]
    results.enter()
    qtbot.waitUntil(dialog.download.isEnabled, timeout=PATIENCE)
    assert dialog.download.text().replace("&", "") == "Download 5.0 kB"
    with qtbot.waitSignal(real.transfers.arrived, timeout=PATIENCE) as arrived:
        dialog.download.click()
    folder = Path(arrived.args[0].snapshot)
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "model.safetensors"]
    again = opened(qtbot, real, above, f"{hub.endpoint}/org/name")
    qtbot.waitUntil(lambda: again.target.why.text == "All of it is here already.", timeout=PATIENCE)


def test_what_a_hub_refuses_is_said_before(
    qtbot: QtBot, real: Session, above: QWidget, hub: HubServer
) -> None:
    hub.add("org/gated", {"config.json": b"{}"})
    hub.gate("org/gated")
    dialog = opened(qtbot, real, above, "org/gated")
    assert "No token is known here for this hub" in seen(dialog)
    assert dialog.model.about.page.text() == f"{hub.endpoint}/org/gated"
    missing = opened(qtbot, real, above, "org/missing")
    assert missing.model.page.text
    assert missing.model.page.copy not in missing.model.page.buttons, missing.model.page.text

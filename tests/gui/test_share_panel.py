"""Sharing a cache from the window: the panel over a real server, what it says, and how it ends."""

from __future__ import annotations

import json
import socket
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QProcess, QSettings
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from modelkeep.serve.tokens import Tokens
from modelkeep.settings import Settings
from modelkeep_gui.dialogs.confirm_dialog import ConfirmDialog
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.library.feed import LibraryFeed
from modelkeep_gui.library.table_model import LibraryTableModel
from modelkeep_gui.operations import share
from modelkeep_gui.session import Session
from modelkeep_gui.sharing.closing import AsksBeforeClosing
from modelkeep_gui.sharing.events import (
    Client,
    Listening,
    Stopped,
    Transferred,
    read_event,
    read_problem,
    read_warning,
)
from modelkeep_gui.sharing.guests import transfer_text
from modelkeep_gui.sharing.indicator import SharingIndicator
from modelkeep_gui.sharing.options import ShareOptions, remember_options, remembered_options
from modelkeep_gui.sharing.panel import SharePanel
from modelkeep_gui.sharing.sharing import Guest, ShareState, Sharing
from modelkeep_gui.theme import Theme
from modelkeep_gui.transfers.queue import TransferQueue
from support.accessible import nameless, unreachable
from support.caches import CacheMaker
from support.windows import only, seen

PATIENCE = 20_000

Wait = Callable[[Callable[[], object]], None]


@pytest.fixture
def wait(qtbot: QtBot) -> Wait:
    return lambda condition: qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


@pytest.fixture
def above(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def sharing(qtbot: QtBot) -> Iterator[Sharing]:
    sharing = Sharing()
    yield sharing
    sharing.shutdown()


@pytest.fixture
def store(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def panel(
    above: QWidget, sharing: Sharing, cache: CacheMaker, store: QSettings, tmp_path: Path
) -> SharePanel:
    cache.add("org/a", {"config.json": b'{"model_type": "bert"}'})
    (tmp_path / "other").mkdir()
    panel = SharePanel(sharing, [str(cache.root), str(tmp_path / "other")], store, above)
    panel.form.port.setValue(free_port())
    panel.form.caches[1].setChecked(False)
    panel.show()
    return panel


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url) as answer:
        return bytes(answer.read())


def refused(url: str) -> bool:
    try:
        fetch(url)
    except OSError:
        return True
    return False


def test_a_cache_is_shared_and_who_fetches_is_seen(
    panel: SharePanel, sharing: Sharing, wait: Wait, above: QWidget
) -> None:
    indicator = SharingIndicator(sharing)
    assert indicator.isHidden()
    assert "Off. Nobody can fetch anything from here." in seen(panel)
    panel.switch.click()
    assert sharing.is_on
    assert "Starting…" in seen(panel)
    assert not indicator.isHidden()
    wait(lambda: sharing.listening.url or sharing.problem)
    assert sharing.problem == ""
    assert "On: 1 model for programs of this machine." in seen(panel)
    url = panel.use_it.address.text()
    assert url == f"http://127.0.0.1:{panel.form.port.value()}"
    panel.use_it.shell.setCurrentIndex(1)
    panel.use_it.copy_block.click()
    assert QGuiApplication.clipboard().text().startswith(f"$env:HF_ENDPOINT = '{url}'\n")
    assert fetch(f"{url}/org/a/resolve/main/config.json") == b'{"model_type": "bert"}'
    wait(lambda: panel.guests.log.texts() and panel.guests.table.rows.values)
    assert panel.guests.log.texts()[0].endswith("127.0.0.1 ← org/a config.json, 22 B")
    assert panel.guests.table.rows.index(0, 0).data() == "127.0.0.1"
    assert (nameless(panel), unreachable(panel)) == ([], [])
    panel.switch.click()
    wait(lambda: sharing.state is ShareState.OFF)
    assert indicator.isHidden()
    assert refused(url)
    indicator.deleteLater()


def test_other_options_count_at_once(
    panel: SharePanel, sharing: Sharing, wait: Wait, store: QSettings
) -> None:
    panel.switch.click()
    wait(lambda: sharing.state is ShareState.ON)
    panel.form.caches[1].setChecked(True)
    wait(lambda: sharing.state is ShareState.ON and not sharing.options.roots)
    assert remembered_options(store) == sharing.options


def test_nobody_is_cut_off_by_other_options_unasked(panel: SharePanel, sharing: Sharing, wait: Wait) -> None:
    panel.switch.click()
    wait(lambda: sharing.state is ShareState.ON)
    before = sharing.options
    sharing.guests = (Guest(Client("10.0.0.5", "alice", 1000, 1, "org/a/model.safetensors"), 500.0),)
    panel.form.caches[1].setChecked(True)
    assert panel.restart.isVisible()
    assert sharing.options == before
    panel.restart.click()
    wait(lambda: sharing.state is ShareState.ON and sharing.options != before)
    assert not panel.restart.isVisible()


def test_why_it_could_not_start_is_said(panel: SharePanel, sharing: Sharing, wait: Wait) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        panel.form.port.setValue(taken.getsockname()[1])
        panel.switch.click()
        wait(lambda: sharing.state is ShareState.FAILED)
    assert panel.status.text.startswith("The server cannot listen at 127.0.0.1, port ")
    assert "--" not in panel.status.text
    assert panel.switch.isEnabled()


def test_a_server_that_dies_is_not_on_any_more(panel: SharePanel, sharing: Sharing, wait: Wait) -> None:
    panel.switch.click()
    wait(lambda: sharing.state is ShareState.ON)
    [process] = sharing.findChildren(QProcess)
    process.kill()
    wait(lambda: sharing.state is ShareState.FAILED)
    assert panel.status.text
    assert not panel.use_it.isEnabled()


def test_the_server_ends_with_the_window(
    qtbot: QtBot, panel: SharePanel, sharing: Sharing, wait: Wait
) -> None:
    panel.switch.click()
    wait(lambda: sharing.state is ShareState.ON)
    url = sharing.listening.url
    sharing.shutdown()
    assert refused(url)


def test_a_token_is_made_shown_once_and_removed(panel: SharePanel, wait: Wait) -> None:
    panel.form.push.setChecked(True)
    panel.form.network.setChecked(True)
    assert panel.form.push_field.problem == "Make a token that may push."
    assert not panel.switch.isEnabled()
    panel.tokens.add.click()
    assert panel.tokens.field.problem == "A token needs a name."
    panel.tokens.name.setText("ci")
    panel.tokens.write.setChecked(True)
    panel.tokens.add.click()
    assert Tokens().find(panel.tokens.secret.text())
    assert "It is shown this once" in seen(panel)
    assert panel.form.push_field.problem == ""
    assert panel.switch.isEnabled()
    panel.tokens.table.selectRow(0)
    panel.tokens.remove.click()
    only(panel.tokens, ConfirmDialog).confirm.click()
    assert Tokens().all() == ()
    assert not panel.tokens.secret.isVisible()
    assert not panel.switch.isEnabled()


def test_without_a_cache_there_is_nothing_to_share(panel: SharePanel) -> None:
    panel.form.caches[0].setChecked(False)
    assert panel.form.caches_field.problem == "Choose a cache."
    assert not panel.switch.isEnabled()


def test_choices_are_remembered_and_nonsense_is_not(store: QSettings) -> None:
    options = ShareOptions(True, 9000, True, True, ("/a", "/b"), "/b")
    remember_options(store, options)
    assert remembered_options(store) == options
    for nonsense in ("[]", "{", '{"port": "x", "roots": 3, "network": 1}'):
        store.setValue("share/options", nonsense)
        assert remembered_options(store) == ShareOptions()


def test_options_are_those_of_the_command() -> None:
    assert ShareOptions().arguments() == ["--host", "127.0.0.1", "--port", "8000"]
    options = ShareOptions(True, 9000, True, True, ("/a",), "/a").arguments()
    assert options[:6] == ["--host", "0.0.0.0", "--port", "9000", "--allow-push", "--into"]
    assert options[-3:] == ["--token-required", "--root", "/a"]


def test_events_are_read_and_strangers_passed_over() -> None:
    def read(**event: object) -> object:
        return read_event(json.dumps(event).encode())

    assert read(event="listening", url="http://x", environment={"A": "b"}, new=1) == Listening(
        "http://x", {"A": "b"}
    )
    pushed = read(
        event="pushed", at="2026-03-01T14:05:10Z", name="ci", repo_id="org/a", commit="a" * 40, bytes=5
    )
    assert pushed == Transferred(True, "", "ci", "org/a", "aaaaaaaa", 5, 1772373910.0)
    assert isinstance(pushed, Transferred)
    assert transfer_text(pushed).endswith("ci → org/a aaaaaaaa, 5 B")
    assert read(event="clients", clients=[{"address": "10.0.0.5", "bytes": 7, "now": None}, "x"]) == (
        Client("10.0.0.5", "", 7, 0, ""),
    )
    assert read(event="stopped") == Stopped()
    assert [read(event="heartbeat"), read_event(b"nonsense"), read_event(b"[]")] == [None] * 3


def test_what_is_for_a_terminal_is_not_said_here() -> None:
    assert read_problem(["x", "Error: It is taken.", "Hint: Choose another with --port."]) == (
        "It is taken.",
        "",
    )
    assert read_problem(["Traceback", "KeyError: 1"]) == ("KeyError: 1", "")
    assert read_warning("Warning: Tokens travel unprotected: use --certfile.") == "Tokens travel unprotected."
    assert read_warning("Warning: Nobody can push. `modelkeep serve token add NAME`") == ""
    assert read_warning("2026-03-01 somebody fetched something") == ""


def test_closing_the_window_says_that_sharing_ends(
    qtbot: QtBot, qapp: QApplication, service: str, above: QWidget, own_places: Path
) -> None:
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(own_places / "config"))
    palette, style = qapp.palette(), qapp.style().name()
    runner, table = JobRunner(service), LibraryTableModel()
    feed, transfers = LibraryFeed(runner, table), TransferQueue(runner)
    session = Session(runner, table, feed, transfers, Theme(qapp, "light"), Settings())
    indicator = share.indicator(session, above)
    share.show(session, above)
    share.show(session, above)
    only(above, SharePanel).close()
    only(above, AsksBeforeClosing)
    sharing = share.sharing_of(session)
    sharing.state = ShareState.ON
    above.close()
    assert above.isVisible()
    dialog = only(above, ConfirmDialog)
    assert "Sharing ends with this window" in seen(dialog)
    dialog.reject()
    runner.run("Export", "wait_unheeding", "/never")
    above.close()
    dialog = above.findChildren(ConfirmDialog)[-1]
    assert "A job is still running." in seen(dialog), "one question about both"
    dialog.confirm.click()
    assert not above.isVisible()
    assert session.is_closing
    indicator.deleteLater()
    runner.shutdown()
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(palette)

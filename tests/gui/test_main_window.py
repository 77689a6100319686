"""The window as a whole, with rows and without a work process; and what is made main with a real one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QWidget
from pytestqt.qtbot import QtBot

from modelkeep.cache.policy import CachePolicy
from modelkeep.errors import NotOnRemote
from modelkeep.hub.transfer import TransferState
from modelkeep.settings import Settings, save_settings
from modelkeep_gui.app import App, build
from modelkeep_gui.dialogs.confirm_dialog import ConfirmDialog
from modelkeep_gui.dialogs.toned_notice import TonedNotice
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.library.feed import LibraryFeed
from modelkeep_gui.library.scopes import ALL, DOWNLOADS, Scope
from modelkeep_gui.library.table_model import LibraryTableModel
from modelkeep_gui.library.view import Selected
from modelkeep_gui.menus import show_context_menu
from modelkeep_gui.operations.reveal import reveal
from modelkeep_gui.operations.rollback import make_main
from modelkeep_gui.session import Session
from modelkeep_gui.settings.dialog import PreferencesDialog
from modelkeep_gui.theme import Theme, colours_of
from modelkeep_gui.transfers.queue import TransferQueue
from modelkeep_gui.widgets.message_bar import Message
from support.caches import CacheMaker
from support.rows import model_row
from support.transfers import transfer
from support.windows import only, seen

PATIENCE = 20_000
ROOT = "/cache/hub"


@pytest.fixture
def undressed(qapp: QApplication) -> Iterator[QApplication]:
    """The application, as it was again afterwards."""
    palette, style = qapp.palette(), qapp.style().name()
    yield qapp
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(palette)


@pytest.fixture
def app(undressed: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[App]:
    store = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    app = build(undressed, store=store, theme="light")
    app.window.show()
    app.session.table.replace_rows(ROOT, [model_row("org/a"), model_row("org/b", pinned=True)])
    yield app
    app.close()
    app.window.deleteLater()


def line(repo_id: str) -> Selected:
    return Selected(ROOT, f"hf@{repo_id}", None)


def offered(app: App) -> set[str]:
    """What the context menu says of pins."""
    show_context_menu(app.window, app.window.actions_, app.window.pos())
    menu = app.window.findChildren(QMenu)[-1]
    texts = {action.text().replace("&", "") for action in menu.actions()}
    menu.close()
    return texts & {"Pin", "Unpin"}


def test_the_menu_offers_to_pin_or_to_unpin(app: App) -> None:
    view = app.window.view
    view.select([line("org/a")])
    assert offered(app) == {"Pin"}
    view.select([line("org/b")])
    assert offered(app) == {"Unpin"}
    view.select([line("org/a"), line("org/b")])
    assert offered(app) == {"Pin", "Unpin"}


def test_the_models_are_what_is_seen_first(app: App) -> None:
    assert app.window.center.currentWidget() is app.window.view


def test_preferences_show_what_another_has_changed_meanwhile(app: App, tmp_path: Path) -> None:
    root = tmp_path.resolve().as_posix()
    save_settings(Settings(roots=(root,), policies={root: CachePolicy(max_size=5_000_000_000)}))
    app.window.actions_.preferences.trigger()
    dialog = only(app.window, PreferencesDialog)
    assert [line.limit for line in dialog.caches.table.rows.values] == ["", "5.0 GB"]
    dialog.reject()


def test_no_two_commands_of_a_menu_have_the_same_letter(app: App) -> None:
    show_context_menu(app.window, app.window.actions_, app.window.pos())
    menus = [*app.window.menuBar().findChildren(QMenu), app.window.findChildren(QMenu)[-1]]
    for menu in menus:
        letters = [m.group(1).lower() for a in menu.actions() if (m := re.search("&([^&])", a.text()))]
        assert len(letters) == len(set(letters)), (menu.title(), sorted(letters))
    menus[-1].close()


def test_only_pickles_are_to_be_converted(app: App) -> None:
    rows = [model_row("org/a", formats=("safetensors",)), model_row("org/b", formats=("pickle",))]
    app.session.table.replace_rows(ROOT, rows)
    app.window.view.select([line("org/a")])
    assert not app.window.actions_.convert.isEnabled()
    app.window.view.select([line("org/b")])
    assert app.window.actions_.convert.isEnabled()


def test_no_two_commands_have_the_same_keys(app: App) -> None:
    remote = app.window.actions_.remote
    # What is verified is what is shown: the one is never to be used with the other.
    rest = set(app.window.actions_.all()) - {remote.verify, remote.verify_deep}
    keys = [a.shortcut().toString() for a in rest if not a.shortcut().isEmpty()]
    assert len(keys) == len(set(keys)), sorted(keys)


def test_a_pin_that_is_set_is_one_that_can_be_taken(app: App) -> None:
    app.window.view.select([line("org/a")])
    app.session.table.add_rows(ROOT, [model_row("org/a", pinned=True)])
    app.session.feed.rows_changed.emit(ROOT)
    assert app.window.actions_.unpin.isEnabled()
    assert not app.window.actions_.pin.isEnabled()


def test_what_the_user_wants_to_see_is_shown_whatever_list_or_filter_there_is(app: App) -> None:
    window = app.window
    window.search.set_filter_text("nothing-like-it")
    window.sidebar.choose(Scope(smart_list="pinned"))
    reveal(app.session, [line("org/a")])
    assert window.view.selected == [line("org/a")]
    assert (window.sidebar.scope, window.search.text()) == (ALL, "")


def test_a_list_that_has_the_model_stays(app: App) -> None:
    window = app.window
    window.sidebar.choose(Scope(smart_list="pinned"))
    reveal(app.session, [line("org/b")])
    assert window.view.selected == [line("org/b")]
    assert window.sidebar.scope == Scope(smart_list="pinned")


def test_show_selects_the_download_that_stopped(app: App) -> None:
    failed = replace(transfer("two", state=TransferState.FAILED), error="It is gone.", hint="Look again.")
    app.session.transfers.changed.emit([transfer("one"), failed])
    said: list[Message] = []
    app.session.told.connect(said.append)
    app.window.center.downloads.set_transfers([transfer("one"), failed])
    app.session.transfers.failed.emit((failed, NotOnRemote("It is gone.")))
    show = said[-1].about
    assert callable(show)
    show()
    assert app.window.sidebar.scope == DOWNLOADS
    assert [one.id for one in app.window.center.downloads.tree.selected] == ["two"]


def test_the_page_of_downloads_moves_nothing_once_it_was_seen(app: App) -> None:
    window = app.window
    window.resize(1000, 640)
    app.application.processEvents()
    before, width = window.splitter.sizes(), window.width()
    window.sidebar.choose(DOWNLOADS)
    app.application.processEvents()
    window.sidebar.choose(ALL)
    app.application.processEvents()
    assert (window.splitter.sizes(), window.width()) == (before, width)


def test_a_warning_takes_the_red_of_another_theme(undressed: QApplication, qtbot: QtBot) -> None:
    theme = Theme(undressed, "light")
    above = QWidget()
    qtbot.addWidget(above)
    notice = TonedNotice()
    notice.setParent(above)
    notice.say("It does not fit.", "warning", "bad")
    above.show()
    theme.choose("dark")
    [label] = notice.findChildren(QLabel)
    assert label.palette().windowText().color().name() == colours_of(undressed.palette()).bad


def test_enter_presses_the_button_one_has_gone_to(qtbot: QtBot) -> None:
    dialog = ConfirmDialog("Really?", "It will be gone.", "Remove")
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.confirm.setFocus()
    with qtbot.waitSignal(dialog.accepted):
        qtbot.keyClick(dialog.confirm, "\r")


# ---- which revision is main


@pytest.fixture
def session(
    qtbot: QtBot, undressed: QApplication, cache: CacheMaker, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Session]:
    monkeypatch.setenv("MODELKEEP_ROOTS", str(cache.root))
    runner, table = JobRunner("modelkeep.library:open_library"), LibraryTableModel()
    feed = LibraryFeed(runner, table)
    session = Session(runner, table, feed, TransferQueue(runner), Theme(undressed, "light"), Settings())
    yield session
    feed.stop()
    runner.shutdown()


def main_of(session: Session) -> str:
    [row] = session.table.rows
    [commit] = [one.commit for one in row.revisions if "main" in one.refs]
    return commit


def test_main_leads_to_another_revision_and_back(qtbot: QtBot, session: Session, cache: CacheMaker) -> None:
    files = {"config.json": b"{}", "model.safetensors": b"old"}
    old = cache.add("org/name", files, refs=())
    new = cache.add("org/name", {**files, "model.safetensors": b"newer"})
    with qtbot.waitSignal(session.feed.views_changed, timeout=PATIENCE):
        session.feed.refresh()
    [row] = session.table.rows
    assert main_of(session) == new
    said: list[Message] = []
    session.told.connect(said.append)
    above = QWidget()
    qtbot.addWidget(above)
    above.show()
    make_main(session, above, Selected(row.root, row.key, old))
    qtbot.waitUntil(lambda: bool(above.findChildren(ConfirmDialog)), timeout=PATIENCE)
    [dialog] = above.findChildren(ConfirmDialog)
    assert "1 file differs: model.safetensors." in seen(dialog)
    assert f"gets {old[:7]}" in seen(dialog)
    dialog.confirm.click()
    qtbot.waitUntil(lambda: main_of(session) == old, timeout=PATIENCE)
    assert (said[-1].text, said[-1].action) == (f"main of org/name leads to {old[:7]} now.", "Undo")
    undo = said[-1].about
    assert callable(undo)
    undo()
    qtbot.waitUntil(lambda: main_of(session) == new, timeout=PATIENCE)

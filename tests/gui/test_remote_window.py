"""Remotes in the whole window, with a real store in a folder and a real work process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from modelkeep.library import open_library
from modelkeep.rows import Selection
from modelkeep_gui.app import App, build
from modelkeep_gui.dialogs.copy_dialog import CopyDialog
from modelkeep_gui.dialogs.delete_dialog import DeleteDialog
from modelkeep_gui.dialogs.fetch_dialog import FetchDialog
from modelkeep_gui.dialogs.follow_dialog import FollowDialog
from modelkeep_gui.dialogs.push_dialog import PushDialog
from modelkeep_gui.dialogs.remote_deletion_dialog import RemoteDeletionDialog
from modelkeep_gui.dialogs.sync_dialog import SyncDialog
from modelkeep_gui.dialogs.tag_dialog import TagDialog
from modelkeep_gui.library.scopes import ALL, remote_scope
from modelkeep_gui.library.view import Selected
from modelkeep_gui.main_window import MainWindow
from modelkeep_gui.remotes.page import RemotePage
from modelkeep_gui.settings.remote_dialog import RemoteDialog
from support.caches import CacheMaker

PATIENCE = 30_000
Kind = TypeVar("Kind", bound=QDialog)
CARD = b"---\nlicense: mit\nbase_model: org/both\n---\n# there\n"


@dataclass
class Seen:
    """A window on a cache, whose remotes are “team”, which has models, and “backup”, which has none."""

    app: App
    bot: QtBot
    store: Path

    @property
    def window(self) -> MainWindow:
        return self.app.window

    @property
    def page(self) -> RemotePage:
        return self.window.center.remote

    def wait(self, condition: Callable[[], object]) -> None:
        self.bot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)

    def show(self, name: str) -> None:
        """Choose a remote and wait for what it lists."""
        remotes = self.app.session.remotes
        self.wait(lambda: remotes.view(name))
        self.wait(lambda: self.window.sidebar.model().rowCount() and self._chosen(name))
        self.wait(lambda: remotes.listing(name).rows is not None and not remotes.listing(name).is_loading)

    def choose(self, *names: str) -> None:
        rows = [row for row in self.page.table.rows if row.repo_id in names]
        assert len(rows) == len(names)
        self.page.view.select([Selected(row.root, row.key, None) for row in rows])

    def where(self) -> dict[str, str]:
        return {row.repo_id: row.where for row in self.page.table.rows}

    def dialog(self, kind: type[Kind]) -> Kind:
        self.wait(lambda: self.window.findChildren(kind))
        return self.window.findChildren(kind)[-1]

    def said(self) -> str:
        message = self.window.message_bar.message
        return message.text if message else ""

    def _chosen(self, name: str) -> bool:
        self.window.sidebar.choose(remote_scope(name))
        return self.window.sidebar.scope == remote_scope(name)


def own_of_caches(window: MainWindow) -> set[QAction]:
    """The commands that are about files of this machine alone."""
    actions = window.actions_
    return {
        *(actions.delete, actions.export, actions.pin, actions.unpin, actions.open_folder),
        *(actions.copy_path, actions.verify, actions.verify_deep, actions.mend, actions.try_loading),
        *(actions.scan_safety, actions.convert, actions.check_updates, actions.undo),
    }


@pytest.fixture
def seen(
    qtbot: QtBot,
    qapp: QApplication,
    cache: CacheMaker,
    own_places: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Seen]:
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(own_places / "config"))
    QSettings().clear()
    palette, style = qapp.palette(), qapp.style().name()
    store, backup = tmp_path / "team", tmp_path / "backup"
    for folder in (store, backup, tmp_path / "made"):
        folder.mkdir()
    cache.add("org/both")
    cache.add("org/here")
    (tmp_path / "made" / "config.json").write_bytes(b'{"model_type": "gpt2"}')
    (tmp_path / "made" / "README.md").write_bytes(CARD)
    monkeypatch.setenv("MODELKEEP_ROOTS", str(cache.root))
    with open_library() as library:
        library.refresh()
        library.remotes.add("team", str(store))
        library.remotes.add("backup", str(backup))
        root = library.roots[0]
        for source, to in ((Selection(root, "hf@org/both"), ""), (tmp_path / "made", "org/there")):
            library.remotes.push(library.remotes.plan_push(source, "team", to=to, message="The first"))
    app = build(qapp, store=QSettings(str(tmp_path / "w.ini"), QSettings.Format.IniFormat), theme="light")
    app.show()
    seen = Seen(app, qtbot, store)
    seen.wait(lambda: app.session.feed.views and len(app.session.table.rows) == 2)
    yield seen
    app.close()
    app.window.deleteLater()
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(palette)


def test_a_remote_lists_what_is_here_and_there(seen: Seen) -> None:
    seen.show("team")
    assert seen.where() == {"org/both": "both", "org/here": "here", "org/there": "there"}
    seen.choose("org/there")
    seen.wait(lambda: seen.page.pane.revisions.texts())
    assert "The first" in seen.page.pane.revisions.texts()[0]
    assert seen.page.pane.lineage.lines()[0].startswith("org/both")
    seen.page.pane.lineage.chosen.emit("hf@org/both")
    assert [row.repo_id for row in seen.page.chosen] == ["org/both"]


def test_nothing_of_a_remote_is_taken_for_something_of_a_cache(seen: Seen) -> None:
    window = seen.window
    window.view.select([Selected(row.root, row.key, None) for row in seen.app.session.table.rows])
    seen.show("team")
    seen.choose("org/both", "org/there")
    assert window.selection() == []
    assert [action.text() for action in own_of_caches(window) if action.isEnabled()] == []
    assert all("remote:" not in row.root for row in seen.app.session.table.rows)
    seen.bot.keyClick(seen.page.view, Qt.Key.Key_Space)
    assert not any(row.pinned for row in seen.app.session.table.rows)
    window.sidebar.choose(ALL)
    assert len(window.selection()) == 2


def test_a_model_that_came_here_is_seen_to_be_here(seen: Seen, cache: CacheMaker) -> None:
    seen.show("team")
    cache.add("org/third")
    seen.wait(lambda: seen.where().get("org/third") == "here")


def test_fetching_brings_a_model_by_the_queue(seen: Seen) -> None:
    seen.show("team")
    seen.choose("org/here")
    assert not seen.window.actions_.remote.fetch.isEnabled()
    seen.choose("org/there")
    seen.window.actions_.remote.fetch.trigger()
    dialog = seen.dialog(FetchDialog)
    seen.wait(dialog.fetch.isEnabled)
    dialog.fetch.click()
    seen.wait(lambda: seen.where().get("org/there") == "both")
    seen.wait(lambda: any(row.repo_id == "org/there" for row in seen.app.session.table.rows))
    assert "Downloaded org/there" in seen.said()


def test_pushing_from_the_list_of_a_remote_goes_there(seen: Seen) -> None:
    seen.show("team")
    seen.choose("org/here")
    seen.window.actions_.push.trigger()
    dialog = seen.dialog(PushDialog)
    seen.wait(dialog.push.isEnabled)
    assert dialog.form.remote == "team"
    dialog.form.message.setText("For everyone")
    dialog.form.tags.setText("production")
    dialog.push.click()
    seen.wait(lambda: seen.where()["org/here"] == "both")
    seen.wait(lambda: any("For everyone" in text for text in seen.page.pane.revisions.texts()))
    assert "Pushed org/here to team" in seen.said()


def test_what_is_deleted_there_can_be_brought_back(seen: Seen) -> None:
    seen.show("team")
    seen.choose("org/both")
    seen.bot.keyClick(seen.page.view, Qt.Key.Key_Delete)
    dialog = seen.dialog(RemoteDeletionDialog)
    dialog.delete.click()
    seen.wait(lambda: seen.where()["org/both"] == "here")
    seen.wait(lambda: seen.said() == "Deleted org/both on team.")
    seen.window.message_bar.action_chosen.emit(seen.window.message_bar.message)
    seen.wait(lambda: seen.where()["org/both"] == "both")
    assert any(row.repo_id == "org/both" for row in seen.app.session.table.rows)


def test_undo_brings_back_what_the_shown_page_lost(seen: Seen) -> None:
    undo = seen.window.actions_.undo
    seen.show("team")
    seen.choose("org/there")
    seen.window.actions_.remote.delete.trigger()
    seen.dialog(RemoteDeletionDialog).delete.click()
    seen.wait(lambda: "org/there" not in seen.where())
    seen.wait(undo.isEnabled)
    seen.window.sidebar.choose(ALL)
    assert not undo.isEnabled()
    seen.window.view.select_first()
    seen.window.actions_.delete.trigger()
    seen.dialog(DeleteDialog).accept()
    seen.wait(lambda: len(seen.app.session.table.rows) == 1)
    seen.show("team")
    undo.trigger()
    seen.wait(lambda: seen.where().get("org/there") == "there")
    assert not undo.isEnabled()
    assert len(seen.app.session.table.rows) == 1
    seen.window.sidebar.choose(ALL)
    undo.trigger()
    seen.wait(lambda: len(seen.app.session.table.rows) == 2)


def test_no_key_reaches_the_local_model_of_the_same_name(seen: Seen) -> None:
    window, session = seen.window, seen.app.session
    begun: list[str] = []
    shared_keys = {window.actions_.delete, window.actions_.verify, window.actions_.verify_deep}
    session.runner.added.connect(lambda job: begun.append(job.title) if job.visible else None)
    for name in ("org/both", "org/here"):
        window.sidebar.choose(ALL)
        window.view.select([Selected(row.root, row.key, None) for row in session.table.rows])
        seen.show("team")
        seen.choose(name)
        window.activateWindow()
        seen.page.view.setFocus()
        for action in window.actions_.all():
            if not action.shortcut().isEmpty() and action in own_of_caches(window) - shared_keys:
                seen.bot.keySequence(seen.page.view, action.shortcut())
        seen.bot.keyClick(seen.page.view, Qt.Key.Key_Space)
    assert window.findChildren(QDialog) == []
    assert begun == []
    seen.choose("org/both")
    seen.bot.keyClick(seen.page.view, Qt.Key.Key_Delete)
    seen.bot.keyClick(seen.page.view, Qt.Key.Key_Delete)
    dialog = seen.dialog(RemoteDeletionDialog)
    seen.wait(lambda: not any(job.title == "Plan a deletion" for job in session.runner.running()))
    assert [type(one) for one in window.findChildren(QDialog)] == [RemoteDeletionDialog]
    dialog.delete.click()
    seen.wait(lambda: seen.where()["org/both"] == "here")
    assert [row.repo_id for row in session.table.rows] == ["org/both", "org/here"]
    assert not any(row.pinned for row in session.table.rows)
    assert session.feed.trash == ()


def test_the_key_for_verifying_means_what_is_shown(seen: Seen) -> None:
    session = seen.app.session
    seen.show("team")
    seen.page.view.setFocus()
    seen.bot.keySequence(seen.page.view, seen.window.actions_.verify.shortcut())
    seen.wait(lambda: seen.said().startswith("team: all 3 files are there"))
    assert not any(row.verified for row in session.table.rows)
    seen.window.sidebar.choose(ALL)
    assert not seen.window.actions_.remote.verify.isEnabled()
    seen.window.view.setFocus()
    seen.bot.keySequence(seen.window.view, seen.window.actions_.verify.shortcut())
    seen.wait(lambda: all(row.verified for row in session.table.rows))


def test_del_on_what_is_only_here_does_nothing(seen: Seen) -> None:
    seen.show("team")
    seen.choose("org/here")
    seen.bot.keyClick(seen.page.view, Qt.Key.Key_Delete)
    assert not seen.window.actions_.remote.delete.isEnabled()
    assert seen.window.findChildren(QDialog) == []


def test_a_model_is_fetched_with_keys_alone(seen: Seen) -> None:
    seen.show("team")
    seen.choose("org/there")
    seen.window.actions_.remote.fetch.trigger()
    dialog = seen.dialog(FetchDialog)
    seen.wait(dialog.fetch.isEnabled)
    focused = dialog.focusWidget()
    assert focused is dialog.fetch
    seen.bot.keyClick(focused, Qt.Key.Key_Return)
    seen.wait(lambda: seen.where().get("org/there") == "both")


def test_a_store_that_is_empty_looks_empty(seen: Seen) -> None:
    seen.show("backup")
    assert not seen.page.view.isVisible()
    assert "Nothing is there yet" in seen.page.state.text
    push, here = seen.page.state.buttons
    here.click()
    assert list(seen.where().values()) == ["here", "here"]
    assert seen.page.view.isVisible()
    assert seen.window.actions_.push.isEnabled()
    seen.window.remotes.refresh()
    seen.wait(lambda: not seen.app.session.remotes.listing("backup").is_loading)
    assert seen.page.view.isVisible()
    seen.show("team")
    seen.show("backup")
    push.click()
    dialog = seen.dialog(PushDialog)
    seen.wait(lambda: dialog.form.remote == "backup")


def test_the_toolbar_has_what_the_page_can_do(seen: Seen) -> None:
    window = seen.window
    remote = window.actions_.remote
    assert window.actions_.delete in window.commands.actions()
    assert remote.fetch not in window.commands.actions()
    seen.show("team")
    shown = [action.iconText() for action in window.commands.actions() if action.iconText()]
    assert shown == ["Fetch", "Push", "Sync", "Verify", "Delete", "Scan again"]
    assert window.actions_.delete not in window.commands.actions()
    window.sidebar.choose(ALL)
    assert window.actions_.delete in window.commands.actions()


def test_a_revision_gets_a_name(seen: Seen) -> None:
    seen.show("team")
    seen.choose("org/there")
    seen.window.actions_.remote.tag.trigger()
    dialog = seen.dialog(TagDialog)
    dialog.name.setEditText("staging")
    dialog.ok.click()
    seen.wait(lambda: "staging leads to" in seen.said())
    rows = seen.page.table
    seen.wait(lambda: any("staging" in r.revisions[0].refs for r in rows.rows if r.repo_id == "org/there"))


def test_a_copy_and_a_sync_go_from_place_to_place(seen: Seen) -> None:
    seen.show("team")
    seen.choose("org/there")
    seen.window.actions_.remote.copy_to.trigger()
    copying = seen.dialog(CopyDialog)
    seen.wait(copying.ok.isEnabled)
    assert copying.destination.place == "backup"
    copying.ok.click()
    seen.wait(lambda: "Copied org/there to backup" in seen.said())
    seen.window.actions_.remote.sync.trigger()
    syncing = seen.dialog(SyncDialog)
    seen.wait(syncing.ok.isEnabled)
    assert [item.key.repo_id for item in syncing.plan.todo] == ["org/both"] if syncing.plan else False
    syncing.ok.click()
    seen.wait(lambda: "backup has all of it now" in seen.said())
    seen.show("backup")
    assert seen.where() == {"org/both": "both", "org/here": "here", "org/there": "there"}


def test_what_is_followed_comes_and_is_counted_in_the_sidebar(seen: Seen) -> None:
    seen.show("team")
    seen.choose("org/there")
    seen.window.actions_.remote.follow.trigger()
    dialog = seen.dialog(FollowDialog)
    dialog.interval.setCurrentIndex(2)
    dialog.ok.click()
    seen.wait(lambda: any(row.repo_id == "org/there" for row in seen.app.session.table.rows))
    model = seen.window.sidebar.model()
    role = Qt.ItemDataRole.AccessibleTextRole
    seen.wait(lambda: any("follows 1" in model.index(n, 0).data(role) for n in range(model.rowCount())))
    assert seen.app.session.following.minutes("team") == 60


def test_a_remote_that_went_says_so_and_is_grey(seen: Seen) -> None:
    seen.show("team")
    seen.store.rename(seen.store.with_name("gone"))
    seen.window.actions_.refresh.trigger()
    seen.wait(lambda: seen.app.session.remotes.listing("team").error)
    assert seen.page.notice.isVisible()
    assert seen.where()  # what it held before is still to be seen
    model = seen.window.sidebar.model()
    role = Qt.ItemDataRole.AccessibleTextRole
    seen.wait(lambda: "team away" in [model.index(n, 0).data(role) for n in range(model.rowCount())])
    seen.store.with_name("gone").rename(seen.store)
    seen.page.again.click()
    seen.wait(lambda: not seen.page.notice.isVisible())


def test_a_remote_is_added_tested_and_removed(seen: Seen, tmp_path: Path) -> None:
    (tmp_path / "third").mkdir()
    seen.wait(lambda: seen.app.session.remotes.views)
    seen.window.sidebar.remote_wanted.emit()
    dialog = seen.dialog(RemoteDialog)
    dialog.save.click()
    assert dialog.form.name_field.problem == "Give it a name."
    dialog.form.name.setText("third")
    dialog.form.folder.setText(str(tmp_path / "third"))
    dialog.test.click()
    seen.wait(lambda: dialog.checks.checks and dialog.test.isEnabled())
    assert {check.outcome for check in dialog.checks.checks} <= {"ok", "warn"}
    dialog.save.click()
    seen.wait(lambda: seen.window.sidebar.scope == remote_scope("third"))
    seen.wait(lambda: seen.page.notice.text.startswith("Nothing is there yet"))
    seen.window.actions_.remote.remove.trigger()
    from modelkeep_gui.dialogs.confirm_dialog import ConfirmDialog

    seen.dialog(ConfirmDialog).confirm.click()
    seen.wait(lambda: seen.app.session.remotes.view("third") is None)
    assert seen.window.sidebar.scope == ALL

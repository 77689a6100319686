"""The dialogs about remotes: what they ask, what they say, and when they can be accepted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from modelkeep.errors import RemoteUnreachable
from modelkeep.keys import ModelKey
from modelkeep.named_remotes import Follow
from modelkeep.remote.plans import CopyPlan, SyncAction, SyncItem, SyncPlan
from modelkeep.remote.values import Collection, Garbage, RemoteDeletion
from modelkeep.rows import RootView
from modelkeep_gui.dialogs.collection_dialog import CollectionDialog
from modelkeep_gui.dialogs.copy_dialog import CopyDialog, CopyRequest
from modelkeep_gui.dialogs.fetch_dialog import FetchDialog
from modelkeep_gui.dialogs.follow_dialog import FollowAnswer, FollowDialog
from modelkeep_gui.dialogs.remote_deletion_dialog import RemoteDeletionDialog
from modelkeep_gui.dialogs.sync_dialog import SyncDialog, SyncRequest
from modelkeep_gui.dialogs.tag_dialog import TagDialog
from support.accessible import nameless
from support.downloads import plan
from support.remote_rows import TEAM
from support.rows import NOW, revision_row
from support.windows import seen

ROOT = RootView("/models/hub", "hub", "ready", "", True, 0, 0, 0, 0, 0, 0, 1, 500, 96, (), 0.0)
BACKUP = replace(TEAM, name="backup", url="/backup")
KEY = ModelKey("org/name", "a" * 40)
AWAY = RemoteUnreachable("No answer.", hint="Is it on?")


@pytest.fixture
def above(qtbot: QtBot) -> QWidget:
    above = QWidget()
    qtbot.addWidget(above)
    return above


# ---- copying and moving


def copied(**values: object) -> CopyPlan:
    return replace(CopyPlan("team", "backup", KEY, ("main",), 3_000_000, 2_000_000), **values)  # type: ignore[arg-type]


def test_a_copy_offers_every_place_but_where_it_is(above: QWidget) -> None:
    dialog = CopyDialog("hf@org/name", "team", [TEAM, BACKUP], [ROOT], above)
    assert [dialog.destination.itemText(n) for n in range(dialog.destination.count())] == ["backup", "hub"]


def test_a_copy_is_planned_again_for_another_place(above: QWidget, qtbot: QtBot) -> None:
    dialog = CopyDialog("hf@org/name", "team", [TEAM, BACKUP], [ROOT], above)
    with qtbot.waitSignal(dialog.plan_requested) as asked:
        dialog.destination.setCurrentIndex(1)
    assert asked.args == [CopyRequest("hf@org/name", "team", "/models/hub", False)]
    assert not dialog.ok.isEnabled()
    dialog.set_plan(copied())
    assert dialog.ok.isEnabled()
    assert dialog.ok.text() == "&Copy, send 2.0 MB"


def test_a_move_says_in_red_what_goes(above: QWidget) -> None:
    dialog = CopyDialog("hf@org/name", "team", [TEAM, BACKUP], [ROOT], above, move=True)
    gone = RemoteDeletion("team", KEY, ("a" * 40,), ("main",), 3_000_000, 60.0)
    dialog.set_plan(copied(moves=True, deletion=gone))
    assert "it is deleted from team: 3.0 MB can be freed there." in dialog.goes.text
    assert dialog.ok.text() == "&Move, send 2.0 MB"


def test_a_failed_plan_can_be_looked_at_again(above: QWidget, qtbot: QtBot) -> None:
    dialog = CopyDialog("hf@org/name", "team", [TEAM, BACKUP], [], above)
    dialog.open()
    dialog.ask()
    dialog.show_failure(AWAY)
    assert dialog.wait.notice.text == "No answer. Is it on?"
    assert not dialog.ok.isEnabled()
    with qtbot.waitSignal(dialog.plan_requested):
        dialog.wait.again.click()
    assert dialog.wait.is_waiting


# ---- fetching


def test_what_goes_for_what_comes_is_said_first_and_once(above: QWidget) -> None:
    goes = "To keep this cache within its limits, org/old go to the trash first."
    dialog = FetchDialog("team", ["hf@org/a", "hf@org/b"], [ROOT], "", above)
    dialog.open()
    dialog.ask()
    dialog.set_plan("hf@org/a", replace(plan(), notes=("It is gated.", goes)))
    dialog.set_plan("hf@org/b", replace(plan(), notes=(goes,)))
    assert dialog.notes.texts == [goes, "It is gated."]
    dialog.ask()
    assert dialog.notes.texts == []


def test_of_many_notes_the_rest_is_counted(above: QWidget) -> None:
    dialog = FetchDialog("team", ["hf@org/a"], [ROOT], "", above)
    dialog.set_plan("hf@org/a", replace(plan(), notes=tuple("abcdefg")))
    assert dialog.notes.texts == ["a", "b", "c", "d", "and 3 more"]


def test_enter_fetches_once_there_is_a_plan(above: QWidget, qtbot: QtBot) -> None:
    dialog = FetchDialog("team", ["hf@org/a"], [ROOT], "", above)
    dialog.open()
    dialog.ask()
    assert dialog.focusWidget() is not dialog.fetch
    dialog.set_plan("hf@org/a", plan())
    assert dialog.focusWidget() is dialog.fetch
    with qtbot.waitSignal(dialog.accepted):
        qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)


def test_who_went_elsewhere_meanwhile_is_left_there(above: QWidget) -> None:
    dialog = FetchDialog("team", ["hf@org/a"], [ROOT], "", above)
    dialog.open()
    dialog.ask()
    dialog.target.root.setFocus()
    dialog.set_plan("hf@org/a", plan())
    assert dialog.focusWidget() is dialog.target.root


# ---- syncing

ITEMS = (
    SyncItem(SyncAction.SAME, ModelKey("org/same", "c" * 40)),
    SyncItem(SyncAction.COPY, KEY, ("main", "production"), 3_000_000, 3_000_000, "It is not there."),
    SyncItem(SyncAction.DELETE, ModelKey("org/old", "d" * 40), ("main",), why="It is not at the origin."),
)


def test_a_sync_shows_what_it_does_and_deletions_first(above: QWidget) -> None:
    dialog = SyncDialog([TEAM, BACKUP], [ROOT], "team", above)
    dialog.open()
    assert dialog.request == SyncRequest("team", "backup", False)
    dialog.set_plan(SyncPlan("team", "backup", ITEMS, deletes=True))
    rows = dialog.table.model()
    assert [rows.index(row, 1).data() for row in range(rows.rowCount())] == ["Deleted", "Copied"]
    assert dialog.danger.text == "1 revision is deleted from backup."
    assert dialog.ok.text() == "&Sync: send 3.0 MB, delete 1"
    assert dialog.cancel.isDefault()
    assert not nameless(dialog)
    dialog.set_plan(SyncPlan("team", "backup", ITEMS[:2]))
    assert dialog.ok.isDefault()
    dialog.set_plan(SyncPlan("team", "backup", ITEMS[2:], deletes=True))
    assert dialog.ok.text() == "&Sync: delete 1"
    assert dialog.totals.text() == "1 deleted"


def test_deleting_is_off_until_it_is_wanted(above: QWidget, qtbot: QtBot) -> None:
    dialog = SyncDialog([TEAM, BACKUP], [], "team", above)
    assert not dialog.deletes.isChecked()
    with qtbot.waitSignal(dialog.plan_requested) as asked:
        dialog.deletes.click()
    assert asked.args == [SyncRequest("team", "backup", True)]
    assert not dialog.ok.isEnabled()


def test_a_sync_with_nothing_to_do_cannot_be_begun(above: QWidget) -> None:
    dialog = SyncDialog([TEAM, BACKUP], [], "team", above)
    dialog.open()
    dialog.set_plan(SyncPlan("team", "backup", ITEMS[:1]))
    assert not dialog.ok.isEnabled()
    assert "backup has all that team has" in seen(dialog)


def test_no_place_is_synced_to_itself(above: QWidget) -> None:
    dialog = SyncDialog([TEAM, BACKUP], [ROOT], "team", above)
    dialog.origin.setCurrentIndex(dialog.origin.findData("backup"))
    assert dialog.destination.findData("backup") == -1


# ---- deleting there


def test_what_can_be_brought_back_says_for_how_long(above: QWidget) -> None:
    plan = RemoteDeletion("team", KEY, ("a" * 40,), ("main",), 3_000_000, 7 * 86_400.0, ("hf@org/child",))
    dialog = RemoteDeletionDialog(plan, above)
    dialog.open()
    assert "for 7 d at least" in seen(dialog)
    assert "Made from it, and there still: org/child" in seen(dialog)
    assert dialog.delete.isEnabled()
    assert dialog.cancel.isDefault()


def test_what_goes_for_good_has_to_be_named(above: QWidget, qtbot: QtBot) -> None:
    dialog = RemoteDeletionDialog(RemoteDeletion("hub", KEY, ("a" * 40,), ("main",), 0), above)
    dialog.open()
    assert not dialog.delete.isEnabled()
    qtbot.keyClicks(dialog.name, "org/nam")
    assert not dialog.delete.isEnabled()
    qtbot.keyClicks(dialog.name, "e")
    assert dialog.delete.isEnabled()
    assert dialog.delete.text() == "&Delete for good"


# ---- garbage, names, following


def test_garbage_says_what_is_freed_and_what_is_spared(above: QWidget) -> None:
    dialog = CollectionDialog("team", above)
    dialog.open()
    garbage = (Garbage("blobs/ab/abc", 2_000_000, NOW, "no revision needs it"),)
    dialog.set_plan(Collection("team", 86_400.0, garbage, kept=5_000))
    assert dialog.collect.text() == "&Collect, free 2.0 MB"
    assert "5.0 kB that nothing needs are younger than 24 h and stay" in seen(dialog).replace("1 d", "24 h")
    dialog.set_plan(Collection("team", 86_400.0, ()))
    assert not dialog.collect.isEnabled()


def test_a_name_that_leads_elsewhere_is_warned_of(above: QWidget) -> None:
    old, new = revision_row("a" * 40, refs=("production",)), revision_row("b" * 40, refs=("main",))
    dialog = TagDialog("hf@org/name", [new, old], "b" * 40, above)
    dialog.name.setEditText("production")
    assert dialog.what.text.startswith("production leads to aaaaaaa now.")
    assert dialog.ok.isEnabled()
    dialog.name.setEditText("main")
    assert not dialog.ok.isEnabled()
    dialog.name.setEditText("v3")
    assert dialog.what.text == "The name is new."


def test_what_is_ticked_is_followed(above: QWidget) -> None:
    follows = (Follow("team", ("hf@org/a",), root="/models/hub"), Follow("team", tag="production"))
    dialog = FollowDialog("team", follows, ["hf@org/b"], [ROOT], 60, above)
    assert dialog.answer == FollowAnswer(("hf@org/a", "hf@org/b"), "production", "/models/hub", 60)
    item = dialog.models.item(0)
    assert item is not None
    item.setCheckState(Qt.CheckState.Unchecked)
    assert dialog.answer.keys == ("hf@org/b",)


def test_following_nothing_cannot_be_begun_but_can_be_ended(above: QWidget) -> None:
    dialog = FollowDialog("team", (), [], [ROOT], 0, above)
    assert not dialog.ok.isEnabled()
    dialog = FollowDialog("team", (Follow("team", tag="production"),), [], [ROOT], 0, above)
    dialog.tag.clear()
    assert dialog.ok.isEnabled()
    assert dialog.ok.text() == "&Follow nothing more"

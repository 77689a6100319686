"""What is newer on hubs, as a person sees it and chooses from it."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from modelkeep.errors import RemoteUnreachable
from modelkeep.hub.updates import FileChange, Update
from modelkeep.keys import ModelKey
from modelkeep_gui.dialogs.updates_dialog import UpdatesDialog
from support.accessible import nameless

OLD, NEW = "a" * 40, "b" * 40

NEWER = Update(
    "/models",
    ModelKey("org/newer"),
    "main",
    OLD,
    NEW,
    changes=(
        FileChange("model.safetensors", 4_000_000, 4_100_000),
        FileChange("notes.txt", 10, None),
        FileChange("tokenizer.json", None, 20),
    ),
    bytes_new=4_100_020,
)
SAME = Update("/models", ModelKey("org/same"), "main", OLD, OLD)
AWAY = Update(
    "/models", ModelKey("org/away"), "main", OLD, error=RemoteUnreachable("No answer.", hint="Look at it.")
)
LOCAL = Update("/models", ModelKey("org/local"), "main", OLD, note="made here, no hub has it")


@pytest.fixture
def above(qtbot: QtBot) -> QWidget:
    above = QWidget()
    qtbot.addWidget(above)
    return above


@pytest.fixture
def dialog(above: QWidget) -> UpdatesDialog:
    dialog = UpdatesDialog([SAME, LOCAL, AWAY, NEWER], above)
    dialog.open()
    return dialog


def cells(dialog: UpdatesDialog, row: int) -> list[str]:
    rows = dialog.table.rows
    return [str(rows.index(row, column).data()) for column in range(rows.columnCount())]


def test_what_is_newer_is_first_and_chosen(dialog: UpdatesDialog) -> None:
    assert dialog.windowTitle() == "1 model has something newer"
    assert cells(dialog, 0) == ["org/newer", "3 files differ, aaaaaaa to bbbbbbb", "main", "models", "4.1 MB"]
    assert dialog.table.selected == [NEWER]
    assert dialog.fetch.text() == "&Download 4.1 MB"


def test_each_other_answer_is_said(dialog: UpdatesDialog) -> None:
    said = {cells(dialog, row)[0]: cells(dialog, row)[1] for row in range(4)}
    assert said["org/same"] == "up to date"
    assert said["org/away"] == "No answer."
    assert said["org/local"] == "made here, no hub has it"


def test_the_files_of_the_chosen_one_are_compared(dialog: UpdatesDialog) -> None:
    rows = dialog.changes.model()
    found = [[str(rows.index(row, column).data()) for column in range(4)] for row in range(rows.rowCount())]
    assert found == [
        ["model.safetensors", "changed", "4.0 MB", "4.1 MB"],
        ["notes.txt", "removed", "10 B", ""],
        ["tokenizer.json", "added", "", "20 B"],
    ]


def test_only_what_is_newer_is_fetched(qtbot: QtBot, dialog: UpdatesDialog) -> None:
    dialog.table.selectAll()
    with qtbot.waitSignal(dialog.fetch_requested) as fetched:
        dialog.fetch.click()
    assert fetched.args == [[NEWER]]


def test_without_anything_newer_there_is_nothing_to_fetch(above: QWidget) -> None:
    dialog = UpdatesDialog([SAME, LOCAL], above)
    assert dialog.windowTitle() == "Nothing newer was found"
    assert not dialog.fetch.isEnabled()


def test_everything_has_a_name(dialog: UpdatesDialog) -> None:
    assert nameless(dialog) == []

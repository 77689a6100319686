"""Pushing from the click to what became of it: the dialog over real plans, in a real work process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from modelkeep.hub.profile import NO_PROXY, Profile
from modelkeep.hub.tokens import keep_token
from modelkeep.rows import Selection
from modelkeep.settings import Settings, save_settings
from modelkeep_gui.dialogs.push_dialog import PushDialog
from modelkeep_gui.dialogs.push_result_dialog import PushResultDialog
from modelkeep_gui.dialogs.push_text import name_problem
from modelkeep_gui.jobs.job import Job, JobState
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.library.feed import LibraryFeed
from modelkeep_gui.library.table_model import LibraryTableModel
from modelkeep_gui.operations.push import push
from modelkeep_gui.session import Session
from modelkeep_gui.theme import Theme
from modelkeep_gui.transfers.queue import TransferQueue
from modelkeep_gui.widgets.copy_button import CopyButton
from modelkeep_gui.widgets.message_bar import Message
from support.accessible import nameless, unreachable
from support.push_hub import PushHub
from support.windows import only, seen

COMMIT = "86b5e0934494bd15c9632b12f734a8a67f723594"
MODEL = Selection("/cache", f"hf@google/bert@{COMMIT}")

Dialog = TypeVar("Dialog", bound=QDialog)


class Window:
    """A session with hubs that answer as they are told to, and what was said and begun."""

    def __init__(self, qtbot: QtBot, qapp: QApplication, runner: JobRunner) -> None:
        self.qtbot = qtbot
        self.widget = QWidget()
        qtbot.addWidget(self.widget)
        self.widget.show()
        table = LibraryTableModel()
        feed, transfers = LibraryFeed(runner, table), TransferQueue(runner)
        self.session = Session(runner, table, feed, transfers, Theme(qapp, "light"), Settings())
        self.said: list[Message] = []
        self.jobs: list[Job] = []
        self.session.told.connect(self.said.append)
        runner.added.connect(self.jobs.append)

    def push(self, *selections: Selection) -> PushDialog:
        push(self.session, self.widget, selections or (MODEL,))
        return self.dialog(PushDialog)

    def planned(self, to: str = "alice/bert") -> PushDialog:
        """The dialog about pushing there, with its plan."""
        dialog = self.push()
        self.wait(lambda: bool(dialog.files.rows.values))
        if dialog.form.name.text() != to:
            dialog.form.name.clear()
            self.qtbot.keyClicks(dialog.form.name, to)
            assert not dialog.push.isEnabled(), "the plan is one of another name"
            self.wait(dialog.place.isVisible)
        return dialog

    def dialog(self, kind: type[Dialog]) -> Dialog:
        self.wait(lambda: bool(self._dialogs(kind)))
        return self._dialogs(kind)[-1]

    def _dialogs(self, kind: type[Dialog]) -> list[Dialog]:
        return [dialog for dialog in self.widget.findChildren(kind) if dialog.isVisible()]

    def wait(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=20_000)

    def hear(self) -> Message:
        self.wait(lambda: bool(self.said))
        return self.said.pop()


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, service: str, own_places: Path) -> Iterator[Window]:
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(own_places / "config"))
    palette, style = qapp.palette(), qapp.style().name()
    runner = JobRunner("support.hub_service:HubService")
    yield Window(qtbot, qapp, runner)
    runner.shutdown()
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(palette)


def words(button: QPushButton) -> str:
    return button.text().replace("&", "")


def cells(dialog: PushDialog) -> list[list[str]]:
    rows = dialog.files.rows
    return [
        [rows.index(row, column).data() for column in range(rows.columnCount())]
        for row in range(rows.rowCount())
    ]


def tick(table: object, row: int) -> None:
    rows = table.rows  # type: ignore[attr-defined]
    assert rows.setData(rows.index(row, 0), None, int(Qt.ItemDataRole.CheckStateRole))


def test_the_plan_is_shown_and_the_button_carries_its_figures(window: Window) -> None:
    dialog = window.planned()
    assert dialog.form.source.choice.currentText() == "google/bert@86b5e09"
    assert dialog.form.name.text() == "alice/bert", "below the name of whom the token belongs to"
    assert cells(dialog) == [
        ["README.md", "Changed", "4.1 kB", "4.1 kB"],
        ["config.json", "The same", "820 B", ""],
        ["model.safetensors", "New", "438 MB", "438 MB"],
        [".env", "New", "120 B", "120 B"],
    ]
    assert words(dialog.push) == "Push 3 files, send 438 MB"
    assert "alice/bert gets a new commit on main · the token belongs to alice" in seen(dialog)
    window.wait(lambda: "The model card names no licence." in seen(dialog))
    assert not dialog.form.visibility.isEnabled(), "it is there already"
    assert (nameless(dialog), unreachable(dialog)) == ([], [])


def test_a_file_whose_tick_is_taken_away_is_not_pushed(window: Window) -> None:
    dialog = window.planned()
    dialog.files.setCurrentIndex(dialog.files.rows.index(2, 1))
    window.qtbot.keyClick(dialog.files, Qt.Key.Key_Space)
    assert cells(dialog)[2][1:] == ["Is not pushed", "438 MB", ""]
    assert words(dialog.push) == "Push 2 files, send 4.2 kB"
    dialog.push.click()
    message = window.hear()
    assert (
        message.text == "Pushed 2 files to alice/bert, sent 4.2 kB. The hub has all of them as they are here."
    )


def test_each_secret_is_allowed_by_itself_or_left_out(window: Window) -> None:
    dialog = window.planned("alice/secret")
    assert dialog.secrets.isVisible()
    assert "2 things look like secrets" in dialog.secrets.warning.text
    assert dialog.secrets.table.rows.index(0, 1).data() == "a Hugging Face token, line 3"
    tick(dialog.secrets.table, 0)
    assert not dialog.push.isEnabled()
    tick(dialog.secrets.table, 1)
    assert dialog.push.isEnabled()
    assert list(dialog.answer.allow_secrets) == [".env"]
    tick(dialog.secrets.table, 1)
    tick(dialog.files, 3)
    assert not dialog.secrets.isVisible()
    assert dialog.push.isEnabled()
    assert list(dialog.answer.allow_secrets) == []
    assert [file.path for file in dialog.answer.plan.sent] == ["README.md", "model.safetensors"]


def test_only_a_new_repository_can_be_made_public(window: Window) -> None:
    dialog = window.planned("alice/new")
    assert dialog.answer.plan.private
    assert "alice/new is made, private" in seen(dialog)
    dialog.form.visibility.setCurrentIndex(1)
    assert "everybody can see it" in dialog.place.text
    dialog.form.message.setText("First version")
    assert not dialog.answer.plan.private
    assert dialog.answer.plan.message == "First version"


def test_a_name_is_checked_as_it_is_typed_and_the_own_one_offered(window: Window) -> None:
    dialog = window.planned()
    dialog.form.name.clear()
    window.qtbot.keyClicks(dialog.form.name, "bert")
    assert dialog.form.name_field.problem.startswith("Name the user")
    assert dialog.request is None
    dialog.form.suggestion.click()
    assert dialog.form.name.text() == "alice/bert"
    window.wait(dialog.push.isEnabled)


def test_what_the_hub_refuses_is_said_in_the_dialog(window: Window) -> None:
    dialog = window.push()
    window.wait(lambda: bool(dialog.files.rows.values))
    dialog.form.name.clear()
    window.qtbot.keyClicks(dialog.form.name, "alice/denied")
    window.wait(dialog.again.isVisible)
    assert dialog.notice.text == "The token of alice may only read. Make one that may write."
    assert not dialog.push.isEnabled()


def test_another_question_is_answered_although_one_is_still_being_asked(window: Window) -> None:
    dialog = window.push()
    dialog.form.name.clear()
    window.qtbot.keyClicks(dialog.form.name, "alice/wait")
    window.wait(lambda: "Waiting" in seen(dialog))
    dialog.form.name.clear()
    window.qtbot.keyClicks(dialog.form.name, "alice/other")
    window.wait(dialog.push.isEnabled)
    assert "alice/other gets a new commit" in dialog.place.text


def test_an_answer_to_a_question_that_was_withdrawn_is_not_shown(window: Window) -> None:
    dialog = window.push()
    window.wait(lambda: bool(dialog.files.rows.values))
    dialog.form.name.clear()
    window.qtbot.keyClicks(dialog.form.name, "alice/wait")
    window.wait(lambda: "Waiting" in seen(dialog))
    window.qtbot.keyClicks(dialog.form.name, "/")
    assert "Waiting" not in seen(dialog)
    window.wait(lambda: not window.session.runner.running())
    assert not dialog.place.isVisible()
    assert not dialog.push.isEnabled()


def test_a_hub_without_a_token_is_planned_all_the_same(window: Window) -> None:
    dialog = window.planned()
    dialog.form.profile.setCurrentIndex(2)
    window.wait(dialog.push.isEnabled)
    assert dialog.answer.plan.profile == "Mirror"


def test_a_conflict_can_be_looked_at_again(window: Window) -> None:
    dialog = window.planned("alice/conflict")
    dialog.form.branch.setText("dev")
    dialog.form.delete.click()
    window.wait(dialog.push.isEnabled)
    dialog.push.click()
    message = window.hear()
    assert (message.text, message.action) == ("Somebody else pushed to main meanwhile.", "Look again")
    assert window.jobs[-1].state is JobState.ERRORED
    assert callable(message.about)
    message.about()
    again = window.dialog(PushDialog)
    window.wait(again.push.isEnabled)
    assert (again.form.name.text(), again.form.branch.text()) == ("alice/conflict", "dev")
    assert again.form.delete.isChecked()
    again.reject()
    window.jobs[-1].retry()
    assert window.hear().tone == "good"
    assert window.jobs[-1].summary == "Pushed to alice/conflict"


def test_files_that_differ_are_a_warning(window: Window) -> None:
    window.planned("alice/differs").push.click()
    message = window.hear()
    assert message.tone == "warn"
    assert message.text == "Pushed 3 files to alice/differs, sent 438 MB. But 1 file is not there as sent."
    assert callable(message.about)
    message.about()
    dialog = window.dialog(PushResultDialog)
    assert "1 file is not there as it was sent." in seen(dialog)
    only(dialog, CopyButton).click()
    assert QGuiApplication.clipboard().text() == "https://huggingface.co/alice/differs"
    assert (nameless(dialog), unreachable(dialog)) == ([], [])


def test_a_folder_is_chosen_in_a_dialog_of_the_system(window: Window, tmp_path: Path) -> None:
    dialog = window.push()
    dialog.form.source.browse.click()
    only(dialog, QFileDialog).fileSelected.emit(str(tmp_path))
    window.wait(dialog.push.isEnabled)
    request = dialog.request
    assert request is not None
    assert (request.source, request.to) == (str(tmp_path), f"alice/{tmp_path.name}")


def test_files_that_were_selected_are_counted(window: Window) -> None:
    dialog = window.push(Selection("/cache", "hf@google/bert", ("config.json", "README.md")))
    assert dialog.form.source.choice.currentText() == "google/bert · 2 files"


@pytest.mark.parametrize(
    ("name", "is_right"),
    [("alice/bert", True), ("bert", False), ("", False), ("alice/-x", False), ("a/b/c", False)],
)
def test_names_are_those_that_a_hub_takes(name: str, is_right: bool) -> None:
    assert (name_problem(name) == "") is is_right


def test_a_folder_goes_to_a_real_hub_and_what_it_has_is_told(
    qtbot: QtBot, qapp: QApplication, own_places: Path, tmp_path: Path
) -> None:
    palette, style = qapp.palette(), qapp.style().name()
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_bytes(b'{"model_type": "bert"}')
    (folder / "model.safetensors").write_bytes(bytes(3_000_000))
    (folder / ".env").write_text("HF_TOKEN=hf_" + "a1B2" * 9)
    hub = PushHub()
    with hub:
        save_settings(Settings(profiles=(Profile("Lab", hub.endpoint, NO_PROXY),), default_profile="Lab"))
        keep_token("Lab", "hf_write", in_file=True)
        runner = JobRunner("modelkeep.library:open_library")
        window = Window(qtbot, qapp, runner)
        dialog = window.push(MODEL)
        dialog.form.source.choose(str(folder))
        dialog.form.name.clear()
        qtbot.keyClicks(dialog.form.name, "tester/model")
        window.wait(dialog.place.isVisible)
        assert sorted(line[:2] for line in cells(dialog)) == [
            [".env", "New"],
            ["config.json", "New"],
            ["model.safetensors", "New"],
        ]
        assert not dialog.push.isEnabled()
        tick(dialog.files, [line[0] for line in cells(dialog)].index(".env"))
        assert words(dialog.push) == "Push 2 files, send 3.0 MB"
        dialog.push.click()
        assert window.hear().text.startswith("Pushed 2 files to tester/model, sent 3.0 MB. The hub has all")
        assert hub.content("tester/model", "config.json") == b'{"model_type": "bert"}'
        assert ".env" not in hub.paths("tester/model")
        runner.shutdown()
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(palette)

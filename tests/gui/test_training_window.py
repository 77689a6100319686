"""Fine-tuning in the window; the work process answers as it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from modelkeep.jobs.values import JobStatus
from modelkeep.settings import Settings
from modelkeep_gui.dialogs.allow_unsafe_dialog import AllowUnsafeDialog
from modelkeep_gui.dialogs.confirm_dialog import ConfirmDialog
from modelkeep_gui.jobs.job import Job, JobState
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.library.feed import LibraryFeed
from modelkeep_gui.library.table_model import LibraryTableModel
from modelkeep_gui.operations import training
from modelkeep_gui.session import Revealed, Session
from modelkeep_gui.theme import Theme
from modelkeep_gui.training.about import About
from modelkeep_gui.training.dialog import TrainDialog
from modelkeep_gui.training.page import TrainingsPage
from modelkeep_gui.transfers.queue import TransferQueue
from modelkeep_gui.tryout.window import TryWindow
from modelkeep_gui.widgets.action_button import ActionButton
from modelkeep_gui.widgets.message_bar import Message
from support.accessible import nameless, unreachable
from support.trainings import selection
from support.windows import only, seen

PATIENCE = 20_000
GOOD = "".join(f"text {number}\t{('glad', 'sorry')[number % 2]}\n" for number in range(40))


@dataclass
class Desk:
    """A session, its page of trainings, and what was said."""

    qtbot: QtBot
    session: Session
    widget: QWidget
    page: TrainingsPage
    data: Path
    said: list[Message] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    revealed: list[Revealed] = field(default_factory=list)

    def ask(self, name: str = "org/classifier", text: str = GOOD) -> TrainDialog:
        """Open the dialog, with a file of examples unless `text` is ""."""
        dialog = training.fine_tune(self.session, self.widget, [selection(name)])
        assert dialog is not None
        if text:
            self.data.write_text(text)
            dialog.form.data.set_path(str(self.data))
            self.wait(lambda: not dialog.wait.is_waiting)
        return dialog

    def train(self, to: str = "", name: str = "org/classifier") -> None:
        """Have something trained."""
        dialog = self.ask(name)
        if to:
            dialog.form.name.setText(to)
            dialog.ask()
            self.wait(lambda: dialog.train.isEnabled())
        dialog.train.click()

    def wait(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)

    def of(self, name: str) -> About | None:
        return next((one for one in self.session.trainings.trainings if one.name == name), None)

    def select(self, id: str) -> None:
        """Choose a line, and wait until the pane is about it."""
        self.wait(lambda: self.page.table.choose(id))

    def ends(self, name: str, status: JobStatus) -> About:
        self.wait(lambda: (one := self.of(name)) is not None and one.status is status)
        one = self.of(name)
        assert one is not None
        self.page.table.choose(one.id)
        return one

    def buttons(self) -> list[str]:
        found = self.page.pane.findChildren(ActionButton)
        return [button.text().replace("&", "") for button in found if button.isVisible()]


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, service: str, own_places: Path, tmp_path: Path) -> Iterator[Desk]:
    palette, style = qapp.palette(), qapp.style().name()
    runner, table = JobRunner("support.trainings:TrainService"), LibraryTableModel()
    feed, transfers = LibraryFeed(runner, table), TransferQueue(runner)
    session = Session(runner, table, feed, transfers, Theme(qapp, "light"), Settings())
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(800, 520)
    page = training.make_page(session, widget)
    page.setParent(widget)
    session.trainings.wanted.connect(page.choose)
    page.resize(800, 520)
    desk = Desk(qtbot, session, widget, page, tmp_path / "texts.tsv")
    session.told.connect(desk.said.append)
    session.revealed.connect(desk.revealed.append)
    runner.added.connect(desk.jobs.append)
    widget.show()
    yield desk
    for window in widget.findChildren(TryWindow):
        window.close()
    runner.shutdown()
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(palette)


# The dialog -------------------------------------------------------------------------------------------------------


def test_nothing_can_be_trained_before_a_file_is_chosen(desk: Desk) -> None:
    dialog = desk.ask(text="")
    assert not dialog.train.isEnabled()
    assert not dialog.data.isVisible()
    assert "Fine-tune org/classifier" in seen(dialog)
    assert nameless(dialog) == unreachable(dialog) == []


def test_a_file_says_what_is_in_it_and_what_training_takes(desk: Desk) -> None:
    dialog = desk.ask()
    assert "40 examples · 2 labels · text, tab, label" in dialog.data.text
    assert "glad 20 · sorry 20" in dialog.data.text
    facts = dict(dialog.facts.texts)
    assert facts["Steps"].startswith("40, each of 8 examples · 3 epochs · a checkpoint every 10")
    assert facts["Takes"] == "about 2.0 GB of memory (8.0 GB free) · 1.0 GB on the disk (50 GB free)"
    assert "Modelkeep’s own Python" in facts["Trains"]
    assert "What is trained here may not be pushed to https://den.example." in dialog.notes.texts
    assert dialog.train.text() == "&Train local/classifier-text-classification, 40 steps"
    assert dialog.train.isEnabled()
    assert (nameless(dialog), unreachable(dialog)) == ([], [])
    assert dialog.height() <= 700


def test_each_bad_line_is_named_can_be_copied_and_read_again(desk: Desk) -> None:
    dialog = desk.ask(text=GOOD + "no label\n\tnothing\n")
    assert dialog.data.is_wrong
    assert not dialog.train.isEnabled()
    rows = dialog.data.problems.rows
    assert [(one.line, one.message) for one in rows.values] == [
        (41, "There is no tab, and so no label."),
        (42, "The text is empty."),
    ]
    dialog.data.copy.click()
    assert QGuiApplication.clipboard().text() == (
        "texts.tsv:41: There is no tab, and so no label.\ntexts.tsv:42: The text is empty."
    )
    assert "2 lines are wrong." in seen(dialog)
    desk.data.write_text(GOOD)
    dialog.data.again.click()
    desk.wait(lambda: dialog.train.isEnabled())
    assert not dialog.data.is_wrong


def test_every_refusal_is_a_sentence_with_a_hint(desk: Desk) -> None:
    dialog = desk.ask("den/forbidden")
    assert "Models of this den may not be fine-tuned here. Ask who runs the den." in seen(dialog)
    assert not dialog.train.isEnabled()
    dialog.reject()
    dialog = desk.ask()
    dialog.form.data.set_path("/nowhere/texts.tsv")
    desk.wait(lambda: "cannot be read" in dialog.wait.notice.text)
    assert not dialog.train.isEnabled()


def test_a_file_is_dropped_anywhere_on_the_dialog(desk: Desk) -> None:
    dialog = desk.ask(text="")
    desk.data.write_text(GOOD)
    dropped = QMimeData()
    dropped.setUrls([QUrl.fromLocalFile(str(desk.data))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    dialog.dropEvent(QDropEvent(QPointF(5, 5), copy, dropped, left, none))
    desk.wait(lambda: dialog.train.isEnabled())
    assert dialog.form.data.path == str(desk.data)
    dialog.form.evaluation.dropEvent(QDropEvent(QPointF(5, 5), copy, dropped, left, none))
    assert dialog.form.evaluation.path == str(desk.data)
    assert not dialog.train.isEnabled()
    desk.wait(lambda: dict(dialog.facts.texts)["Measured"] == "on 40 examples of texts.tsv")


def test_a_name_that_nothing_can_have_is_refused_at_its_field(desk: Desk) -> None:
    dialog = desk.ask()
    dialog.form.name.setText("a/b/c/d")
    dialog.ask()
    desk.wait(lambda: dialog.form.name_field.problem)
    assert not dialog.train.isEnabled()
    dialog.form.name.setText("local/there")
    dialog.ask()
    desk.wait(lambda: dialog.train.isEnabled())
    assert "this becomes its next revision" in dialog.form.name_field.problem
    assert not any("is here already" in note for note in dialog.notes.texts)


def test_what_is_folded_away_changes_the_plan(desk: Desk) -> None:
    dialog = desk.ask()
    more = dialog.form.more
    assert not more.isVisible()
    dialog.form.folded.set_open(True)
    assert (nameless(dialog), unreachable(dialog)) == ([], [])
    desk.wait(lambda: more.device.findData("cuda:0") >= 0)
    more.device.setCurrentIndex(more.device.findData("cuda:0"))
    more.method.setCurrentIndex(more.method.findData("lora"))
    more.rate.setText("1e-3")
    more.epochs.setValue(6)
    assert not dialog.train.isEnabled(), "what was planned is not what is asked for now"
    desk.wait(lambda: "80 steps" in dialog.train.text())
    asked = dialog.answer.parameters
    assert (asked.device, asked.method, asked.lr, asked.epochs) == ("cuda:0", "lora", 1e-3, 6.0)
    more.rate.setText("fast")
    dialog.ask()
    assert not dialog.train.isEnabled()
    assert "The learning rate is a number above 0" in seen(dialog)
    more.rate.setText("5e-5")
    more.batch.setValue(2000)
    desk.wait(lambda: dialog.problem.isVisible())
    assert dialog.problem.text == "1.0 GB more are needed on the disk to train it. Free some space."


# How it goes ------------------------------------------------------------------------------------------------------


def test_a_training_is_watched_from_its_beginning_to_its_end(desk: Desk) -> None:
    desk.train()
    one = desk.ends("local/classifier-text-classification", JobStatus.COMPLETED)
    pane, curve = desk.page.pane, desk.session.trainings.curve(one.id)
    assert len(curve.losses) == 40
    assert [point.step for point in curve.measured] == [10, 20, 30, 40]
    assert "Accuracy 90.0 % (the parent 50.0 %)" in pane.notice.text
    assert pane.far.startswith("Step 40 of 40 · epoch 3.0")
    assert desk.buttons() == ["Try it", "Compare with its parent", "Show in the library", "Discard…"]
    assert "Accuracy 90.0 % (the parent 50.0 %)" in pane.metrics.text
    rows = pane.metrics.table.model()
    assert [rows.index(0, column).data() for column in (0, 1, 3, 5)] == ["glad", "95.0 %", "95.0 %", "95.0 %"]
    desk.wait(lambda: "completed" in pane.log.toPlainText() or one.id in pane.log.toPlainText())
    assert nameless(desk.page) == unreachable(desk.page) == []
    (job,) = desk.jobs
    assert (job.summary, job.state) == ("Trained local/classifier-text-classification", JobState.COMPLETED)
    (message,) = desk.said
    assert message.text == "Trained local/classifier-text-classification. Accuracy: 90.0 %."
    assert (message.action, message.tone) == ("Try it", "good")


def test_what_came_of_it_is_shown_tried_and_compared(desk: Desk) -> None:
    desk.train()
    desk.ends("local/classifier-text-classification", JobStatus.COMPLETED)
    actions = desk.page.pane.actions_
    actions["show"].trigger()
    assert desk.revealed[-1].models[0].key == "hf@local/classifier-text-classification"
    actions["compare"].trigger()
    window = only(desk.widget, TryWindow)
    assert window.asking.chosen.key.startswith("hf@local/classifier-text-classification@0ddba11e")


def test_what_breaks_is_told_once_and_can_go_on(desk: Desk) -> None:
    desk.train("local/breaks")
    desk.wait(lambda: desk.said)
    (message,) = desk.said
    assert "It does not fit the memory. Take a smaller batch." in message.text
    assert (message.action, message.tone) == ("Resume", "bad")
    one = desk.ends("local/breaks", JobStatus.ERRORED)
    assert "What was done is kept." in desk.page.pane.notice.text
    assert desk.buttons() == ["Resume", "Discard…"]
    assert callable(message.about)
    message.about()
    desk.ends("local/breaks", JobStatus.COMPLETED)
    assert [step for step, _ in desk.session.trainings.curve(one.id).losses] == list(range(1, 41))
    assert [one.action for one in desk.said] == ["Resume", "Try it"]


def test_a_training_is_cancelled_and_can_go_on(desk: Desk) -> None:
    desk.train("local/endless")
    desk.wait(lambda: (one := desk.of("local/endless")) is not None and one.status is JobStatus.RUNNING)
    one = desk.of("local/endless")
    assert one is not None
    desk.select(one.id)
    desk.wait(lambda: desk.buttons() == ["Cancel"])
    desk.page.pane.actions_["cancel"].trigger()
    desk.ends("local/endless", JobStatus.CANCELED)
    desk.wait(lambda: desk.jobs[0].state is JobState.CANCELED)
    assert desk.page.pane.notice.text == "It was cancelled. What was done is kept."
    assert not desk.said, "who cancels need not be told"


def test_a_dangerous_model_is_trained_only_when_its_name_was_typed(desk: Desk) -> None:
    desk.train(name="org/unsafe")
    desk.wait(lambda: desk.widget.findChildren(AllowUnsafeDialog))
    dialog = only(desk.widget, AllowUnsafeDialog)
    desk.qtbot.keyClicks(dialog.field, "org/unsafe")
    dialog.allow.click()
    desk.ends("local/unsafe-text-classification", JobStatus.COMPLETED)


# Those of other programs ------------------------------------------------------------------------------------------


def test_trainings_of_other_programs_are_there_too(desk: Desk) -> None:
    desk.wait(lambda: len(desk.session.trainings.trainings) == 3)
    rows = desk.page.table.rows
    states = [rows.index(row, 2).data() for row in range(3)]
    assert states == ["waits, number 2", "is next", "stopped, can go on"]
    desk.select("lost")
    desk.wait(lambda: len(desk.page.pane._feed.curve("lost").losses) == 10)
    assert desk.buttons() == ["Resume", "Discard…"]
    assert "The program that ran it ended. What was done is kept." in desk.page.pane.notice.text


def test_what_waits_changes_places(desk: Desk) -> None:
    desk.select("waits-2")
    assert desk.buttons() == ["Cancel", "Move up", "Move down"]
    actions = desk.page.pane.actions_
    assert actions["up"].isEnabled()
    assert not actions["down"].isEnabled()
    actions["up"].trigger()
    desk.wait(lambda: (one := desk.session.trainings.find("waits-2")) is not None and one.place == 1)
    desk.wait(lambda: actions["down"].isEnabled())
    assert desk.page.table.selected == "waits-2"
    actions["cancel"].trigger()
    desk.wait(
        lambda: (
            (one := desk.session.trainings.find("waits-2")) is not None and one.status is JobStatus.CANCELED
        )
    )


def test_what_is_discarded_says_first_what_that_frees(desk: Desk) -> None:
    desk.select("lost")
    desk.page.pane.actions_["discard"].trigger()
    dialog = only(desk.widget, ConfirmDialog)
    assert "It cannot go on after that." in seen(dialog)
    assert dialog.confirm.text() == "Discard, free 0 B"
    dialog.confirm.click()
    desk.wait(lambda: desk.session.trainings.find("lost") is None)
    assert desk.said[-1].text == "The training of local/other was discarded: 3.0 GB freed."


def test_others_are_looked_at_only_while_the_page_is_seen(desk: Desk) -> None:
    feed = desk.session.trainings
    assert feed._timer.isActive()
    desk.page.hide()
    assert not feed._timer.isActive()
    desk.page.show()
    assert feed._timer.isActive()


def test_what_ended_with_the_window_is_offered_once_at_the_next_start(desk: Desk, tmp_path: Path) -> None:
    store = QSettings(str(tmp_path / "layout.ini"), QSettings.Format.IniFormat)
    store.setValue("trainings/begun", ["lost", "forgotten"])
    training.offer_interrupted(desk.session, desk.widget, store)
    desk.wait(lambda: desk.said)
    (message,) = desk.said
    assert message.text == "The training of local/other was interrupted. It can go on from where it was."
    assert (message.action, message.seconds) == ("Resume", 0)
    looks: list[object] = []
    training.offer_interrupted(desk.session, desk.widget, store)
    desk.session.trainings.changed.connect(looks.append)
    desk.wait(lambda: looks)
    assert desk.said == [message]
    assert callable(message.about)
    message.about()
    assert store.value("trainings/begun") == ["lost"], "this window began it now"
    desk.wait(lambda: (one := desk.session.trainings.find("lost")) is not None and one.has_result)
    assert not store.value("trainings/begun"), "it saw the end of it"


def test_the_keyboard_reaches_everything_on_the_page(desk: Desk) -> None:
    desk.select("waits-1")
    for number in range(desk.page.pane.tabs.count()):
        desk.page.pane.tabs.setCurrentIndex(number)
        assert (nameless(desk.page), unreachable(desk.page)) == ([], [])
    desk.page.table.setFocus()
    desk.qtbot.keyClick(desk.page.table, Qt.Key.Key_Up)
    assert desk.page.table.selected == "waits-2"

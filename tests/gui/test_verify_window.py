"""Verifying, mending and trial loads from the click to what is said; the work process answers as it is told."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from modelkeep.checking.outcome import Outcome, Verdict, Verified
from modelkeep.details import Trusted
from modelkeep.errors import ModelKeepError
from modelkeep.mending.mend import Mended, MendResult
from modelkeep.mending.origin import Origin, Where
from modelkeep.mending.plan import MendPlan
from modelkeep.rows import Selection
from modelkeep.settings import Settings
from modelkeep_gui.details.facts import Fact, sections
from modelkeep_gui.details.pane import DetailsPane
from modelkeep_gui.dialogs import mend_text, trial_text, verify_text
from modelkeep_gui.dialogs.allow_unsafe_dialog import AllowUnsafeDialog
from modelkeep_gui.dialogs.error_dialog import ErrorDialog
from modelkeep_gui.dialogs.mend_dialog import MendDialog, MendWish
from modelkeep_gui.dialogs.trial_dialog import TrialDialog
from modelkeep_gui.dialogs.trial_result_dialog import TrialResultDialog
from modelkeep_gui.dialogs.verify_dialog import VerifyDialog
from modelkeep_gui.jobs.job import Job, JobState
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.library.columns import columns, state_text, verified_text
from modelkeep_gui.library.feed import LibraryFeed
from modelkeep_gui.library.table_model import LibraryTableModel
from modelkeep_gui.operations import mend, trial, verify
from modelkeep_gui.session import Session
from modelkeep_gui.theme import Theme
from modelkeep_gui.transfers.queue import TransferQueue
from modelkeep_gui.widgets.folded import Folded
from modelkeep_gui.widgets.link_button import LinkButton
from modelkeep_gui.widgets.message_bar import Message
from support.accessible import nameless, unreachable
from support.caches import CacheMaker
from support.details import MAIN, model_details
from support.rows import DAY, NOW, model_row
from support.trust import (
    BAD,
    COMMIT,
    FAILS,
    FROM_ARCHIVE,
    FROM_CACHE,
    FROM_HUB,
    GONE,
    GOOD,
    LOOSE,
    NAME,
    ROOT,
    WORKS,
    ScriptedHubs,
    check,
    item,
    verification,
)
from support.windows import seen

PATIENCE = 20_000

Dialog = TypeVar("Dialog", bound=QDialog)


class Feed(LibraryFeed):
    """Counts how often it is told to look, and does not."""

    looks = 0

    def refresh(self) -> None:
        self.looks += 1


@dataclass
class Window:
    """What the operations work with, and what was said and begun."""

    qtbot: QtBot
    session: Session
    widget: QWidget
    said: list[Message]
    jobs: list[Job]

    def dialog(self, kind: type[Dialog]) -> Dialog:
        """The dialog of that kind, once it is open."""
        self.wait(lambda: bool(self.dialogs(kind)))
        return self.dialogs(kind)[0]

    def dialogs(self, kind: type[Dialog]) -> list[Dialog]:
        return [dialog for dialog in self.widget.findChildren(kind) if dialog.isVisible()]

    def wait(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE)

    def wait_for_message(self) -> Message:
        self.wait(lambda: bool(self.said))
        return self.said.pop()

    @property
    def feed(self) -> Feed:
        assert isinstance(self.session.feed, Feed)
        return self.session.feed

    def ask_something_else(self) -> None:
        answers: list[object] = []
        self.session.runner.run("", "hubs.offline", visible=False, on_done=answers.append)
        self.wait(lambda: bool(answers))

    def verify(self, *names: str) -> None:
        verify.verify(self.session, self.widget, [chosen(name) for name in names])


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, service: str, own_places: Path) -> Iterator[Window]:
    palette, style = qapp.palette(), qapp.style().name()
    runner, table = JobRunner("support.trust:TrustService"), LibraryTableModel()
    feed = Feed(runner, table)
    session = Session(runner, table, feed, TransferQueue(runner), Theme(qapp, "light"), Settings())
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(1000, 700)
    widget.show()
    window = Window(qtbot, session, widget, [], [])
    session.told.connect(window.said.append)
    runner.added.connect(window.jobs.append)
    yield window
    runner.shutdown()
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(palette)


@pytest.fixture
def real(window: Window, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    """The same with the library itself, on the caches “hub” and “spare”."""
    roots = [tmp_path / "hub", tmp_path / "spare"]
    for root in roots:
        root.mkdir()
    monkeypatch.setenv("MODELKEEP_ROOTS", os.pathsep.join(map(str, roots)))
    runner, table = JobRunner("modelkeep.library:open_library"), LibraryTableModel()
    feed = LibraryFeed(runner, table)
    session = Session(runner, table, feed, TransferQueue(runner), window.session.theme, Settings())
    real = Window(qtbot, session, window.widget, [], [])
    session.told.connect(real.said.append)
    runner.added.connect(real.jobs.append)
    yield real
    feed.stop()
    runner.shutdown()


@pytest.fixture
def above(qtbot: QtBot) -> QWidget:
    above = QWidget()
    qtbot.addWidget(above)
    above.show()
    return above


def chosen(name: str) -> Selection:
    return Selection(ROOT, f"hf@{name}@{COMMIT}")


# Verifying --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("checks", "words"),
    [
        ([], "There is no model to verify."),
        ([check()], f"Verified {NAME}: all files are what they should be."),
        ([check("org/a"), check("org/b")], "Verified 2 models: all files are what they should be."),
        (
            [check("org/a", LOOSE), check("org/b"), check("org/c")],
            "Verified 3 models: nothing is wrong, but nothing says what all files of 1 of them should be.",
        ),
        (
            [check("org/a", LOOSE)],
            "Verified org/a: nothing is wrong, but nothing says what all of its files should be.",
        ),
        ([check("org/a", BAD)], "org/a is not what it should be."),
        ([check("org/a", BAD), check("org/b")], "1 of 2 models is not what it should be."),
        (
            [check("org/a", BAD), check("org/b", GONE), check("org/c")],
            "2 of 3 models are not what they should be.",
        ),
    ],
)
def test_the_sentence_about_a_verification(checks: list, words: str) -> None:
    assert verify_text.summary(verification(*checks)) == words


def test_when_all_is_good_it_is_said_quietly(window: Window) -> None:
    window.verify("org/a", "org/b")
    message = window.wait_for_message()
    assert message.text == "Verified 2 models: all files are what they should be."
    assert message.tone == "good"
    [job] = window.jobs
    assert (job.title, job.summary, job.call.lane) == ("Verify 2 models", message.text, "verify")
    assert window.feed.looks == 1
    assert not window.dialogs(QDialog)


def test_without_a_selection_all_are_verified(window: Window) -> None:
    window.verify()
    assert seen(window.dialog(VerifyDialog)).startswith("org/bad is not what it should be")
    assert window.jobs[0].title == "Verify all models"
    assert window.jobs[0].summary == "1 of 2 models is not what it should be."
    assert window.jobs[0].error is None, "it did all that it should; what it found is bad"
    assert "vocab.txt" in window.jobs[0].findings or "model.safetensors" in window.jobs[0].findings
    assert window.feed.looks == 1


def test_a_verification_rests_and_goes_on(window: Window, tmp_path: Path) -> None:
    gate = tmp_path / "wait"
    window.verify(str(gate))
    [job] = window.jobs
    window.wait(lambda: job.progress is not None)
    job.pause()
    assert job.is_paused
    window.ask_something_else()  # messages are read in their order: the pause was, too
    gate.touch()
    window.ask_something_else()
    assert job.state is JobState.RUNNING, "what is paused does not end"
    job.resume()
    window.wait(lambda: job.state is JobState.COMPLETED)


def test_the_result_waits_for_another_question(window: Window) -> None:
    other = QDialog(window.widget)
    other.open()
    window.verify("org/bad")
    message = window.wait_for_message()
    assert (message.text, message.action) == ("org/bad is not what it should be.", "Show")
    assert not window.dialogs(VerifyDialog)
    other.close()
    assert callable(message.about)
    message.about()
    assert window.dialogs(VerifyDialog)


def test_the_dialog_says_of_each_file_what_is_wrong_and_what_to_do(above: QWidget) -> None:
    dialog = VerifyDialog(verification(check("org/a", GOOD, BAD, GONE)), above)
    dialog.open()
    rows = dialog.files.model()
    assert [[rows.index(row, column).data() for column in range(3)] for row in range(rows.rowCount())] == [
        ["model.safetensors", "wrong content", "433 MB"],
        ["vocab.txt", "missing", ""],
    ]
    assert "Its content is not what its checksum says. Mending fetches a good one" in seen(dialog)
    assert "modelkeep" not in seen(dialog), "a command for a terminal helps nobody here"
    dialog.files.setCurrentIndex(rows.index(1, 0))
    assert "It is not here, but the repository has it. Mending fetches it." in seen(dialog)
    assert "main 551ca18 · 1 file bad, 1 file missing · /models/hub" in seen(dialog)
    assert nameless(dialog) == unreachable(dialog) == []


def test_the_dialog_goes_by_models_where_there_are_several(above: QWidget) -> None:
    dialog = VerifyDialog(verification(check("org/a", BAD), check("org/b", GONE), check("org/c")), above)
    dialog.open()
    assert [one.key.repo_id for one in dialog.models.rows.values] == ["org/a", "org/b"]
    dialog.models.selectRow(1)
    assert [dialog.files.model().index(0, 0).data()] == ["vocab.txt"]
    dialog.copy.click()
    copied = QGuiApplication.clipboard().text()
    assert "hf@org/b@551ca18e" in copied
    assert "org/c" not in copied
    assert nameless(dialog) == unreachable(dialog) == []


def test_only_what_is_bad_goes_on_to_be_mended(qtbot: QtBot, above: QWidget) -> None:
    dialog = VerifyDialog(verification(check("org/a", BAD), check("org/b")), above)
    dialog.open()
    with qtbot.waitSignal(dialog.mend_requested) as wanted:
        dialog.mend.click()
    assert [one.key.repo_id for one in wanted.args[0].revisions] == ["org/a"]


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome.is_bad])
def test_every_bad_outcome_has_words_and_advice(outcome: Outcome) -> None:
    assert "-" not in verify_text.outcome_text(outcome)
    assert verify_text.advice(BAD._replace(outcome=outcome)).endswith(".")


# Mending ----------------------------------------------------------------------------------------------------------


def test_from_what_is_bad_to_what_is_mended(window: Window) -> None:
    window.verify("org/bad")
    window.dialog(VerifyDialog).mend.click()
    dialog = window.dialog(MendDialog)
    window.wait(lambda: dialog.mend.isEnabled() and dialog.sources.profile.count() == 2)
    assert dialog.mend.text() == "&Mend 1 file, copy 213 kB"
    assert "No other cache has it. Let a hub be asked for it." in seen(dialog)
    dialog.sources.hub.click()
    window.wait(lambda: dialog.mend.isEnabled())
    assert dialog.mend.text() == "&Mend 2 files, fetch 433 MB"
    assert dialog.answer.items[0].origin == FROM_HUB
    dialog.mend.click()
    message = window.wait_for_message()
    assert (message.text, message.tone) == ("Mended 2 files. The bad content is in the trash.", "good")
    assert window.jobs[-1].call.lane == ROOT
    window.wait(lambda: not window.session.runner.running())
    assert window.feed.looks == 3, "after verifying, mending and verifying again"


def test_a_damaged_file_of_a_real_cache_is_mended_from_another_cache(real: Window, tmp_path: Path) -> None:
    files = {"config.json": b'{"model_type": "bert"}', "vocab.txt": b"one\ntwo\n"}
    commit = CacheMaker(tmp_path / "hub").add("org/name", files)
    CacheMaker(tmp_path / "spare").add("org/name", files)
    blob = (tmp_path / "hub" / "models--org--name" / "snapshots" / commit / "vocab.txt").resolve()
    blob.write_bytes(b"one\nTWO\n")
    root = str(tmp_path / "hub")
    verify.verify(real.session, real.widget, [Selection(root, f"hf@org/name@{commit}")])
    found = real.dialog(VerifyDialog)
    assert found.files.model().index(0, 0).data() == "vocab.txt"
    found.mend.click()
    dialog = real.dialog(MendDialog)
    real.wait(lambda: dialog.mend.isEnabled())
    assert dialog.mend.text() == "&Mend 1 file, copy 8 B"
    assert dialog.files.model().index(0, 1).data() == "cache spare"
    dialog.mend.click()
    assert real.wait_for_message().text == "Mended 1 file. The bad content is in the trash."
    assert (
        tmp_path / "hub" / "models--org--name" / "snapshots" / commit / "vocab.txt"
    ).read_bytes() == files["vocab.txt"]
    real.wait(lambda: [row.verified for row in real.session.table.rows if row.root == root] == ["good"])


def test_what_could_not_be_mended_is_said_in_a_dialog(window: Window) -> None:
    mend.mend(window.session, window.widget, verification(check("org/bad", BAD, GONE)))
    dialog = window.dialog(MendDialog)
    window.wait(lambda: dialog.mend.isEnabled())
    dialog.mend.click()
    assert "1 of 2 files could not be mended." in seen(window.dialog(ErrorDialog))


def test_what_was_mended_meanwhile_is_not_mended_again(window: Window) -> None:
    mend.check_and_mend(window.session, window.widget, [chosen("org/a")])
    assert window.wait_for_message().text == "Nothing is left to mend."
    assert not window.dialogs(MendDialog)


@pytest.fixture
def mending(above: QWidget) -> MendDialog:
    dialog = MendDialog(verification(check(NAME, BAD, GONE)), above)
    dialog.open()
    dialog.set_profiles(ScriptedHubs().profiles())
    return dialog


def plan(*items: object, free: int = 96 * 10**9) -> MendPlan:
    return MendPlan(items, free, 5 * 10**9)  # type: ignore[arg-type]


def test_enter_mends_once_there_is_a_plan(qtbot: QtBot, mending: MendDialog) -> None:
    assert mending.focusWidget() is mending.cancel
    mending.set_plan(mending.wish, plan(item(BAD, FROM_CACHE)))
    with qtbot.waitSignal(mending.accepted):
        qtbot.keyClick(mending.focusWidget(), Qt.Key.Key_Return)


def test_archives_are_asked_for_a_plan_too(qtbot: QtBot, mending: MendDialog) -> None:
    with qtbot.waitSignal(mending.plan_wanted) as wanted:
        mending.sources.add_archives(["/media/stick/biobert.zip"])
    assert wanted.args == [MendWish(("/media/stick/biobert.zip",))]
    mending.set_plan(wanted.args[0], plan(item(BAD, FROM_ARCHIVE)))
    assert mending.files.model().index(0, 1).data() == "archive biobert.zip"
    with qtbot.waitSignal(mending.plan_wanted) as wanted:
        mending.sources.clear.click()
    assert wanted.args == [MendWish()]


def test_remotes_are_offered_where_there_are_any(qtbot: QtBot, mending: MendDialog) -> None:
    sources = mending.sources
    assert not sources.remote.isVisible()
    mending.set_remotes(["team", "stick"])
    assert sources.remote.isVisible()
    assert mending.wish == MendWish()
    with qtbot.waitSignal(mending.plan_wanted) as wanted:
        sources.remote.click()
    assert wanted.args == [MendWish(remotes=("team", "stick"))]
    with qtbot.waitSignal(mending.plan_wanted) as wanted:
        qtbot.keyClick(sources.remotes, Qt.Key.Key_Down)
    assert wanted.args == [MendWish(remotes=("team",))]
    found = Origin(Where.REMOTE, "team", "hf@org/name@abc model.safetensors")
    mending.set_plan(wanted.args[0], plan(item(BAD, found)))
    assert mending.files.model().index(0, 1).data() == "remote team"
    assert "fetch" in mending.mend.text()


def test_an_answer_to_an_earlier_question_is_not_shown(mending: MendDialog) -> None:
    before = mending.wish
    mending.sources.hub.click()
    mending.set_plan(before, plan(item(BAD, FROM_CACHE)))
    mending.set_failure(before, ModelKeepError("The archive is gone."))
    assert not mending.mend.isEnabled()
    assert "gone" not in seen(mending)


def test_offline_no_hub_is_offered_and_it_says_why(mending: MendDialog) -> None:
    mending.sources.hub.click()
    assert mending.wish == MendWish(hub=True, profile="Official")
    mending.set_offline("the offline switch is on")
    assert mending.wish == MendWish()
    assert not mending.sources.hub.isEnabled()
    assert "the offline switch is on" in seen(mending)
    mending.set_offline("")
    assert mending.sources.hub.isEnabled()


def test_what_does_not_fit_is_not_begun(mending: MendDialog) -> None:
    mending.set_plan(mending.wish, plan(item(BAD, FROM_HUB), free=5_100_000_000))
    assert not mending.mend.isEnabled()
    assert "more are needed" in mending.room.text


def test_only_what_a_hub_sends_is_called_fetched() -> None:
    some = plan(item(BAD, FROM_ARCHIVE), item(GONE, FROM_HUB))
    assert mend_text.button_text(some) == "&Mend 2 files, fetch 213 kB"


def test_why_nothing_could_be_planned_is_said(mending: MendDialog) -> None:
    mending.set_failure(mending.wish, ModelKeepError("The archive cannot be read.", hint="See it."))
    assert "The archive cannot be read. See it." in seen(mending)
    assert not mending.mend.isEnabled()
    assert nameless(mending) == unreachable(mending) == []


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ([Mended(item(BAD, FROM_HUB), entry="a")], "Mended 1 file. The bad content is in the trash."),
        (
            [Mended(item(BAD, FROM_HUB), entry="a"), Mended(item(LOOSE, FROM_HUB), entry="b")],
            "Mended 2 files. The bad contents are in the trash.",
        ),
        ([Mended(item(GONE, FROM_HUB))], "Mended 1 file."),
        ([Mended(item(BAD), "It is gone."), Mended(item(GONE))], "1 of 2 files could not be mended."),
    ],
)
def test_the_sentence_about_what_was_mended(results: list, words: str) -> None:
    assert mend_text.mended_text(MendResult(tuple(results))) == words


# Trial loads ------------------------------------------------------------------------------------------------------


def test_a_model_that_loads(window: Window) -> None:
    trial.try_loading(window.session, window.widget, [chosen("org/a")])
    window.dialog(TrialDialog).begin.click()
    result = window.dialog(TrialResultDialog)
    assert "org/a loads without a network" in seen(result)
    assert "BertForMaskedLM, 108,310,272 parameters, float32" in seen(result)
    assert window.jobs[0].summary == "org/a loads without a network: 4.2 s"
    assert window.jobs[0].error is None


def test_a_model_that_does_not_load(window: Window) -> None:
    trial.try_loading(window.session, window.widget, [chosen("org/fails")])
    window.dialog(TrialDialog).begin.click()
    result = window.dialog(TrialResultDialog)
    for words in (FAILS.error, FAILS.hint, "It wanted to reach huggingface.co:443, and could not."):
        assert words in seen(result)
    [log] = result.findChildren(Folded)
    assert not log.is_open
    log.set_open(True)
    assert "OSError: vocab.txt" in result.findChildren(QPlainTextEdit)[0].toPlainText()
    assert nameless(result) == unreachable(result) == []
    assert window.jobs[0].error is None
    assert FAILS.error in window.jobs[0].findings


def test_a_dangerous_model_is_loaded_only_after_its_name_was_typed(window: Window) -> None:
    trial.try_loading(window.session, window.widget, [chosen("org/unsafe")])
    window.dialog(TrialDialog).begin.click()
    asked = window.dialog(AllowUnsafeDialog)
    assert "org/unsafe is not safe to load" in seen(asked)
    assert "pytorch_model.bin › archive/data.pkl: It calls os.system." in seen(asked)
    assert not asked.allow.isEnabled()
    asked.field.setText("org/unsaf")
    assert not asked.allow.isEnabled()
    asked.field.setText("org/unsafe")
    assert nameless(asked) == unreachable(asked) == []
    asked.allow.click()
    assert "allowed hf@org/unsafe" in seen(window.dialog(TrialResultDialog))


def test_enter_alone_allows_nothing(qtbot: QtBot, above: QWidget) -> None:
    dialog = AllowUnsafeDialog("org/a", "import", ["It calls os.system."] * 6, above)
    dialog.open()
    assert dialog.allow.text() == "Import all the same"
    assert "and 2 more" in [folded.title for folded in dialog.findChildren(Folded)]
    dialog.field.setFocus()
    with qtbot.assertNotEmitted(dialog.accepted):
        qtbot.keyClick(dialog.field, Qt.Key.Key_Return)


def test_code_of_its_own_runs_only_when_that_is_ticked(above: QWidget) -> None:
    dialog = TrialDialog(NAME, 433_000_000, True, above)
    dialog.open()
    assert "433 MB of memory" in seen(dialog)
    assert not dialog.allow_code
    dialog.code.click()
    assert dialog.allow_code
    assert nameless(dialog) == unreachable(dialog) == []
    plain = TrialDialog(NAME, 0, False, above)
    plain.open()
    assert not plain.code.isVisible()
    assert "memory" not in seen(plain)


def test_what_a_trial_took_is_said() -> None:
    assert trial_text.cost_text(WORKS) == "4.2 s, 1.3 GB of memory"
    assert trial_text.seconds_text(75.0) == "75 s"
    assert trial_text.seconds_text(300.0) == "5 min"


# The details and the table ----------------------------------------------------------------------------------------


def fact(label: str, trusted: Trusted) -> Fact:
    found = sections(model_details(trusted=trusted), NOW)
    return next(one for section in found for one in section.facts if one.label == label)


def verified(
    verdict: Verdict = Verdict.GOOD, *, deep: bool = False, checked: float = NOW - 3 * DAY
) -> Trusted:
    return Trusted(Verified(NOW - 3 * DAY, verdict, deep, checked), None, ())


@pytest.mark.parametrize(
    ("trusted", "text", "remark", "actions"),
    [
        (Trusted(), "never", "", ["verify"]),
        (verified(), "3 d ago", "all is as it should be; every file was read", ["verify"]),
        (
            verified(checked=NOW - 90 * DAY),
            "3 d ago",
            "all is as it should be; what had not changed was read 3 mo ago",
            ["verify"],
        ),
        (
            verified(Verdict.UNPROVEN, deep=True),
            "3 d ago",
            "nothing is wrong, but nothing says what all of its files should be; every file was read",
            ["verify"],
        ),
        (verified(Verdict.DAMAGED), "3 d ago: files are not what they should be", "", ["mend", "verify"]),
        (verified(Verdict.INCOMPLETE), "3 d ago: files are missing", "", ["mend", "verify"]),
    ],
)
def test_when_it_was_verified_and_how(trusted: Trusted, text: str, remark: str, actions: list[str]) -> None:
    found = fact("Verified", trusted)
    assert (found.text, found.remark) == (text, remark)
    assert [action for _, action in found.buttons] == actions


def test_what_it_lacks_for_offline_is_said_in_sentences(qtbot: QtBot) -> None:
    pane = DetailsPane()
    qtbot.addWidget(pane)
    pane.resize(380, 900)
    pane.show()
    lacks = ("It has no tokenizer.", "Its config.json is not here.")
    pane.set_details(model_details(trusted=Trusted(lacks=lacks)))
    assert "\n".join(lacks) in seen(pane.overview)
    assert "offline-ready" not in seen(pane.header)
    pane.set_details(model_details(trusted=verified()))
    assert "offline-ready" in seen(pane.header)
    assert "verified" in seen(pane.header)
    pane.set_details(model_details(trusted=verified(Verdict.DAMAGED)))
    assert "verified" not in seen(pane.header)
    assert "offline-ready" not in seen(pane.header)
    qtbot.waitUntil(lambda: "all that it takes is here, but not all of it is good" in seen(pane.overview))


def test_the_buttons_say_which_revision_they_are_about(qtbot: QtBot) -> None:
    pane = DetailsPane()
    qtbot.addWidget(pane)
    pane.resize(380, 900)
    pane.show()
    pane.set_details(model_details(trusted=verified(Verdict.DAMAGED)))
    buttons = {button.text(): button for button in pane.overview.findChildren(LinkButton)}
    about = Selection("/cache/hub", f"hf@{NAME}@{MAIN}")
    for text, signal in (
        ("Verify again", pane.overview.verify_requested),
        ("Mend…", pane.overview.mend_requested),
        ("Try loading…", pane.overview.trial_requested),
    ):
        with qtbot.waitSignal(signal) as wanted:
            qtbot.keyClick(buttons[text], Qt.Key.Key_Space)
        assert wanted.args == [about]
    assert nameless(pane) == unreachable(pane) == []


def test_the_focus_stays_on_a_button_when_it_says_something_new(qtbot: QtBot) -> None:
    pane = DetailsPane()
    qtbot.addWidget(pane)
    pane.resize(380, 900)
    with qtbot.waitExposed(pane):
        pane.show()
    pane.activateWindow()
    pane.set_details(model_details(trusted=Trusted()))
    first = pane.overview.findChildren(LinkButton)[0]
    first.setFocus()
    qtbot.waitUntil(first.hasFocus)
    pane.set_details(model_details(trusted=verified()))
    focused = pane.focusWidget()
    assert isinstance(focused, LinkButton)
    assert focused.text() == "Verify again"


def test_the_column_says_how_long_ago_it_was(qtbot: QtBot) -> None:
    row = model_row(verified="good", verified_at=0.0)
    assert verified_text(model_row()) == ""
    column = next(column for column in columns() if column.id == "verified")
    assert not column.shown
    assert column.sign is not None
    assert column.sign(row) is None
    bad = row._replace(verified="damaged")
    assert column.sign(bad) is not None
    assert column.tooltip(bad).endswith("files are not what they should be.")
    table = LibraryTableModel()
    table.replace_rows("/cache/hub", [bad])
    index = table.index(0, table.columns.index(next(c for c in table.columns if c.id == "verified")))
    assert not index.data(Qt.ItemDataRole.DecorationRole).isNull()
    said = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert said.startswith("Verified: ")
    assert said.endswith("files are not what they should be."), "a sign says nothing to who cannot see it"


def test_a_model_that_was_found_damaged_is_not_called_whole() -> None:
    assert state_text(model_row(verified="damaged")) == "damaged"
    assert state_text(model_row(verified="unproven")) == "whole"
    assert state_text(model_row(verified="good", state="damaged")) == "damaged"

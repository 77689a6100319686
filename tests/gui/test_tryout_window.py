"""Trying a model in its window; the work process answers as it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from modelkeep.inference.values import Task
from modelkeep.settings import Settings
from modelkeep_gui.dialogs.allow_unsafe_dialog import AllowUnsafeDialog
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.library.feed import LibraryFeed
from modelkeep_gui.library.table_model import LibraryTableModel
from modelkeep_gui.operations import trying
from modelkeep_gui.session import Session
from modelkeep_gui.theme import DARK, LIGHT, Theme, text_upon
from modelkeep_gui.transfers.queue import TransferQueue
from modelkeep_gui.tryout.bars import Bars
from modelkeep_gui.tryout.code_dialog import CodeDialog
from modelkeep_gui.tryout.compare_dialog import CompareDialog
from modelkeep_gui.tryout.image_form import ImageForm
from modelkeep_gui.tryout.marked_text import MarkedText
from modelkeep_gui.tryout.mask_form import MaskForm
from modelkeep_gui.tryout.prompt_form import PromptForm
from modelkeep_gui.tryout.question_form import QuestionForm
from modelkeep_gui.tryout.sequence_form import SequenceForm
from modelkeep_gui.tryout.similarity import SimilarityTable
from modelkeep_gui.tryout.span_table import SpanTable
from modelkeep_gui.tryout.text_form import ClassifyForm, TextForm
from modelkeep_gui.tryout.tints import ground, shade
from modelkeep_gui.tryout.window import TryWindow
from modelkeep_gui.widgets.copy_button import CopyButton
from modelkeep_gui.widgets.link_button import LinkButton
from support.accessible import nameless, unreachable
from support.contrast import contrast
from support.rows import model_row, revision_row
from support.tryouts import COMMIT, ROOT, selection
from support.windows import only, seen

PATIENCE = 20_000


@dataclass
class Desk:
    """A session, what its jobs panel was told of, and windows in which models are tried."""

    qtbot: QtBot
    session: Session
    widget: QWidget
    jobs: list[Job]

    def open(self, name: str) -> TryWindow:
        window = trying.try_it(self.session, self.widget, selection(name))
        self.wait(lambda: bool(window.plans) or bool(window.obstacles.texts))
        return window

    def wait(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)

    def ask(self, window: TryWindow, text: str) -> None:
        """Write this, and press the keys that run it."""
        assert window.form is not None
        only_text(window).setPlainText(text)
        self.press(window, Qt.Key.Key_Return)

    def press(self, window: TryWindow, key: Qt.Key) -> None:
        window.activateWindow()
        self.wait(window.isActiveWindow)
        self.qtbot.keyClick(only_text(window), key, Qt.KeyboardModifier.ControlModifier)

    def answer(self, window: TryWindow) -> None:
        self.wait(lambda: window.exchange.answer is not None and not window.asking.is_running)


def only_text(window: TryWindow) -> QPlainTextEdit:
    assert window.form is not None
    return next(one for one in window.form.findChildren(QPlainTextEdit) if one.isVisible())


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, service: str, own_places: Path) -> Iterator[Desk]:
    palette, style = qapp.palette(), qapp.style().name()
    runner, table = JobRunner("support.tryouts:TryService"), LibraryTableModel()
    feed, transfers = LibraryFeed(runner, table), TransferQueue(runner)
    session = Session(runner, table, feed, transfers, Theme(qapp, "light"), Settings())
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    desk = Desk(qtbot, session, widget, [])
    runner.added.connect(desk.jobs.append)
    yield desk
    for window in widget.findChildren(TryWindow):
        window.close()
    runner.shutdown()
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(palette)


def test_a_sentence_is_classified_with_a_bar_and_a_figure_for_each_label(desk: Desk) -> None:
    window = desk.open("org/classify")
    assert isinstance(window.form, ClassifyForm)
    assert not window.bar.run.isEnabled()
    assert "Write a sentence first." in window.bar.said.text()
    desk.ask(window, "It was a good day.")
    desk.answer(window)
    assert only(window.results, Bars).texts == ["POSITIVE: 93.4 %", "NEGATIVE: 6.6 %"]
    assert "500 ms for the answer · 2.1 s to load · at most 500 MB · cpu · float32" in seen(window)
    window.bar.copy.click()
    assert QGuiApplication.clipboard().text() == "POSITIVE\t0.9340\nNEGATIVE\t0.0660"
    assert nameless(window) == unreachable(window) == []
    assert not desk.jobs, "a try is no job to be watched"


def test_each_line_is_answered_on_its_own(desk: Desk) -> None:
    window = desk.open("org/classify")
    desk.ask(window, "Good.\n\nBad.\n")
    desk.answer(window)
    assert len(window.results.findChildren(Bars)) == 2
    assert "Good. | Bad." in seen(window.results)


def test_what_was_found_is_marked_named_and_listed(desk: Desk) -> None:
    window = desk.open("org/tokens")
    assert isinstance(window.form, TextForm)
    desk.ask(window, "😀 Marie lives in Paris.")
    desk.answer(window)
    assert only(window.results, MarkedText).toPlainText() == "😀 Marie PER lives in Paris LOC."
    spans = only(window.results, SpanTable).rows
    assert [[spans.index(row, column).data() for column in range(4)] for row in range(2)] == [
        ["Marie", "PER", "98.0 %", "2–7"],
        ["Paris", "LOC", "98.0 %", "17–22"],
    ]
    assert nameless(window) == unreachable(window) == []


def test_a_blank_is_put_in_as_the_model_writes_it(desk: Desk) -> None:
    window = desk.open("org/mask")
    form = window.form
    assert isinstance(form, MaskForm)
    form.text.setPlainText("What a ")
    form.text.moveCursor(form.text.textCursor().MoveOperation.End)
    form.insert.click()
    desk.wait(lambda: form.text.toPlainText() == "What a [MASK]")
    desk.wait(lambda: window.bar.run.isEnabled())
    window.bar.run.click()
    desk.answer(window)
    assert only(window.results, Bars).texts == ["day: 70.0 %", "one: 10.0 %"]
    form.text.setPlainText("What a day")
    assert "There is no blank in it" in window.bar.said.text()


def test_sentences_are_compared_with_each_other(desk: Desk) -> None:
    window = desk.open("org/embed")
    desk.ask(window, "one\ntwo\nthree")
    desk.answer(window)
    cells = only(window.results, SimilarityTable).model()
    assert [cells.index(0, column).data() for column in range(3)] == ["1.000", "0.250", "0.250"]
    next(one for one in window.results.findChildren(CopyButton) if one.isVisible()).click()
    assert QGuiApplication.clipboard().text() == "[[0.5, 0.25],\n[0.5, 0.25],\n[0.5, 0.25]]"
    assert nameless(window) == unreachable(window) == []


def test_the_answer_to_a_question_is_marked_where_it_stands(desk: Desk) -> None:
    window = desk.open("org/question")
    form = window.form
    assert isinstance(form, QuestionForm)
    form.question.setText("Where?")
    assert "Write the text in which the answer stands." in window.bar.said.text()
    form.context.setPlainText("It is in Paris.")
    window.bar.run.click()
    desk.answer(window)
    assert "“Paris” (87.0 %)" in seen(window.results)
    assert only(window.results, MarkedText).toPlainText() == "It is in Paris."


def test_a_text_is_translated(desk: Desk) -> None:
    window = desk.open("org/translate")
    assert isinstance(window.form, SequenceForm)
    window.form.target.setText("fr")
    desk.ask(window, "hello")
    desk.answer(window)
    assert window.results.flow.toPlainText() == "<b>0</b> & HELLO"
    answer = window.exchange.answer
    assert answer is not None
    assert answer.options.target_language == "fr"  # type: ignore[union-attr]


def test_an_image_is_shown_and_classified(desk: Desk, tmp_path: Path) -> None:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    image.save(str(tmp_path / "cat.png"))
    window = desk.open("org/image")
    form = window.form
    assert isinstance(form, ImageForm)
    form.choose.click()
    only(form, QFileDialog).filesSelected.emit([str(tmp_path / "cat.png")])
    desk.wait(lambda: form.preview.pixmap().toImage().pixelColor(5, 5).name() == "#ff0000")
    window.bar.run.click()
    desk.answer(window)
    assert only(window.results, Bars).texts == ["cat: 90.0 %"]


def test_text_streams_as_plain_text_and_stops_with_what_has_come(desk: Desk) -> None:
    window = desk.open("org/endless")
    desk.ask(window, "Go")
    desk.wait(lambda: "word word" in window.results.flow.toPlainText())
    assert window.bar.stop.isVisible()
    desk.qtbot.keyClick(only_text(window), Qt.Key.Key_Escape)
    desk.answer(window)
    assert window.results.flow.toPlainText().startswith("word word")
    assert "It was stopped." in seen(window.results)
    assert "38.0 tokens/s" in seen(window.results)
    assert window.bar.run.isVisible()


def test_html_of_a_model_is_shown_as_it_is(desk: Desk) -> None:
    window = desk.open("org/plain")
    desk.ask(window, "<i>x</i>")
    desk.answer(window)
    assert window.results.flow.toPlainText() == "<b>0</b> & <I>X</I>"


def test_a_model_with_a_chat_template_has_a_conversation(desk: Desk) -> None:
    window = desk.open("org/chat")
    form = window.form
    assert isinstance(form, PromptForm)
    form.how.system.setPlainText("Be short.")
    desk.ask(window, "hello")
    desk.answer(window)
    assert form.is_chat
    assert window.results.flow.toPlainText() == "You\nhello\n\nModel\n<b>0</b> & HELLO"
    assert form.text.toPlainText() == ""
    window.exchange.answer = None
    desk.ask(window, "again")
    desk.answer(window)
    assert window.results.flow.toPlainText().endswith("You\nagain\n\nModel\n<b>3</b> & AGAIN")
    form.anew.click()
    assert window.results.turns == ()


def test_own_code_waits_for_a_yes_that_names_the_files(desk: Desk) -> None:
    window = desk.open("org/code")
    only_text(window).setPlainText("x")
    assert not window.bar.run.isEnabled()
    assert window.obstacles.texts == ["It runs code of its own, which needs your yes: modeling_own.py"]
    only(window.obstacles, LinkButton).click()
    dialog = only(window, CodeDialog)
    assert f"revision {COMMIT[:7]} alone" in seen(dialog)
    dialog.allow.click()
    desk.wait(lambda: window.bar.run.isEnabled())
    assert "as you allowed" in window.obstacles.texts[0]
    window.obstacles.findChildren(LinkButton)[-1].click()
    desk.wait(lambda: not window.bar.run.isEnabled())


def test_a_dangerous_model_is_loaded_only_when_its_name_was_typed(desk: Desk) -> None:
    window = desk.open("org/dangerous")
    desk.ask(window, "x")
    desk.wait(lambda: window.findChildren(AllowUnsafeDialog))
    dialog = only(window, AllowUnsafeDialog)
    assert window.exchange.answer is None
    dialog.field.setText("org/dangerous")
    dialog.allow.click()
    desk.answer(window)
    assert window.exchange.answer is not None
    desk.wait(lambda: window.plans[0].is_loaded)
    window.exchange.answer = None
    window.exchange.run()
    desk.answer(window)
    window.worker.unload.click()
    desk.wait(lambda: window.worker.text.endswith("are free again."))
    window.exchange.run()
    desk.wait(lambda: [one for one in window.findChildren(AllowUnsafeDialog) if one.isVisible()])


def test_what_does_not_fit_can_be_tried_all_the_same(desk: Desk) -> None:
    window = desk.open("org/large")
    assert window.obstacles.texts == [
        "It takes about 14 GB, and 8.0 GB are free: it may fail, or make the machine slow."
    ]
    only_text(window).setPlainText("x")
    assert window.bar.run.isEnabled()


def test_what_is_not_installed_leads_to_the_preferences(desk: Desk) -> None:
    window = desk.open("org/no-torch")
    assert window.obstacles.texts == ["PyTorch is not installed. Install torch."]
    assert not window.bar.run.isEnabled()
    with desk.qtbot.waitSignal(window.preferences_wanted):
        only(window.obstacles, LinkButton).click()


def test_a_crash_is_a_sentence_and_the_next_try_works(desk: Desk) -> None:
    window = desk.open("org/crash")
    desk.ask(window, "crash")
    desk.wait(lambda: window.results.trouble.isVisible())
    assert window.results.trouble.text == "The process that had org/crash ended. Try again."
    assert not window.results.trouble.preferences.isVisible()
    assert not desk.jobs, "it is said once, where it happened"
    assert nameless(window) == unreachable(window) == []
    desk.ask(window, "fine")
    desk.answer(window)
    assert window.results.flow.toPlainText() == "<b>0</b> & FINE"


def test_a_package_that_is_missing_leads_to_the_preferences(desk: Desk) -> None:
    window = desk.open("org/package")
    desk.ask(window, "x")
    desk.wait(lambda: window.results.trouble.preferences.isVisible())


def test_what_seems_not_to_fit_is_loaded_when_the_user_says_so(desk: Desk) -> None:
    window = desk.open("org/hungry")
    desk.ask(window, "x")
    desk.wait(lambda: window.results.trouble.isVisible())
    assert not window.results.trouble.preferences.isVisible()
    window.results.trouble.force.click()
    desk.answer(window)
    assert window.results.flow.toPlainText() == "<b>0</b> & X"


def test_loading_says_how_far_it_is_and_can_be_stopped(desk: Desk) -> None:
    window = desk.open("org/slow-to-load")
    desk.ask(window, "x")
    desk.wait(lambda: "Loading the model" in window.results.state.text)
    window.bar.stop.click()
    window.bar.stop.click()  # the second time it waits for no token
    desk.wait(lambda: not window.asking.is_running)
    assert window.results.state.text == "It was stopped before it answered."


def test_closing_the_window_stops_what_runs(desk: Desk) -> None:
    window = desk.open("org/slow-to-load")
    desk.ask(window, "x")
    desk.wait(lambda: "Loading the model" in window.results.state.text)
    window.close()
    desk.wait(lambda: not desk.session.runner.running())
    assert not desk.jobs


def test_the_worker_is_followed_until_its_memory_is_back(desk: Desk) -> None:
    window = desk.open("org/classify")
    assert window.worker.text == "Not loaded"
    desk.ask(window, "x")
    desk.wait(lambda: window.worker.text.startswith("Loaded, 412 MB, leaves in 4:1"))
    desk.wait(lambda: "loaded already" in window.setup.text)
    window.worker.unload.click()
    desk.wait(lambda: window.worker.text == "Not loaded. 412 MB are free again.")
    assert "loaded already" not in window.setup.text


def test_what_was_asked_is_asked_again_and_forgotten(desk: Desk) -> None:
    window = desk.open("org/mask")
    window.setup.choose_task(Task.SENTENCE_SIMILARITY)
    window.plan()
    desk.wait(lambda: window.plans and window.plans[0].task is Task.SENTENCE_SIMILARITY)
    desk.ask(window, "one\ntwo")
    desk.wait(window.head.history.isEnabled)
    window.setup.choose_task(Task.FILL_MASK)
    window.plan()
    desk.wait(lambda: isinstance(window.form, MaskForm))
    [again, *_, forget] = window.head.menu.actions()
    assert again.text() == "one / two (sentence similarity, now)"
    again.trigger()
    desk.wait(lambda: not isinstance(window.form, MaskForm))
    assert only_text(window).toPlainText() == "one\ntwo"
    forget.trigger()
    desk.wait(lambda: not window.head.history.isEnabled())


def test_two_revisions_are_asked_the_same_side_by_side(desk: Desk) -> None:
    other = revision_row(commit="f" * 40, refs=("pr/1",))
    row = model_row("org/classify", root=ROOT, revisions=(revision_row(commit=COMMIT), other))
    desk.session.table.replace_rows(ROOT, [row, model_row("org/hungry", root=ROOT)])
    window = desk.open("org/classify")
    window.head.compare.click()
    dialog = only(window, CompareDialog)
    assert [(one.name, one.revision) for one in dialog.table.rows.values] == [
        ("org/classify", "pr/1 · fffffff"),
        (
            "org/hungry",
            f"main · {dialog.table.rows.values[1].selection.key.partition('@')[2].partition('@')[2][:7]}",
        ),
    ]
    dialog.compare.click()
    desk.wait(lambda: len(window.plans) == 2)
    desk.ask(window, "x")
    desk.answer(window)
    assert len(window.results.findChildren(Bars)) == 2
    assert f"org/classify {COMMIT[:7]}" in seen(window.results)
    assert "org/classify fffffff" in seen(window.results)
    window.head.alone.click()
    desk.wait(lambda: len(window.plans) == 1)


def test_an_answer_is_saved(desk: Desk, tmp_path: Path) -> None:
    window = desk.open("org/classify")
    desk.ask(window, "x")
    desk.answer(window)
    window.bar.save.click()
    only(window, QFileDialog).fileSelected.emit(str(tmp_path / "answer.md"))
    desk.wait(lambda: window.bar.said.text() == "Saved as answer.md")
    assert (tmp_path / "answer.md").read_text() == "TryResult"


def test_tab_goes_from_what_is_asked_to_run_and_on_to_the_answer(desk: Desk) -> None:
    window = desk.open("org/classify")
    desk.ask(window, "x")
    desk.answer(window)
    desk.wait(lambda: "loaded already" in window.setup.text)
    stops: list[QWidget] = []
    while window.worker.unload not in stops and len(stops) < 30:
        desk.qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        stops.append(window.focusWidget())
    form = window.form
    assert isinstance(form, ClassifyForm)
    wanted = [form.judged, form.count, window.bar.run, window.bar.copy, only(window.results, Bars)]
    assert [one for one in stops if one in wanted] == wanted


def test_one_window_for_each_model(desk: Desk) -> None:
    first = desk.open("org/classify")
    assert desk.open("org/classify") is first
    assert desk.open("org/tokens") is not first


def test_devices_are_offered_when_they_are_known(desk: Desk) -> None:
    window = desk.open("org/classify")
    desk.wait(lambda: window.setup.device.count() == 3)
    window.setup.device.setCurrentIndex(2)
    window.setup.device.activated.emit(2)
    desk.wait(lambda: window.plans[0].load.device == "cuda:0")


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_marked_text_can_be_read_on_every_ground(colours: object) -> None:
    assert isinstance(colours, type(LIGHT))
    grounds = [ground(colours, number) for number in range(8)]
    assert len(set(grounds)) == 8
    for upon in [*grounds, *(shade(colours, share / 10) for share in range(11))]:
        assert contrast(text_upon(upon), upon) >= 4.5

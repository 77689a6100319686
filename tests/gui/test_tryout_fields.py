"""Fields and answers of a try by themselves: long ones, odd ones, and what is known before a model is loaded."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from modelkeep.inference.plan import TryPlan
from modelkeep.inference.values import (
    Backend,
    Label,
    Labelled,
    LoadedModel,
    LoadRequest,
    Output,
    Span,
    Tagged,
    Task,
    TryInputs,
    TryOptions,
    TryResult,
)
from modelkeep.keys import ModelKey
from modelkeep_gui.tryout.answer_view import answer_view
from modelkeep_gui.tryout.bars import Bar, Bars
from modelkeep_gui.tryout.image_form import ImageForm
from modelkeep_gui.tryout.marked_text import MarkedText
from modelkeep_gui.tryout.mask_form import MaskForm
from modelkeep_gui.tryout.prompt_form import PromptForm
from modelkeep_gui.tryout.results import Results
from modelkeep_gui.tryout.text_form import SentencesForm, TextForm
from support.windows import only, seen

COMMIT = "0" * 40
LOAD = LoadRequest(
    f"hf@org/m@{COMMIT}", "/r", "org/m", None, "/f", (), Backend.TRANSFORMERS, Task.TEXT_GENERATION
)
PLAN = TryPlan(ModelKey("hf", "org/m"), "/r", COMMIT, Task.TEXT_GENERATION, (Task.TEXT_GENERATION,), LOAD)


def result(*outputs: Output, texts: tuple[str, ...] = ("x",), labels: tuple[str, ...] = ()) -> TryResult:
    return TryResult(
        LOAD.key,
        "/r",
        COMMIT,
        Task.TEXT_CLASSIFICATION,
        Backend.TRANSFORMERS,
        TryInputs(texts=texts),
        TryOptions(),
        outputs,
        LoadedModel("Model", labels=labels),
        True,
        0.0,
        0.1,
        3,
        1,
        1,
        time.time(),
    )


def pasted(text: str) -> QMimeData:
    data = QMimeData()
    data.setText(text)
    return data


def test_a_quantity_is_no_share(qtbot: QtBot) -> None:
    output = Labelled((Label("quality", 0.5),))
    view = answer_view(output, result(output, labels=("quality",)))
    qtbot.addWidget(view)
    assert only(view, Bars).texts == ["quality: 0.5"]
    of_many = answer_view(output, result(output, labels=("quality", "price")))
    qtbot.addWidget(of_many)
    assert only(of_many, Bars).texts == ["quality: 50.0 %"]


def test_names_get_the_room_that_they_need(qtbot: QtBot) -> None:
    bars = Bars("Labels")
    qtbot.addWidget(bars)
    bars.resize(800, 100)
    bars.set_bars([Bar("yes", 0.5)])
    short = bars.name_width()
    bars.set_bars([Bar("yes", 0.5), Bar("a name of some more words than one", 0.5)])
    assert bars.name_width() == bars.fontMetrics().horizontalAdvance("a name of some more words than one") + 1
    bars.set_bars([Bar("a long name " * 50, 0.5)])
    assert short < bars.name_width() < 400


def test_many_answers_are_shown_whole_in_their_order(qtbot: QtBot) -> None:
    lines = tuple(f"line {number}" for number in range(12))
    results = Results()
    qtbot.addWidget(results)
    results.resize(700, 300)
    results.show()
    results.show_result(result(*[Labelled((Label("a", 0.5), Label("b", 0.5)))] * 12, texts=lines))
    assert " | ".join(lines) in seen(results)
    every = results.findChildren(Bars)
    qtbot.waitUntil(lambda: all(bars.height() == bars.sizeHint().height() for bars in every))


def test_of_a_long_text_the_beginning_is_marked_and_all_is_listed(qtbot: QtBot) -> None:
    text = "Anna " * 2000
    spans = tuple(Span(5 * at, 5 * at + 4, "PER", 0.9, "Anna") for at in range(2000))
    view = answer_view(Tagged(text, spans), result())
    qtbot.addWidget(view)
    marked = only(view, MarkedText).toPlainText()
    assert (marked.count("Anna"), marked.count("PER")) == (500, 500)
    view.show()
    assert "Only the beginning of the text is shown. The list has all that was found." in seen(view)


def test_a_marked_text_is_as_high_as_its_lines(qtbot: QtBot) -> None:
    marked = MarkedText("Text")
    qtbot.addWidget(marked)
    marked.set_marks("word " * 100, ())
    marked.resize(900, 100)
    marked.show()
    wide = marked.sizeHint().height()
    marked.resize(300, 100)
    assert marked.sizeHint().height() > wide


def test_of_a_paste_that_is_too_long_the_beginning_is_taken(qtbot: QtBot) -> None:
    form = TextForm()
    qtbot.addWidget(form)
    form.text.insertFromMimeData(pasted("word " * 300_000))
    assert len(form.inputs().texts[0]) <= 500_000
    assert form.remark() == "Only the first 500,000 characters were taken."
    form.text.setPlainText("short")
    assert form.remark() == ""


def test_a_nul_stays_in_the_text(qtbot: QtBot) -> None:
    form = SentencesForm()
    qtbot.addWidget(form)
    form.text.insertFromMimeData(pasted("a\0b\n\n  c  "))
    assert form.inputs().texts == ("a\0b", "c")


def test_a_conversation_is_offered_before_the_model_is_loaded(qtbot: QtBot) -> None:
    form = PromptForm()
    qtbot.addWidget(form)
    form.expect(PLAN)
    assert not form.is_chat
    assert form.options().chat is None
    form.expect(dataclasses.replace(PLAN, chat=True))
    assert form.is_chat
    form.know(LoadedModel("Model", chat=False))
    assert not form.is_chat


def test_a_blank_is_inserted_without_loading_the_model(qtbot: QtBot) -> None:
    form = MaskForm()
    qtbot.addWidget(form)
    form.expect(dataclasses.replace(PLAN, mask="<mask>"))
    with qtbot.assertNotEmitted(form.mask_wanted):
        form.insert.click()
    assert form.inputs().texts == ("<mask>",)
    assert form.problem() == ""


def test_an_image_can_be_dropped(qtbot: QtBot, tmp_path: Path) -> None:
    form = ImageForm()
    qtbot.addWidget(form)
    (tmp_path / "cat.png").write_bytes(b"")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "cat.png"))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(QPointF(5, 5).toPoint(), copy, data, left, none)
    QApplication.sendEvent(form, entered)
    assert entered.isAccepted()
    dropped = QDropEvent(QPointF(5, 5), copy, data, left, none, QEvent.Type.Drop)
    QApplication.sendEvent(form, dropped)
    assert form.inputs().images == (str(tmp_path / "cat.png"),)

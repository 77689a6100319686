"""Trying real models in the window, with the library itself behind it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from modelkeep.inference.outcome import WorkerView
from modelkeep.rows import Selection
from modelkeep_gui.dialogs.allow_unsafe_dialog import AllowUnsafeDialog
from modelkeep_gui.operations import trying
from modelkeep_gui.tryout.bars import Bars
from modelkeep_gui.tryout.text_form import ClassifyForm
from modelkeep_gui.tryout.window import TryWindow
from support.caches import CacheMaker
from support.pickles import calling
from support.sessions import Heard, open_session
from support.windows import only

if TYPE_CHECKING:  # pytest rewrites what is imported as a plugin first
    from support.tiny_models import TinyModels

pytest_plugins = ("support.tiny_models",)

PATIENCE = 90_000


@pytest.fixture
def heard(
    qtbot: QtBot, qapp: QApplication, own_places: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Heard]:
    (tmp_path / "hub").mkdir()
    monkeypatch.setenv("MODELKEEP_ROOTS", str(tmp_path / "hub"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    with open_session(qtbot, qapp) as heard:
        heard.window.show()
        yield heard
        for window in heard.window.findChildren(TryWindow):
            window.close()


def wait(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


def workers(qtbot: QtBot, heard: Heard) -> list[WorkerView]:
    found: list[tuple[WorkerView, ...]] = []
    heard.session.runner.run("", "tryouts.workers", lane="test", visible=False, on_done=found.append)
    wait(qtbot, lambda: found)
    return list(found[0])


def test_a_model_is_asked_killed_asked_again_and_unloaded(
    qtbot: QtBot, heard: Heard, tiny_models: TinyModels, tmp_path: Path
) -> None:
    commit = tiny_models.add(CacheMaker(tmp_path / "hub"), "classifier")
    chosen = Selection(str(tmp_path / "hub"), f"hf@tiny/classifier@{commit}")
    window = trying.try_it(heard.session, heard.window, chosen)
    wait(qtbot, lambda: window.plans)
    form = window.form
    assert isinstance(form, ClassifyForm)
    form.text.setPlainText("good day")
    window.exchange.run()
    wait(qtbot, lambda: window.exchange.answer)
    assert only(window.results, Bars).texts[0].startswith("positive: ")
    [worker] = workers(qtbot, heard)
    os.kill(worker.pid, signal.SIGKILL)
    wait(qtbot, lambda: not workers(qtbot, heard))
    window.exchange.answer = None
    window.exchange.run()
    wait(qtbot, lambda: window.exchange.answer)
    wait(qtbot, window.worker.unload.isVisible)
    window.worker.unload.click()
    wait(qtbot, lambda: window.worker.text.endswith("are free again."))
    assert workers(qtbot, heard) == []


def test_a_yes_to_a_dangerous_model_is_for_one_load(
    qtbot: QtBot, heard: Heard, tiny_models: TinyModels, tmp_path: Path
) -> None:
    tiny_models.add(
        CacheMaker(tmp_path / "hub"), "classifier", "tiny/dangerous", {"more.pkl": calling("os", "system")}
    )
    chosen = Selection(str(tmp_path / "hub"), "hf@tiny/dangerous")
    window = trying.try_it(heard.session, heard.window, chosen)
    wait(qtbot, lambda: window.plans)
    assert isinstance(window.form, ClassifyForm)
    window.form.text.setPlainText("good day")
    window.exchange.run()
    wait(qtbot, lambda: window.findChildren(AllowUnsafeDialog))
    [dialog] = window.findChildren(AllowUnsafeDialog)
    dialog.field.setText("tiny/dangerous")
    dialog.allow.click()
    wait(qtbot, lambda: window.exchange.answer and window.worker.unload.isVisible())
    window.worker.unload.click()
    wait(qtbot, lambda: window.worker.text.endswith("are free again."))
    window.exchange.run()
    wait(qtbot, lambda: [one for one in window.findChildren(AllowUnsafeDialog) if one.isVisible()])


def test_closing_the_window_while_a_model_loads_stops_it(
    qtbot: QtBot, heard: Heard, tiny_models: TinyModels, tmp_path: Path
) -> None:
    tiny_models.add(CacheMaker(tmp_path / "hub"), "causal")
    window = trying.try_it(heard.session, heard.window, Selection(str(tmp_path / "hub"), "hf@tiny/causal"))
    wait(qtbot, lambda: window.plans)
    with qtbot.waitSignal(window.asking.progressed, timeout=PATIENCE):
        window.form.text.setPlainText("hello")  # type: ignore[union-attr]
        window.exchange.run()
    window.close()
    wait(qtbot, lambda: not heard.session.runner.running())

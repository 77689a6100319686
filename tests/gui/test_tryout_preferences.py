"""The page of the preferences that says how models are tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from modelkeep.inference_choices import InferenceSettings
from modelkeep.settings import Settings
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.settings.changes import with_changes
from modelkeep_gui.settings.dialog import PreferencesDialog
from support.accessible import nameless, unreachable
from support.windows import seen

PATIENCE = 20_000
CHOSEN = InferenceSettings("/opt/venv/bin/python", 123.4, 5_000_000_001, 0.0, 3, keep_inputs=False)


@pytest.fixture
def dialog(qtbot: QtBot, service: str, own_places: Path) -> Iterator[PreferencesDialog]:
    runner = JobRunner("support.tryouts:TryService")
    above = QWidget()
    qtbot.addWidget(above)
    above.show()
    dialog = PreferencesDialog(Settings(), (), above)
    dialog.inference.interpreter._runner = runner
    dialog.inference._runner = runner
    dialog.inference.interpreter.look.setEnabled(True)
    dialog.inference.forget.setEnabled(True)
    dialog.open()
    dialog.tabs.setCurrentWidget(dialog.inference)
    yield dialog
    runner.shutdown()


def test_what_is_shown_is_what_is_kept(dialog: PreferencesDialog) -> None:
    page = dialog.inference
    page.load(Settings(inference=CHOSEN))
    assert page.save(Settings(inference=CHOSEN)).inference == CHOSEN
    assert page.seconds.text() == "no limit"
    page.idle.setValue(2)
    page.memory.setValue(4)
    assert page.save(Settings(inference=CHOSEN)).inference == replace(
        CHOSEN, idle=120.0, memory=4_000_000_000
    )


def test_what_a_python_has_is_said(qtbot: QtBot, dialog: PreferencesDialog) -> None:
    choice = dialog.inference.interpreter
    choice.look.click()
    qtbot.waitUntil(lambda: "Python" in choice.said.text, timeout=PATIENCE)
    assert choice.said.text == (
        "Python 3.13.1: torch 2.13.0, transformers 5.23.0\nDevices: Processor (16 GB), RTX 4090 (24 GB)"
    )
    choice.field.setText("/bin/ls")
    assert not choice.said.isVisible()
    choice.look.click()
    qtbot.waitUntil(lambda: "is no Python" in choice.said.text, timeout=PATIENCE)
    assert choice.said.text == "/bin/ls is no Python. Choose another one."
    assert nameless(dialog) == unreachable(dialog) == []


def test_what_was_asked_is_forgotten_at_once(qtbot: QtBot, dialog: PreferencesDialog) -> None:
    dialog.inference.forget.click()
    qtbot.waitUntil(lambda: "Forgotten: 0" in seen(dialog), timeout=PATIENCE)


def test_another_choice_of_the_same_time_stays() -> None:
    before, now = Settings(), Settings(theme="dark")
    chosen = Settings(inference=CHOSEN)
    assert with_changes(now, before, chosen) == Settings(theme="dark", inference=CHOSEN)

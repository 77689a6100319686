from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from modelkeep_gui.jobs.runner import JobRunner


@pytest.fixture(autouse=True)
def no_key_held(qtbot: QtBot) -> None:
    """Qt believes that Ctrl is still held when a test ended with a Ctrl+C, and the next one's clicks would toggle."""
    if QGuiApplication.keyboardModifiers():
        somewhere = QWidget()
        qtbot.addWidget(somewhere)
        qtbot.keyClick(somewhere, Qt.Key.Key_unknown)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> str:
    """What names the tests' service to a work process, which can then import it."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    return "support.service:Service"


@pytest.fixture
def runner(qtbot: QtBot, service: str) -> Iterator[JobRunner]:
    """Runs jobs in a real work process with the tests' service."""
    runner = JobRunner(service)
    yield runner
    runner.shutdown()

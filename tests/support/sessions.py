"""A session with the real library in a real work process, and what it said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from modelkeep.settings import Settings
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.library.feed import LibraryFeed
from modelkeep_gui.library.table_model import LibraryTableModel
from modelkeep_gui.operations.undo import Undo
from modelkeep_gui.session import Revealed, Session
from modelkeep_gui.theme import Theme
from modelkeep_gui.transfers.queue import TransferQueue
from modelkeep_gui.widgets.message_bar import Message


@dataclass
class Heard:
    """A session, a window for its pages, and what was said."""

    session: Session
    window: QWidget
    said: list[Message]
    undos: list[Undo]
    revealed: list[Revealed]


@contextmanager
def open_session(qtbot: QtBot, qapp: QApplication) -> Iterator[Heard]:
    """A session on the roots of the environment."""
    palette, style = qapp.palette(), qapp.style().name()
    runner, table = JobRunner("modelkeep.library:open_library"), LibraryTableModel()
    feed, transfers = LibraryFeed(runner, table), TransferQueue(runner)
    session = Session(runner, table, feed, transfers, Theme(qapp, "light"), Settings())
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 600)
    heard = Heard(session, window, [], [], [])
    session.told.connect(heard.said.append)
    session.deleted.connect(heard.undos.append)
    session.revealed.connect(heard.revealed.append)
    yield heard
    feed.stop()
    transfers.stop()
    runner.shutdown()
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(palette)

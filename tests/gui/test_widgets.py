from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from modelkeep_gui.widgets.elided_label import ElidedLabel
from modelkeep_gui.widgets.empty_state import BigChoice, EmptyState
from modelkeep_gui.widgets.message_bar import Message, MessageBar

MOVED = Message("Moved to the trash.", "Undo", about="ticket", seconds=0.02)


@pytest.fixture
def bar(qtbot: QtBot) -> Iterator[MessageBar]:
    """A bar in a window where neither the keyboard nor the mouse is in it: they would hold its message."""
    window, field, bar = QWidget(), QLineEdit(), MessageBar()
    layout = QVBoxLayout(window)
    layout.addWidget(field)
    layout.addWidget(bar)
    qtbot.addWidget(window)
    window.move(500, 500)
    window.show()
    field.setFocus()
    yield bar
    window.close()


def test_a_message_offers_the_way_back(bar: MessageBar, qtbot: QtBot) -> None:
    assert not bar.isVisible()
    bar.show_message(MOVED)
    assert bar.isVisible()
    undo = next(button for button in bar.findChildren(QAbstractButton) if button.text() == "Undo")
    with qtbot.waitSignal(bar.action_chosen) as chosen:
        qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert chosen.args[0].about == "ticket"
    assert not bar.isVisible()


def test_a_message_goes_by_itself(bar: MessageBar, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bar.closed) as closed:
        bar.show_message(MOVED)
    assert closed.args == [MOVED]


def test_a_failure_stays_until_it_is_closed(bar: MessageBar, qtbot: QtBot) -> None:
    bar.show_message(Message("It could not be moved.", tone="bad", seconds=0.02))
    with qtbot.assertNotEmitted(bar.closed, wait=100):
        pass
    with qtbot.waitSignal(bar.closed):
        qtbot.keyClick(bar, Qt.Key.Key_Escape)


def test_the_next_message_closes_the_one_before(bar: MessageBar, qtbot: QtBot) -> None:
    bar.show_message(MOVED)
    with qtbot.waitSignal(bar.closed) as closed:
        bar.show_message(Message("Restored."))
    assert closed.args == [MOVED]
    assert bar.message == Message("Restored.")


def test_a_label_shortens_itself_and_keeps_all_in_its_tooltip(qtbot: QtBot) -> None:
    label = ElidedLabel("sentence-transformers/all-MiniLM-L6-v2")
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.show()
    assert label.minimumSizeHint().width() < 60
    assert label.toolTip() == label.text()
    label.resize(600, 20)
    assert label.toolTip() == ""


def test_a_choice_of_the_first_start_is_its_action(qtbot: QtBot, tmp_path: Path) -> None:
    action = QAction("&Import…")
    state = EmptyState("No models yet", "Bring one in.", [BigChoice(action, "import", "From an archive.")])
    qtbot.addWidget(state)
    state.show()
    (button,) = state.findChildren(QAbstractButton)
    assert button.accessibleName() == "Import…"
    with qtbot.waitSignal(action.triggered):
        qtbot.keyClick(button, Qt.Key.Key_Space)
    action.setEnabled(False)
    assert not button.isEnabled()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    with qtbot.waitSignal(state.files_dropped) as dropped:
        state.dropEvent(
            QDropEvent(
                QPointF(5, 5),
                Qt.DropAction.CopyAction,
                data,
                Qt.MouseButton.LeftButton,
                Qt.KeyboardModifier.NoModifier,
            )
        )
    assert dropped.args == [[str(tmp_path)]]

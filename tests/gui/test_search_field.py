from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from modelkeep.filter import Filter, parse_filter
from modelkeep_gui.theme import LIGHT, palette_of
from modelkeep_gui.widgets.search_field import SearchField


@pytest.fixture
def field(qtbot: QtBot) -> SearchField:
    field = SearchField()
    qtbot.addWidget(field)
    field.setPalette(palette_of(LIGHT))
    field.resize(400, 30)
    field.show()
    return field


def red_columns(field: SearchField) -> list[int]:
    """Where, from the left, something is painted in the colour of what is wrong."""
    image: QImage = field.grab().toImage()
    wrong = QColor(LIGHT.bad)

    def is_wrong(colour: QColor) -> bool:
        return colour.red() > colour.green() + 60 and colour.red() >= wrong.red() - 20

    return [
        x
        for x in range(image.width())
        if any(is_wrong(image.pixelColor(x, y)) for y in range(image.height()))
    ]


def test_typing_is_told_once_the_hand_rests(field: SearchField, qtbot: QtBot) -> None:
    told: list[Filter] = []
    field.filter_changed.connect(told.append)
    with qtbot.waitSignal(field.filter_changed):
        qtbot.keyClicks(field, "bert")
    assert told == [parse_filter("bert")]


def test_a_wrong_term_is_underlined_and_a_right_one_is_not(field: SearchField) -> None:
    field.set_filter_text("bert size>1GB")
    assert red_columns(field) == []
    field.set_filter_text("bert size>lots")
    columns = red_columns(field)
    assert len(columns) > 20
    bert_ends = field.fontMetrics().horizontalAdvance("bert ")
    assert min(columns) > bert_ends
    assert "size needs a number with a unit" in field.toolTip()
    field.set_filter_text("bert")
    assert red_columns(field) == []
    assert field.toolTip() == ""


def test_the_underline_is_in_place_after_characters_that_count_twice(field: SearchField) -> None:
    field.set_filter_text("🙂🙂 is:x")
    columns = red_columns(field)
    assert min(columns) > field.fontMetrics().horizontalAdvance("🙂🙂")


def test_underlining_leaves_text_cursor_and_undo_alone(field: SearchField, qtbot: QtBot) -> None:
    qtbot.keyClicks(field, "size>")
    with qtbot.waitSignal(field.filter_changed):
        qtbot.keyClick(field, Qt.Key.Key_Left)
        qtbot.keyClicks(field, "x")
    assert field.text() == "sizex>"
    assert field.cursorPosition() == 5
    field.undo()
    assert field.text() == "size>"


def test_escape_clears_at_once(field: SearchField, qtbot: QtBot) -> None:
    field.set_filter_text("bert")
    with qtbot.waitSignal(field.filter_changed) as told:
        qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert told.args[0].passes_all


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Down])
def test_enter_and_down_go_on_to_the_rows(field: SearchField, qtbot: QtBot, key: Qt.Key) -> None:
    qtbot.keyClicks(field, "bert")
    with qtbot.waitSignals([field.filter_changed, field.left_downwards], order="strict"):
        qtbot.keyClick(field, key)
    assert field.filter == parse_filter("bert")


def test_a_term_is_added_once(field: SearchField) -> None:
    field.set_filter_text("bert ")
    field.add_term("is:damaged")
    field.add_term("is:damaged")
    assert field.text() == "bert is:damaged"


def test_what_is_wrong_is_explained_while_the_field_is_in_use(field: SearchField, qtbot: QtBot) -> None:
    field.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    field.set_filter_text("is:borken")
    qtbot.waitUntil(field._explanation.isVisible)
    assert field._explanation.text().startswith("is takes damaged")
    field.setText("is:broken")
    assert not field._explanation.isVisible()

"""The curve of a training: which points it has, what is drawn of them, and what is said to who cannot see it."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from modelkeep.training.values import TrainingPoint
from modelkeep_gui.theme import DARK, LIGHT, Colours, palette_of
from modelkeep_gui.training.curve import Curve, drawn, ticks
from modelkeep_gui.training.loss_curve import LossCurve
from modelkeep_gui.training.points_table import PointsTable
from support.contrast import contrast
from support.trainings import METRICS, point


def curve_of(steps: int, *, every: int = 0) -> Curve:
    curve = Curve()
    for step in range(1, steps + 1):
        curve.add(point(step, steps))
        if every and step % every == 0:
            curve.add(point(step, steps, metrics=dict(METRICS)))
    return curve


def picture(shown: LossCurve) -> QImage:
    return shown.grab().toImage()


def colours_in(image: QImage) -> set[str]:
    return {QColor(image.pixel(x, y)).name() for x in range(image.width()) for y in range(image.height())}


# Points -----------------------------------------------------------------------------------------------------------


def test_losses_and_evaluations_are_kept_apart() -> None:
    curve = curve_of(20, every=10)
    assert len(curve.points) == 22
    assert [step for step, _ in curve.losses] == list(range(1, 21))
    assert [one.step for one in curve.measured] == [10, 20]
    assert curve.steps == 20


def test_what_is_done_again_takes_the_place_of_what_was_done() -> None:
    curve = curve_of(20, every=10)
    again = TrainingPoint(11, 20, 1.0, 0.125, 5e-5, {}, 30.0)
    curve.add(again)
    assert curve.losses[-1] == (11, 0.125)
    assert [one.step for one in curve.measured] == [10]
    assert curve.turns == 1


def test_points_that_are_told_twice_count_once() -> None:
    curve = curve_of(5)
    assert not curve.show(list(curve.points))
    assert curve.show([*curve.points, point(6, 5)])
    assert len(curve.points) == 6
    assert not curve.turns
    assert curve.show([point(3, 5)])
    assert [one.step for one in curve.points] == [3]


def test_the_rate_is_that_of_late() -> None:
    curve = Curve()
    assert curve.rate is None
    assert curve.seconds_left is None
    for step in range(1, 101):
        seconds = step * 10.0 if step < 50 else 500.0 + (step - 50) * 0.5
        curve.add(TrainingPoint(step, 200, 0.0, 0.5, 0.0, {}, seconds))
    assert curve.rate == pytest.approx(2.0)
    assert curve.seconds_left == pytest.approx(50.0)


def test_a_loss_that_is_no_number_is_not_drawn() -> None:
    curve = Curve()
    curve.add(TrainingPoint(1, 2, 0.0, math.nan, 0.0, {}, 0.0))
    assert curve.points
    assert not curve.losses


# What is drawn ----------------------------------------------------------------------------------------------------


def test_of_many_points_the_ends_and_the_extremes_of_each_column_are_drawn() -> None:
    places = [(float(step), math.sin(step / 50)) for step in range(10_000)]
    places[6_543] = (6_543.0, 9.0)
    places[1_234] = (1_234.0, -9.0)
    kept = drawn(places, 300)
    assert len(kept) <= 4 * 300
    assert kept[0] == places[0]
    assert kept[-1] == places[-1]
    assert places[6_543] in kept
    assert places[1_234] in kept
    assert kept == sorted(kept)


def test_few_points_are_all_drawn() -> None:
    places = [(float(step), 1.0) for step in range(10)]
    assert drawn(places, 300) == places
    assert drawn([], 300) == []


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0.0, 1.0, 6, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (0.0, 540.0, 6, [0.0, 200.0, 400.0]),
        (0.31, 0.34, 4, [0.31, 0.32, 0.33, 0.34]),
        (2.0, 2.0, 5, [2.0]),
    ],
)
def test_figures_beside_an_axis_are_round(low: float, high: float, most: int, expected: list[float]) -> None:
    assert ticks(low, high, most) == pytest.approx(expected)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_the_line_and_the_marks_can_be_told_from_the_ground(qtbot: QtBot, colours: Colours) -> None:
    shown = LossCurve()
    qtbot.addWidget(shown)
    shown.setPalette(palette_of(colours))
    shown.resize(600, 240)
    shown.show_curve(curve_of(40, every=10))
    found = colours_in(picture(shown))
    for colour in (colours.accent, colours.text, colours.good):
        assert colour in found
        assert contrast(colour, colours.base) >= 4.5
    assert contrast(colours.muted, colours.base) >= 4.5, "the figures beside the axes"


def test_ten_thousand_points_are_painted_as_few_and_not_anew_for_each(qtbot: QtBot) -> None:
    shown, curve = LossCurve(), curve_of(10_000, every=500)
    qtbot.addWidget(shown)
    shown.resize(700, 300)
    shown.show_curve(curve)
    shown.show()
    qtbot.waitUntil(lambda: shown.paints > 0)
    before = shown.paints
    for step in range(10_001, 10_501):
        curve.add(point(step, 20_000))
        shown.refresh()
    qtbot.waitUntil(lambda: shown.paints > before)
    assert shown.paints - before <= 3
    assert shown._line[1].count() <= 4 * 700


# What is said -----------------------------------------------------------------------------------------------------


def test_a_curve_is_told_to_who_cannot_see_it(qtbot: QtBot) -> None:
    shown = LossCurve()
    qtbot.addWidget(shown)
    assert shown.accessibleDescription() == "There are no points yet."
    shown.show_curve(curve_of(40, every=10))
    said = shown.accessibleDescription()
    assert "Loss 0.2000 after 40 of 40 steps. It began at 0.9091" in said
    assert "Accuracy 90.0 % when it was measured at step 40." in said


def test_the_arrow_keys_read_single_points(qtbot: QtBot) -> None:
    shown = LossCurve()
    qtbot.addWidget(shown)
    shown.show_curve(curve_of(40, every=10))
    shown.show()
    assert shown.focusPolicy() & Qt.FocusPolicy.TabFocus
    qtbot.keyClick(shown, Qt.Key.Key_Left)
    qtbot.keyClick(shown, Qt.Key.Key_Home)
    assert shown.reading == "Step 1 · epoch 0.07 · loss 0.9091"
    for _ in range(10):
        qtbot.keyClick(shown, Qt.Key.Key_Right)
    assert shown.reading == (
        "Step 10 · epoch 0.75 · Loss when measured 0.3100 · Accuracy 90.0 % · F1, mean of the labels 88.0 %"
    )
    assert shown.accessibleDescription() == shown.reading
    qtbot.keyClick(shown, Qt.Key.Key_Escape)
    assert not shown.reading


def test_the_table_of_points_grows_and_keeps_what_is_selected(qtbot: QtBot) -> None:
    table, curve = PointsTable(), curve_of(20, every=10)
    qtbot.addWidget(table)
    table.show_points(curve.points)
    table.selectRow(3)
    curve.add(point(21, 40))
    table.show_points(curve.points)
    rows = table.points
    assert rows.rowCount() == 23
    assert table.currentIndex().row() == 3
    assert [rows.index(22, column).data() for column in range(4)] == ["21", "1.57", "0.3226", ""]
    assert rows.index(10, 4).data() == "Accuracy 90.0 %"
    assert rows.index(0, 2).data(Qt.ItemDataRole.AccessibleTextRole) == "Loss: 0.9091"
    curve.add(point(2, 40))
    table.show_points(curve.points)
    assert rows.rowCount() == 2

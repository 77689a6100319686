from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from modelkeep_gui.theme import DARK, LIGHT, Colours, Theme, colours_of, palette_of
from support.contrast import contrast, linear

TEXTS = ("text", "muted", "accent", "good", "warn", "bad")
GROUNDS = ("window", "base", "alternate", "raised", "hovered", "selected")


@pytest.fixture
def bare(qapp: QApplication) -> Iterator[QApplication]:
    """The application, undressed again afterwards."""
    palette, style = qapp.palette(), qapp.style().name()
    yield qapp
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(palette)


def oklab(rgb: list[float]) -> list[float]:
    """Björn Ottosson's OKLab, in which distance is difference to the eye."""
    to_cone = ((0.4122, 0.5363, 0.0514), (0.2119, 0.6807, 0.1074), (0.0883, 0.2817, 0.6300))
    to_lab = ((0.2105, 0.7936, -0.0041), (1.9780, -2.4286, 0.4506), (0.0259, 0.7828, -0.8087))
    cones = [max(0.0, sum(a * b for a, b in zip(row, rgb))) ** (1 / 3) for row in to_cone]
    return [sum(a * b for a, b in zip(row, cones)) for row in to_lab]


# Machado, Oliveira and Fernandes 2009, severity 1: what a colour is to eyes that lack one kind of cone.
EYES = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "without red": ((0.1523, 1.0526, -0.2049), (0.1145, 0.7863, 0.0992), (-0.0039, -0.0481, 1.0520)),
    "without green": ((0.3673, 0.8606, -0.2280), (0.2801, 0.6725, 0.0474), (-0.0118, 0.0429, 0.9689)),
    "without blue": ((1.2555, -0.0767, -0.1788), (-0.0784, 0.9308, 0.1476), (0.0047, 0.6914, 0.3039)),
}


def difference(one: str, other: str, eyes: str) -> float:
    def seen(colour: str) -> list[float]:
        rgb = linear(colour)
        return oklab([min(1.0, max(0.0, sum(a * b for a, b in zip(row, rgb)))) for row in EYES[eyes]])

    return float(sum((a - b) ** 2 for a, b in zip(seen(one), seen(other))) ** 0.5)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), list(product(TEXTS, GROUNDS)))
def test_every_text_can_be_read_on_every_ground(colours: Colours, text: str, ground: str) -> None:
    assert contrast(getattr(colours, text), getattr(colours, ground)) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_on_the_accent_can_be_read(colours: Colours) -> None:
    assert contrast(colours.on_accent, colours.accent) >= 4.5


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_segments_can_be_told_apart_by_all_eyes(colours: Colours, eyes: str) -> None:
    assert len(colours.segments) == 8
    for one, other in combinations(colours.segments, 2):
        assert difference(one, other, eyes) > 0.1


def test_a_palette_tells_which_colours_it_is_of() -> None:
    assert colours_of(palette_of(LIGHT)) is LIGHT
    assert colours_of(palette_of(DARK)) is DARK


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_what_qt_paints_can_be_read_too(colours: Colours) -> None:
    palette, role = palette_of(colours), QPalette.ColorRole
    for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive):
        for text, ground in (
            (role.WindowText, role.Window),
            (role.Text, role.Base),
            (role.ButtonText, role.Button),
            (role.HighlightedText, role.Highlight),
            (role.ToolTipText, role.ToolTipBase),
            (role.PlaceholderText, role.Base),
            (role.Link, role.Base),
        ):
            assert contrast(palette.color(group, text).name(), palette.color(group, ground).name()) >= 4.5


def test_a_choice_dresses_what_is_on_the_screen(bare: QApplication, qtbot: QtBot) -> None:
    theme = Theme(bare, "light")
    label = QLabel("text")
    qtbot.addWidget(label)
    label.show()
    with qtbot.waitSignal(theme.changed) as told:
        theme.choose("dark")
    assert told.args == [DARK]
    assert theme.colours is DARK
    assert label.palette().color(QPalette.ColorRole.WindowText) == QColor(DARK.text)
    with qtbot.assertNotEmitted(theme.changed):
        theme.choose("dark")


def test_a_system_that_says_nothing_is_light(bare: QApplication) -> None:
    assert Theme(bare, "system").colours is LIGHT


def test_colours_are_values() -> None:
    assert replace(LIGHT) == LIGHT
    with pytest.raises(AttributeError):
        LIGHT.text = "#000000"  # type: ignore[misc]

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage
from PySide6.QtWidgets import QApplication

from modelkeep_gui.icons import icon
from modelkeep_gui.theme import DARK, LIGHT, palette_of
from modelkeep_resources import resource

NAMES = sorted(path.stem for path in resource("icons").glob("*.svg"))


@pytest.fixture
def application(qapp: QApplication) -> Iterator[QApplication]:
    before = qapp.palette()
    qapp.setPalette(palette_of(LIGHT))
    yield qapp
    qapp.setPalette(before)


def solid_colours(image: QImage) -> set[str]:
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return {pixel.name() for pixel in pixels if pixel.alpha() == 255}


@pytest.mark.parametrize("name", NAMES)
def test_every_icon_paints_something(application: QApplication, name: str) -> None:
    assert solid_colours(icon(name).pixmap(48, 48).toImage())


def test_an_icon_follows_the_theme(application: QApplication) -> None:
    delete = icon("delete")
    assert solid_colours(delete.pixmap(24, 24).toImage()) == {LIGHT.text}
    application.setPalette(palette_of(DARK))
    assert solid_colours(delete.pixmap(24, 24).toImage()) == {DARK.text}


def test_a_disabled_icon_is_lighter(application: QApplication) -> None:
    image = icon("delete").pixmap(QSize(24, 24), QIcon.Mode.Disabled).toImage()
    assert solid_colours(image) == {LIGHT.disabled}


def test_a_tone_is_a_colour_of_the_theme(application: QApplication) -> None:
    assert solid_colours(icon("damaged", "bad").pixmap(32, 32).toImage()) == {LIGHT.bad}


def test_the_application_keeps_its_own_colours(application: QApplication) -> None:
    assert len(solid_colours(icon("app").pixmap(64, 64).toImage())) > 5


def test_a_dense_screen_gets_more_pixels(application: QApplication) -> None:
    pixmap = icon("model").pixmap(QSize(16, 16), 2.0)
    assert (pixmap.width(), pixmap.devicePixelRatio()) == (32, 2.0)


def test_an_icon_survives_being_copied_and_changed(application: QApplication) -> None:
    copy = QIcon(icon("model"))
    copy.setIsMask(True)  # makes Qt clone what paints it
    assert solid_colours(copy.pixmap(24, 24).toImage()) == {QColor(LIGHT.text).name()}


def test_a_name_without_a_picture_is_refused() -> None:
    with pytest.raises(FileNotFoundError, match="unicorn"):
        icon("unicorn")

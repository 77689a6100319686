"""Every text of the window is there in Chinese, with all that the program puts into it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from modelkeep_gui.actions import Actions
from modelkeep_gui.ages import age_text
from modelkeep_gui.translations import install_translation, plain_text, translation_for
from translations import (
    TRANSLATIONS,
    Text,
    Translation,
    UnreadableText,
    compile_translation,
    find_texts,
    read_translations,
    texts_of,
    write_translations,
)

CHINESE = TRANSLATIONS / "modelkeep_zh_CN.ts"
RENEW = "run `make translations`, and translate what is unfinished"


@pytest.fixture
def chinese(qapp: QApplication) -> Iterator[None]:
    install_translation(qapp, "zh_CN")
    yield
    install_translation(qapp, "en")


def fields(text: str) -> list[str]:
    """What is put into a text, by number or name, with its format; "%n" is a plural's count."""
    names = [
        f"{name or number}:{form}"
        for number, (_, name, form, _) in enumerate(
            part for part in Formatter().parse(text) if part[1] is not None
        )
    ]
    return sorted(names) + re.findall("%n", text)


def mnemonic(text: str) -> str:
    return "".join(re.findall(r"&(\w)", text)).lower()


def test_every_text_of_the_sources_is_translated_and_no_other() -> None:
    known, wanted = read_translations(CHINESE), set(texts_of())
    assert wanted, "the sources are not where they are looked for"
    unfinished = {text for text in known if not (known[text].finished and known[text].text)}
    assert (wanted - known.keys(), known.keys() - wanted, unfinished) == (set(), set(), set()), RENEW


def test_a_translation_keeps_what_is_put_into_it_and_the_key_that_chooses_it() -> None:
    for text, translation in read_translations(CHINESE).items():
        assert fields(translation.text) == fields(text.source), text
        assert mnemonic(translation.text) == mnemonic(text.source), text


def test_the_compiled_file_is_that_of_the_translations(tmp_path: Path) -> None:
    compile_translation(CHINESE, tmp_path / "new.qm")
    assert (tmp_path / "new.qm").read_bytes() == CHINESE.with_suffix(".qm").read_bytes(), RENEW


def test_qt_finds_every_translation(chinese: None) -> None:
    for (context, source, plural), translation in read_translations(CHINESE).items():
        told = QCoreApplication.translate(context, source, "", 7 if plural else -1)
        assert told == translation.text.replace("%n", "7" if plural else "%n")


def test_the_window_speaks_chinese(chinese: None, qtbot: QtBot) -> None:
    actions = Actions()
    assert (actions.import_.text(), actions.import_.iconText()) == ("导入(&I)…", "导入")
    assert age_text(3 * 86400) == "3 天"
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "取消"  # Qt's own dialogs


def test_english_is_what_the_sources_say(chinese: None, qapp: QApplication) -> None:
    install_translation(qapp, "en")
    assert Actions().import_.text() == "&Import…"


@pytest.mark.parametrize(
    ("languages", "name"),
    [
        (["zh-Hans-CN", "zh-CN", "zh"], "zh_CN"),
        (["zh_CN"], "zh_CN"),
        (["de-DE", "de", "zh-CN"], "zh_CN"),
        (["en-US", "en", "zh-CN"], ""),
        (["de-DE", "de"], ""),
        (["C"], ""),
        ([], ""),
    ],
)
def test_the_first_language_that_there_is_is_taken(languages: list[str], name: str) -> None:
    assert translation_for(languages) == name


def test_a_command_is_named_without_its_mnemonic() -> None:
    assert [plain_text(text) for text in ("&Import…", "导入(&I)…", "Un&pin")] == ["Import", "导入", "Unpin"]


def test_texts_are_found_however_they_are_asked_for() -> None:
    source = """
class Window(QWidget):
    def __init__(self):
        tr = self.tr
        name(tr("An alias"))
        name(self.tr("One" if one else "Many"))
        name(self.tr("%n files", "", 3))
def label():
    translate = QCoreApplication.translate
    return translate("labels", "A function") + _tr("A wrapper")
def _tr(text):
    return QCoreApplication.translate("wrapped", text)
"""
    assert list(find_texts(source)) == [
        Text("Window", "An alias"),
        Text("Window", "One"),
        Text("Window", "Many"),
        Text("Window", "%n files", plural=True),
        Text("labels", "A function"),
        Text("wrapped", "A wrapper"),
    ]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("class A:\n  def f(self): self.tr(name)", "not written out"),
        ("class A:\n  def f(self): self.tr(f'{count} models')", "not written out"),
        ("def f(): QCoreApplication.translate(place, 'Models')", "context is not written out"),
        ("NAME = QCoreApplication.translate('labels', 'Models')", "before there is a language"),
        ("from labels import _tr\ndef f(): _tr('Models')", "cannot be seen"),
    ],
)
def test_a_text_that_could_not_be_translated_is_reported(source: str, why: str) -> None:
    with pytest.raises(UnreadableText, match=why):
        list(find_texts(source))


def test_translations_are_read_as_they_were_written(tmp_path: Path) -> None:
    written = {
        Text("A", "1 < 2 & “3”\nnext"): Translation("第一\n第二", finished=True),
        Text("A", "%n files", plural=True): Translation("%n 个文件", finished=True),
        Text("B", "New"): Translation(),
    }
    write_translations(tmp_path / "some.ts", "zh_CN", written)
    assert read_translations(tmp_path / "some.ts") == written

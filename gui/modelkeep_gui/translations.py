"""The language of the window. Texts are English in the sources; others come from `modelkeep_resources`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from modelkeep_resources import resource

__all__ = ["install_translation", "plain_text", "translation_for"]

_TRANSLATIONS = {"zh": "zh_CN"}
"""What there is beside English, by language. Who reads Traditional Chinese is better served with Simplified."""

# Of the one application of the process; asking Qt for them would cost 5 ms of every start.
_installed: list[QTranslator] = []

_MNEMONIC = re.compile(r"\(&.\)|&")


def install_translation(application: QCoreApplication, language: str) -> None:
    """Let texts that are made from now on be in `language`, such as "zh_CN"; the system's when it is ""."""
    while _installed:
        application.removeTranslator(_installed.pop())
    name = translation_for([language] if language else QLocale.system().uiLanguages())
    if not name:
        return
    qt = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath), f"qtbase_{name}.qm")
    for path in (qt, resource(f"translations/modelkeep_{name}.qm")):
        translator = QTranslator()
        # A system's own Qt may come without its translations; then only its own few texts stay English.
        if translator.load(str(path)):
            application.installTranslator(translator)
            _installed.append(translator)


def translation_for(languages: Sequence[str]) -> str:
    """The translation for the first of `languages` that there is, best first; "" for English and for none."""
    for language in languages:
        spoken = language.replace("_", "-").partition("-")[0].lower()
        if spoken == "en":
            return ""
        if spoken in _TRANSLATIONS:
            return _TRANSLATIONS[spoken]
    return ""


def plain_text(text: str) -> str:
    """A command's text without mnemonic and dots: "Import" of "&Import…", "导入" of "导入(&I)…"."""
    return _MNEMONIC.sub("", text).rstrip("…")

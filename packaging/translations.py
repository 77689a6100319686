"""Bring the window's translations up to its sources: add what is new, drop what is gone, compile what is there.

    python packaging/translations.py

Texts are read from the syntax trees and not by `pyside6-lupdate`, which takes only a literal `self.tr(...)` and
misses every wrapper. What is found is what Qt will be asked for: a context and a text. New texts are marked
unfinished in the .ts files, for a person with Qt Linguist or an editor.
"""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

__all__ = [
    "SOURCES",
    "TRANSLATIONS",
    "Text",
    "Translation",
    "UnreadableText",
    "compile_translation",
    "find_texts",
    "read_translations",
    "texts_of",
    "write_translations",
]

_ROOT = Path(__file__).resolve().parent.parent
SOURCES = _ROOT / "gui" / "modelkeep_gui"
TRANSLATIONS = _ROOT / "resources" / "modelkeep_resources" / "translations"

_APPLICATIONS = {"QCoreApplication", "QGuiApplication", "QApplication"}
_WRAPPERS = {"tr", "_tr", "translate"}
_NAMES_ITS_CONTEXT = ""
"""The context of `QCoreApplication.translate`, which is told it as its first argument."""


class Text(NamedTuple):
    """A text of the window as Qt looks it up; `plural` when it is one of "%n" things."""

    context: str
    source: str
    plural: bool = False


class Translation(NamedTuple):
    """What a text is in another language; not used while it is not `finished`."""

    text: str = ""
    finished: bool = False


class UnreadableText(Exception):
    """A text is not written out where it is translated, or is translated before there is a language."""


# ---- what the sources say


def texts_of(folder: Path = SOURCES) -> list[Text]:
    """Every text of the Python sources beneath `folder`, each once, in the order of contexts."""
    found: dict[Text, None] = {}
    for path in sorted(folder.rglob("*.py")):
        found.update(dict.fromkeys(find_texts(path.read_text(encoding="utf-8"), path.name)))
    return sorted(found, key=attrgetter("context"))


def find_texts(source: str, name: str = "<source>") -> Iterator[Text]:
    """The texts of one module in their order. Raises `UnreadableText` for one that cannot be known beforehand."""
    finder = _Finder(name)
    finder.visit(ast.parse(source, name))
    return iter(finder.texts)


class _Finder(ast.NodeVisitor):
    def __init__(self, name: str) -> None:
        self.texts: list[Text] = []
        self._name = name
        self._classes: list[str] = []
        self._functions = 0
        self._scopes: list[dict[str, str]] = []
        """By scope, the names that translate, with their context."""

    def visit_Module(self, node: ast.Module) -> None:
        self._in_scope(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._classes.append(node.name)
        self.generic_visit(node)
        self._classes.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if _wrapped_context(node) is not None:
            return  # what it passes on is no text of its own
        self._functions += 1
        self._in_scope(node)
        self._functions -= 1

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._functions += 1
        self.generic_visit(node)
        self._functions -= 1

    def visit_Call(self, node: ast.Call) -> None:
        context = self._context(node.func)
        if context is not None:
            self._add(node, context)
        elif isinstance(node.func, ast.Attribute) and node.func.attr == "tr":
            raise self._unreadable(node, "only self.tr says which class it belongs to")
        self.generic_visit(node)

    def _in_scope(self, node: ast.Module | ast.FunctionDef) -> None:
        names: dict[str, str] = {}
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef):
                wrapped = _wrapped_context(statement)
                if wrapped is not None:
                    names[statement.name] = wrapped
            elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                alias = self._context(statement.value)
                if alias is not None:
                    names[statement.targets[0].id] = alias
        self._scopes.append(names)
        self.generic_visit(node)
        self._scopes.pop()

    def _context(self, function: ast.expr) -> str | None:
        match function:
            case ast.Attribute(value=ast.Name(id="self"), attr="tr") if self._classes:
                return self._classes[-1]
            case ast.Attribute(value=ast.Name(id=application), attr="translate"):
                return _NAMES_ITS_CONTEXT if application in _APPLICATIONS else None
            case ast.Name(id=name):
                for scope in reversed(self._scopes):
                    if name in scope:
                        return scope[name]
                if name in _WRAPPERS:
                    raise self._unreadable(function, f"what `{name}` is cannot be seen in this module")
        return None

    def _add(self, call: ast.Call, context: str) -> None:
        if not self._functions:
            raise self._unreadable(call, "it is asked for while the module loads, before there is a language")
        arguments = list(call.args)
        if context == _NAMES_ITS_CONTEXT:
            first = arguments.pop(0)
            if not isinstance(first, ast.Constant):
                raise self._unreadable(call, "its context is not written out")
            context = str(first.value)
        for source in self._written_out(arguments[0]):
            self.texts.append(Text(context, source, plural=len(arguments) > 2))

    def _written_out(self, argument: ast.expr) -> Iterator[str]:
        match argument:
            case ast.Constant(value=str(text)):
                yield text
            case ast.IfExp(body=one, orelse=other):
                yield from self._written_out(one)
                yield from self._written_out(other)
            case _:
                raise self._unreadable(argument, "it is not written out where it is translated")

    def _unreadable(self, node: ast.expr, why: str) -> UnreadableText:
        return UnreadableText(f"{self._name}:{node.lineno}: this text cannot be translated: {why}.")


def _wrapped_context(function: ast.FunctionDef) -> str | None:
    """The context in which a function does nothing but translate its argument, as in `def _tr(text): ...`."""
    match function.body:
        case [
            ast.Return(
                ast.Call(
                    ast.Attribute(ast.Name(application), "translate"),
                    [ast.Constant(str(context)), ast.Name()],
                )
            )
        ] if application in _APPLICATIONS:
            return context
    return None


# ---- what the .ts files say


def read_translations(path: Path) -> dict[Text, Translation]:
    """The translations of a .ts file; none when there is no such file."""
    if not path.exists():
        return {}
    found = {}
    for context in ET.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            plural = message.get("numerus") == "yes"
            text = Text(context.findtext("name", ""), message.findtext("source", ""), plural)
            node = message.find("translation")
            if node is not None:
                said = node.findtext("numerusform") if plural else node.text
                found[text] = Translation(said or "", finished=node.get("type") != "unfinished")
    return found


def write_translations(path: Path, language: str, translations: Mapping[Text, Translation]) -> None:
    """Write a .ts file, for a language with one form of its plurals, as Chinese has."""
    root = ET.Element("TS", version="2.1", language=language, sourcelanguage="en")
    for name, texts in groupby(translations, key=attrgetter("context")):
        context = ET.SubElement(root, "context")
        ET.SubElement(context, "name").text = name
        for text in texts:
            _add_message(context, text, translations[text])
    ET.indent(root, " " * 4)
    body = ET.tostring(root, encoding="unicode", short_empty_elements=False)
    head = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n'
    path.write_text(f"{head}{body}\n", encoding="utf-8", newline="\n")


def _add_message(context: ET.Element, text: Text, translation: Translation) -> None:
    message = ET.SubElement(context, "message", {"numerus": "yes"} if text.plural else {})
    ET.SubElement(message, "source").text = text.source
    node = ET.SubElement(message, "translation", {} if translation.finished else {"type": "unfinished"})
    if text.plural:
        node = ET.SubElement(node, "numerusform")
    node.text = translation.text


def compile_translation(source: Path, target: Path) -> None:
    """Make the .qm file that Qt loads of a .ts file; unfinished texts stay English."""
    program = shutil.which("pyside6-lrelease", path=str(Path(sys.executable).parent))
    if program is None:
        raise FileNotFoundError(
            "pyside6-lrelease is not beside this Python; it comes with PySide6-Essentials."
        )
    subprocess.run([program, "-silent", str(source), "-qm", str(target)], check=True)


def _update(path: Path, texts: Iterable[Text]) -> None:
    known = read_translations(path)
    current = {text: known.get(text, Translation()) for text in texts}
    write_translations(path, path.stem.removeprefix("modelkeep_"), current)
    compile_translation(path, path.with_suffix(".qm"))
    left = sum(not translation.finished for translation in current.values())
    gone = len(known.keys() - current.keys())
    print(f"{path.name}: {len(current)} texts, {left} unfinished, {gone} dropped")


def main() -> None:
    texts = texts_of()
    for path in sorted(TRANSLATIONS.glob("modelkeep_*.ts")):
        _update(path, texts)


if __name__ == "__main__":
    main()

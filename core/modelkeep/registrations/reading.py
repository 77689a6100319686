"""A YAML file that registers models: read strictly, everything that is wrong said with its line.

::

    model_types: [radiology]          # further types, beside generic, biomedical and clinical

    chest-reports:
      model_type: radiology
      name: chest-reports             # what it is registered as; the key when it is left out
      model: org/name                 # or a folder; `repo_id` says the same
      revision: main
      description: Reports of chest X-rays.
      tags: [bert, reports]
      loader: MedicalModelLoader
      parameters: {num_labels: 5}

An entry with anything wrong in it is left out, and the others are not. Source of the schema: the
`medical_models.yaml` of Med-vLLM; what says which model it is was added.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from modelkeep.keys import is_valid_repo_id
from modelkeep.registrations.presets import PRESETS
from modelkeep.registrations.values import (
    IMPORT_PATH,
    LOADERS,
    FileProblem,
    Registration,
    class_problem,
    expanded,
    is_name,
    is_type_name,
    model_problem,
    parameter_problem,
)

__all__ = ["Document", "read_document", "read_models", "read_types"]

_MOST = 1 << 20  # bytes of a file
_TYPES = "model_types"
_TEXTS = (
    "model_type",
    "name",
    "description",
    "loader",
    "model",
    "repo_id",
    "revision",
    "version",
    "model_class",
    "config_class",
    "tokenizer_class",
)
_FIELDS = (*_TEXTS, "tags", "parameters", "capabilities")
_PREFIX = "tag:yaml.org,2002:"

Node = Any
"""A node of PyYAML, which knows its line."""


@dataclass
class Document:
    """A file that was read; `entries` are the nodes at its top.

    `may_name_code`: nobody but this user can have written it.
    """

    path: Path
    entries: tuple[tuple[str, int, Node], ...]
    may_name_code: bool
    problems: list[FileProblem]

    def wrong(self, line: int, message: str) -> None:
        self.problems.append(FileProblem(str(self.path), line, message))


class _Wrong(NamedTuple):
    line: int
    message: str


class _Loader(yaml.SafeLoader):
    """Composes no references to other places: a short file could stand for an endless one."""

    def compose_node(self, parent: Node, index: Any) -> Node:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "a reference (*name) is not read here", mark)
        return super().compose_node(parent, index)


def read_document(path: Path) -> Document:
    """Read a file; whatever it holds, this raises nothing, and says in `problems` what is wrong."""
    document = Document(path, (), False, [])
    try:
        with open(path, "rb") as stream:
            document.may_name_code = _only_ours(os.fstat(stream.fileno()), path.parent)
            content = stream.read(_MOST + 1)
    except OSError as error:
        document.wrong(0, f"It cannot be read ({error.strerror or error}).")
        return document
    if len(content) > _MOST:
        document.wrong(0, "It is larger than 1 MB, which no such file is.")
        return document
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        document.wrong(content.count(b"\n", 0, error.start) + 1, "It is not UTF-8 text.")
        return document
    try:
        document.entries = tuple(_entries(yaml.compose(text, Loader=_Loader), document))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        document.wrong(mark.line + 1 if mark else 0, f"It is not YAML: {error.problem or error.context}.")
    except yaml.reader.ReaderError as error:
        at = error.position if isinstance(error.position, int) else 0
        document.wrong(text.count("\n", 0, at) + 1, "It is not YAML: a character that no text has.")
    except RecursionError:
        document.wrong(0, "It is nested too deeply.")
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        document.wrong(
            0, f"It is not YAML: {str(error).splitlines()[0] if str(error) else 'it makes no sense'}."
        )
    return document


def _only_ours(status: os.stat_result, folder: Path) -> bool:
    """Whether a file and its folder belong to this user, and not everybody may write there."""
    if not hasattr(os, "getuid"):
        return True
    try:
        both = (status, folder.stat())
    except OSError:
        return False
    return all(one.st_uid == os.getuid() and not one.st_mode & stat.S_IWOTH for one in both)


def _entries(node: Node, document: Document) -> Iterator[tuple[str, int, Node]]:
    if node is None:
        return
    if not isinstance(node, yaml.MappingNode):
        document.wrong(_line(node), "It has to be names with what is registered by them, as `name:`.")
        return
    yield from _pairs(node, document, "registered")


def _pairs(node: Node, document: Document, what: str) -> Iterator[tuple[str, int, Node]]:
    """The names and nodes of a mapping, each name once."""
    lines: dict[str, int] = {}
    for key, value in node.value:
        line = _line(key)
        if not isinstance(key, yaml.ScalarNode):
            document.wrong(line, "A name has to be a text.")
        elif key.value in lines:
            document.wrong(line, f"“{key.value}” is {what} in line {lines[key.value]} already.")
        else:
            lines[key.value] = line
            yield key.value, line, value


def read_types(document: Document) -> tuple[str, ...]:
    """The further types that a file declares, in lower case."""
    found = []
    for name, line, node in document.entries:
        if name == _TYPES:
            for said in _texts(node, _TYPES, document):
                if is_type_name(said):
                    found.append(said.lower())
                else:
                    document.wrong(line, f"“{said}” cannot be the name of a type: letters, digits and _.")
    return tuple(found)


def read_models(document: Document, types: Collection[str]) -> tuple[Registration, ...]:
    """The models that a file registers, less those with anything wrong in them, which it says."""
    found = []
    for key, line, node in document.entries:
        if key == _TYPES:
            continue
        before = len(document.problems)
        try:
            registration = _registration(key, line, node, document, types)
        except RecursionError:
            document.wrong(line, "It is nested too deeply.")
            continue
        if registration and len(document.problems) == before:
            found.append(registration)
    return tuple(found)


def _registration(
    key: str, line: int, node: Node, document: Document, types: Collection[str]
) -> Registration | None:
    if not isinstance(node, yaml.MappingNode):
        document.wrong(line, f"“{key}” has to say what is registered, as `model_type: generic`.")
        return None
    said: dict[str, Any] = {}
    lines = {"": line}
    for name, at, value in _pairs(node, document, "said"):
        lines[name] = at
        if name not in _FIELDS:
            near = get_close_matches(name, _FIELDS, n=1)
            document.wrong(at, f"“{name}” is not known here." + (f" Did you mean {near[0]}?" if near else ""))
        elif name in _TEXTS:
            said[name] = _text(value, name, document)
        elif name == "tags":
            said[name] = _texts(value, name, document)
        else:
            said[name] = _mapping(value, name, document)
            lines |= {f"{name}.{key}": at for key, at in _lines_of(value)}
    said = {name: value for name, value in said.items() if value not in ("", None)}
    for wrong in _wrong(key, said, lines, document, types):
        document.wrong(wrong.line, wrong.message)
    said["name"] = said.get("name", key)
    said["model_type"] = said.get("model_type", "generic").lower()
    said["model"] = _model(said, document)
    said.pop("repo_id", None)
    if problem := model_problem(said["model"], said.get("revision", "")):
        at = lines.get("model", lines.get("repo_id", line))
        unsaid = "model" not in lines and "repo_id" not in lines
        document.wrong(at, "It does not say which model it is: `model: org/name`." if unsaid else problem)
    return Registration(**said, origin="file", file=str(document.path), line=line)


def _model(said: Mapping[str, Any], document: Document) -> str:
    """Which model is meant; where it is not said, that of the preset of its name, or of its loader."""
    model = str(said.get("model") or said.get("repo_id") or "")
    if not model:
        preset = next((one.model for one in PRESETS if one.name == said["name"]), "")
        model = preset or LOADERS.get(said.get("loader", ""), "")
    if not model and "/" in said["name"] and is_valid_repo_id(said["name"]):
        model = said["name"]
    return expanded(model, document.path.parent)


def _wrong(
    key: str, said: Mapping[str, Any], lines: Mapping[str, int], document: Document, types: Collection[str]
) -> Iterator[_Wrong]:
    """What is wrong with what was said, each thing by itself."""
    name = said.get("name", key)
    if not is_name(name):
        yield _Wrong(
            lines.get("name", lines[""]),
            f"“{name}” cannot be the name of a model: letters, digits, and . - _ /",
        )
    kind = said.get("model_type", "generic")
    if kind.lower() not in types:
        yield _Wrong(lines["model_type"], f"“{kind}” is not a type. There are {', '.join(types)}.")
    if "model" in said and "repo_id" in said and said["model"] != said["repo_id"]:
        yield _Wrong(lines["repo_id"], "“model” and “repo_id” name different models.")
    if loader := said.get("loader", ""):
        at = lines["loader"]
        if ":" in loader or "." in loader:
            if not IMPORT_PATH.fullmatch(loader):
                yield _Wrong(at, f"“{loader}” is not a loader: its name, or package.module:Class.")
            elif not document.may_name_code:
                yield _Wrong(
                    at,
                    "It names code, but the file or its folder is not only yours to write, so it is not run.",
                )
        elif not loader.isidentifier():
            yield _Wrong(at, f"“{loader}” is not a loader: its name, or package.module:Class.")
    for one in ("model_class", "config_class", "tokenizer_class"):
        if one in said and (problem := class_problem(said[one])):
            yield _Wrong(lines[one], problem)
    for parameter, value in (said.get("parameters") or {}).items():
        if problem := parameter_problem(parameter, value):
            yield _Wrong(lines[f"parameters.{parameter}"], problem)


# ---- nodes into values


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _lines_of(node: Node) -> Iterator[tuple[str, int]]:
    """The names of a mapping with their lines."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return ((key.value, _line(key)) for key, _ in pairs if isinstance(key, yaml.ScalarNode))


def _text(node: Node, name: str, document: Document) -> str | None:
    kind = node.tag.removeprefix(_PREFIX)
    if isinstance(node, yaml.ScalarNode) and kind == "null":
        return None
    # A version such as 1.0 is read as a number; what was written is meant.
    if not isinstance(node, yaml.ScalarNode) or kind not in ("str", "int", "float", "timestamp"):
        document.wrong(_line(node), f"“{name}” has to be a text.")
        return None
    return str(node.value)


def _texts(node: Node, name: str, document: Document) -> tuple[str, ...]:
    if not isinstance(node, yaml.SequenceNode):
        if not isinstance(node, yaml.ScalarNode) or node.tag != f"{_PREFIX}null":
            document.wrong(_line(node), f"“{name}” has to be a list of texts.")
        return ()
    return tuple(text for one in node.value if (text := _text(one, name, document)))


def _mapping(node: Node, name: str, document: Document) -> dict[str, object] | None:
    if isinstance(node, yaml.ScalarNode) and node.tag == f"{_PREFIX}null":
        return None
    if not isinstance(node, yaml.MappingNode):
        document.wrong(_line(node), f"“{name}” has to be names with values.")
        return None
    return {key: _value(value, document) for key, _, value in _pairs(node, document, "said")}


def _value(node: Node, document: Document) -> object:
    if isinstance(node, yaml.MappingNode) and node.tag == f"{_PREFIX}map":
        return {key: _value(value, document) for key, _, value in _pairs(node, document, "said")}
    if isinstance(node, yaml.SequenceNode) and node.tag == f"{_PREFIX}seq":
        return [_value(one, document) for one in node.value]
    kind = node.tag.removeprefix(_PREFIX)
    if isinstance(node, yaml.ScalarNode) and kind in ("str", "timestamp"):
        return str(node.value)
    if isinstance(node, yaml.ScalarNode) and kind in ("int", "float", "bool", "null"):
        try:
            return yaml.constructor.SafeConstructor().construct_object(node)
        except (ValueError, KeyError, IndexError, OverflowError, yaml.YAMLError):
            pass
    document.wrong(_line(node), f"“{node.value if kind in ('int', 'float') else node.tag}” is not a value.")
    return None

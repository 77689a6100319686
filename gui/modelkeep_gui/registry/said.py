"""What is filled in of a registration, as values, and what is wrong with it: "" for nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator

from PySide6.QtCore import QCoreApplication

from modelkeep.registrations.finding import RegisteredModel
from modelkeep.registrations.values import (
    LOADERS,
    class_problem,
    is_name,
    is_path,
    is_type_name,
    loader_problem,
    model_problem,
    parameter_problem,
    parameter_value,
)

__all__ = [
    "class_said",
    "loader_said",
    "model_said",
    "name_said",
    "parameters_of",
    "parameters_said",
    "texts_of",
    "type_said",
]


def name_said(name: str, taken: RegisteredModel | None, own_file: str, replaces: bool) -> str:
    """`taken` is what has the name; only what is in `own_file` or comes with Modelkeep can be replaced."""
    if not name:
        return _tr("Give it a name.")
    if not is_name(name) or name == "model_types":
        return _tr("A name has letters, digits, and “.”, “-”, “_” and “/”.")
    if taken is None:
        return ""
    said = taken.registration
    if said.file not in ("", own_file):
        return _tr("It is registered in {}, line {}; change it there, or take another name.").format(
            said.file, said.line
        )
    if replaces:
        return ""
    return _tr("{} is registered by this name already.").format(said.model)


def model_said(model: str) -> str:
    if not model:
        return _tr("Name a model, or choose a folder.")
    if is_path(model):
        return (
            "" if os.path.isabs(os.path.expanduser(model)) else _tr("Write the whole path, from the root on.")
        )
    return model_problem(model)


def type_said(name: str) -> str:
    return "" if is_type_name(name) else _tr("A type has letters, digits and “_”, and no digit first.")


def class_said(name: str) -> str:
    if not class_problem(name):
        return ""
    return _tr("Name a class of transformers, such as AutoModelForTokenClassification.")


def loader_said(loader: str) -> str:
    if not loader_problem(loader):
        return ""
    return _tr("There are {}, and classes of yours as package.module:Class.").format(", ".join(LOADERS))


def parameters_said(text: str) -> str:
    for line, name, value in _parameters(text):
        if "=" not in line:
            return _tr("“{}” is not NAME=VALUE.").format(line)
        if problem := parameter_problem(name, parameter_value(value)):
            return problem
    return ""


def parameters_of(text: str) -> dict[str, object]:
    """The lines of a text as parameters: `num_labels=5` is a number, `name=five` a text."""
    return {name: parameter_value(value) for _, name, value in _parameters(text)}


def texts_of(text: str) -> tuple[str, ...]:
    """What is between commas, each once."""
    return tuple(dict.fromkeys(part for each in text.split(",") if (part := each.strip())))


def _parameters(text: str) -> Iterator[tuple[str, str, str]]:
    for line in text.splitlines():
        if line.strip():
            name, _, value = line.partition("=")
            yield line.strip(), name.strip(), value.strip()


def _tr(text: str) -> str:
    return QCoreApplication.translate("Registry", text)

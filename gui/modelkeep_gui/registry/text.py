"""Registered models in the words of the window."""

from __future__ import annotations

import os

from PySide6.QtCore import QCoreApplication

from modelkeep.registrations.finding import RegisteredModel
from modelkeep.registrations.values import FileProblem
from modelkeep.text import exact_size_text, path_text, size_text

__all__ = [
    "can_download",
    "facts_text",
    "model_text",
    "origin_text",
    "origin_tooltip",
    "place_text",
    "searched_text",
    "state_sign",
    "state_text",
    "state_tooltip",
    "where_problem_text",
    "where_text",
]


def can_download(one: RegisteredModel) -> bool:
    """Whether a hub may have what is missing of it here."""
    return not one.registration.is_folder and one.state in ("", "incomplete")


def model_text(one: RegisteredModel) -> str:
    """Which model it is: `org/name`, with its revision where one is registered, or a folder."""
    said = one.registration
    return f"{said.model}@{said.revision}" if said.revision else path_text(said.model)


def state_text(one: RegisteredModel) -> str:
    """Whether it is here, in a word or two."""
    return {
        "whole": _tr("whole"),
        "unproven": _tr("not proven"),
        "incomplete": _tr("incomplete"),
        "damaged": _tr("damaged"),
        "folder": _tr("a folder"),
    }.get(one.state, _tr("not here"))


def state_sign(one: RegisteredModel) -> tuple[str, str]:
    """The icon and the tone of that."""
    if one.registration.is_folder and not one.is_here:
        return "away", "warn"
    return {
        "whole": ("whole", "good"),
        "unproven": ("unproven", "muted"),
        "incomplete": ("incomplete", "warn"),
        "damaged": ("damaged", "bad"),
        "folder": ("folder", "muted"),
    }.get(one.state, ("download", "muted"))


def state_tooltip(one: RegisteredModel) -> str:
    """The same in full, with its place and exact size."""
    if not one.is_here:
        return one.problem or _tr("No cache has it.")
    return "\n".join(filter(None, (one.problem, one.path, exact_size_text(one.size) if one.size else "")))


def place_text(one: RegisteredModel) -> str:
    """The cache that it is in, "" for none."""
    return path_text(one.root) if one.root else ""


def origin_text(one: RegisteredModel) -> str:
    """Where it is registered, in short."""
    said = one.registration
    if said.origin == "preset":
        return _tr("Modelkeep")
    if said.origin == "file":
        return f"{os.path.basename(said.file)}:{said.line}"
    return _tr("this program")


def origin_tooltip(one: RegisteredModel) -> str:
    """Where it is registered, in full."""
    said = one.registration
    if said.origin == "preset":
        return _tr("It comes with Modelkeep.")
    if said.origin == "file":
        return _tr("{}, line {}").format(said.file, said.line)
    return _tr("A program registered it, for as long as it runs.")


def where_text(one: RegisteredModel) -> str:
    """Whether and where it is here, as one sentence."""
    if not one.is_here:
        if one.registration.is_folder:
            return _tr("The folder is not there.")
        return _tr("No cache has it. Download it, and programs can load it by its name.")
    size = f" · {size_text(one.size)}" if one.size else ""
    return f"{state_text(one)}{size} · {path_text(one.path)}"


def facts_text(one: RegisteredModel) -> str:
    """What there is to say beside its description, in a line."""
    said = one.registration
    parameters = ", ".join(f"{name}={value}" for name, value in said.parameters.items())
    facts = (
        said.model_type,
        model_text(one),
        _tr("loader {}").format(said.loader) if said.loader else "",
        parameters,
        origin_tooltip(one) if said.origin == "file" else origin_text(one),
    )
    return " · ".join(filter(None, facts))


def searched_text(one: RegisteredModel) -> str:
    """What a filter looks in, without capitals."""
    said = one.registration
    parts = (said.name, said.model_type, said.model, *said.tags, said.description, state_text(one))
    return "\n".join((*parts, origin_text(one))).casefold()


def where_problem_text(problem: FileProblem) -> str:
    """The file of a problem, and its line where it has one."""
    name = os.path.basename(problem.file) or problem.file
    return f"{name}:{problem.line}" if problem.line else name


def _tr(text: str) -> str:
    return QCoreApplication.translate("Registry", text)

"""What the overview says of a model, as lines of text. No widget in here."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QCoreApplication

from modelkeep.details import ModelDetails
from modelkeep.text import count_text, exact_size_text, size_text, time_text
from modelkeep_gui.ages import age_text

__all__ = ["Fact", "Section", "Warn", "sections", "warnings"]

_SHOWN = 12  # languages or tags; some models name a hundred


@dataclass(frozen=True)
class Fact:
    """A line: what it is about, what is so, and quietly beneath it a `remark`. A place is a path or an address."""

    label: str
    text: str
    remark: str = ""
    tooltip: str = ""
    is_place: bool = False


@dataclass(frozen=True)
class Section:
    """Facts that belong together, with a title."""

    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Warn:
    """What one should know before loading the model, with the name of its icon and of its colour."""

    text: str
    icon: str
    tone: Literal["warn", "bad", "muted"]


def sections(details: ModelDetails, now: float | None = None) -> tuple[Section, ...]:
    """All facts, at the time `now` (seconds since the epoch); sections without any are left out."""
    now = time.time() if now is None else now
    found = (
        Section(_tr("Model"), tuple(_about(details))),
        Section(_tr("Space"), tuple(_space(details))),
        Section(_tr("History"), tuple(_history(details, now))),
    )
    return tuple(section for section in found if section.facts)


def warnings(details: ModelDetails) -> tuple[Warn, ...]:
    """What may run code, and what is not all here."""
    row, description = details.row, details.description
    found = []
    if description.has_pickles:
        found.append(Warn(_tr("Contains pickles: they can run code when loaded."), "pickle", "warn"))
    if description.custom_code:
        found.append(
            Warn(_tr("Comes with Python code of its own, which may run when loaded."), "code", "warn")
        )
    if row.incomplete:
        text = _tr("{} of an unfinished download are here.").format(size_text(row.incomplete))
        found.append(Warn(text, "incomplete", "warn"))
    return tuple(found)


def _about(details: ModelDetails) -> Iterator[Fact]:
    row, said = details.row, details.description
    if row.repo_type != "model":
        yield Fact(_tr("Kind"), row.repo_type)
    yield Fact(_tr("Licence"), said.licence or _tr("not stated"))
    yield from _fact(_tr("Task"), said.task)
    yield from _fact(_tr("Library"), said.library)
    yield from _fact(_tr("Architecture"), said.architecture)
    if said.parameters:
        by_dtype = said.parameters_by_dtype
        remark = " · ".join(f"{dtype} {count_text(count)}" for dtype, count in by_dtype)
        tooltip = "\n".join(f"{dtype}: {count:,}" for dtype, count in by_dtype) or f"{said.parameters:,}"
        yield Fact(
            _tr("Parameters"), count_text(said.parameters), remark if len(by_dtype) > 1 else "", tooltip
        )
    yield from _fact(_tr("Data type"), said.dtype)
    yield from _fact(_tr("Quantisation"), said.quantisation)
    if said.context:
        yield Fact(_tr("Context"), _tr("{} tokens").format(f"{said.context:,}"))
    yield from _list(_tr("Formats"), said.formats)
    yield from _list(_tr("Languages"), said.languages)
    yield from _list(_tr("Based on"), said.base_models)
    yield from _list(_tr("Trained on"), said.datasets)
    yield from _list(_tr("Tags"), said.tags)


def _space(details: ModelDetails) -> Iterator[Fact]:
    row = details.row
    yield Fact(_tr("Size"), size_text(row.size), tooltip=exact_size_text(row.size))
    if size_text(row.on_disk) != size_text(row.size):
        yield Fact(_tr("On disk"), size_text(row.on_disk), tooltip=exact_size_text(row.on_disk))
    shared = row.on_disk - row.frees
    remark = _tr("something else needs the other {}").format(size_text(shared)) if shared > 0 else ""
    yield Fact(_tr("Frees"), size_text(row.frees), remark, exact_size_text(row.frees))
    revision = next((one for one in row.revisions if one.commit == details.commit), None)
    if revision and len(row.revisions) > 1:
        remark = _tr("frees {} alone").format(size_text(revision.frees))
        yield Fact(_tr("This revision"), size_text(revision.size), remark, exact_size_text(revision.size))
    yield Fact(_tr("Folder"), details.snapshot, is_place=True)


def _history(details: ModelDetails, now: float) -> Iterator[Fact]:
    row, origin = details.row, details.provenance
    if row.last_used:
        text = _ago(now, row.last_used)
        if details.used_by:
            text = _tr("{}, by {}").format(text, details.used_by)
        remark = {
            "journal": _tr("seen by Modelkeep"),
            "atime": _tr("file access times: at least this late"),
            "atime-unreliable": _tr("the mount keeps no access times"),
        }.get(row.last_used_source, "")
        yield Fact(_tr("Last used"), text, remark, time_text(row.last_used))
    else:
        yield Fact(_tr("Last used"), _tr("not known"))
    if origin.at:
        text = _ago(now, origin.at)
        if origin.by:
            text = _tr("{}, by {}").format(text, origin.by)
        yield Fact(_came(origin.source), text, tooltip=time_text(origin.at))
    else:
        yield from _fact(_tr("Fetched by"), origin.by)
    yield from _place(_tr("From"), origin.url)
    yield from _place(_tr("Archive"), origin.archive)
    if row.modified:
        yield Fact(_tr("Changed here"), _ago(now, row.modified), tooltip=time_text(row.modified))
    if origin.last_modified:
        day = origin.last_modified.partition("T")[0]
        yield Fact(_tr("Hub version"), day, tooltip=origin.last_modified)


def _came(source: str) -> str:
    names = {"download": _tr("Downloaded"), "import": _tr("Imported"), "local": _tr("Made here")}
    return names.get(source, _tr("Fetched"))


def _fact(label: str, text: str) -> Iterator[Fact]:
    if text:
        yield Fact(label, text)


def _place(label: str, text: str) -> Iterator[Fact]:
    if text:
        yield Fact(label, text, is_place=True)


def _list(label: str, texts: Sequence[str]) -> Iterator[Fact]:
    if texts:
        more = len(texts) - _SHOWN
        remark = _tr("and {} more").format(more) if more > 0 else ""
        yield Fact(label, ", ".join(texts[:_SHOWN]), remark, ", ".join(texts) if remark else "")


def _ago(now: float, when: float) -> str:
    age = now - when
    return _tr("just now") if age < 60 else _tr("{} ago").format(age_text(age))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Details", text)

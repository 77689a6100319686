"""What the overview says of a model, as lines of text. No widget in here."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QCoreApplication

from modelkeep.details import ModelDetails
from modelkeep.safety.verdict import Verdict
from modelkeep.text import count_text, exact_size_text, size_text, time_text
from modelkeep_gui.ages import age_text
from modelkeep_gui.dialogs import safety_text

if TYPE_CHECKING:
    from modelkeep.checking.outcome import Verified

__all__ = ["Action", "Fact", "Section", "Warn", "is_dangerous", "sections", "trust_words", "warnings"]

Action = Literal["verify", "mend", "try"]
"""What a button beside a fact begins."""

_BAD = ("incomplete", "damaged")
_ONE_RUN = 3600  # seconds in which a verification may have read all that it says of
_SHOWN = 12  # languages or tags; some models name a hundred


@dataclass(frozen=True)
class Fact:
    """A line: what it is about, what is so, and quietly beneath it a `remark`. A place is a path or an address.

    `sign` is the name and the colour of an icon before the text, `buttons` are texts and what they begin.
    """

    label: str
    text: str
    remark: str = ""
    tooltip: str = ""
    is_place: bool = False
    sign: tuple[str, str] | None = None
    buttons: tuple[tuple[str, Action], ...] = ()


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
        Section(_tr("Trust"), tuple(_trust(details, now))),
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


def trust_words(details: ModelDetails, now: float) -> tuple[str, ...]:
    """What speaks for a revision or against it, in few words: "verified 3 d ago", "offline-ready"."""
    verified, lacks = details.trusted.verified, details.trusted.lacks
    words = [_tr("dangerous")] if is_dangerous(details) else []
    if verified is not None and verified.verdict in _BAD:
        return tuple(words)
    if verified is not None:
        words.append(_tr("verified {}").format(_ago(now, verified.at)))
    if lacks == ():
        words.append(_tr("offline-ready"))
    return tuple(words)


def is_dangerous(details: ModelDetails) -> bool:
    """Whether a scan found what must not be loaded."""
    safety = details.trusted.safety
    return safety is not None and safety.verdict is Verdict.DANGEROUS


def _trust(details: ModelDetails, now: float) -> Iterator[Fact]:
    if not details.commit:
        return
    yield _verified(details, now)
    if details.trusted.lacks is not None:
        yield _offline(details.trusted.lacks, details.trusted.verified)
    if (safety := details.trusted.safety) is not None:
        when = time_text(safety.scanned_at)
        yield Fact(
            _tr("Safety"), safety_text.summary(safety), "", when, sign=safety_text.sign(safety.verdict)
        )


def _offline(lacks: tuple[str, ...], verified: Verified | None) -> Fact:
    text, sign = _tr("ready"), ("whole", "good")
    tooltip = _tr("All that loading it without a network takes is here.")
    if lacks:
        text, sign, tooltip = "\n".join(lacks), ("incomplete", "warn"), ""
    elif verified is not None and verified.verdict in _BAD:
        text, sign = _tr("all that it takes is here, but not all of it is good"), ("warning", "warn")
    return Fact(_tr("Offline"), text, tooltip=tooltip, sign=sign, buttons=((_tr("Try loading…"), "try"),))


def _verified(details: ModelDetails, now: float) -> Fact:
    label, found = _tr("Verified"), details.trusted.verified
    again: tuple[str, Action] = (_tr("Verify again"), "verify")
    if found is None:
        tooltip = _tr("Or it has changed since it was verified.")
        return Fact(label, _tr("never"), tooltip=tooltip, buttons=((_tr("Verify now"), "verify"),))
    age, when = _ago(now, found.at), time_text(found.at)
    if found.verdict in _BAD:
        text, sign = _tr("{}: files are not what they should be").format(age), ("damaged", "bad")
        if found.verdict == "incomplete":
            text, sign = _tr("{}: files are missing").format(age), ("incomplete", "warn")
        return Fact(label, text, "", when, sign=sign, buttons=((_tr("Mend…"), "mend"), again))
    sign = ("unproven", "muted") if found.verdict == "unproven" else ("whole", "good")
    return Fact(label, age, _how_verified(found, now), when, sign=sign, buttons=(again,))


def _how_verified(found: Verified, now: float) -> str:
    words = [_tr("all is as it should be")]
    if found.verdict == "unproven":
        words = [_tr("nothing is wrong, but nothing says what all of its files should be")]
    if found.deep or found.at - found.checked < _ONE_RUN:
        words.append(_tr("every file was read"))
    elif found.checked:
        words.append(_tr("what had not changed was read {}").format(_ago(now, found.checked)))
    return "; ".join(words)


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

"""What a remote says of a model and of its revisions, as lines of text. No widget in here."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from modelkeep.remote.values import RefEntry, RemoteRevision
from modelkeep.text import count_text, exact_size_text, size_text, time_text
from modelkeep_gui.ages import age_text
from modelkeep_gui.details.facts import Fact, Section, Warn
from modelkeep_gui.remotes.steps import Step

if TYPE_CHECKING:
    from modelkeep.remotes import RemoteDetails

__all__ = ["history_steps", "kind_text", "remote_sections", "remote_warnings", "revision_steps"]


def kind_text(kind: str) -> str:
    """What kind of remote it is, in a word or two."""
    words = {"folder": _tr("Folder"), "s3": _tr("S3 store"), "hub": _tr("Hub")}
    return words.get(kind, kind)


def remote_sections(details: RemoteDetails) -> tuple[Section, ...]:
    """All facts of the revision that is looked at; sections without any are left out."""
    found = (
        Section(_tr("Model"), tuple(_about(details))),
        Section(_tr("Space"), tuple(_space(details))),
        Section(_tr("Pushed"), tuple(_pushed(details))),
    )
    return tuple(section for section in found if section.facts)


def remote_warnings(details: RemoteDetails) -> tuple[Warn, ...]:
    """What may run code, and what is not all there."""
    summary = details.manifest.summary
    found = []
    if "pickle" in summary.formats:
        found.append(Warn(_tr("Contains pickles: they can run code when loaded."), "pickle", "warn"))
    if summary.custom_code:
        found.append(
            Warn(_tr("Comes with Python code of its own, which may run when loaded."), "code", "warn")
        )
    if not details.manifest.is_complete:
        text = _tr("These are not known to be all files that the revision has where it came from.")
        found.append(Warn(text, "unproven", "muted"))
    return tuple(found)


def revision_steps(revisions: tuple[RemoteRevision, ...]) -> list[Step]:
    """The revisions of a model as lines."""
    return [
        Step(
            one.commit,
            one.commit[:7],
            one.refs,
            size_text(one.size),
            _who_when(one.pushed_by, one.pushed_at),
            one.message,
            "\n".join(
                filter(
                    None,
                    (one.commit, *one.refs, exact_size_text(one.size), _when(one.pushed_at), one.message),
                )
            ),
        )
        for one in revisions
    ]


def history_steps(history: tuple[RefEntry, ...]) -> list[Step]:
    """How a ref came to lead where it does, as lines."""
    steps = []
    for one in history:
        name = one.commit[:7] or _tr("removed")
        if one.was:
            name = f"{one.was[:7]} → {name}"
        tooltip = "\n".join(filter(None, (one.commit, _when(one.at), one.message)))
        who_when = _who_when(one.by, one.at)
        steps.append(Step(one.commit, name, (one.ref,), f"#{one.number}", who_when, one.message, tooltip))
    return steps


def _about(details: RemoteDetails) -> Iterator[Fact]:
    manifest, said = details.manifest, details.manifest.summary
    yield Fact(_tr("Revision"), manifest.commit[:12], tooltip=manifest.commit)
    if manifest.description:
        yield Fact(_tr("Description"), manifest.description)
    for label, text in (
        (_tr("Licence"), said.licence or _tr("not stated")),
        (_tr("Task"), said.task),
        (_tr("Library"), said.library),
        (_tr("Parameters"), count_text(said.parameters) if said.parameters else ""),
        (_tr("Formats"), ", ".join(said.formats)),
        (_tr("Languages"), ", ".join(said.languages)),
        (_tr("Tags"), ", ".join(said.tags)),
    ):
        if text:
            yield Fact(label, text)


def _space(details: RemoteDetails) -> Iterator[Fact]:
    size, there = details.manifest.size, details.model.on_remote
    yield Fact(_tr("Size"), size_text(size), tooltip=exact_size_text(size))
    if there and size_text(there) != size_text(size):
        remark = _tr("all revisions together, each content once")
        yield Fact(_tr("Takes there"), size_text(there), remark, exact_size_text(there))


def _pushed(details: RemoteDetails) -> Iterator[Fact]:
    manifest = details.manifest
    for one in details.model.revisions:
        if one.commit == manifest.commit:
            if who_when := _who_when(one.pushed_by, one.pushed_at):
                yield Fact(_tr("Pushed"), who_when, tooltip=_when(one.pushed_at))
            if one.message:
                yield Fact(_tr("What changed"), one.message)
    if manifest.created_at and manifest.created_by:
        when = _when(manifest.created_at)
        yield Fact(_tr("Made"), _who_when(manifest.created_by, manifest.created_at), tooltip=when)
    if manifest.origin:
        yield Fact(_tr("From"), manifest.origin, is_place=True)


def _who_when(who: str, when: float) -> str:
    if not when:
        return who
    age = time.time() - when
    text = _tr("just now") if age < 60 else _tr("{} ago").format(age_text(age))
    return _tr("{}, by {}").format(text, who) if who else text


def _when(when: float) -> str:
    return time_text(when) if when else ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Remotes", text)

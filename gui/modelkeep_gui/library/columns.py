"""The columns of the library table, as data: what each one says of a model and of a revision, and how it sorts."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt

from modelkeep.rows import ModelRow, RevisionRow
from modelkeep.text import count_text, exact_size_text, path_text, size_text, time_text
from modelkeep_gui.ages import age_text

__all__ = [
    "NAME",
    "STATE",
    "Column",
    "StateSign",
    "columns",
    "state_sign",
    "state_text",
    "verified_sign",
    "verified_text",
]

NAME, STATE = 0, 1
"""The two columns that are painted in their own way; they come first in `columns()`."""

LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

translate = QCoreApplication.translate


def _nothing(row: Any) -> str:
    return ""


@dataclass(frozen=True)
class StateSign:
    """How a state looks beside its word: an icon of its own shape, for colour alone says nothing to many."""

    icon: str
    tone: str
    is_trouble: bool


@dataclass(frozen=True)
class Column:
    """A column. `id` is its name in saved layouts, `width` is in average characters; a text may be ""."""

    id: str
    title: str
    text: Callable[[ModelRow], str]
    sort_key: Callable[[ModelRow], Any]
    width: int
    revision_text: Callable[[RevisionRow], str] = _nothing
    tooltip: Callable[[ModelRow], str] = _nothing
    revision_tooltip: Callable[[RevisionRow], str] = _nothing
    alignment: int = LEFT
    shown: bool = True
    hideable: bool = True
    largest_first: bool = False
    """Whether the first click sorts downwards, as one wants it of sizes."""
    explanation: str = ""
    """What the figure means, for the tooltip of the heading."""
    sign: Callable[[Any], StateSign | None] | None = None
    """The sign before the text, of a model and of a revision, if there is one; the tooltip puts it in words."""


def columns() -> tuple[Column, ...]:
    """All columns in their first order, in the language of the application."""
    return (
        Column(
            "name",
            translate("Library", "Name"),
            attrgetter("repo_id"),
            lambda row: row.repo_id.casefold(),
            38,
            revision_text=lambda revision: " ".join((*revision.refs, revision.commit[:7])),
            tooltip=lambda row: "\n".join(filter(None, (row.key.partition("@")[2], row.note))),
            revision_tooltip=lambda revision: "\n".join((revision.commit, *revision.refs)),
            hideable=False,
        ),
        Column(
            "state",
            translate("Library", "State"),
            state_text,
            lambda row: _WORST_LAST.get(row.condition, 0),
            16,
            revision_text=state_text,
            tooltip=_state_tooltip,
            revision_tooltip=_state_tooltip,
        ),
        Column(
            "task",
            translate("Library", "Task"),
            attrgetter("task"),
            attrgetter("task"),
            18,
            tooltip=attrgetter("task"),
        ),
        Column(
            "library",
            translate("Library", "Library"),
            attrgetter("library"),
            attrgetter("library"),
            13,
            tooltip=attrgetter("library"),
        ),
        Column(
            "verified",
            translate("Library", "Verified"),
            verified_text,
            attrgetter("verified_at"),
            9,
            revision_text=verified_text,
            tooltip=_verified_tooltip,
            revision_tooltip=_verified_tooltip,
            shown=False,
            largest_first=True,
            explanation=translate("Library", "When its files were last compared with what they should be."),
            sign=verified_sign,
        ),
        Column(
            "licence",
            translate("Library", "Licence"),
            attrgetter("licence"),
            attrgetter("licence"),
            12,
            shown=False,
        ),
        Column(
            "parameters",
            translate("Library", "Parameters"),
            lambda row: count_text(row.parameters) if row.parameters else "",
            attrgetter("parameters"),
            12,
            tooltip=lambda row: f"{row.parameters:,}" if row.parameters else "",
            alignment=RIGHT,
            shown=False,
            largest_first=True,
        ),
        _size_column(
            "size",
            translate("Library", "Size"),
            attrgetter("size"),
            translate("Library", "What the files say they are, each content once."),
        ),
        _size_column(
            "on_disk",
            translate("Library", "On disk"),
            attrgetter("on_disk"),
            translate("Library", "What the disk really holds for it."),
            shown=False,
        ),
        _size_column(
            "frees",
            translate("Library", "Frees"),
            attrgetter("frees"),
            translate(
                "Library", "What the disk gains when exactly this is deleted: less when a part is shared."
            ),
        ),
        Column(
            "used",
            translate("Library", "Used"),
            lambda row: age_text(time.time() - row.last_used) if row.last_used else "",
            attrgetter("last_used"),
            7,
            tooltip=_used_tooltip,
            alignment=RIGHT,
            largest_first=True,
        ),
        Column(
            "modified",
            translate("Library", "Changed"),
            lambda row: age_text(time.time() - row.modified) if row.modified else "",
            attrgetter("modified"),
            8,
            revision_text=lambda row: age_text(time.time() - row.modified) if row.modified else "",
            tooltip=lambda row: time_text(row.modified),
            revision_tooltip=lambda row: time_text(row.modified),
            alignment=RIGHT,
            shown=False,
            largest_first=True,
        ),
        Column(
            "formats",
            translate("Library", "Formats"),
            lambda row: ", ".join(row.formats),
            attrgetter("formats"),
            14,
            shown=False,
        ),
        Column(
            "languages",
            translate("Library", "Languages"),
            lambda row: ", ".join(row.languages),
            attrgetter("languages"),
            10,
            tooltip=lambda row: ", ".join(row.languages),
            shown=False,
        ),
        Column(
            "cache",
            translate("Library", "Cache"),
            lambda row: path_text(row.root),
            attrgetter("root"),
            16,
            tooltip=attrgetter("root"),
            shown=False,
        ),
    )


def _size_column(
    id: str, title: str, of: Callable[[Any], int], explanation: str, *, shown: bool = True
) -> Column:
    def text(row: Any) -> str:
        return size_text(of(row))

    def tooltip(row: Any) -> str:
        return exact_size_text(of(row))

    return Column(
        id,
        title,
        text,
        of,
        8,
        revision_text=text,
        tooltip=tooltip,
        revision_tooltip=tooltip,
        alignment=RIGHT,
        shown=shown,
        largest_first=True,
        explanation=explanation,
    )


# States ---------------------------------------------------------------------------------------------------------

_WORST_LAST = {"whole": 0, "unproven": 1, "incomplete": 2, "damaged": 3}
_BAD = ("incomplete", "damaged")


_SIGNS = {
    "whole": StateSign("whole", "good", False),
    "unproven": StateSign("unproven", "muted", False),
    "incomplete": StateSign("incomplete", "warn", True),
    "damaged": StateSign("damaged", "bad", True),
}


def state_sign(row: ModelRow | RevisionRow) -> StateSign:
    """The sign of a row's state."""
    return _SIGNS.get(row.condition, _SIGNS["unproven"])


def state_text(row: ModelRow | RevisionRow) -> str:
    """A state in a word or two: "whole", "2 files missing"."""
    match row.condition:
        case "whole":
            return translate("Library", "whole")
        case "unproven":
            return translate("Library", "not proven")
        case "incomplete":
            return _missing_text(row)
        case "damaged":
            return translate("Library", "damaged")
    return row.state


def _missing_text(row: ModelRow | RevisionRow) -> str:
    revisions = (row,) if isinstance(row, RevisionRow) else row.revisions
    missing = sum(revision.missing for revision in revisions)
    if missing == 1:
        return translate("Library", "1 file missing")
    return (
        translate("Library", "{} files missing").format(missing)
        if missing
        else translate("Library", "incomplete")
    )


def _state_tooltip(row: ModelRow | RevisionRow) -> str:
    match row.condition:
        case "whole":
            return translate("Library", "Every file of the repository is here; its file list proves it.")
        case "unproven":
            return translate("Library", "Every link leads to a file. No file list is here to compare with.")
        case "incomplete":
            return translate(
                "Library", "Files of the repository are not here, as after a download that was cut off."
            )
        case "damaged":
            if row.state != "damaged":
                return translate("Library", "Verifying it found files that are not what they should be.")
            return translate("Library", "Something is here that cannot work. The details say what.")
    return ""


def verified_sign(row: ModelRow | RevisionRow) -> StateSign | None:
    """The sign of what verifying a row came to, where that was bad."""
    return _SIGNS[row.verified] if row.verified in _BAD else None


def verified_text(row: ModelRow | RevisionRow) -> str:
    """How long ago a row was verified; what came of it the sign and the tooltip say."""
    return age_text(time.time() - row.verified_at) if row.verified else ""


def _verified_tooltip(row: ModelRow | RevisionRow) -> str:
    if not row.verified:
        return translate("Library", "Never verified, or changed since.")
    when = time_text(row.verified_at)
    match row.verified:
        case "good":
            return translate("Library", "{}: all files are what they should be.").format(when)
        case "unproven":
            return translate(
                "Library", "{}: nothing is wrong, but nothing says what all files should be."
            ).format(when)
        case "incomplete":
            return translate("Library", "{}: files are missing.").format(when)
        case "damaged":
            return translate("Library", "{}: files are not what they should be.").format(when)
    return when


def _used_tooltip(row: ModelRow) -> str:
    if not row.last_used:
        return translate("Library", "No use is known.")
    when = time_text(row.last_used)
    match row.last_used_source:
        case "journal":
            return translate("Library", "{} (seen by Modelkeep)").format(when)
        case "atime":
            return translate("Library", "{} or later (by the file system's access time)").format(when)
        case "atime-unreliable":
            return translate("Library", "{} or later (this disk does not keep access times well)").format(
                when
            )
    return when

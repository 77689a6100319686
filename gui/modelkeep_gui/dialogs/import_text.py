"""What an import plan says, in words and figures. No widget in here."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from modelkeep.archive.import_plan import Action, ImportFile, ImportItem, RefMove
from modelkeep.archive.signature import Standing
from modelkeep.errors import InvalidKey
from modelkeep.keys import ModelKey
from modelkeep.metadata.kinds import FileKind, file_kind
from modelkeep.safety.verdict import Verdict
from modelkeep.text import size_text, time_text
from modelkeep_gui.dialogs import safety_text

__all__ = [
    "DONE_BY_ITSELF",
    "WRITING",
    "Fact",
    "Remark",
    "button_text",
    "commit_text",
    "count_files",
    "facts",
    "file_text",
    "is_dangerous",
    "key_text",
    "name_problem",
    "name_text",
    "remarks",
    "sign",
    "summary",
    "what_happens",
]

DONE_BY_ITSELF = frozenset({Action.NEW, Action.ADD_REVISION, Action.COMPLETE})
"""What is imported unless the user says no."""

WRITING = DONE_BY_ITSELF | {Action.REPLACE}
"""What can be imported. A replacement only if the user says yes."""

_SIGNS = {
    Action.NEW: ("plus", "good"),
    Action.ADD_REVISION: ("plus", "good"),
    Action.COMPLETE: ("incomplete", "good"),
    Action.PRESENT: ("whole", "muted"),
    Action.REPLACE: ("refresh", "warn"),
    Action.CONFLICT: ("warning", "bad"),
    Action.NEEDS_NAME: ("note", "warn"),
    Action.REFUSED: ("damaged", "bad"),
}
_LISTED = 8  # languages or tags
_FINDINGS = 5  # of a scan; the others are read in the details once it is here


class Fact(NamedTuple):
    """A line: what it is about, and what is so. A place is a path or an address."""

    label: str
    text: str
    is_place: bool = False


class Remark(NamedTuple):
    """A sentence that one should know before going on, with its icon and the tone of its colour."""

    text: str
    icon: str
    tone: str


def key_text(key: ModelKey) -> str:
    """A key as people write it: without the scheme of a model."""
    return str(key).removeprefix("hf@")


def name_text(item: ImportItem) -> str:
    """What a model is called, or its archive where nobody knows."""
    key = item.key or item.proposal
    return key_text(key) if key else os.path.basename(item.source)


def name_problem(text: str) -> str:
    """Why no model can be called `text`, as a sentence; "" when one can."""
    if not text.strip():
        return _tr("Give it a name, such as org/name.")
    try:
        ModelKey.parse(text)
    except InvalidKey as error:
        return f"{error} {error.hint}"
    return ""


def is_dangerous(item: ImportItem) -> bool:
    """Whether a model that could be imported has files that were found to be dangerous."""
    found = item.safety
    return item.action in WRITING and found is not None and found.verdict is Verdict.DANGEROUS


def commit_text(commit: str | None) -> str:
    """A commit in short, "" for one that is only known when all was read."""
    return (commit or "")[:7]


def _move_text(move: RefMove) -> str:
    """Which ref leads where from now on: "main a1b2c3d → d4e5f6a"."""
    new = commit_text(move.new) or _tr("the new commit")
    return f"{move.name} {commit_text(move.old)} → {new}"


def sign(item: ImportItem, is_wanted: bool) -> tuple[str, str]:
    """The icon and the tone of what becomes of a model."""
    if is_dangerous(item):
        return ("warning", "warn") if is_wanted else safety_text.sign(Verdict.DANGEROUS)
    if item.action in DONE_BY_ITSELF and not is_wanted:
        return "cancel", "muted"
    if item.action is Action.REPLACE and not is_wanted:
        return "warning", "warn"
    return _SIGNS[item.action]


def _action_text(item: ImportItem, is_wanted: bool) -> str:
    """What becomes of a model, in a few words."""
    if is_dangerous(item) and not is_wanted:
        return _tr("Dangerous, not imported")
    match item.action:
        case Action.NEW | Action.ADD_REVISION | Action.COMPLETE if not is_wanted:
            return _tr("Left out")
        case Action.NEW:
            return _tr("New model")
        case Action.ADD_REVISION:
            return _tr("New revision")
        case Action.COMPLETE:
            return _tr("Completes what is here")
        case Action.PRESENT:
            return _tr("Already here")
        case Action.REPLACE if is_wanted:
            return _tr("Replaces other content")
        case Action.REPLACE | Action.CONFLICT:
            return _tr("Other content here, skipped")
        case Action.NEEDS_NAME:
            return _tr("Needs a name")
        case Action.REFUSED if item.lacking:
            return _tr("Lacks {} that are not here").format(count_files(len(item.lacking)))
        case Action.REFUSED:
            return _tr("Cannot be imported")


def what_happens(item: ImportItem, is_wanted: bool) -> str:
    """The same, with the ref that it moves, and that its name is only what its archive suggests."""
    parts = [_action_text(item, is_wanted)]
    if is_wanted and item.moves_ref:
        parts.append(_move_text(item.moves_ref))
    if is_wanted and is_dangerous(item):
        parts.append(_tr("dangerous, allowed once"))
    if is_wanted and item.joins:
        parts.append(_tr("joins {}").format(count_files(len(item.joins))))
    if is_wanted and item.metadata is None:
        parts.append(_tr("check its name"))
    return ", ".join(parts)


def summary(items: Sequence[ImportItem], wanted: Collection[tuple[str, str]]) -> str:
    """What a plan is not to be taken for, counted: "2 already here · 1 not signed"; "" for what needs no word."""
    left_out = [item for item in items if (item.source, item.folder) not in wanted]
    blocked = [item for item in left_out if is_dangerous(item)]
    left_out = [item for item in left_out if item not in blocked]
    counts = {
        _tr("{} dangerous"): len(blocked),
        _tr("{} already here"): sum(item.action is Action.PRESENT for item in left_out),
        _tr("{} with other content skipped"): sum(
            item.action in (Action.REPLACE, Action.CONFLICT) for item in left_out
        ),
        _tr("{} left out"): sum(item.action in DONE_BY_ITSELF for item in left_out),
        _tr("{} without a name"): sum(item.action is Action.NEEDS_NAME for item in left_out),
        _tr("{} cannot be imported"): sum(item.action is Action.REFUSED for item in left_out),
    }
    counts |= _signature_counts([item for item in items if item.action is not Action.REFUSED])
    return " · ".join(text.format(f"{count:,}") for text, count in counts.items() if count)


def _signature_counts(items: Sequence[ImportItem]) -> dict[str, int]:
    """How many are signed by whom, if any is: where nothing is signed, that one is not need not be said."""
    standings = [item.signature.standing if item.signature else None for item in items]
    if not any(standings):
        return {}
    return {
        _tr("{} signed and verified"): standings.count(Standing.VERIFIED),
        _tr("{} signed by an unknown key"): standings.count(Standing.UNKNOWN_KEY),
        _tr("{} with a wrong signature"): standings.count(Standing.WRONG),
        _tr("{} not signed"): standings.count(None),
    }


def button_text(models: int, size: int) -> str:
    """What the button does, with the figure."""
    if not models:
        return _tr("&Import")
    if models == 1:
        return _tr("&Import 1 model, write {}").format(size_text(size))
    return _tr("&Import {} models, write {}").format(f"{models:,}", size_text(size))


def file_text(file: ImportFile, replaces: Collection[str], lacking: Collection[str] = ()) -> str:
    """What becomes of a file."""
    if file.name in lacking:
        return _tr("missing here")
    if file.name in replaces:
        return _tr("replaces another")
    return {
        "no": _tr("to write"),
        "cache": _tr("already here"),
        "other-repo": _tr("in another model"),
        "other-root": _tr("in another cache, copied"),
    }[file.present]


def remarks(item: ImportItem) -> Iterator[Remark]:
    """What one should know of a model before it is imported, the worst first."""
    if item.action in (Action.REFUSED, Action.CONFLICT):
        yield Remark(" ".join(filter(None, (item.problem, item.hint))), "damaged", "bad")
    if item.action is Action.REPLACE:
        yield Remark(_conflict_text(item), "warning", "warn")
    yield from _signature_remark(item)
    yield from _safety_remarks(item)
    if item.joins and item.action in (*WRITING, Action.PRESENT):
        yield Remark(_join_text(item), "here", "good")
    if item.moves_ref:
        yield Remark(_tr("Moves {}.").format(_move_text(item.moves_ref)), "refresh", "accent")
    kinds = {file_kind(file.name, {each.name for each in item.files}) for file in item.files}
    if FileKind.PICKLE in kinds:
        yield Remark(_tr("Contains pickles: they can run code when loaded."), "pickle", "warn")
    if any(file.name.endswith(".py") for file in item.files):
        yield Remark(_tr("Comes with Python code of its own, which may run when loaded."), "code", "warn")
    if item.action in WRITING and not item.complete:
        yield Remark(_tr("Nothing proves that these are all files of the model."), "unproven", "muted")
    if item.safety is not None:
        good = [safety_text.summary(item.safety)] if item.safety.verdict <= Verdict.NOTICE else []
        text = " ".join([*good, *_left_to_scan(item), safety_text.filter_text()])
        yield Remark(text, "shield", "muted")
    elif item.action in WRITING and kinds & {FileKind.PICKLE, FileKind.CODE}:
        text = _tr("It is scanned as it comes in, and not imported if it is dangerous.")
        yield Remark(f"{text} {safety_text.filter_text()}", "shield", "muted")
    for note in item.notes:
        yield Remark(note, "info", "muted")
    if item.ignored:
        names = ", ".join(name.rpartition("/")[2] for name in item.ignored[:3])
        more = _tr("and {} more").format(f"{len(item.ignored) - 3:,}") if len(item.ignored) > 3 else ""
        yield Remark(_tr("Leaves out {}.").format(" ".join(filter(None, (names, more)))), "info", "muted")


def _signature_remark(item: ImportItem) -> Iterator[Remark]:
    """Who signed it. That nobody did is no news, and a fact among others; why it is refused was said before."""
    said = item.signature
    if said is None:
        return
    if said.is_verified:
        yield Remark(_tr("Signed by {}, verified.").format(said.key_id), "signed", "good")
    elif item.action is Action.REFUSED:
        return
    elif said.standing is Standing.UNKNOWN_KEY:
        text = _tr("Signed by an unknown key, {}: this proves nothing unless you trust it.")
        yield Remark(text.format(said.key_id), "key", "warn")
    else:
        yield Remark(_tr("Its signature is wrong: it is no signature of this archive."), "damaged", "bad")


def _join_text(item: ImportItem) -> str:
    size = size_text(sum(file.size for file in item.joins))
    if len(item.joins) == 1:
        return _tr("1 file, {}, is not in the archive: it is taken from what is here, and checked.").format(
            size
        )
    text = _tr("{} files, {}, are not in the archive: they are taken from what is here, and checked.")
    return text.format(f"{len(item.joins):,}", size)


def _safety_remarks(item: ImportItem) -> Iterator[Remark]:
    """What a scan found in it, the worst first, as far as it was scanned already."""
    found = item.safety
    if found is None:
        return
    bad = [said for said in safety_text.lines(found) if said.verdict > Verdict.NOTICE]
    for said in bad[:_FINDINGS]:
        yield Remark(f"{said.place}: {said.sentence}", *safety_text.sign(said.verdict))
    if len(bad) > _FINDINGS:
        more = _tr("and {} more findings").format(f"{len(bad) - _FINDINGS:,}")
        yield Remark(more, "warning", "warn")


def _left_to_scan(item: ImportItem) -> Iterator[str]:
    """What was not looked at yet."""
    if len(item.unscanned) == 1:
        yield _tr("{} is scanned as it comes in.").format(item.unscanned[0])
    elif item.unscanned:
        yield _tr("{} files are scanned as they come in.").format(f"{len(item.unscanned):,}")


def facts(item: ImportItem) -> Iterator[Fact]:
    """What is known of a model and where it comes from."""
    yield Fact(_tr("From"), item.source, is_place=True)
    if item.folder:
        yield Fact(_tr("Folder"), item.folder, is_place=True)
    yield from _fact(_tr("Packed for"), item.packed_for)
    if item.action is Action.REFUSED:
        return
    yield Fact(_tr("Signature"), _signature_text(item))
    yield Fact(_tr("Commit"), item.commit or _tr("worked out from its content"), is_place=bool(item.commit))
    if item.ref and not item.moves_ref:
        yield Fact(_tr("Revision"), item.ref)
    yield Fact(_tr("Checksums"), _checksum_text(item))
    said = item.metadata
    if said is None:
        return
    licences = [tag.partition(":")[2] for tag in said.tags if tag.startswith("license:")]
    yield from _fact(_tr("Licence"), ", ".join(licences))
    yield from _fact(_tr("Library"), said.library)
    yield from _fact(_tr("Task"), said.pipeline)
    yield from _fact(_tr("Languages"), _few(said.languages))
    yield from _fact(_tr("Tags"), _few([tag for tag in said.tags if ":" not in tag]))
    yield Fact(_tr("Origin"), said.url, is_place=True)
    when = time_text(said.downloaded_at / 1000)[:16] if said.downloaded_at else ""
    by = _tr("by {}").format(said.downloaded_by) if said.downloaded_by else ""
    yield from _fact(_tr("Downloaded"), ", ".join(filter(None, (when, by))))
    yield from _fact(_tr("Hub version"), (said.last_modified or "").partition("T")[0])


def _checksum_text(item: ImportItem) -> str:
    if item.checksums == "listed":
        return _tr("SHA-256 list: will be checked")
    if item.sums:
        return _tr("SHA-256 of the bundle: will be checked")
    return _tr("No checksums in the archive")


def _signature_text(item: ImportItem) -> str:
    said = item.signature
    if said is None:
        return _tr("Not signed")
    return (
        f"{said.key_id} · {said.comment}"
        if said.is_verified and said.comment
        else said.key_id or _tr("Wrong")
    )


def _conflict_text(item: ImportItem) -> str:
    names = ", ".join(item.replaces[:3])
    if len(item.replaces) == 1:
        text = _tr("The cache has the same commit with other content of {}.")
        return text.format(names)
    if len(item.replaces) > 3:
        names = _tr("{} and {} more").format(names, f"{len(item.replaces) - 3:,}")
    return _tr("The cache has the same commit with other content of {} files: {}.").format(
        f"{len(item.replaces):,}", names
    )


def count_files(count: int) -> str:
    return _tr("1 file") if count == 1 else _tr("{} files").format(f"{count:,}")


def _few(texts: Sequence[str]) -> str:
    more = [_tr("and {} more").format(len(texts) - _LISTED)] if len(texts) > _LISTED else []
    return ", ".join([*texts[:_LISTED], *more])


def _fact(label: str, text: str | None) -> Iterator[Fact]:
    if text:
        yield Fact(label, text)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Import", text)

"""The JSON of `verify`, as `docs/json.md` describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelkeep.cli.shapes import deletion_item, iso_time

if TYPE_CHECKING:
    from modelkeep.checking.outcome import FileCheck, RevisionCheck, Verification
    from modelkeep.cli.quarantining import Quarantined

__all__ = ["verification"]

Json = dict[str, object]


def verification(
    result: Verification, lacks: list[tuple[str, ...] | None], moved: tuple[Quarantined, ...]
) -> Json:
    """A result; `lacks` has, for each revision, what it lacks to be loaded offline, None where that is not known.

    `moved` is what went to the trash, or would.
    """
    return {
        "deep": result.deep,
        "bytes_read": result.bytes_read,
        "seconds": round(result.seconds, 3),
        "bad": sum(check.verdict.is_bad for check in result.revisions),
        "revisions": [_revision(check, lack) for check, lack in zip(result.revisions, lacks, strict=True)],
        "quarantined": [deletion_item(one.plan, one.item, one.done, force=False) for one in moved],
    }


def _revision(check: RevisionCheck, lacks: tuple[str, ...] | None) -> Json:
    return {
        "key": str(check.key),
        "root": check.root,
        "commit": check.commit or None,
        "refs": list(check.refs),
        "verdict": str(check.verdict),
        "listed": check.is_listed,
        "size": check.size,
        "checked": iso_time(check.checked),
        "offline_ready": None if lacks is None else not lacks,
        "lacks": list(lacks or ()),
        "files": [_file(file) for file in check.files],
    }


def _file(file: FileCheck) -> Json:
    return {
        "name": file.name,
        "path": file.path,
        "size": file.size,
        "outcome": str(file.outcome),
        "message": file.message or None,
        "hint": file.hint or None,
        "checked": iso_time(file.checked),
    }

"""A library as a window or a terminal shows it: rows of models, and roots at a glance. Made from plain values."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from modelkeep.cache.catalog import Catalog
from modelkeep.cache.inventory import CachedModel, CachedRevision, Inventory
from modelkeep.cache.last_use import LastUse
from modelkeep.checking.outcome import VERIFIED
from modelkeep.metadata.describe import Description
from modelkeep.paths import default_root
from modelkeep.rows import ModelRow, RevisionRow, RootRows, RootView
from modelkeep.text import path_text

__all__ = ["Verdicts", "batches", "resolved", "row_of", "verdicts_of", "view_of"]

_BATCH = 250  # rows; the window takes in a batch in about a millisecond
_SAFETY = "safety-revision"

_Fact = tuple[int, float, object]


class Verdicts(NamedTuple):
    """What is remembered of a root's revisions, by their paths: of verifying them, and of looking what would run."""

    verified: Mapping[str, _Fact]
    safety: Mapping[str, _Fact]


def verdicts_of(catalog: Catalog, folders: Iterable[str]) -> Verdicts:
    """All that is remembered of roots, or of models by their folders.

    Of a root it is asked for at once: asking for each revision would take a list too long.
    """
    found: tuple[dict[str, _Fact], dict[str, _Fact]] = ({}, {})
    for folder in folders:
        for known, kind in zip(found, (VERIFIED, _SAFETY), strict=True):
            known |= catalog.recall_all(kind, folder)
    return Verdicts(*found)


def row_of(
    model: CachedModel,
    description: Description | None,
    use: LastUse,
    pinned: bool,
    note: str,
    verdicts: Verdicts,
) -> ModelRow:
    """The row of a model; without a description it lacks what only the model's files say."""
    known = {revision.commit: _known(revision, verdicts) for revision in model.revisions}
    verified, verified_at, safety = known[model.main.commit] if model.main else _UNKNOWN
    return ModelRow(
        key=str(model.key),
        root=model.root,
        repo_id=model.repo_id,
        repo_type=model.repo_type,
        size=model.size,
        on_disk=model.on_disk,
        frees=model.frees,
        last_used=use.at,
        last_used_source=use.source,
        modified=model.modified,
        state=model.state.value,
        pinned=pinned,
        note=note,
        library=description.library if description else "",
        task=description.task if description else "",
        licence=description.licence if description else "",
        languages=description.languages if description else (),
        tags=description.tags if description else (),
        formats=description.formats if description else (),
        parameters=description.parameters if description else 0,
        custom_code=description.custom_code if description else False,
        incomplete=sum(file.on_disk for file in model.incomplete),
        problems=len(model.problems),
        revisions=tuple(
            RevisionRow(
                commit=revision.commit,
                refs=revision.refs,
                size=revision.size,
                on_disk=revision.on_disk,
                frees=revision.frees,
                files=len(revision.files),
                missing=len(revision.missing),
                state=revision.state.value,
                modified=revision.modified,
                verified=known[revision.commit][0],
                verified_at=known[revision.commit][1],
                safety=known[revision.commit][2],
            )
            for revision in model.revisions
        ),
        verified=verified,
        verified_at=verified_at,
        safety=safety,
    )


_UNKNOWN = ("", 0.0, "")


def _known(revision: CachedRevision, verdicts: Verdicts) -> tuple[str, float, str]:
    """What verifying a revision came to and when, and what would run of it; of what has changed since nothing."""
    verified, at, safety = _UNKNOWN
    found = _fact(revision, verdicts.verified)
    if isinstance(found, dict):
        verified, at = str(found.get("verdict", "")), float(found.get("at", 0.0))
    found = _fact(revision, verdicts.safety)
    if isinstance(found, dict):
        safety = str(found.get("verdict", ""))
    return verified, at, safety


def _fact(revision: CachedRevision, facts: Mapping[str, _Fact]) -> object:
    size, modified, fact = facts.get(revision.path, (-1, 0.0, None))
    return fact if (size, modified) == (revision.size, revision.modified) else None


def view_of(inventory: Inventory) -> RootView:
    """A root at a glance, from its scan."""
    here = inventory.state.is_here
    return RootView(
        path=inventory.root,
        name=_name(inventory.root),
        state=inventory.state.value,
        message="" if here else inventory.problems[0].message,
        is_default=inventory.root == resolved(default_root()),
        models=len(inventory.models),
        models_on_disk=inventory.models_on_disk,
        other=inventory.other,
        trash=inventory.trash,
        staging=inventory.staging,
        incomplete=inventory.incomplete,
        device=inventory.device,
        disk_total=inventory.disk_total,
        disk_free=inventory.disk_free,
        problems=tuple((p.kind.value, p.path, p.message) for p in inventory.problems) if here else (),
        scanned=inventory.scanned,
    )


def _name(root: str) -> str:
    """What to call a root: "Home" for the default one, else its path with the home folder as ~."""
    if root == resolved(default_root()):
        return "Home"
    return path_text(root)


def batches(root: str, rows: Sequence[ModelRow]) -> Iterator[RootRows]:
    """All rows of a root in small parts; without rows there is one part, which is empty."""
    for start in range(0, max(1, len(rows)), _BATCH):
        yield RootRows(root, tuple(rows[start : start + _BATCH]), start == 0, start + _BATCH >= len(rows))


def resolved(root: str | os.PathLike[str]) -> str:
    """A root as it is told from others: absolute, without links, with "/"."""
    return Path(os.path.realpath(Path(root).expanduser())).as_posix()

"""A library as a window or a terminal shows it: rows of models, and roots at a glance. Made from plain values."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from modelkeep.cache.inventory import CachedModel, Inventory
from modelkeep.cache.last_use import LastUse
from modelkeep.metadata.describe import Description
from modelkeep.paths import default_root
from modelkeep.rows import ModelRow, RevisionRow, RootRows, RootView
from modelkeep.text import path_text

__all__ = ["batches", "resolved", "row_of", "view_of"]

_BATCH = 250  # rows; the window takes in a batch in about a millisecond


def row_of(
    model: CachedModel, description: Description | None, use: LastUse, pinned: bool, note: str
) -> ModelRow:
    """The row of a model; without a description it lacks what only the model's files say."""
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
            )
            for revision in model.revisions
        ),
    )


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

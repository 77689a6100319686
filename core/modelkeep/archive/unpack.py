"""Importing: the models of a plan come into a cache, checked while they are read, published when they are whole.

A content that the root has already is linked, not written, after it was found to be what its name says. All others
are read once: checksums and writing in one pass, by two threads where the source can be read out of order.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from modelkeep.archive.checksums import SUMS_NAME
from modelkeep.archive.container import Container, open_container
from modelkeep.archive.import_plan import Action, ImportFile, ImportItem, ImportPlan
from modelkeep.archive.incoming import derived_commit
from modelkeep.archive.parallel import Count, Task, run_tasks
from modelkeep.cache import layout
from modelkeep.cache.existing import Blobs, content_name
from modelkeep.cache.publish import StagedFile, publish
from modelkeep.cache.staging import Staging, Verified, open_staging
from modelkeep.cache.trees import TreeFile, git_name
from modelkeep.disk import disk_errors, free_space, reserve
from modelkeep.errors import (
    ArchiveError,
    CacheBusy,
    CacheError,
    DamagedArchive,
    ModelInUse,
    ModelKeepError,
    NotEnoughSpace,
)
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report, ignore, share

__all__ = ["Checked", "ImportResult", "ImportedItem", "IsVerified", "execute_import", "nothing_verified"]

_WORKERS = 2
_SPACE_STEP = 64 << 20  # bytes written between two looks at the free space

IsVerified = Callable[[Path, os.stat_result], bool]
"""Answers whether a blob, of which this is the path and what `os.stat` says, was checked since it last changed."""


def nothing_verified(path: Path, status: os.stat_result) -> bool:
    """The answer of a caller who remembers nothing."""
    return False


class Checked(NamedTuple):
    """A content that was found to be what its name says; `sha256` is None where that was not worked out."""

    path: str
    etag: str
    sha256: str | None


@dataclass(frozen=True)
class ImportedItem:
    """What became of an item of the plan. `path` is its snapshot folder, "" when it could not be imported.

    `bytes_linked` are those of contents that were in the root already.
    """

    source: str
    key: ModelKey | None
    action: Action
    commit: str | None = None
    path: str = ""
    bytes_written: int = 0
    bytes_linked: int = 0
    checked: tuple[Checked, ...] = ()
    error: ModelKeepError | None = None


@dataclass(frozen=True)
class ImportResult:
    """What really happened, item by item."""

    items: tuple[ImportedItem, ...]

    @property
    def failures(self) -> tuple[str, ...]:
        """A sentence for each item that was not imported."""
        return tuple(str(item.error) for item in self.items if item.error)


def execute_import(
    plan: ImportPlan, *, verified: IsVerified = nothing_verified, report: Report = ignore
) -> ImportResult:
    """Carry out a plan. An item that fails keeps no other from being imported: see `failures` of the result.

    A cancel leaves what was imported before and nothing of the item that it stopped. A kill leaves a staging folder,
    from which the same import goes on.
    """
    total = sum(item.size for item in plan.items)
    done = 0
    results = []
    for item in plan.items:
        error = item.error
        if error is None:
            try:
                results.append(_Import(Path(plan.root), item, verified, share(report, done, total)).run())
            except (ArchiveError, CacheError) as caught:
                error = caught.with_traceback(None)
        if error is not None:
            results.append(ImportedItem(item.source, item.key, item.action, item.commit, error=error))
        done += item.size
    return ImportResult(tuple(results))


class _Import:
    """One model on its way in."""

    def __init__(self, root: Path, item: ImportItem, verified: IsVerified, report: Report) -> None:
        assert item.key is not None
        self.root = root
        self.item = item
        self.key = item.key
        self.repo = root / layout.repo_folder(item.key.repo_type, item.key.repo_id)
        self.verified = verified
        self.report = report
        self.blobs = Blobs(root)
        self.existing: dict[str, Path] = {}
        """Contents that the root has, and that are what their names say."""
        self.names: dict[str, Verified] = {}
        """What each file's content is called, as it becomes known."""
        self.checked: dict[str, str | None] = {}

    def run(self) -> ImportedItem:
        self._run(self._checks(), 1 if self._is_one_disk else _WORKERS, 0)
        missing = [file for file in self.item.files if file.name not in self.names]
        here = all(path.is_relative_to(self.repo) for path in self.existing.values())
        if self.item.action is Action.PRESENT and here and not missing:
            return self._result(self.repo / "snapshots" / str(self.item.commit), 0)
        return self._stage(missing)

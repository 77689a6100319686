"""Importing: the models of a plan come into a cache, checked while they are read, published when they are whole.

A content that the root has already is linked, not written, after it was found to be what its name says. All others
are read once, for checksums and writing in one pass, by two threads where the source can be read out of order.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
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
from modelkeep.text import size_text

__all__ = ["Checked", "ImportResult", "ImportedItem", "IsVerified", "execute_import", "nothing_verified"]

_WORKERS = 2
_SPACE_STEP = 64 << 20  # bytes written between two looks at the free space

IsVerified = Callable[[Path, os.stat_result], bool]
"""Answers whether a blob, of which this is the path and what `os.stat` says, was checked since it last changed."""


def nothing_verified(path: Path, status: os.stat_result) -> bool:
    """The answer of a caller who remembers nothing."""
    return False


class Checked(NamedTuple):
    """A content that was read and is what its name says; `sha256` is None where that was not worked out."""

    path: str
    etag: str
    sha256: str | None


@dataclass(frozen=True)
class ImportedItem:
    """What became of an item of the plan. `path` is its snapshot folder, "" when it could not be imported.

    `bytes_linked` are those of contents that the root had already.
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
    before = 0
    results = []
    for item in plan.items:
        error = item.error
        if item.key is not None and error is None:
            try:
                work = _Import(Path(plan.root), item, item.key, verified, share(report, before, total))
                results.append(work.run())
            except (ArchiveError, CacheError) as caught:
                error = caught.with_traceback(None)
        if error is not None:
            results.append(ImportedItem(item.source, item.key, item.action, item.commit, error=error))
        before += item.size
    return ImportResult(tuple(results))


class _Import:
    """One model on its way in."""

    def __init__(
        self, root: Path, item: ImportItem, key: ModelKey, verified: IsVerified, report: Report
    ) -> None:
        self.root = root
        self.item = item
        self.key = key
        self.repo = root / layout.repo_folder(key.repo_type, key.repo_id)
        self.verified = verified
        self.report = report
        self.done = 0
        self.written = 0
        self.blobs = Blobs(root)
        self.existing: dict[str, Path] = {}
        """Contents that the root has, and that are what their names say."""
        self.names: dict[str, Verified] = {}
        """What the contents of the files that were read are called."""
        self.hashed: set[str] = set()
        """Contents of the root that were read to be sure of them."""

    def run(self) -> ImportedItem:
        self._run_tasks(self._checks(), _WORKERS)
        missing = [file for file in self.item.files if file.etag not in self.existing]
        at_home = all(path.is_relative_to(self.repo) for path in self.existing.values())
        if self.item.action is Action.PRESENT and at_home and not missing:
            return self._result(self.repo / "snapshots" / str(self.item.commit))
        with open_staging(self.root, self.item.work) as staging:
            try:
                result = self._result(self._publish(staging, missing))
            except (CacheBusy, ModelInUse):
                raise  # what is staged stays: doing it again goes on from here
            except BaseException:
                staging.clear()
                raise
            staging.clear()
            return result

    # ---- what the root has

    def _checks(self) -> list[tuple[str, Task]]:
        files = {file.etag: file for file in self.item.files if file.etag}
        return [(file.name, partial(self._check, file, etag)) for etag, file in files.items()]

    def _check(self, file: ImportFile, etag: str, count: Count) -> None:
        """Find out whether the root has a content, and has it unharmed."""
        own = Path(file.existing) if file.present == "cache" else None
        for path in filter(None, (own, self.blobs.find(etag, file.size, self.repo))):
            try:
                status = path.stat()
                if not self.verified(path, status):
                    if content_name(path, etag, count) != etag:
                        continue
                    self.hashed.add(etag)
            except OSError:
                continue
            self.existing[etag] = path
            return

    def _link(self, staging: Staging) -> list[ImportFile]:
        """Bring contents of other repositories into the staging folder; returns the files for which that fails."""
        failed = []
        for file in self.item.files:
            path = self.existing.get(file.etag or "")
            if path is None or path.is_relative_to(self.repo) or staging.has(str(file.etag), file.size):
                continue
            try:
                os.link(os.path.realpath(path), staging.blob(str(file.etag)))
            except OSError:
                # Not every file system has hard links, and nobody may link to everybody's files.
                del self.existing[str(file.etag)]
                failed.append(file)
        return failed

    # ---- what has to be read

    def _publish(self, staging: Staging, missing: list[ImportFile]) -> Path:
        missing = missing + self._link(staging)
        for file in missing:
            known = staging.verified.get(file.name)
            if known and file.etag in (None, known.etag) and staging.has(known.etag, file.size):
                self.names[file.name] = known
        unread = [file for file in missing if file.name not in self.names]
        if unread:
            self._check_space(sum({file.etag or file.name: file.size for file in unread}.values()))
            self._read_all(staging, unread)
        etags = {file.name: self._etag(file) for file in self.item.files}
        commit = self.item.commit or derived_commit(etags)
        return publish(
            self.root,
            self.key,
            commit,
            [self._staged(staging, file, etags[file.name]) for file in self.item.files],
            staging=staging.path,
            refs={self.item.ref: commit} if self.item.ref else {},
            complete=self.item.complete,
        )

    def _etag(self, file: ImportFile) -> str:
        return self.names[file.name].etag if file.name in self.names else str(file.etag)

    def _staged(self, staging: Staging, file: ImportFile, etag: str) -> StagedFile:
        source = staging.blob(etag) if staging.has(etag, file.size) else None
        return StagedFile(file.name, etag, file.size, source)

    def _read_all(self, staging: Staging, unread: Sequence[ImportFile]) -> None:
        members = tuple(file.member for file in self.item.files)
        with open_container(Path(self.item.source), members=members) as container:
            if container.state != self.item.state:
                raise DamagedArchive(
                    f"{container.path.name} has changed since it was looked at.", hint="Look at it again."
                )
            groups: dict[str, list[ImportFile]] = {}
            for file in unread:
                groups.setdefault(file.etag or file.name, []).append(file)
            # The largest first, so that both threads end together; or in the only order that is quick.
            ordered = sorted(
                groups.values(),
                key=lambda same: same[0].member.place if container.in_order else -same[0].size,
            )
            tasks = [
                (same[0].name, partial(self._read, container, staging, number, same))
                for number, same in enumerate(ordered)
            ]
            self._run_tasks(tasks, 1 if container.in_order else _WORKERS)

    def _read(
        self, container: Container, staging: Staging, number: int, files: Sequence[ImportFile], count: Count
    ) -> None:
        """Read a content once: write it, hash it, compare it; `files` all have it."""
        file = files[0]
        part = staging.part(number)
        sha256, git_sha1 = hashlib.sha256(), None
        if not file.lfs:
            git_sha1 = hashlib.sha1(layout.git_blob_header(file.size))
        unseen = 0
        with disk_errors(part), part.open("wb") as target:
            for chunk in container.chunks(file.member):
                sha256.update(chunk)
                if git_sha1:
                    git_sha1.update(chunk)
                target.write(chunk)
                count(len(chunk))
                unseen += len(chunk)
                if unseen >= _SPACE_STEP:
                    unseen = 0
                    self._check_space(0)
            target.flush()
            os.fsync(target.fileno())
        digest = sha256.hexdigest()
        verified = Verified(git_sha1.hexdigest() if git_sha1 else digest, digest)
        for same in files:
            _compare(same, verified)
            self.names[same.name] = verified
        staging.keep(part, file.name, verified)
        self.written += file.size

    # ---- around it

    def _check_space(self, needed: int) -> None:
        space = free_space(self.root)
        missing = needed + reserve(space) - space.free
        if missing > 0:
            raise NotEnoughSpace(
                f"{size_text(missing)} more are needed on the disk of {self.root} to import {self.key}.",
                hint="Free some space, then do it again; nothing was changed.",
            )

    def _run_tasks(self, tasks: Iterable[tuple[str, Task]], workers: int) -> None:
        before, size = self.done, self.item.size

        def watch(done: int, name: str) -> None:
            self.done = min(before + done, size)
            self.report(Progress(f"Importing {self.key}", self.done, size, name))

        run_tasks(tasks, workers=workers, watch=watch)

    def _result(self, snapshot: Path) -> ImportedItem:
        checked = {self._etag(file): self._checked(snapshot, file) for file in self.item.files}
        linked = {file.etag: file.size for file in self.item.files if file.etag in self.existing}
        return ImportedItem(
            self.item.source,
            self.key,
            self.item.action,
            snapshot.name,
            os.fspath(snapshot),
            self.written,
            sum(linked.values()),
            tuple(one for one in checked.values() if one),
        )

    def _checked(self, snapshot: Path, file: ImportFile) -> Checked | None:
        """What is known now of a content, if it was read."""
        known, etag = self.names.get(file.name), self._etag(file)
        if known is None and etag not in self.hashed:
            return None
        blob = self.repo / "blobs" / etag
        path = blob if blob.exists() else snapshot / file.name
        return Checked(os.fspath(path), etag, known.sha256 if known else etag if file.lfs else None)


def _compare(file: ImportFile, found: Verified) -> None:
    """Raise `DamagedArchive` unless a content is all that is said of it."""
    if file.sha256 not in (None, found.sha256):
        raise DamagedArchive(
            f"{file.name} is not what {SUMS_NAME} says: it has another SHA-256.",
            hint="Nothing was imported. Copy or download the archive again.",
        )
    if file.etag not in (None, found.etag):
        raise DamagedArchive(
            f"{file.name} has other content than this commit has.",
            hint="Nothing was imported. The archive may be damaged, or name the wrong commit.",
        )
    if file.git_blob not in (None, git_name(TreeFile(file.size, found.etag))):
        raise DamagedArchive(
            f"{file.name} was changed since the commit of the clone.", hint="Undo the change, or commit it."
        )

"""Importing: the models of a plan come into a cache, checked while they are read, published when they are whole.

A content that the root has already is linked, not written, after it was found to be what its name says. All others
are read once, for checksums and writing in one pass, by two threads where the source can be read out of order.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from modelkeep.archive.arriving import Arriving
from modelkeep.archive.container import Container, open_container
from modelkeep.archive.import_plan import Action, ImportFile, ImportItem, ImportPlan
from modelkeep.archive.incoming import derived_commit
from modelkeep.archive.joining import Joining
from modelkeep.archive.parallel import Count, Task, run_tasks
from modelkeep.cache import layout
from modelkeep.cache.existing import Blobs, content_name, read_ref
from modelkeep.cache.publish import StagedFile, check_same_disk, publish
from modelkeep.cache.staging import Staging, Verified, clear_finished, open_staging
from modelkeep.disk import disk_errors, free_space, reserve
from modelkeep.errors import (
    ArchiveError,
    CacheBusy,
    CacheError,
    DamagedArchive,
    ModelInUse,
    ModelKeepError,
    NotEnoughSpace,
    SafetyError,
)
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report, ignore, share
from modelkeep.safety.gate import Gate
from modelkeep.safety.verdict import ModelVerdict
from modelkeep.text import size_text

__all__ = ["Checked", "ImportResult", "ImportedItem", "IsVerified", "execute_import", "nothing_verified"]

_WORKERS = 2

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

    `bytes_linked` are those that took no space: the root had them already, or shares the blocks of the source.
    `safety` is what was found in its files, None where nobody looked.
    """

    source: str
    key: ModelKey | None
    action: Action
    commit: str | None = None
    path: str = ""
    bytes_written: int = 0
    bytes_linked: int = 0
    checked: tuple[Checked, ...] = ()
    safety: ModelVerdict | None = None
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
    plan: ImportPlan,
    *,
    verified: IsVerified = nothing_verified,
    gate: Gate | None = None,
    report: Report = ignore,
) -> ImportResult:
    """Carry out a plan. An item that fails keeps no other from being imported: see `failures` of the result.

    What the `gate` stops is not published, and stays staged: it is not read again when the user allows it. A cancel
    leaves what was imported before and nothing of the item that it stopped. A kill leaves a staging folder,
    from which the same import goes on.
    """
    total = sum(item.size for item in plan.items)
    before = 0
    results = []
    for item in plan.items:
        error, safety = item.error, None
        if item.key is not None and error is None:
            roots = [Path(plan.root), *map(Path, plan.others)]
            work = _Import(roots, item, item.key, verified, gate, share(report, before, total))
            try:
                results.append(work.run())
            except (ArchiveError, CacheError, SafetyError) as caught:
                error, safety = caught.with_traceback(None), work.safety
        if error is not None:
            failed = ImportedItem(item.source, item.key, item.action, item.commit, safety=safety, error=error)
            results.append(failed)
        before += item.size
    return ImportResult(tuple(results))


class _Import:
    """One model on its way in."""

    def __init__(
        self,
        roots: Sequence[Path],
        item: ImportItem,
        key: ModelKey,
        verified: IsVerified,
        gate: Gate | None,
        report: Report,
    ) -> None:
        root = self.root = roots[0]
        self.item = item
        self.key = key
        self.repo = root / layout.repo_folder(key.repo_type, key.repo_id)
        self.verified = verified
        self.gate = gate
        self.safety: ModelVerdict | None = None
        self.report = report
        self.done = 0
        self.written = self.shared = 0
        self.blobs = Blobs(root)
        self.joining = Joining(item, self.repo, roots)
        self.existing: dict[str, Path] = {}
        """Contents that the root has, and that are what their names say."""
        self.names: dict[str, Verified] = {}
        """What the contents of the files that were read are called."""
        self.hashed: set[str] = set()
        """Contents of the root that were read to be sure of them."""

    def run(self) -> ImportedItem:
        check_same_disk(self.root, self.key)
        self._run_tasks(self._checks(), _WORKERS)
        missing = [file for file in self.item.files if not self._has(file)]
        at_home = all(path.is_relative_to(self.repo) for path in self.existing.values())
        if self.item.action is Action.PRESENT and at_home and not missing and self._is_still_there():
            self._tell(self.item.size)
            clear_finished(self.root, self.item.work)
            return self._result(self._snapshot)
        with open_staging(self.root, self.item.work) as staging:
            try:
                result = self._result(self._publish(staging, missing))
            except (CacheBusy, ModelInUse, SafetyError):
                raise  # what is staged stays: doing it again goes on from here
            except BaseException:
                staging.clear()
                raise
            staging.clear()
            return result

    # ---- what the root has

    @property
    def _snapshot(self) -> Path:
        return self.repo / "snapshots" / str(self.item.commit)

    def _has(self, file: ImportFile) -> bool:
        """Whether the root has the content of a file where it can be linked, or as that very file."""
        path = self.existing.get(file.etag or "")
        copies = self.repo / "snapshots"
        return path is not None and (not path.is_relative_to(copies) or path == self._snapshot / file.name)

    def _is_still_there(self) -> bool:
        """Whether nobody has deleted since the plan what it found: the revision may go and its contents stay."""
        ref = self.item.ref
        return all((self._snapshot / file.name).exists() for file in self.item.files) and (
            ref is None or read_ref(self.repo, ref) == self.item.commit
        )

    def _checks(self) -> list[tuple[str, Task]]:
        """Find the contents that the root has; returns tasks for those that have to be read to be sure of them."""
        tasks: list[tuple[str, Task]] = []
        # What has to be proven most comes last, and decides how a content that two files have is looked at.
        files = sorted((file for file in self.item.files if file.etag), key=lambda file: file.absent)
        for etag, file in {str(file.etag): file for file in files}.items():
            path = Path(file.existing) if file.present == "cache" else None
            if path is None or not path.exists():
                path = self.blobs.find(etag, file.size, self.repo)
            try:
                if path is None or (status := path.stat()).st_size != file.size:
                    continue
            except OSError:
                continue
            if self.verified(path, status) and not (file.absent and not file.lfs):
                self.existing[etag] = path
                self.done += file.size
            elif file.absent:
                tasks.append((file.name, partial(self._prove, file)))
            else:
                tasks.append((file.name, partial(self._check, path, etag)))
        return tasks

    def _check(self, path: Path, etag: str, count: Count) -> None:
        """Find out whether a content is what its name says; one that is not will be read from the source."""
        with suppress(OSError):
            if content_name(path, etag, count) == etag:
                self.hashed.add(etag)
                self.existing[etag] = path

    def _prove(self, file: ImportFile, count: Count) -> None:
        """As `_check`, for a file that the archive leaves out; it has to be what the list of checksums says too."""
        path = self.joining.prove(file, count)
        if path is not None:
            self.hashed.add(str(file.etag))
            self.existing[str(file.etag)] = path

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
            if file.etag and file.sha256:
                known = Verified(file.etag, file.sha256)  # also where another name of it was staged
            if known and file.etag in (None, known.etag) and staging.has(known.etag, file.size):
                self.names[file.name] = known
                self.done += file.size
        unread = [file for file in missing if file.name not in self.names]
        if unread:
            self._check_space(sum({file.etag or file.name: file.size for file in unread}.values()))
            self._read_all(staging, [file for file in unread if not file.absent])
            self._join(staging, [file for file in unread if file.absent])
        self._tell(self.item.size)
        etags = {file.name: self._etag(file) for file in self.item.files}
        commit = self.item.commit or derived_commit(etags)
        staged = [self._staged(staging, file, etags[file.name]) for file in self.item.files]
        self._look_inside(staged)
        return publish(
            self.root,
            self.key,
            commit,
            staged,
            staging=staging.path,
            refs={self.item.ref: commit} if self.item.ref else {},
            complete=self.item.complete,
        )

    def _etag(self, file: ImportFile) -> str:
        return self.names[file.name].etag if file.name in self.names else str(file.etag)

    def _staged(self, staging: Staging, file: ImportFile, etag: str) -> StagedFile:
        source = staging.blob(etag) if staging.has(etag, file.size) else None
        return StagedFile(file.name, etag, file.size, source)

    def _here(self, file: StagedFile) -> Path:
        """Where the repository has a content."""
        blob = self.repo / "blobs" / file.etag
        return blob if blob.exists() else self._snapshot / file.name

    def _look_inside(self, staged: Sequence[StagedFile]) -> None:
        """Before anything is published: what has come is whole by now, and what is read of it is in memory."""
        if self.gate is None:
            return
        files = [(file.name, file.source or self._here(file)) for file in staged]
        self.safety = self.gate.scan(files, lambda progress: self._tell(self.done, progress.item))
        self.gate.stop(self.key, self.safety)

    def _check_bundle(self) -> None:
        """Compare the files of a bundle with its checksums, where the archive has none for its content."""

        def check(path: str, digest: str, count: Count) -> None:
            with disk_errors(path):
                found = content_name(Path(path), digest, lambda size: count(0))
            if found != digest:
                raise DamagedArchive(
                    f"{Path(path).name} is not what the checksums of its bundle say.",
                    hint="Copy the bundle again.",
                )

        tasks = [(Path(path).name, partial(check, path, digest)) for path, digest in self.item.sums]
        self._run_tasks(tasks, _WORKERS)

    def _open(self) -> Container:
        members = tuple(file.member for file in self.item.files if not file.absent)
        container = open_container(Path(self.item.source), members=members)
        if container.state != self.item.state:
            container.close()
            raise DamagedArchive(
                f"{container.path.name} has changed since it was looked at.", hint="Look at it again."
            )
        return container

    def _read_all(self, staging: Staging, unread: Sequence[ImportFile]) -> None:
        if not unread:
            return
        self._check_bundle()
        with self._open() as container:
            groups: dict[str, list[ImportFile]] = {}
            for file in unread:
                groups.setdefault(file.etag or file.name, []).append(file)
            contents = [
                Arriving(container, staging, number, files, self._check_space)
                for number, files in enumerate(groups.values())
            ]
            self._run_tasks(_in_good_order(contents, container), 1 if container.in_order else _WORKERS)
        for content in contents:
            if content.verified:
                self.names |= {file.name: content.verified for file in content.files}
            if content.shared:
                self.shared += content.file.size
            else:
                self.written += content.file.size
        if self.shared:
            self._open().close()  # what was read after its blocks were shared is what they hold

    def _join(self, staging: Staging, unread: Sequence[ImportFile]) -> None:
        """Bring what the archive leaves out and could not be linked."""
        self._run_tasks(self.joining.tasks(staging, unread, self._check_space), _WORKERS)
        self.names |= self.joining.brought
        self.written += self.joining.written
        self.shared += self.joining.shared

    # ---- around it

    def _check_space(self, needed: int = 0) -> None:
        space = free_space(self.root)
        missing = needed + reserve(space) - space.free
        if missing > 0:
            raise NotEnoughSpace(
                f"{size_text(missing)} more are needed on the disk of {self.root} to import {self.key}.",
                hint="Free some space, then do it again; nothing was changed.",
            )

    def _run_tasks(self, tasks: Iterable[tuple[str, Task]], workers: int) -> None:
        before = self.done
        run_tasks(tasks, workers=workers, watch=lambda done, name: self._tell(before + done, name))

    def _tell(self, done: int, name: str = "") -> None:
        self.done = min(done, self.item.size)
        self.report(Progress(f"Importing {self.key}", self.done, self.item.size, name))

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
            sum(linked.values()) + self.shared,
            tuple(one for one in checked.values() if one),
            self.safety,
        )

    def _checked(self, snapshot: Path, file: ImportFile) -> Checked | None:
        """What is known now of a content, if it was read."""
        known, etag = self.names.get(file.name), self._etag(file)
        if known is None and etag not in self.hashed:
            return None
        blob = self.repo / "blobs" / etag
        path = blob if blob.exists() else snapshot / file.name
        return Checked(os.fspath(path), etag, known.sha256 if known else etag if file.lfs else None)


def _in_good_order(contents: Sequence[Arriving], container: Container) -> list[tuple[str, Task]]:
    """The tasks of all contents, so that both threads end together, or in the only order that is quick to read."""
    if container.in_order:
        contents = sorted(contents, key=lambda content: content.file.member.place)
        return [task for content in contents for task in content.tasks(apart=False)]
    first, *others = sorted(contents, key=lambda content: content.file.size, reverse=True)
    outweighs = first.file.size > sum(content.file.size for content in others)
    return first.tasks(apart=outweighs) + [task for content in others for task in content.tasks(apart=False)]

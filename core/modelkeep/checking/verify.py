"""Verifying: contents are read by some threads, compared with what they must be, and what came of it is kept.

What was read is remembered as it comes, so that a verification that was stopped, or killed, does not begin anew. It
changes nothing in a cache, and others who need the disk go first.
"""

from __future__ import annotations

import os
import shlex
import time
from contextlib import suppress

from modelkeep.archive.parallel import Count, Task, run_tasks
from modelkeep.cache.catalog import Catalog
from modelkeep.cache.inventory import CachedRevision
from modelkeep.cache.trees import tree_path
from modelkeep.checking.background import read_in_background
from modelkeep.checking.disks import cores, disk_of, readers
from modelkeep.checking.headers import is_index, missing_shards, remember_header
from modelkeep.checking.outcome import (
    VERIFIED,
    FileCheck,
    Outcome,
    RevisionCheck,
    Verdict,
    Verification,
    Verified,
)
from modelkeep.checking.plan import (
    Inode,
    PlannedContent,
    PlannedFile,
    PlannedRevision,
    VerificationPlan,
    plan_verification,
)
from modelkeep.checking.reading import ContentCheck, check_content
from modelkeep.errors import ModelKeepError
from modelkeep.progress import Progress, Report, ignore

__all__ = ["execute_verification", "last_verified", "plan_verification"]

_DISPROVEN = frozenset({Outcome.MISSING, Outcome.UNREADABLE, Outcome.WRONG_CONTENT, Outcome.NOT_AS_LISTED})
_KEPT_EVERY = 2.0  # seconds of reading that a kill may cost


def execute_verification(
    plan: VerificationPlan, catalog: Catalog, *, report: Report = ignore
) -> Verification:
    """Carry out a plan. What is wrong is in the result; what was read is remembered also when it is cancelled.

    Nothing is read while `report` does not return, which is how to pause.
    """
    start = time.monotonic()
    reading = _Reading(plan, catalog, report)
    try:
        disks = {disk_of(device) for device in plan.devices}
        run_tasks(
            reading.tasks(), workers=readers(disks, cores()), watch=reading.watch, begin=read_in_background
        )
    finally:
        reading.keep()
    revisions = tuple(_revision(planned, plan, reading.done) for planned in plan.revisions)
    size = sum(plan.contents[inode].size for inode, check in reading.done.items() if check.read)
    with catalog.batch():
        for planned, check in zip(plan.revisions, revisions, strict=True):
            if planned.revision is not None:
                _remember(catalog, planned.revision, check, plan.deep)
    return Verification(revisions, size, plan.deep, time.monotonic() - start)


def last_verified(catalog: Catalog, revision: CachedRevision) -> Verified | None:
    """When a revision was verified last, if nothing says that it has changed since; else None."""
    said = catalog.recall(VERIFIED, revision.path, revision.size, revision.modified)
    match said:
        case {"at": float(at), "verdict": str(verdict), "deep": bool(deep), "checked": float(checked)}:
            with suppress(ValueError):  # a verdict of a later version
                return Verified(at, Verdict(verdict), deep, checked)
    return None


def _remember(catalog: Catalog, revision: CachedRevision, check: RevisionCheck, deep: bool) -> None:
    facts = {"at": time.time(), "verdict": str(check.verdict), "deep": deep, "checked": check.checked}
    catalog.remember(VERIFIED, revision.path, revision.size, revision.modified, facts)


class _Reading:
    """The contents of a plan while they are read, and what of them is not written down yet."""

    def __init__(self, plan: VerificationPlan, catalog: Catalog, report: Report) -> None:
        self.done: dict[Inode, ContentCheck] = {}
        self._plan = plan
        self._catalog = catalog
        self._report = report
        self._total = plan.bytes_to_read
        self._kept: set[Inode] = set()
        self._kept_at = time.monotonic()

    def tasks(self) -> list[tuple[str, Task]]:
        contents = self._plan.contents
        names = {
            file.content: f"{r.model.repo_id} {file.name}" for r in self._plan.revisions for file in r.files
        }
        return [(names[inode], self._task(inode, content)) for inode, content in contents.items()]

    def _task(self, inode: Inode, content: PlannedContent) -> Task:
        def check(count: Count) -> None:
            self.done[inode] = check_content(content, time.time(), count)

        return check

    def watch(self, done: int, item: str) -> None:
        self._report(Progress("Verifying", done, self._total, item))
        if time.monotonic() - self._kept_at > _KEPT_EVERY:
            self.keep()

    def keep(self) -> None:
        """Remember what was read since the last time. What cannot be written now is read again another time."""
        new = {inode: check for inode, check in list(self.done.items()) if inode not in self._kept}
        self._kept |= new.keys()
        rows = []
        with self._catalog.batch():
            for inode, check in new.items():
                content = self._plan.contents[inode]
                if check.error or check.gone:
                    continue
                if content.header and content.header_error is None:
                    remember_header(self._catalog, content.paths[0], check.status, check.header_error)
                if check.read and check.sums:
                    rows += [(path, check.status, check.sums) for path in content.paths]
        with suppress(ModelKeepError):
            self._catalog.remember_checksums(rows)
        self._kept_at = time.monotonic()


# ---- what it comes to


def _revision(
    planned: PlannedRevision, plan: VerificationPlan, done: dict[Inode, ContentCheck]
) -> RevisionCheck:
    files = [_file(file, plan, done) for file in planned.files]
    here = {file.name for file in files if file.outcome is not Outcome.MISSING}
    revision = planned.revision
    return RevisionCheck(
        root=planned.model.root,
        key=planned.key,
        commit=revision.commit if revision else "",
        refs=revision.refs if revision else (),
        files=tuple(_with_hint(_with_shards(file, here), planned) for file in files),
        is_listed=planned.is_listed,
    )


def _file(file: PlannedFile, plan: VerificationPlan, done: dict[Inode, ContentCheck]) -> FileCheck:
    if file.found or file.content is None:
        assert file.found
        return file.found
    content, check = plan.contents[file.content], done[file.content]
    outcome, message = _outcome(file, check)
    checked = check.sums.checked if check.sums else 0.0
    proven = file.is_named and outcome not in _DISPROVEN
    status = check.status
    return FileCheck(
        file.name,
        file.path,
        content.size,
        outcome,
        message,
        checked=checked,
        is_proven=proven,
        seen=(status.st_ino, status.st_size, status.st_mtime_ns),
    )


def _outcome(file: PlannedFile, check: ContentCheck) -> tuple[Outcome, str]:
    if check.gone:
        return Outcome.MISSING, "Its content is not here any more."
    if check.error or check.sums is None:
        return Outcome.UNREADABLE, check.error
    found = (check.sums.sha256, check.sums.git_sha1)
    if file.own and file.own not in found:
        return Outcome.WRONG_CONTENT, "Its content is not what its checksum says."
    if file.listed and file.listed not in found:
        if file.own:
            return Outcome.NOT_AS_LISTED, "It is whole, but the repository's listing names another content."
        return Outcome.WRONG_CONTENT, "Its content is not what the repository's listing says."
    if file.imported and file.imported not in found:
        return Outcome.WRONG_CONTENT, "Its content is not what was imported."
    if not file.is_named and check.changed:
        return (
            Outcome.WRONG_CONTENT,
            "Its content is not what was read from it before, though nobody wrote it.",
        )
    if check.header_error:
        return Outcome.HEADER_DAMAGED, check.header_error
    if not file.is_named:
        return Outcome.UNPROVEN, ""
    return (Outcome.GOOD if check.read else Outcome.REMEMBERED), ""


def _with_shards(file: FileCheck, here: set[str]) -> FileCheck:
    if file.outcome.is_bad or not is_index(file.name):
        return file
    try:
        message = missing_shards(file.name, file.path, here)
    except OSError as error:
        reason = error.strerror or str(error)
        return file._replace(outcome=Outcome.UNREADABLE, message=f"It cannot be read: {reason}.")
    return file._replace(outcome=Outcome.INDEX_INCOMPLETE, message=message) if message else file


def _with_hint(file: FileCheck, planned: PlannedRevision) -> FileCheck:
    return file._replace(hint=_hint(file, planned)) if file.outcome.is_bad else file


def _hint(file: FileCheck, planned: PlannedRevision) -> str:
    key, revision = planned.key, planned.revision
    if file.outcome is Outcome.UNREADABLE:
        return "See that you may read it, and that its disk is sound."
    if file.outcome is Outcome.HEADER_DAMAGED and file.is_proven:
        return "Its checksum is right: it was published like this. Tell who published it."
    if file.outcome is Outcome.NOT_AS_LISTED and revision:
        return f"The listing itself may be damaged: {tree_path(planned.model.path, revision.commit)}"
    name = key.repo_id if key.repo_type == "model" else str(key)
    if revision and "main" not in revision.refs:
        name = f"{name}@{revision.refs[0] if revision.refs else revision.commit}"
    if file.outcome is Outcome.INDEX_INCOMPLETE or revision is None:
        return f"Download it again: modelkeep download {name}"
    if file.outcome is Outcome.HEADER_DAMAGED:
        # Nothing says what it should be, so nothing can be put in its place but by hand.
        delete = f"modelkeep delete {name} --file {shlex.quote(file.name)}"
        return f"Put it into the trash and download it again: {delete}; modelkeep download {name}"
    here = planned.archive and os.path.exists(planned.archive)
    source = f"--from {shlex.quote(planned.archive)}" if here else "--hub"
    return f"Bring it back alone: modelkeep mend {name} {source}"

"""Carrying out a repair: under the root's lock, and looking at each thing again right before it is touched."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from itertools import groupby

from modelkeep.cache import layout, trash
from modelkeep.cache.in_use import open_files
from modelkeep.cache.inventory import CachedModel, Inventory
from modelkeep.cache.locks import blob_locks, changing
from modelkeep.cache.scan import look_again, scan
from modelkeep.cache.shared_store import StoredContent, store_lock
from modelkeep.cache.staging import clear_staging, find_staging
from modelkeep.disk import disk_errors, released
from modelkeep.doctor.around import around_models
from modelkeep.doctor.copies import copies, make_link
from modelkeep.doctor.examine import examine
from modelkeep.doctor.findings import Finding, RepairPlan, in_order, plan_again
from modelkeep.doctor.in_place import remove_locks, write_ref
from modelkeep.doctor.manifests import as_the_disk_has_it
from modelkeep.doctor.models import Look, in_model
from modelkeep.doctor.permissions import open_to_others
from modelkeep.errors import ModelInUse, ModelKeepError
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report, ignore

__all__ = ["RepairResult", "Repaired", "repair"]

_TOGETHER = 50  # findings whose locks are held at once, each lock a file that is open


@dataclass(frozen=True)
class Repaired:
    """What became of a finding. `entry` is its id in the trash; `gone` means that nothing was left to do."""

    finding: Finding
    entry: str = ""
    freed: int = 0
    gone: bool = False
    error: str = ""
    hint: str = ""
    note: str = ""
    """What the log says of it beside."""


@dataclass(frozen=True)
class RepairResult:
    """What became of a plan. `freed` is what the disk gained, or gains when `entries` are emptied from the trash.

    `promised` is what the plan said of it; once a deletion came back, what was said then.
    """

    root: str
    items: tuple[Repaired, ...]
    entries: tuple[str, ...]
    freed: int
    promised: int = 0


@dataclass(frozen=True)
class _Taken:
    """What goes into the trash as one entry (a `trash.Removable`)."""

    key: ModelKey
    what: str
    path: str
    size: int
    files: int
    moves: tuple[str, ...]
    stays: tuple[str, ...] = ()
    payloads: tuple[StoredContent, ...] = ()


def repair(
    plan: RepairPlan, *, pinned: Iterable[ModelKey] = (), now: float | None = None, report: Report = ignore
) -> RepairResult:
    """Carry out a plan. What is refused or fails is named in the result, and the rest is done.

    Deletions that were interrupted are put back first. What is wrong may be something else then, so it is looked for
    again, and chosen as the plan was. Raises `ReadOnlyCache` or `CacheBusy` when nothing can be done at all.
    """
    pins = frozenset(pinned)
    work = _Repair(plan.root, frozenset(map(str, pins)), now)
    back = [one for one in plan.findings if one.problem == "interrupted-deletion"]
    done = work.mend(back, report) if back else []
    rest = plan
    if any(not one.error and not one.gone for one in done):
        found = examine(plan.root, pinned=pins, now=now, report=report)
        rest = plan_again(plan, found.inventory, found.findings)
    tried = {one.finding.id for one in done}
    left = {one.id: one for one in (*plan.findings, *rest.findings) if one.id not in tried}
    done += work.mend(in_order(left.values()), report)
    entries = tuple(dict.fromkeys(one.entry for one in done if one.entry and not one.error))
    freed = sum(one.freed for one in done) + trash.frees(plan.root, entries)
    return RepairResult(plan.root, tuple(done), entries, freed, rest.frees)


def _group(finding: Finding) -> tuple[str, str]:
    return finding.problem, str(finding.key) if finding.problem in _IN_MODELS else ""


class _Repair:
    """The state of one repair. Each method for a problem gets its findings as they are now, and no others."""

    def __init__(self, root: str, pinned: frozenset[str], now: float | None) -> None:
        self.root = root
        self.pinned = pinned
        self.now = now
        self.inventory: Inventory | None = None

    def mend(self, findings: Sequence[Finding], report: Report) -> list[Repaired]:
        """Mend findings that are in the order of a plan."""
        done: list[Repaired] = []
        for _, group in groupby(findings, key=_group):
            some = list(group)
            while some:
                report(Progress("Repairing", len(done), len(findings), some[0].path, unit="problems"))
                done += self._mend(some[:_TOGETHER])
                some = some[_TOGETHER:]
        return done

    def _mend(self, findings: Sequence[Finding]) -> list[Repaired]:
        problem = findings[0].problem
        if problem in ("interrupted-deletion", "trash-leftover"):
            # Seen under the lock it is dead; what mends it takes the lock itself.
            with changing(self.root):
                work, done = self._still(findings)
            return done + self._mend_trash(work)
        if problem == "interrupted-import":
            return [self._clear(finding) for finding in findings]
        with changing(self.root):
            work, done = self._still(findings)
            results = done + (_MENDS[problem](self, work) if work else [])
        return self._put_back_what_is_used(results) if problem == "orphan-blob" else results

    def _still(self, findings: Sequence[Finding]) -> tuple[list[Finding], list[Repaired]]:
        """The findings as they are now; what is gone or refused meanwhile is done."""
        first = findings[0]
        now = time.time() if self.now is None else self.now
        if first.problem in _IN_MODELS and first.key is not None:
            self.inventory = look_again(self.inventory or scan(self.root), [first.key])
            model = self.inventory.by_key.get(first.key)
            look = Look(self.inventory, open_files(self.root, *_place(model)), now, self.pinned)
            found = (
                ()
                if model is None
                else copies(look, model)
                if first.problem == "copy"
                else in_model(look, model)
            )
            again = {one.id: one for one in found}
        else:
            self.inventory = scan(self.root)
            look = Look(self.inventory, open_files(self.root), now, self.pinned)
            again = {one.id: one for one in around_models(look)}
        work: list[Finding] = []
        done: list[Repaired] = []
        for finding in findings:
            new = again.get(finding.id)
            if new is None:
                done.append(Repaired(finding, gone=True))
            elif not new.can_be_repaired:
                done.append(_failed(finding, new.refusal or "It cannot be repaired any more.", "Look again."))
            elif new.to != finding.to:
                done.append(_failed(finding, "It would be repaired in another way now.", "Look again."))
            else:
                work.append(new)
        return work, done

    # ---- into the trash

    def take_out(self, findings: Sequence[Finding]) -> list[Repaired]:
        """Move what the findings of one repository are about into the trash, as one entry."""
        first = findings[0]
        key = first.key or ModelKey("?")
        folder = layout.repo_folder(key.repo_type, key.repo_id)
        path = f"{self.root}/{folder}"
        done: list[Repaired] = []
        with ExitStack() as held:
            free = []
            for finding in findings:
                try:
                    held.enter_context(blob_locks(self.root, folder, _etags(finding)))
                except ModelKeepError as error:
                    done.append(_failed(finding, str(error), error.hint))
                else:
                    free.append(finding)
            if not free:
                return done
            blobs = {blob.path: blob for one in free for blob in one.blobs}
            payloads = {}
            assert self.inventory is not None
            for blob in blobs.values():
                if blob.payload in self.inventory.store.payloads:
                    links = self.inventory.names[blob.device, blob.inode].links
                    payloads[blob.payload] = StoredContent(blob.payload, tuple(sorted(links - blobs.keys())))
            taken = _Taken(
                key,
                "model" if first.problem == "no-snapshots" else "files",
                path,
                sum(one.on_disk for one in free),
                len(free),
                tuple(name for one in free for name in one.paths),
                payloads=tuple(payloads.values()),
            )
            try:
                _check_unused(self.root, path, taken.moves)
                with disk_errors(path):
                    entry = trash.take_out(self.root, taken)
            except ModelKeepError as error:
                return done + [_failed(finding, str(error), error.hint) for finding in free]
        if taken.what == "model":
            with suppress(ModelKeepError, OSError):  # else they are found as stale
                remove_locks(f"{self.root}/{layout.LOCKS}/{folder}")
        return done + [Repaired(finding, entry) for finding in free]

    def take_payloads(self, findings: Sequence[Finding]) -> list[Repaired]:
        """Move payloads of the shared store into the trash, each under its lock and asked again who needs it."""
        done = []
        for finding in findings:
            payload = finding.path
            key = finding.key or ModelKey("?")
            moves = (payload, f"{payload}.refs")
            try:
                with disk_errors(payload), store_lock(payload):
                    if StoredContent(payload, ()).is_needed(self.root):
                        raise ModelInUse("A model has begun to use it.", hint="Look again.")
                    _check_unused(self.root, payload, moves)
                    taken = _Taken(key, "files", self.root, finding.on_disk, 1, moves)
                    done.append(Repaired(finding, trash.take_out(self.root, taken)))
            except ModelKeepError as error:
                done.append(_failed(finding, str(error), error.hint))
        return done

    def _put_back_what_is_used(self, results: list[Repaired]) -> list[Repaired]:
        """Bring contents back that another program led to in the instant before they went."""
        used: set[str] = set()
        for entry in {one.entry for one in results if one.entry}:
            key = next(one.finding.key for one in results if one.entry == entry)
            assert self.inventory is not None
            assert key is not None
            moved = {one.finding.path for one in results if one.entry == entry}
            model = look_again(self.inventory, [key]).by_key.get(key)
            files = [file for revision in model.revisions for file in revision.files] if model else []
            if any(not file.blob and os.path.realpath(file.path) in moved for file in files):
                trash.restore(self.root, [entry])
                used.add(entry)
        sentence = "Another program has just begun to use it, so it was put back."
        return [_failed(one.finding, sentence) if one.entry in used else one for one in results]

    # ---- in place

    def refs(self, findings: Sequence[Finding]) -> list[Repaired]:
        """Let refs lead to a snapshot, or take them out."""
        going = [finding for finding in findings if not finding.to]
        done = self.take_out(going) if going else []
        for finding in findings:
            if finding.to:
                done.append(_done(finding, write_ref))
        return done

    def make_links(self, findings: Sequence[Finding]) -> list[Repaired]:
        return [_done(finding, make_link) for finding in findings]

    def manifests(self, findings: Sequence[Finding]) -> list[Repaired]:
        return [_done(finding, as_the_disk_has_it) for finding in findings]

    def permissions(self, findings: Sequence[Finding]) -> list[Repaired]:
        notes: dict[str, str] = {}

        def opened(finding: Finding) -> int:
            notes[finding.id] = open_to_others(finding)
            return 0

        done = [_done(finding, opened) for finding in findings]
        return [replace(one, note=notes.get(one.finding.id, "")) for one in done]

    def remove_temporary(self, findings: Sequence[Finding]) -> list[Repaired]:
        def removed(finding: Finding) -> int:
            freed = released(finding.path)
            os.unlink(finding.path)
            return freed

        return [_done(finding, removed) for finding in findings]

    def locks(self, findings: Sequence[Finding]) -> list[Repaired]:
        return [_done(finding, lambda one: remove_locks(one.path)) for finding in findings]

    # ---- by what takes its locks itself

    def _mend_trash(self, findings: Sequence[Finding]) -> list[Repaired]:
        """Put back what an interrupted deletion took, or end an interrupted emptying."""
        done = []
        for finding in findings:
            name, before = os.path.basename(finding.path), released(finding.path)
            try:
                if finding.problem == "interrupted-deletion":
                    [restored] = trash.restore(self.root, [name])
                    error, hint, freed = restored.error, restored.hint, 0
                    if not error and os.path.lexists(finding.path):
                        error = f"{restored.kept[0]} is there again with other content, so the trash keeps its own."
                else:
                    [emptied] = trash.empty(self.root, [name])
                    error, hint, freed = emptied.error, emptied.hint, before
            except ModelKeepError as failure:
                error, hint = str(failure), failure.hint
            done.append(_failed(finding, error, hint) if error else Repaired(finding, freed=freed))
        return done

    def _clear(self, finding: Finding) -> Repaired:
        left = next((one for one in find_staging(self.root) if one.path == finding.path), None)
        if left is None:
            return Repaired(finding, gone=True)

        def cleared(finding: Finding) -> int:
            freed = released(finding.path)
            clear_staging(self.root, left)
            return freed

        return _done(finding, cleared)


_MENDS: dict[str, Callable[[_Repair, Sequence[Finding]], list[Repaired]]] = {
    "no-snapshots": _Repair.take_out,
    "unreadable-ref": _Repair.refs,
    "dangling-ref": _Repair.refs,
    "unreadable-tree": _Repair.take_out,
    "broken-link": _Repair.take_out,
    "orphan-blob": _Repair.take_out,
    "dead-download": _Repair.take_out,
    "revision-leftover": _Repair.take_out,
    "unreferenced-payload": _Repair.take_payloads,
    "wrong-manifest": _Repair.manifests,
    "permissions": _Repair.permissions,
    "copy": _Repair.make_links,
    "temporary-file": _Repair.remove_temporary,
    "stale-lock": _Repair.locks,
    "idle-lock": _Repair.locks,
}
_AROUND = {
    "unreferenced-payload",
    "wrong-manifest",
    "permissions",
    "temporary-file",
    "stale-lock",
    "idle-lock",
}
_IN_MODELS = _MENDS.keys() - _AROUND


def _done(finding: Finding, mend: Callable[[Finding], int]) -> Repaired:
    try:
        with disk_errors(finding.path):
            return Repaired(finding, freed=mend(finding))
    except ModelKeepError as error:
        return _failed(finding, str(error), error.hint)


def _failed(finding: Finding, error: str, hint: str = "") -> Repaired:
    return Repaired(finding, error=error, hint=hint)


def _place(model: CachedModel | None) -> Iterator[str]:
    if model is not None:
        yield os.path.realpath(model.path)


def _etags(finding: Finding) -> list[tuple[str, int]]:
    """The blobs whose Hub locks have to be free, with their sizes."""
    if finding.problem in ("orphan-blob", "dead-download"):
        names = [os.path.basename(finding.path).partition(".")[0]]
    elif finding.problem == "no-snapshots":
        with suppress(OSError):
            names = [name.partition(".")[0] for name in os.listdir(f"{finding.path}/blobs")]
            return [(name, 0) for name in names if layout.is_sha256(name) or layout.is_git_sha1(name)]
        return []
    else:
        return []
    return [(name, 0) for name in names if layout.is_sha256(name) or layout.is_git_sha1(name)]


def _check_unused(root: str, path: str, moves: Iterable[str]) -> None:
    """Between the look and now a process may have opened what goes."""
    opened = open_files(root, os.path.realpath(path))
    for move in map(os.path.realpath, moves):
        for file in (*opened.of([move]), *opened.below(move)):
            raise ModelInUse(
                f"{file.process} ({file.pid}) has just opened it.", hint="Close it, then look again."
            )

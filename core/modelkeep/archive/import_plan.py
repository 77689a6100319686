"""What importing would do, worked out before anything is written: models, names, bytes, conflicts, checksums.

Which ref leads to an imported commit: the key's revision; without one `main`; none when the revision is a commit,
because a commit needs no ref to be loaded by.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Literal, NamedTuple

from modelkeep.archive.absent import AbsentFile
from modelkeep.archive.already import Already
from modelkeep.archive.container import Container, is_archive, open_container
from modelkeep.archive.found import FoundModel, find_models
from modelkeep.archive.incoming import ImportFile, Incoming, derived_commit
from modelkeep.archive.manifest import ModelMetadata
from modelkeep.archive.minisign import PublicKey
from modelkeep.archive.nearby import IsWrong, Nearby, nothing_wrong
from modelkeep.archive.preview import Allowance, look_inside
from modelkeep.archive.signature import Signature
from modelkeep.archive.sources import Source, find_sources
from modelkeep.cache import layout
from modelkeep.cache.existing import read_ref
from modelkeep.cache.staging import Work, staged_bytes
from modelkeep.disk import disk_errors, free_space, reserve
from modelkeep.errors import (
    ArchiveError,
    CacheError,
    ContentConflict,
    InvalidKey,
    ModelKeepError,
    UnknownArchive,
)
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report, ignore
from modelkeep.safety.verdict import ModelVerdict

__all__ = ["Action", "ImportFile", "ImportItem", "ImportPlan", "RefMove", "not_here", "plan_import"]


_LOOKING = 0.3  # seconds that may be spent on what is inside the models of an archive


class Action(StrEnum):
    """What becomes of a model that is imported.

    COMPLETE: its revision is here, and lacks files or its ref. PRESENT: all of it is here. CONFLICT: the same commit
    is here with other content, which REPLACE replaces, because the user said so.
    """

    NEW = "new"
    ADD_REVISION = "add-revision"
    COMPLETE = "complete"
    PRESENT = "present"
    REPLACE = "replace"
    CONFLICT = "conflict"
    NEEDS_NAME = "needs-name"
    REFUSED = "refused"


class RefMove(NamedTuple):
    """A ref that will lead to another commit than now; `new` is None while that is not known."""

    name: str
    old: str
    new: str | None


@dataclass(frozen=True)
class ImportItem:
    """A model in a source, and what will become of it. Sizes are bytes; `bytes_needed` is what has to be written.

    `folder` tells the models of one source apart. `commit` is None while it is to be derived from content that is not
    read yet. `complete`: these are all files of the repository at this commit, as far as can be known. `replaces` are
    the files that the same commit has in the cache with other content. `error` says why it cannot be imported.
    """

    source: str
    folder: str
    action: Action
    key: ModelKey | None = None
    proposal: ModelKey | None = None
    """What a model without a name may be called."""
    commit: str | None = None
    ref: str | None = None
    files: tuple[ImportFile, ...] = ()
    size: int = 0
    bytes_needed: int = 0
    complete: bool = False
    moves_ref: RefMove | None = None
    replaces: tuple[str, ...] = ()
    checksums: Literal["listed", "none"] = "none"
    metadata: ModelMetadata | None = None
    ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    error: ModelKeepError | None = None
    state: tuple[tuple[int, int], ...] = ()
    """By which to see that the source is still the one that was looked at."""
    sums: tuple[tuple[str, str], ...] = ()
    """Files of a bundle with the SHA-256 that each has to have, where the archive itself lists none."""
    safety: ModelVerdict | None = None
    """What was found in the files that were cheap to look at, None where none was; importing it scans all of them."""
    unscanned: tuple[str, ...] = ()
    """Files that were not looked at yet, or not to their end."""
    signature: Signature | None = None
    """Who signed the list of its checksums, None for nobody."""
    packed_for: str = ""
    """Of an archive that leaves files out: whose inventory says that they are there, in words."""
    lacking: tuple[str, ...] = ()
    """Files that are neither in the archive nor on this machine."""

    @property
    def joins(self) -> tuple[ImportFile, ...]:
        """The files that the archive leaves out and that are taken from what is here."""
        return tuple(file for file in self.files if file.absent and file.name not in self.lacking)

    @property
    def problem(self) -> str:
        return str(self.error) if self.error else ""

    @property
    def hint(self) -> str:
        return self.error.hint if self.error else ""

    @property
    def work(self) -> Work:
        """What its staging folder belongs to."""
        return Work((self.source,), self.folder, str(self.key), self.commit, self.state)


@dataclass(frozen=True)
class ImportPlan:
    """What an import will do. `free` is what the disk has, `reserve` what is to stay free, in bytes.

    `others` are roots that contents are taken from which an archive leaves out and `root` has not.
    """

    items: tuple[ImportItem, ...]
    root: str
    bytes_needed: int
    free: int
    reserve: int
    others: tuple[str, ...] = ()

    @property
    def bytes_missing(self) -> int:
        return max(0, self.bytes_needed + self.reserve - self.free) if self.bytes_needed else 0

    @property
    def fits(self) -> bool:
        return not self.bytes_missing

    @property
    def problems(self) -> tuple[str, ...]:
        """A sentence for everything that keeps a part of it from being done."""
        sentences = [item.problem for item in self.items if item.error]
        if not self.fits:
            sentences.append(f"{self.bytes_missing:,} bytes more are needed on the disk.")
        return tuple(sentences)


def plan_import(
    sources: Sequence[Path],
    root: Path,
    *,
    name: ModelKey | None = None,
    replace: bool = False,
    others: Sequence[Path] = (),
    is_wrong: IsWrong = nothing_wrong,
    trusted: Sequence[PublicKey] = (),
    report: Report = ignore,
) -> ImportPlan:
    """Look at archives, folders, clones and bundles, and say what importing them into `root` would do.

    `name` is for the one model that has none, or for the only model there is, in place of its own. `replace` lets
    files take the place of others that the same commit has in the cache. A source that cannot be imported is an item
    with an error and keeps no other from being imported. Nothing is written.

    What an archive leaves out is looked for in `root`, then in `others`, but for what `is_wrong`. With `trusted`
    keys, what none of them has signed is not imported.
    Raises `InvalidKey` when `name` would be for several models.
    """
    nearby = Nearby([root, *others], is_wrong)
    planner = _Planner(root, name, replace, nearby, trusted, report)
    found = find_sources(sources)
    for number, source in enumerate(found):
        report(Progress("Reading archives", number, len(found), source.path.name, "items"))
        planner.look_at(source, alone=len(found) == 1)
    if planner.named > 1:
        raise InvalidKey(
            f"{name} can be the name of one model only, and {planner.named} have none.",
            hint="Import them one by one.",
        )
    space = free_space(root)
    needed = sum(item.bytes_needed for item in planner.items)
    return ImportPlan(
        tuple(planner.items),
        os.fspath(root),
        needed,
        space.free,
        reserve(space),
        tuple(os.fspath(other) for other in others if other != root),
    )


class _Planner:
    """The items so far, and what they have in common."""

    def __init__(
        self,
        root: Path,
        name: ModelKey | None,
        replace: bool,
        nearby: Nearby,
        trusted: Sequence[PublicKey],
        report: Report,
    ) -> None:
        self.root = root
        self.name = name
        self.named = 0
        self.replace = replace
        self.report = report
        self.items: list[ImportItem] = []
        self.nearby = nearby
        self.trusted = trusted
        self.coming: set[str] = set()
        """Contents that earlier items bring."""

    def look_at(self, source: Source, *, alone: bool) -> None:
        """Add the items of a source; `alone` when there is no other."""
        path = source.path
        if source.error:
            self._refuse(path, "", source.error)
            return
        try:
            with open_container(path, limit=free_space(self.root).total, report=self.report) as container:
                allowance = Allowance(_LOOKING)
                models = find_models(container)
                if not models:
                    raise _nothing_in(path)
                for model in models:
                    name = self._given_name(model, alone=alone and len(models) == 1)
                    try:
                        with disk_errors(self.root):
                            item = self._item(source, Incoming(container, model, self.trusted), name)
                        self.items.append(_looked_into(item, container, allowance))
                    except (ArchiveError, CacheError) as error:
                        self._refuse(path, model.folder, error)
        except (ArchiveError, CacheError) as error:
            self._refuse(path, "", error)

    def _given_name(self, model: FoundModel, *, alone: bool) -> ModelKey | None:
        if self.name is None or not (alone or model.metadata is None):
            return None
        self.named += 1
        return self.name

    def _refuse(self, path: Path, folder: str, error: ModelKeepError) -> None:
        error = error.with_traceback(None)
        self.items.append(ImportItem(os.fspath(path), folder, Action.REFUSED, error=error))

    def _item(self, source: Source, model: Incoming, name: ModelKey | None) -> ImportItem:
        """What becomes of a model."""
        key = name or (model.metadata.key if model.metadata else None)
        commit = model.commit(key)
        if name is None:
            source.check(key, commit)
        there = Already(self.root, key, commit)
        files = model.files(there.named, lambda file: self._content(file, there.repo))
        etags = {file.name: file.etag for file in files if file.etag}
        item = ImportItem(
            os.fspath(source.path),
            model.found.folder,
            Action.NEW,
            key=key,
            commit=commit or (derived_commit(etags) if len(etags) == len(files) else None),
            files=files,
            size=sum(file.size for file in files),
            complete=model.is_complete(commit),
            checksums="none" if model.sums is None else "listed",
            metadata=model.metadata,
            ignored=model.found.ignored,
            notes=model.notes(),
            state=model.container.state,
            sums=source.sums if model.sums is None else (),
            signature=model.signature,
            packed_for=model.packed_for if model.absent else "",
        )
        if key is None:
            error = UnknownArchive(
                f"The model in {source.path.name} does not say what it is called.",
                hint="Give it a name, such as org/name.",
            )
            return replace(item, action=Action.NEEDS_NAME, proposal=model.proposal, error=error)
        return self._placed(item, key)

    def _placed(self, item: ImportItem, key: ModelKey) -> ImportItem:
        """The item, with what the cache makes of it."""
        there = Already(self.root, key, item.commit)
        differing = tuple(file.name for file in item.files if there.differs(file))
        ref = None if key.revision and layout.is_commit(key.revision) else key.revision or "main"
        old = read_ref(there.repo, ref) if ref else None
        if ref and old and old != item.commit and (lacking := there.lacks(item.files)):
            # What loads by this name now would load no more: the Hub's client refuses what its list says is a part.
            said = f"{ref} stays where it leads now: {lacking[0]} of this revision would still be missing."
            item = replace(item, notes=(*item.notes, said))
            ref = None
        item = replace(
            item,
            files=tuple(there.located(file, self.nearby) for file in item.files),
            ref=ref,
            replaces=differing,
            moves_ref=RefMove(ref, old, item.commit) if ref and old and old != item.commit else None,
        )
        if differing and not self.replace:
            error = ContentConflict(
                f"{key} has the same commit in the cache with other content, as in {differing[0]}.",
                hint="Verify both. You can have the archive's files replace those in the cache.",
            )
            return replace(item, action=Action.CONFLICT, error=error)
        if nowhere := tuple(f.name for f in item.files if f.absent and f.present == "no"):
            return replace(item, action=Action.REFUSED, lacking=nowhere, error=not_here(item, nowhere))
        item = replace(item, bytes_needed=self._bytes_needed(item))
        if differing:
            return replace(item, action=Action.REPLACE)
        if not there.files:
            is_known = (there.repo / "snapshots").is_dir()
            return replace(item, action=Action.ADD_REVISION if is_known else Action.NEW)
        whole = all(file.name in there.files for file in item.files) and (not ref or old == item.commit)
        return replace(item, action=Action.PRESENT if whole else Action.COMPLETE)

    def _content(self, file: AbsentFile, repo: Path) -> bytes | None:
        """What a small file that is left out has in it, where a place has it that proves to be right."""
        for path in self.nearby.find(file.etag, file.size, repo):
            with suppress(OSError):
                data = path.read_bytes()
                if hashlib.sha256(data).hexdigest() == file.sha256:
                    return data
        return None

    def _bytes_needed(self, item: ImportItem) -> int:
        """What has to be written for it, without what earlier items write, or an interrupted run has staged."""
        needed = {file.etag or file.member: file.size for file in item.files if file.is_written}
        for etag in needed.keys() & self.coming:
            del needed[etag]
        self.coming.update(etag for etag in needed if isinstance(etag, str))
        return max(0, sum(needed.values()) - staged_bytes(self.root, item.work))


def _looked_into(item: ImportItem, container: Container, allowance: Allowance) -> ImportItem:
    """The item with what is found in its files. What is here already does not come in, so nobody need know."""
    if item.action is Action.PRESENT:
        return item
    found = look_inside(container, [file for file in item.files if not file.absent], allowance)
    later = tuple(file.name for file in item.files if file.absent)
    return replace(item, safety=found.verdict, unscanned=found.unscanned + later)


def not_here(item: ImportItem, lacking: Sequence[str]) -> ArchiveError:
    """Why a model cannot be put together: these files are nowhere."""
    sizes = {file.name: file.size for file in item.files}
    largest = sorted(lacking, key=lambda name: (-sizes[name], name))
    some = ", ".join(largest[:3]) + (f" and {len(lacking) - 3:,} more" if len(lacking) > 3 else "")
    what = "one file that is" if len(lacking) == 1 else f"{len(lacking):,} files that are"
    return ArchiveError(
        f"{item.key} lacks {what} neither in {Path(item.source).name} nor here: {some}.",
        hint=f"It was packed for {item.packed_for}. Pack it again by a new inventory of this site, or whole.",
    )


def _nothing_in(path: Path) -> UnknownArchive:
    if path.is_dir() and any(is_archive(entry) for entry in path.iterdir()):
        return UnknownArchive(
            f"{path.name} is a folder of archives, and not one that was exported as a bundle.",
            hint="Choose the archives in it.",
        )
    return UnknownArchive(
        f"There is no model in {path.name}.",
        hint="A model is a folder model/ beside a model_metadata.json, or the files of a repository as they are.",
    )

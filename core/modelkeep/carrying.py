"""Across an air gap: what a site has, said to another, and what that one packs because the first lacks it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from modelkeep import __version__
from modelkeep.archive.absent import Absent, AbsentFile, left_out
from modelkeep.archive.export_plan import ArchiveOptions, ExportPlan, Packable, plan_export
from modelkeep.archive.holdings import HeldContent, HeldModel, Holdings
from modelkeep.archive.nearby import content_digests
from modelkeep.cache import layout
from modelkeep.cache.catalog import Catalog, Checksums, content_key
from modelkeep.cache.inventory import CachedFile, CachedModel, CachedRevision, Inventory
from modelkeep.cache.trees import read_tree
from modelkeep.errors import InvalidKey
from modelkeep.exchange import exported_key, packable
from modelkeep.keys import ModelKey
from modelkeep.metadata.describe import describe
from modelkeep.progress import Progress, Report, ignore

__all__ = ["BundlePlan", "HeldRevision", "holdings_of", "plan_bundle"]


@dataclass(frozen=True)
class HeldRevision:
    """A revision that the other side has, all of it, under the name that it would come by."""

    key: ModelKey
    commit: str
    size: int


@dataclass(frozen=True)
class BundlePlan:
    """What bundling would write. `held` is not packed: the other side has it as it is."""

    export: ExportPlan
    held: tuple[HeldRevision, ...] = ()
    holdings: Holdings | None = None

    @property
    def saved(self) -> int:
        """Bytes that need not be carried, because the other side has them."""
        return sum(item.saved for item in self.export.items if not item.refusal) + sum(
            revision.size for revision in self.held
        )

    @property
    def volumes(self) -> int:
        """Files of archives that will be written."""
        return sum(len(item.paths) for item in self.export.items)


# ---- what is here


def holdings_of(inventories: Sequence[Inventory], catalog: Catalog, *, name: str = "") -> Holdings:
    """What these roots have that an import there can use, but for what is known to be damaged.

    `name` is what the site wants to be called.
    """
    return _Taking(catalog).all_of(inventories, name)


class _Taking:
    """What is found so far, each content once."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._contents: dict[str, HeldContent] = {}
        self._numbers: dict[str, int] = {}
        self._known: dict[tuple[str, int, int, str], Checksums] = {}
        self._looked: dict[str, str | None] = {}

    def all_of(self, inventories: Sequence[Inventory], name: str) -> Holdings:
        refs: dict[ModelKey, dict[str, str]] = {}
        revisions: dict[ModelKey, dict[str, tuple[int, ...]]] = {}
        for inventory in inventories:
            self._known = self._catalog.all_checksums(inventory.root)
            for model in inventory.models:
                numbers = {revision.commit: self._numbers_of(model, revision) for revision in model.revisions}
                if not _can_be_named(model.key):
                    continue
                here = revisions.setdefault(model.key, {})
                for commit, found in numbers.items():
                    if layout.is_commit(commit):
                        here[commit] = tuple(sorted({*here.get(commit, ()), *found}))
                known = refs.setdefault(model.key, {})
                for ref, commit in model.refs:
                    if layout.is_commit(commit) and ref.isprintable():
                        known.setdefault(ref, commit)
        models = tuple(HeldModel(key, refs[key], revisions[key]) for key in sorted(revisions))
        return Holdings(float(int(time.time())), __version__, name, tuple(self._contents.values()), models)

    def _numbers_of(self, model: CachedModel, revision: CachedRevision) -> set[int]:
        numbers = set()
        for etag, file in _named_files(model, revision):
            if etag not in self._numbers:
                sha256 = self._sha256(file, etag)
                if sha256 is None:
                    continue
                self._numbers[etag] = len(self._contents)
                self._contents[etag] = HeldContent(etag, file.size, sha256)
            if self._contents[etag].size == file.size:
                numbers.add(self._numbers[etag])
        return numbers

    def _sha256(self, file: CachedFile, etag: str) -> str | None:
        """The SHA-256 of a content, "" where nobody knows it, None where it is gone or known to be damaged."""
        assert file.blob
        try:
            status = os.stat(file.blob.payload)
        except OSError:
            return None
        known = self._known.get(content_key(file.blob.payload, status))
        if known:
            found = known.sha256 if layout.is_sha256(etag) else known.git_sha1
            if found and found != etag:
                return None
        return etag if layout.is_sha256(etag) else known.sha256 if known else ""


def _named_files(model: CachedModel, revision: CachedRevision) -> Iterator[tuple[str, CachedFile]]:
    """The files of a revision whose contents have a name of the Hub's."""
    files = [file for file in revision.files if file.blob]
    listing = {}
    if any(not file.linked for file in files):
        listing = read_tree(model.path, revision.commit) or {}
    for file in files:
        etag = file.blob.name if file.linked and file.blob else ""
        if not file.linked and file.name in listing and listing[file.name].size == file.size:
            etag = listing[file.name].etag
        if layout.is_sha256(etag) or layout.is_git_sha1(etag):
            yield etag, file


def _can_be_named(key: ModelKey) -> bool:
    """Whether the other side would take the name for one: a folder here may have any."""
    try:
        return ModelKey.parse(str(key)) == key
    except InvalidKey:
        return False


# ---- what the other side lacks


def plan_bundle(
    chosen: Sequence[tuple[CachedModel, CachedRevision]],
    target: Path,
    catalog: Catalog,
    holdings: Holdings | None = None,
    options: ArchiveOptions | None = None,
    *,
    allow_incomplete: bool = False,
    report: Report = ignore,
) -> BundlePlan:
    """What bundling these revisions for a site with these holdings would write; whole without any."""
    packables: list[Packable] = []
    held: list[HeldRevision] = []
    for number, (model, revision) in enumerate(chosen):
        report(Progress("Comparing", number, len(chosen), model.repo_id, "models"))
        if holdings and _is_held(holdings, model, revision):
            held.append(HeldRevision(exported_key(model, revision), revision.commit, revision.size))
            continue
        absent = None
        if holdings:
            there = _there(holdings, catalog, model, revision)
            absent = Absent.because_of(holdings, left_out(there))
        description = describe(revision, memory=catalog)
        packables.append(packable(model, revision, description, catalog, absent=absent))
    export = plan_export(
        packables, target, options=options or ArchiveOptions(), allow_incomplete=allow_incomplete
    )
    return BundlePlan(export, tuple(held), holdings)


def _is_held(holdings: Holdings, model: CachedModel, revision: CachedRevision) -> bool:
    """Whether the other side has the revision, every file of it, and its ref leads there."""
    there = holdings.model(model.key)
    if there is None or revision.missing or revision.commit not in there.revisions:
        return False
    has = {holdings.contents[number][:2] for number in there.revisions[revision.commit]}
    wanted = {(etag, file.size) for etag, file in _named_files(model, revision)}
    if len({file.name for file in revision.files}) != len(list(_named_files(model, revision))):
        return False  # a file that has no name is not known to be there
    name = exported_key(model, revision).revision or "main"
    is_led_to = layout.is_commit(name) or there.refs.get(name) == revision.commit
    return wanted <= has and is_led_to


def _there(
    holdings: Holdings, catalog: Catalog, model: CachedModel, revision: CachedRevision
) -> Iterator[AbsentFile]:
    """The files whose contents the other side has.

    Small ones are named by a git SHA-1; their SHA-256, which proves them there, is worked out here if need be. Of
    others the name is that.
    """
    for etag, file in _named_files(model, revision):
        content = holdings.content(etag, file.size)
        if content is None:
            continue
        sha256 = etag if layout.is_sha256(etag) else _proven_sha256(catalog, file, etag)
        if sha256 and content.sha256 in ("", sha256):
            yield AbsentFile(file.name, file.size, etag, sha256)


def _proven_sha256(catalog: Catalog, file: CachedFile, etag: str) -> str:
    """The SHA-256 of a content that is what its git SHA-1 says, remembered or read; "" for one that is not."""
    assert file.blob
    with suppress(OSError):
        known = catalog.checksums(file.blob.payload, os.stat(file.blob.payload))
        if known and known.sha256 and known.git_sha1 == etag:
            return known.sha256
        found = content_digests(Path(file.blob.payload))
        return found.sha256 if found.git_sha1 == etag else ""
    return ""

"""Between archives and the catalog: what an export says about a model, and what is kept of what an import said."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from modelkeep.archive.absent import Absent
from modelkeep.archive.bundle import execute_bundle
from modelkeep.archive.contents import Checksums, Known
from modelkeep.archive.import_plan import Action, ImportItem, ImportPlan
from modelkeep.archive.manifest import ModelMetadata, metadata_for
from modelkeep.archive.pack import (
    Archive,
    ArchiveOptions,
    ExportPlan,
    ExportResult,
    Packable,
    execute_export,
    plan_export,
)
from modelkeep.archive.unpack import ImportedItem, ImportResult, IsVerified, execute_import
from modelkeep.cache import layout
from modelkeep.cache.catalog import Catalog, ManifestFile, Origin, user_name
from modelkeep.cache.catalog import Checksums as RememberedChecksums
from modelkeep.cache.inventory import Blob, CachedModel, CachedRevision, Inventory, State
from modelkeep.errors import ArchiveError
from modelkeep.keys import ModelKey
from modelkeep.metadata.describe import Description, describe
from modelkeep.progress import Report
from modelkeep.safety.gate import Gate
from modelkeep.safety.scan import scan_revision

__all__ = ["plan_exports", "run_export", "run_import", "with_safety"]


def plan_exports(
    chosen: Sequence[tuple[CachedModel, CachedRevision]],
    target: Path,
    catalog: Catalog,
    options: ArchiveOptions | None = None,
    *,
    allow_incomplete: bool = False,
) -> ExportPlan:
    """What exporting these revisions would write, each with all that is known about it."""
    options = options or ArchiveOptions()
    packables = [
        packable(model, revision, describe(revision, memory=catalog), catalog, plain=not options.checksums)
        for model, revision in chosen
    ]
    return plan_export(packables, target, options=options, allow_incomplete=allow_incomplete)


def run_export(plan: ExportPlan, catalog: Catalog, *, bundle: bool, report: Report) -> ExportResult:
    """Carry out a plan, and remember the checksums that this gave."""
    execute = execute_bundle if bundle else execute_export
    result = execute(plan, known=known_checksums(catalog), report=report)
    for archive in result.archives:
        remember_checksums(catalog, archive)
    return result


def run_import(
    plan: ImportPlan, catalog: Catalog, *, allow_unsafe: Sequence[str] = (), report: Report
) -> ImportResult:
    """Carry out a plan, and remember where the models came from, what was found to be whole and what is inside."""
    gate = Gate(catalog, "import", plan.root, allow_unsafe)
    result = execute_import(plan, verified=is_verified(catalog), gate=gate, report=report)
    for item, done in zip(plan.items, result.items, strict=True):
        if done.key and done.commit and done.error is None:
            # What was here as a whole did not come from this archive, whatever that says of it.
            known = item.action is Action.PRESENT and catalog.origin(plan.root, done.key, done.commit)
            if not known:
                catalog.record_origin(plan.root, done.key, done.commit, origin_of(item))
            if not known or known.source == "import":
                record_manifest(catalog, plan.root, item, done)
            remember_verified(catalog, done)
            if done.safety:
                gate.keep(done.safety, done.path)
    return result


def with_safety(result: ImportResult, inventory: Inventory, catalog: Catalog) -> ImportResult:
    """The result, with what is in each imported revision as it is in the cache now; it is remembered."""
    items = []
    for done in result.items:
        model = inventory.by_key.get(done.key.at(None)) if done.key and done.error is None else None
        revision = model.revision(done.commit or "") if model else None
        items.append(replace(done, safety=scan_revision(revision, memory=catalog)) if revision else done)
    return ImportResult(tuple(items))


_COMPLETE = {State.WHOLE: True, State.INCOMPLETE: False}


def packable(
    model: CachedModel,
    revision: CachedRevision,
    description: Description,
    catalog: Catalog,
    *,
    plain: bool = False,
    absent: Absent | None = None,
) -> Packable:
    """A revision with all that is known about it, under the key by which it is to be imported.

    `plain` leaves out what only Modelkeep reads: whether these are all files of the repository. `absent` are files
    that whom it is for has.

    The key has no revision where `main` leads to the commit, so that loading by name finds it on the other side.
    """
    origin = catalog.origin(model.root, model.key, revision.commit) or Origin()
    use = catalog.last_use(model.root, model.key)
    metadata = metadata_for(
        exported_key(model, revision),
        revision,
        imported=_imported(origin),
        downloaded_at=origin.downloaded_at or 0.0,
        downloaded_by=origin.downloaded_by,
        last_used=use.at if use else 0.0,
        last_used_by=use.by if use else "",
        last_modified=origin.last_modified,
        library=description.library,
        pipeline=description.task,
        languages=description.languages,
        tags=description.tags,
        complete=None if plain else _COMPLETE.get(revision.state),
        absent=absent,
    )
    return Packable(revision, metadata, absent.files if absent else ())


def exported_key(model: CachedModel, revision: CachedRevision) -> ModelKey:
    """The key by which a revision is to be imported: without a revision where `main` leads to it."""
    refs = [ref for ref, commit in model.refs if commit == revision.commit]
    return model.key.at(None if "main" in refs else refs[0] if refs else revision.commit)


def origin_of(item: ImportItem) -> Origin:
    """What to remember of an imported model: what its archive said, and that it came from there."""
    said = item.metadata or ModelMetadata(item.key or ModelKey("?"), "")
    return Origin(
        url=said.url,
        downloaded_at=said.downloaded_at / 1000 if said.downloaded_at else time.time(),
        downloaded_by=said.downloaded_by or user_name(),
        last_modified=said.last_modified or "",
        source="import",
        archive=item.source,
        library=said.library or "",
        pipeline=said.pipeline or "",
        languages=said.languages,
        tags=said.tags,
        metadata=json.loads(item.metadata.to_json()) if item.metadata else {},
    )


def _imported(origin: Origin) -> ModelMetadata | None:
    if not origin.metadata:
        return None
    with suppress(ArchiveError):  # written by a later version of the catalog
        return ModelMetadata.parse(json.dumps(dict(origin.metadata)).encode())
    return None


def known_checksums(catalog: Catalog) -> Known:
    """What the catalog remembers of contents that have not changed since they were read."""

    def known(blob: Blob) -> Checksums | None:
        with suppress(OSError):
            found = catalog.checksums(blob.payload, os.stat(blob.payload))
            if found and found.crc32 is not None and found.sha256:
                return Checksums(found.crc32, found.sha256)
        return None

    return known


def remember_checksums(catalog: Catalog, archive: Archive) -> None:
    """Keep what an export worked out, so that the next one need not read the same contents."""
    now = time.time()
    checked = []
    for file, known in archive.checksums:
        with suppress(OSError):
            if file.blob is None or not known.sha256:
                continue
            status = os.stat(file.blob.payload)
            # Only of the file that the scan saw and the export read, not of one that took its place since.
            if (status.st_size, status.st_mtime) == (file.blob.size, file.blob.modified):
                name = file.blob.name
                sums = RememberedChecksums(
                    known.sha256, name if layout.is_git_sha1(name) else "", known.crc32, now
                )
                checked.append((file.blob.payload, status, sums))
    catalog.remember_checksums(checked)


def is_verified(catalog: Catalog) -> IsVerified:
    """Whether the catalog remembers that a blob is what its name says, and it has not changed since."""

    def verified(path: Path, status: os.stat_result) -> bool:
        found = catalog.checksums(os.path.realpath(path), status)
        return found is not None and path.name in (found.sha256, found.git_sha1)

    return verified


def is_disproven(catalog: Catalog) -> Callable[[Path, str], bool]:
    """Whether the catalog remembers that a file is not what its name says, and nobody has changed it since."""

    def disproven(path: Path, etag: str) -> bool:
        try:
            place = os.path.realpath(path)
            found = catalog.checksums(place, os.stat(place))
        except OSError:
            return False
        known = (found.sha256 if layout.is_sha256(etag) else found.git_sha1) if found else ""
        return bool(known) and known != etag

    return disproven


_ADDS_TO = (Action.PRESENT, Action.COMPLETE, Action.REPLACE)


def record_manifest(catalog: Catalog, root: str, item: ImportItem, done: ImportedItem) -> None:
    """Keep which files an import brought, and what each is, so that verifying can tell when that changes."""
    assert done.key
    assert done.commit
    sha256 = {checked.etag: checked.sha256 for checked in done.checked}
    copies = {checked.path: checked.etag for checked in done.checked}
    files = {}
    for file in item.files:
        path = os.path.join(done.path, file.name)
        if etag := file.etag or _linked_name(path) or copies.get(path):
            known = etag if layout.is_sha256(etag) else file.sha256 or sha256.get(etag)
            files[file.name] = ManifestFile(file.size, etag, known or "")
    if item.action in _ADDS_TO:
        files = (catalog.manifest(root, done.key, done.commit) or {}) | files
    catalog.record_manifest(root, done.key, done.commit, files)


def _linked_name(path: str) -> str:
    """What the blob is called that a file of a snapshot leads to; "" for a plain copy."""
    try:
        return os.path.basename(os.readlink(path))
    except OSError:
        return ""


def remember_verified(catalog: Catalog, imported: ImportedItem) -> None:
    """Keep that contents were found to be what their names say, so that the next import need not read them."""
    now = time.time()
    checked = []
    for path, etag, sha256 in imported.checked:
        with suppress(OSError):
            place = os.path.realpath(path)
            status = os.stat(place)
            known = catalog.checksums(place, status)
            sha1 = etag if layout.is_git_sha1(etag) else known.git_sha1 if known else ""
            sums = RememberedChecksums(
                sha256 or (known.sha256 if known else ""), sha1, known.crc32 if known else None, now
            )
            checked.append((place, status, sums))
    catalog.remember_checksums(checked)

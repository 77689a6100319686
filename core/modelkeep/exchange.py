"""Between archives and the catalog: what an export says about a model, and what is kept of what an import said."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

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
from modelkeep.cache.catalog import Catalog, Origin, user_name
from modelkeep.cache.catalog import Checksums as RememberedChecksums
from modelkeep.cache.inventory import Blob, CachedModel, CachedRevision, State
from modelkeep.errors import ArchiveError
from modelkeep.keys import ModelKey
from modelkeep.metadata.describe import Description, describe
from modelkeep.progress import Report

__all__ = ["plan_exports", "run_export", "run_import"]


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


def run_import(plan: ImportPlan, catalog: Catalog, *, report: Report) -> ImportResult:
    """Carry out a plan, and remember where the models came from and what was found to be whole."""
    result = execute_import(plan, verified=is_verified(catalog), report=report)
    for item, done in zip(plan.items, result.items, strict=True):
        if done.key and done.commit and done.error is None:
            # What was here as a whole did not come from this archive, whatever that says of it.
            known = item.action is Action.PRESENT and catalog.origin(plan.root, done.key, done.commit)
            if not known:
                catalog.record_origin(plan.root, done.key, done.commit, origin_of(item))
            remember_verified(catalog, done)
    return result


_COMPLETE = {State.WHOLE: True, State.INCOMPLETE: False}


def packable(
    model: CachedModel,
    revision: CachedRevision,
    description: Description,
    catalog: Catalog,
    *,
    plain: bool = False,
) -> Packable:
    """A revision with all that is known about it, under the key by which it is to be imported.

    `plain` leaves out what only Modelkeep reads: whether these are all files of the repository.

    The key has no revision where `main` leads to the commit, so that loading by name finds it on the other side.
    """
    refs = [ref for ref, commit in model.refs if commit == revision.commit]
    name = None if "main" in refs else refs[0] if refs else revision.commit
    origin = catalog.origin(model.root, model.key, revision.commit) or Origin()
    use = catalog.last_use(model.root, model.key)
    metadata = metadata_for(
        model.key.at(name),
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
    )
    return Packable(revision, metadata)


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

"""Exporting: a cached revision becomes an archive that DSS, every unzip and another Modelkeep can read.

Carrying out a plan compares each content with the checksum that the cache names it by, so an export never passes
damage on silently. Nothing appears under an archive's name before all of it is on the disk.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from zlib import crc32

from modelkeep.archive.checksums import format_sums
from modelkeep.archive.contents import Checksums, Content, Known, nothing_known
from modelkeep.archive.export_plan import (
    ArchiveOptions,
    ExportItem,
    ExportPlan,
    Packable,
    member_name,
    plan_export,
    signed_comment,
)
from modelkeep.archive.manifest import METADATA_NAME
from modelkeep.archive.parallel import Task, run_tasks
from modelkeep.archive.stored_zip import directory, local_header
from modelkeep.archive.volumes import VolumeWriter
from modelkeep.cache import layout
from modelkeep.cache.inventory import CachedFile
from modelkeep.cache.trees import read_tree
from modelkeep.disk import disk_errors, free_space, reserve
from modelkeep.errors import CacheError, ModelKeepError, NotEnoughSpace
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report, ignore, share
from modelkeep.text import size_text

__all__ = [
    "Archive",
    "ArchiveOptions",
    "ExportItem",
    "ExportPlan",
    "ExportResult",
    "Exported",
    "Packable",
    "execute_export",
    "plan_export",
]

_WORKERS = 2
_SPACE_STEP = 64 << 20  # bytes written between two looks at the free space


@dataclass(frozen=True)
class Archive:
    """An archive that was written. `size` is bytes of all its `paths`; `files` and `content` count the model's.

    `proven` are the files that were read and are what the cache says they are; the others have no checksum there,
    or share their blocks with the cache (`cloned` bytes), so that nobody read them.
    """

    key: ModelKey
    commit: str
    paths: tuple[Path, ...]
    size: int
    files: int
    content: int
    proven: int
    cloned: int
    checksums: tuple[tuple[CachedFile, Checksums], ...] = field(repr=False)
    """For remembering: with them the next export of the same contents need not read them."""


@dataclass(frozen=True)
class Exported:
    """What became of one item: an archive, or an error and a hint as `ModelKeepError` has them."""

    item: ExportItem
    archive: Archive | None
    error: str = ""
    hint: str = ""


@dataclass(frozen=True)
class ExportResult:
    """What really happened, item by item."""

    items: tuple[Exported, ...]

    @property
    def archives(self) -> tuple[Archive, ...]:
        return tuple(item.archive for item in self.items if item.archive)

    @property
    def failures(self) -> tuple[str, ...]:
        return tuple(item.error for item in self.items if item.error)


def execute_export(
    plan: ExportPlan, *, known: Known = nothing_known, report: Report = ignore
) -> ExportResult:
    """Write the archives of a plan.

    What is refused or fails is named in the result, and the rest is done. After `Cancelled` archives that were whole
    stay, and nothing of the others. Contents whose checksums are `known` are shared with the cache, unread, where the
    file system can do that. Raises `NotEnoughSpace` before anything is written.
    """
    _check_space(plan)
    total = sum(item.content for item in plan.items if not item.refusal)
    before = 0
    done: list[Exported] = []
    with _folder(plan.folder):
        for item in plan.items:
            if item.refusal:
                done.append(Exported(item, None, item.refusal, item.hint))
                continue
            try:
                archive = _pack(item, plan.options, known, share(report, before, total))
            except ModelKeepError as error:
                done.append(Exported(item, None, str(error), error.hint))
            else:
                done.append(Exported(item, archive))
            before += item.content
    return ExportResult(tuple(done))


def _check_space(plan: ExportPlan) -> None:
    space = free_space(plan.folder)
    if plan.needs + reserve(space) > space.free:
        raise NotEnoughSpace(
            f"The export needs {size_text(plan.needs)}, and {plan.folder} has {size_text(space.free)} free.",
            hint="Free some space, or choose another disk. A little is kept free for other programs.",
        )


@contextmanager
def _folder(folder: Path) -> Iterator[None]:
    """Have the folder; those that were made for it go again when nothing came into them."""
    new = [place for place in (folder, *folder.parents) if not place.exists()]
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        for place in new:
            with suppress(OSError):
                place.rmdir()


def _pack(item: ExportItem, options: ArchiveOptions, known: Known, report: Report) -> Archive:
    contents = _contents(item, known)
    with VolumeWriter(item.target, item.size, options.split) as writer:
        workers = _WORKERS if writer.has_holes else 1
        run_tasks(_tasks(contents, writer, workers), workers=workers, watch=_watch(item, report))
        _write_around(item, contents, writer, options)
        flush = [("", lambda _: writer.flush())]
        run_tasks(flush, workers=1, watch=lambda *_: report(_progress(item, item.content)))
        writer.commit()
    return Archive(
        key=item.key,
        commit=item.commit,
        paths=writer.paths,
        size=item.size,
        files=item.files,
        content=item.content,
        proven=sum(content.proven for content in contents),
        cloned=sum(content.entry.size for content in contents if content.cloned),
        checksums=tuple((content.file, content.checksums) for content in contents),
    )


def _contents(item: ExportItem, known: Known) -> list[Content]:
    revision = item.packable.revision
    # A file that is no link has no checksum for a name; the tree listing may have it.
    listing = read_tree(Path(revision.path).parents[1], revision.commit) or {}
    files = item.packable.packed
    entries = item.layout.entries[len(item.layout.entries) - len(files) :]
    contents = []
    for file, entry in zip(files, entries, strict=True):
        if file.blob is None:
            raise CacheError(f"{file.name} leads nowhere.", hint="Scan again, then export again.")
        etag = file.blob.name if file.linked else ""
        if not layout.is_sha256(etag) and not layout.is_git_sha1(etag):
            etag = listing[file.name].etag if file.name in listing else ""
        contents.append(Content(file, file.blob, entry, etag, known(file.blob)))
    return contents


def _tasks(contents: Sequence[Content], writer: VolumeWriter, workers: int) -> Iterator[tuple[str, Task]]:
    """Large contents first, so that no worker is left with one at the end, unless writing goes front to back."""
    if workers == 1 or not contents:
        for content in contents:
            yield content.file.name, partial(content.copy, writer, True)
        return
    largest, *others = sorted(contents, key=lambda content: -content.entry.size)
    # One that outweighs all others would leave the second worker idle: let that one do its hashing.
    divided = not largest.known and largest.entry.size > sum(content.entry.size for content in others)
    yield largest.file.name, partial(largest.copy, writer, not divided)
    if divided:
        yield largest.file.name, largest.hash
    for content in others:
        yield content.file.name, partial(content.copy, writer, True)


def _write_around(
    item: ExportItem, contents: Sequence[Content], writer: VolumeWriter, options: ArchiveOptions
) -> None:
    """Write what depends on all contents: the checksums and their signature, the headers, the directory."""
    metadata = item.packable.metadata.to_json()
    sums = {member_name(content.file): content.sha256 for content in contents}
    sums |= {member_name(file): file.sha256 for file in item.absent}
    sums[METADATA_NAME] = sha256(metadata).hexdigest()
    head = [metadata]
    if options.checksums:
        head.append(listed := format_sums(sums))
        if options.signer:
            head.append(options.signer.sign(listed, signed_comment(f"{item.key} {item.commit}", time.time())))
    crcs = [*map(crc32, head), *(content.crc32 for content in contents)]
    for entry, data in zip(item.layout.entries, head):
        writer.write_at(entry.content_at, data)
    for entry, crc in zip(item.layout.entries, crcs, strict=True):
        writer.write_at(entry.header_at, local_header(entry, crc))
    writer.write_at(item.layout.directory_at, directory(item.layout, crcs))


def _watch(item: ExportItem, report: Report) -> Callable[[int, str], None]:
    """Report, and see now and then that no other program has taken the space."""
    looked = 0

    def watch(done: int, name: str) -> None:
        nonlocal looked
        if done - looked >= _SPACE_STEP:
            looked = done
            space = free_space(item.target.parent)
            # The plan left all of the reserve free; what is gone of it since, somebody else has written.
            if space.free < reserve(space) // 2:
                raise NotEnoughSpace(
                    f"{item.target.parent} is running out of space.",
                    hint="Another program is writing there too. Free some space, then export again.",
                )
        report(_progress(item, done, name))

    return watch


def _progress(item: ExportItem, done: int, name: str = "") -> Progress:
    return Progress("Exporting", done, item.content, f"{item.key.repo_id}/{name}".rstrip("/"))

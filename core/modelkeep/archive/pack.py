"""Exporting: a cached revision becomes an archive that DSS, every unzip and another Modelkeep can read.

A plan knows the size of every archive to the byte, because files are stored and not deflated: weights do not
compress. Carrying it out compares each content with the checksum that the cache names it by, so an export never
passes damage on silently. Nothing appears under an archive's name before all of it is on the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from zlib import crc32

from modelkeep.archive.checksums import SUMS_NAME, format_sums
from modelkeep.archive.contents import Checksums, Content, Known, nothing_known
from modelkeep.archive.manifest import METADATA_NAME, MODEL_FOLDER, ModelMetadata, archive_folder
from modelkeep.archive.names import check_entry_name, check_no_clashes
from modelkeep.archive.parallel import Task, run_tasks
from modelkeep.archive.stored_zip import ZipLayout, directory, lay_out, local_header
from modelkeep.archive.volumes import VolumeWriter, existing_volumes, volume_paths
from modelkeep.cache import layout
from modelkeep.cache.inventory import CachedFile, CachedRevision
from modelkeep.cache.repository import DAMAGE
from modelkeep.cache.trees import read_tree
from modelkeep.disk import disk_errors, free_space, reserve
from modelkeep.errors import ArchiveError, CacheError, ModelKeepError, NotEnoughSpace, UnsafeArchive
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


@dataclass(frozen=True, slots=True)
class ArchiveOptions:
    """How to write archives: with `SHA256SUMS`, which DSS ignores; split into volumes of `split` bytes at most."""

    checksums: bool = True
    split: int | None = None


@dataclass(frozen=True, slots=True)
class Packable:
    """A cached revision, and what the archive shall say about it; `metadata.key` is the name it leaves under."""

    revision: CachedRevision
    metadata: ModelMetadata


@dataclass(frozen=True)
class ExportItem:
    """One archive of a plan.

    `size` is the bytes of the archive, exactly; `content` those of the `files` of the model in it. `replaces` are
    files of an older export of this name. `missing` are files that the repository has and the cache has not.
    """

    key: ModelKey
    commit: str
    files: int
    content: int
    size: int
    target: Path
    paths: tuple[Path, ...]
    replaces: tuple[Path, ...]
    missing: tuple[str, ...]
    refusal: str
    """Why it is not exported, as a sentence; "" when it is."""
    hint: str
    packable: Packable = field(repr=False)
    layout: ZipLayout = field(repr=False)


@dataclass(frozen=True)
class ExportPlan:
    """What exporting would do. `needs` is the most the disk must have free at one time, `free` what it has, both
    bytes; what is replaced is only removed when its successor is whole.
    """

    folder: Path
    items: tuple[ExportItem, ...]
    options: ArchiveOptions
    needs: int
    free: int
    reserve: int
    """What stays free for other programs."""

    @property
    def total(self) -> int:
        """Bytes of all archives that are written."""
        return sum(item.size for item in self.items if not item.refusal)

    @property
    def fits(self) -> bool:
        return self.needs + self.reserve <= self.free


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


# ---- the plan


def plan_export(
    packables: Sequence[Packable],
    target: Path,
    *,
    options: ArchiveOptions = ArchiveOptions(),
    allow_incomplete: bool = False,
) -> ExportPlan:
    """Plan to export revisions, each to an archive in the folder `target`, or one to `target` itself if that ends in
    `.zip`. Changes nothing.

    A revision that is damaged is refused, as is one that lacks files of its repository unless `allow_incomplete`.
    """
    folder, names = _names(packables, target)
    items = tuple(
        _item(packable, folder / name, options, allow_incomplete) for packable, name in zip(packables, names)
    )
    space = free_space(folder)
    return ExportPlan(folder, items, options, _needs(items), space.free, reserve(space))


def _names(packables: Sequence[Packable], target: Path) -> tuple[Path, list[str]]:
    """The folder, and names in it that are different on every file system."""
    if target.suffix.lower() == ".zip" and not target.is_dir():
        if len(packables) != 1:
            raise ArchiveError(
                f"{target} is one archive, and {len(packables)} models are to be exported.",
                hint="Name a folder.",
            )
        return target.parent, [target.name]
    names: dict[str, str] = {}
    for packable in packables:
        stem = name = archive_folder(packable.metadata.key)
        number = 1
        while name.lower() in names:
            number += 1
            name = f"{stem}-{number}"
        names[name.lower()] = f"{name}.zip"
    return target, list(names.values())


def _item(packable: Packable, target: Path, options: ArchiveOptions, allow_incomplete: bool) -> ExportItem:
    revision, metadata = packable.revision, packable.metadata
    refusal, hint = _refusal(revision, metadata.key, allow_incomplete)
    zipped = lay_out([] if refusal else _members(packable, options))
    if options.split is not None and zipped.size > 9999 * options.split:
        refusal, hint = f"{metadata.key} would make too many volumes.", "Choose a larger volume size."
    return ExportItem(
        key=metadata.key,
        commit=revision.commit,
        files=len(revision.files),
        content=sum(file.size for file in revision.files),
        size=0 if refusal else zipped.size,
        target=target,
        paths=() if refusal else volume_paths(target, zipped.size, options.split),
        replaces=() if refusal else existing_volumes(target),
        missing=revision.missing,
        refusal=refusal,
        hint=hint,
        packable=packable,
        layout=zipped,
    )


def _refusal(revision: CachedRevision, key: ModelKey, allow_incomplete: bool) -> tuple[str, str]:
    damage = [problem.message for problem in revision.problems if problem.kind in DAMAGE]
    again = "Download the model again, then export it."
    if damage:
        return f"{key} is damaged: {_some(damage, ' ')}", again
    if not revision.files:
        return f"{key} has no files.", again
    if revision.missing and not allow_incomplete:
        return f"{key} is not complete: it lacks {_some(revision.missing, ', ')}.", again
    repo = Path(revision.path).parents[1].as_posix()
    out = [f.name for f in revision.files if f.linked and f.blob and not f.blob.path.startswith(f"{repo}/")]
    if out:
        # Whoever may write to a shared cache must not have others carry their files away.
        return (
            f"{key} has links that lead out of the cache: {_some(out, ', ')}.",
            "Remove them, then export again.",
        )
    names = [file.name for file in revision.files]
    try:
        for name in names:
            check_entry_name(name)
        check_no_clashes(names)
    except UnsafeArchive as error:
        return f"{key} has a file that no archive may have. {error}", "Another system could not unpack it."
    return "", ""


def _some(texts: Sequence[str], between: str) -> str:
    shown = between.join(texts[:3])
    return shown if len(texts) <= 3 else f"{shown}{between}and {len(texts) - 3} more"


def _members(packable: Packable, options: ArchiveOptions) -> Iterator[tuple[str, int]]:
    """Names and sizes of all that is in the archive: first what says what it is, then the model."""
    root = archive_folder(packable.metadata.key)
    yield f"{root}/{METADATA_NAME}", len(packable.metadata.to_json())
    if options.checksums:
        blank = dict.fromkeys([METADATA_NAME, *map(_path, packable.revision.files)], "0" * 64)
        yield f"{root}/{SUMS_NAME}", len(format_sums(blank))
    for file in sorted(packable.revision.files):
        yield f"{root}/{_path(file)}", file.size


def _path(file: CachedFile) -> str:
    return f"{MODEL_FOLDER}/{file.name}"


def _needs(items: Iterable[ExportItem]) -> int:
    written = needs = 0
    for item in items:
        written += item.size
        needs = max(needs, written)
        with suppress(OSError):
            written -= sum(path.stat().st_size for path in item.replaces)
    return needs


# ---- carrying it out


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
        _write_around(item, contents, writer)
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
    files = sorted(revision.files)
    entries = item.layout.entries[-len(files) :]
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
    if workers == 1:
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


def _write_around(item: ExportItem, contents: Sequence[Content], writer: VolumeWriter) -> None:
    """Write what depends on all contents: the checksums, the headers, the directory."""
    metadata = item.packable.metadata.to_json()
    sums = {_path(content.file): content.sha256 for content in contents}
    sums[METADATA_NAME] = sha256(metadata).hexdigest()
    head = [metadata, format_sums(sums)][: len(item.layout.entries) - len(contents)]
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

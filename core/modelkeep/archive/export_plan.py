"""What exporting would do, worked out before anything is written: archives, their names, their bytes, refusals.

A plan knows the size of every archive to the byte, because files are stored and not deflated: weights do not
compress.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from modelkeep.archive.absent import AbsentFile
from modelkeep.archive.checksums import SIGNATURE_NAME, SUMS_NAME, format_sums
from modelkeep.archive.manifest import METADATA_NAME, MODEL_FOLDER, ModelMetadata, archive_folder
from modelkeep.archive.minisign import SecretKey, signature_size
from modelkeep.archive.names import check_entry_name, check_no_clashes
from modelkeep.archive.stored_zip import ZipLayout, lay_out
from modelkeep.archive.volumes import existing_volumes, volume_paths
from modelkeep.cache.inventory import CachedFile, CachedRevision
from modelkeep.cache.repository import DAMAGE
from modelkeep.disk import free_space, reserve
from modelkeep.errors import ArchiveError, UnsafeArchive
from modelkeep.keys import ModelKey

__all__ = [
    "ArchiveOptions",
    "ExportItem",
    "ExportPlan",
    "Packable",
    "member_name",
    "plan_export",
    "signed_comment",
]


@dataclass(frozen=True, slots=True)
class ArchiveOptions:
    """How to write archives: with `SHA256SUMS`, which DSS ignores; split into volumes of `split` bytes at most.

    With a `signer`, the key signs that list.
    """

    checksums: bool = True
    split: int | None = None
    signer: SecretKey | None = None


@dataclass(frozen=True, slots=True)
class Packable:
    """A cached revision, and what the archive shall say about it; `metadata.key` is the name it leaves under.

    `absent` are files that are not packed, because whom it is for has them; the metadata names them.
    """

    revision: CachedRevision
    metadata: ModelMetadata
    absent: tuple[AbsentFile, ...] = ()

    @property
    def packed(self) -> list[CachedFile]:
        """The files that are packed, sorted by name."""
        left_out = {file.name for file in self.absent}
        return sorted(file for file in self.revision.files if file.name not in left_out)


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

    @property
    def absent(self) -> tuple[AbsentFile, ...]:
        """The files that are not packed, because the other side has them."""
        return self.packable.absent

    @property
    def saved(self) -> int:
        """Bytes that need not be carried."""
        return sum(file.size for file in self.absent)


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
    if options.signer and not options.checksums:
        raise ArchiveError(
            "An archive without checksums cannot be signed: there is nothing to sign.",
            hint="Keep the checksums.",
        )
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
    revision, metadata, packed = packable.revision, packable.metadata, packable.packed
    refusal, hint = _refusal(revision, metadata.key, allow_incomplete)
    zipped = lay_out([] if refusal else _members(packable, options))
    if options.split is not None and zipped.size > 9999 * options.split:
        refusal, hint = f"{metadata.key} would make too many volumes.", "Choose a larger volume size."
    return ExportItem(
        key=metadata.key,
        commit=revision.commit,
        files=len(packed),
        content=sum(file.size for file in packed),
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
        blank = dict.fromkeys([METADATA_NAME, *map(member_name, packable.revision.files)], "0" * 64)
        yield f"{root}/{SUMS_NAME}", len(format_sums(blank))
        if options.signer:
            comment = signed_comment(f"{packable.metadata.key} {packable.revision.commit}", 0.0)
            yield f"{root}/{SIGNATURE_NAME}", signature_size(comment)
    for file in packable.packed:
        yield f"{root}/{member_name(file)}", file.size


def member_name(file: CachedFile | AbsentFile) -> str:
    """The path of a file beside the metadata."""
    return f"{MODEL_FOLDER}/{file.name}"


def signed_comment(what: str, at: float) -> str:
    """What a signature says that it is of, and since when: seconds since the epoch (UTC); as long at any time."""
    made = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"modelkeep {what} {made}"


def _needs(items: Iterable[ExportItem]) -> int:
    written = needs = 0
    for item in items:
        written += item.size
        needs = max(needs, written)
        with suppress(OSError):
            written -= sum(path.stat().st_size for path in item.replaces)
    return needs

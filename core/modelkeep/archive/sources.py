"""What a person chooses to import, taken apart: files, folders, one of several volumes, bundles."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from modelkeep.archive.bundle import INDEX_NAME, BundleEntry, read_index
from modelkeep.archive.checksums import SUMS_NAME, parse_sums
from modelkeep.archive.container import is_archive
from modelkeep.archive.members import reading
from modelkeep.archive.volumes import find_volumes
from modelkeep.disk import disk_errors
from modelkeep.errors import ArchiveError, CacheError, DamagedArchive, ModelKeepError
from modelkeep.keys import ModelKey

__all__ = ["Source", "find_sources"]

_MOST_SUMS = 64 << 20


@dataclass(frozen=True)
class Source:
    """One archive or folder. One of a bundle comes with what the bundle says of it.

    `error` says why a bundle, or an archive of it, cannot be opened.
    """

    path: Path
    entry: BundleEntry | None = None
    error: ModelKeepError | None = None

    @property
    def sums(self) -> tuple[tuple[str, str], ...]:
        """The files of an archive in a bundle, with the SHA-256 that each has to have."""
        folder = self.path.parent
        return (
            tuple((os.fspath(folder / file.name), file.sha256) for file in self.entry.files)
            if self.entry
            else ()
        )

    def check(self, key: ModelKey | None, commit: str | None) -> None:
        """Raise `DamagedArchive` when an archive is not the one that its bundle says."""
        if self.entry and (self.entry.key, self.entry.commit) != (key, commit or self.entry.commit):
            raise DamagedArchive(
                f"{self.path.name} holds {key}, and not {self.entry.key} as the {INDEX_NAME} of its folder says.",
                hint="Import the archive alone, if you know that it is the right one.",
            )


def find_sources(paths: Iterable[Path]) -> list[Source]:
    """Every archive and folder that is meant, once, in this order; a bundle is its archives."""
    found: dict[Path, Source] = {}
    for path in paths:
        path = Path(os.path.abspath(path))
        try:
            with reading(path):
                sources = list(_archives_of(path)) if _is_bundle(path) else [Source(find_volumes(path)[0])]
        except (ArchiveError, CacheError) as error:
            sources = [Source(path, error=error.with_traceback(None))]
        for source in sources:
            found.setdefault(source.path, source)
    return list(found.values())


def _is_bundle(path: Path) -> bool:
    return (path / INDEX_NAME).is_file() and any(is_archive(entry) for entry in path.iterdir())


def _archives_of(bundle: Path) -> Iterator[Source]:
    sums = _sums_of(bundle)
    for entry in read_index(bundle):
        path = bundle / entry.files[0].name
        try:
            _check_files(bundle, entry, sums)
        except DamagedArchive as error:
            yield Source(path, entry, error.with_traceback(None))
        else:
            yield Source(path, entry)


def _sums_of(bundle: Path) -> dict[str, str]:
    """What `SHA256SUMS` says; a bundle without one has its checksums in the index alone."""
    path = bundle / SUMS_NAME
    if not path.exists():
        return {}
    with disk_errors(path), path.open("rb") as file:
        return parse_sums(file.read(_MOST_SUMS))


def _check_files(bundle: Path, entry: BundleEntry, sums: dict[str, str]) -> None:
    for file in entry.files:
        path = bundle / file.name
        if not path.is_file():
            raise DamagedArchive(f"{file.name} is missing in {bundle.name}.", hint="Copy the bundle again.")
        if path.stat().st_size != file.size:
            raise DamagedArchive(
                f"{file.name} has {path.stat().st_size:,} bytes instead of {file.size:,}.",
                hint="Copy the bundle again.",
            )
        if sums.get(file.name, file.sha256) != file.sha256:
            raise DamagedArchive(f"{SUMS_NAME} and {INDEX_NAME} have different checksums for {file.name}.")

"""What is on this machine to be pushed: the files of a cached revision, or those of a folder."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from modelkeep.archive.lfs import LFS_FROM
from modelkeep.archive.names import is_junk
from modelkeep.cache import layout
from modelkeep.cache.catalog import Catalog, Checksums
from modelkeep.cache.inventory import Inventory
from modelkeep.disk import disk_errors, keeping_atime
from modelkeep.errors import CacheError, InvalidKey, ModelKeepError, ModelNotFound
from modelkeep.hub.choice import choose_by_globs
from modelkeep.keys import ModelKey

__all__ = ["Hashes", "LocalFile", "PushSource", "chosen", "folder_source", "hashes_of", "revision_source"]

_BLOCK = 1 << 20
_REMEMBERED_FROM = 1 << 20  # bytes; a smaller file is hashed as fast as its hash is looked up
_NEVER_FOLDERS = frozenset(
    {".git", ".hg", ".svn", "__pycache__", ".ipynb_checkpoints", ".venv", "node_modules"}
)
_NEVER_ENDINGS = (".pyc", ".pyo", ".swp", "~", ".incomplete")


class LocalFile(NamedTuple):
    """A file to be pushed. `etag` is what the cache calls its content, "" for a file that is in none."""

    path: str
    source: str
    size: int
    etag: str = ""


@dataclass(frozen=True)
class PushSource:
    """What is to be pushed, as it was found. `missing` are files of a revision that are not here."""

    name: str
    files: tuple[LocalFile, ...]
    missing: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


class Hashes(NamedTuple):
    """What a content is called: by LFS, and by git where it is small enough not to be LFS in any case."""

    sha256: str
    git_sha1: str


def revision_source(inventory: Inventory, key: ModelKey) -> PushSource:
    """The files of a cached revision, each read from where its content lies. Raises `ModelNotFound`."""
    model = inventory.by_key.get(key.at(None))
    revision = (model.revision(key.revision) if key.revision else model.main) if model else None
    if model is None or revision is None:
        raise ModelNotFound(
            f"{key} is not in {inventory.root}.", hint="It may have been deleted. Scan again."
        )
    files = []
    missing = list(revision.missing)
    for file in revision.files:
        if file.blob is None:
            missing.append(file.name)
            continue
        name = file.blob.name if file.linked else ""
        known = layout.is_sha256(name) or layout.is_git_sha1(name)
        files.append(LocalFile(file.name, file.blob.payload, file.blob.size, name if known else ""))
    return PushSource(
        f"{model.key.at(revision.commit)} in {model.root}", tuple(files), tuple(sorted(set(missing)))
    )


def folder_source(folder: Path) -> PushSource:
    """The files below a folder but what versioning, Python and systems leave there; links within it are followed.

    Raises `CacheError` for a link that leads outside, `ModelNotFound` where there is no folder.
    """
    top = folder.expanduser().absolute()
    if not top.is_dir():
        raise ModelNotFound(f"There is no folder {top}.", hint="Name a model of your caches, or a folder.")
    files: list[LocalFile] = []
    ignored: list[str] = []
    with disk_errors(top):
        for path, place, status in _below(top):
            if status is None or _is_ignored(path):
                ignored.append(path)
            else:
                files.append(LocalFile(path, place, status.st_size))
    return PushSource(str(top), tuple(sorted(files)), ignored=tuple(sorted(ignored)))


def _below(top: Path) -> Iterator[tuple[str, str, os.stat_result | None]]:
    """Path, place and status of each file; None for what is no file, and for folders that are left out."""
    real = os.path.realpath(top)
    pending = [""]
    while pending:
        inside = pending.pop()
        with os.scandir(os.path.join(top, inside)) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                path = f"{inside}{entry.name}"
                _check_name(path)
                if entry.is_symlink():
                    _check_inside(path, entry.path, real)
                if entry.is_dir(follow_symlinks=False):
                    if _is_ignored(f"{path}/x"):
                        yield f"{path}/", entry.path, None
                    else:
                        pending.append(f"{path}/")
                    continue
                try:
                    status = entry.stat()
                except FileNotFoundError:
                    raise CacheError(
                        f"{path} is a link that leads nowhere.",
                        hint="Remove it, or mend it, then push again.",
                    ) from None
                yield path, entry.path, status if stat.S_ISREG(status.st_mode) else None


def _check_name(path: str) -> None:
    try:
        path.encode()
    except UnicodeEncodeError:
        raise InvalidKey(f"{path!a} has a name that is no text.", hint="Rename it.") from None


def _check_inside(path: str, place: str, real: str) -> None:
    target = os.path.realpath(place)
    if os.path.commonpath([target, real]) != real:
        raise CacheError(
            f"{path} is a link to {target}, outside of the folder.",
            hint="Put the file itself there, or leave the link out. A cached model is pushed by its name.",
        )


def _is_ignored(path: str) -> bool:
    parts = path.split("/")
    return is_junk(path) or not _NEVER_FOLDERS.isdisjoint(parts[:-1]) or path.endswith(_NEVER_ENDINGS)


def chosen(
    source: PushSource, files: Sequence[str] | None, include: Sequence[str], exclude: Sequence[str]
) -> PushSource:
    """The source with just some of its files: exactly these, or by globs.

    Raises `ModelNotFound` for a file that is not there, also where a revision is not whole, and when nothing is left.
    """
    if files is not None:
        names = {file.path for file in source.files}
        absent = [path for path in files if path not in names]
        found = [file for file in source.files if file.path in set(files)]
    else:
        choice = choose_by_globs([*source.missing, *(file.path for file in source.files)], include, exclude)
        absent = [path for path in source.missing if choice[path].chosen]
        found = [file for file in source.files if choice[file.path].chosen]
    if absent:
        more = f" and {len(absent) - 3} more" if len(absent) > 3 else ""
        raise ModelNotFound(
            f"{', '.join(absent[:3])}{more} {'is' if len(absent) == 1 else 'are'} not here.",
            hint="Download what is missing, or choose among the files that are here.",
        )
    if not found:
        raise ModelNotFound(
            f"There is nothing to push in {source.name}.", hint="Choose other files, or another folder."
        )
    return replace(source, files=tuple(found), missing=())


def hashes_of(file: LocalFile, catalog: Catalog | None, count: Callable[[int], None]) -> Hashes:
    """What a file's content is called, from memory where it has not changed since it was read.

    `count` is called with the bytes that are dealt with, and raises to stop. Raises `CacheError` when a content of
    the cache is not what its name says.
    """
    with disk_errors(file.source):
        place = os.path.realpath(file.source)
        status = os.stat(place)
        hashes = _remembered(catalog, place, status)
        if hashes is None:
            hashes = _read(place, status, count)
            _remember(catalog, place, status, hashes)
        else:
            count(status.st_size)
    if file.etag and file.etag not in hashes and (len(file.etag) == 64 or hashes.git_sha1):
        raise CacheError(
            f"{file.path} is damaged: its content is not what the cache calls it.",
            hint="Download the model again, then push.",
        )
    return hashes


def _read(place: str, status: os.stat_result, count: Callable[[int], None]) -> Hashes:
    sha256, git = hashlib.sha256(), hashlib.sha1(layout.git_blob_header(status.st_size))
    small = status.st_size <= LFS_FROM
    with open(place, "rb", opener=keeping_atime) as file:
        while block := file.read(_BLOCK):
            sha256.update(block)
            if small:
                git.update(block)
            count(len(block))
    return Hashes(sha256.hexdigest(), git.hexdigest() if small else "")


def _remembered(catalog: Catalog | None, place: str, status: os.stat_result) -> Hashes | None:
    if catalog is None or status.st_size < _REMEMBERED_FROM:
        return None
    with suppress(ModelKeepError):
        found = catalog.checksums(place, status)
        if found and found.sha256 and (found.git_sha1 or status.st_size > LFS_FROM):
            return Hashes(found.sha256, found.git_sha1)
    return None


def _remember(catalog: Catalog | None, place: str, status: os.stat_result, hashes: Hashes) -> None:
    if catalog is None or status.st_size < _REMEMBERED_FROM:
        return
    with suppress(ModelKeepError):
        known = catalog.checksums(place, status)
        sums = Checksums(hashes.sha256, hashes.git_sha1, known.crc32 if known else None, time.time())
        catalog.remember_checksums([(place, status, sums)])

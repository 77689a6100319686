"""What a cache has already of something that is about to come in: contents by name, files of a revision, refs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from modelkeep.cache import layout
from modelkeep.cache.trees import TreeFile, read_tree
from modelkeep.disk import keeping_atime

__all__ = ["Blobs", "ExistingFile", "content_name", "read_ref", "read_revision"]

_CHUNK = 128 << 10


class ExistingFile(NamedTuple):
    """A file of a cached revision: where its content is, its bytes, and the name of its blob where that is known."""

    path: Path
    size: int
    etag: str | None


class Blobs:
    """The contents of a root by their names."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def find(self, etag: str, size: int, repo: Path) -> Path | None:
        """A blob of that name and size, of `repo` where it has one, else of any repository."""
        return next(self.find_all(etag, size, repo), None)

    def find_all(self, etag: str, size: int, repo: Path) -> Iterator[Path]:
        """All blobs of that name and size, that of `repo` first."""
        own = repo / "blobs" / etag
        if _has(own, size):
            yield own
        others = (folder / etag for folder in self._by_etag.get(etag, ()))
        yield from (path for path in others if path != own and _has(path, size))

    @cached_property
    def _by_etag(self) -> dict[str, list[Path]]:
        named: dict[str, list[Path]] = {}
        for folder in _blob_folders(self._root):
            try:
                names = os.listdir(folder)
            except OSError:
                continue
            for name in names:
                named.setdefault(name, []).append(folder)
        return named


def read_revision(repo: Path, commit: str) -> dict[str, ExistingFile]:
    """The files of a cached revision by name, those whose links lead to nothing left out; {} where it is not."""
    snapshot = repo / "snapshots" / commit
    tree = read_tree(repo, commit) or {}
    found = {}
    for folder, _, names in os.walk(snapshot):
        for name in names:
            path = Path(folder, name)
            try:
                size = path.stat().st_size
            except OSError:
                continue
            relative = path.relative_to(snapshot).as_posix()
            found[relative] = _existing(path, size, tree.get(relative))
    return found


def read_ref(repo: Path, name: str) -> str | None:
    """The commit that a ref names, or None where it is not or names none."""
    path = repo / "refs" / name
    try:
        if not path.is_file():
            return None  # a named pipe would be waited for
        commit = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return commit if layout.is_commit(commit) else None


def content_name(path: Path, like: str, count: Callable[[int], None] = lambda size: None) -> str:
    """What a file's content is called: its SHA-256, or its git blob SHA-1, whichever `like` is.

    Reads all of it; `count` is called with the bytes of each piece, and may raise to stop.
    """
    with open(path, "rb", buffering=0, opener=keeping_atime) as file:
        sha1 = hashlib.sha1(layout.git_blob_header(os.fstat(file.fileno()).st_size))
        digest = hashlib.sha256() if layout.is_sha256(like) else sha1
        buffer = memoryview(bytearray(_CHUNK))
        while size := file.readinto(buffer):
            digest.update(buffer[:size])
            count(size)
    return digest.hexdigest()


def _existing(path: Path, size: int, listed: TreeFile | None) -> ExistingFile:
    if path.is_symlink():
        blob = path.parent / os.readlink(path)
        named = layout.is_git_sha1(blob.name) or layout.is_sha256(blob.name)
        return ExistingFile(Path(os.path.normpath(blob)), size, blob.name if named else None)
    return ExistingFile(path, size, listed.etag if listed and listed.size == size else None)


def _blob_folders(root: Path) -> Iterator[Path]:
    try:
        with os.scandir(root) as entries:
            names = sorted(entry.name for entry in entries if layout.parse_repo_folder(entry.name))
    except OSError:
        return
    yield from (root / name / "blobs" for name in names)


def _has(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except OSError:
        return False

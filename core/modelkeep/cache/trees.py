"""The tree listing of a commit, `trees/<commit>.json`: every file of the repository, with what the Hub calls it.

The Hub's client keeps a listing for ever, because a commit never changes, and holds a snapshot for complete when it
has all files of its listing. So a listing is only written when all files are known.
Source: huggingface_hub 2.4.0, `_tree_cache.py`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from modelkeep.cache import layout

__all__ = ["TreeFile", "contradicts", "git_name", "read_tree", "tree_json", "tree_path"]

_POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:%b\nsize %d\n"
_LIMIT = 64 << 20  # bytes; a listing takes about 200 a file


class TreeFile(NamedTuple):
    """A file of a repository: its bytes, and the name of its blob: a SHA-256 for LFS, else the git blob SHA-1."""

    size: int
    etag: str


def tree_path(repo: str | os.PathLike[str], commit: str) -> Path:
    """Where the listing of a commit is, in the folder of its repository."""
    return Path(repo) / "trees" / f"{commit}.json"


def read_tree(repo: str | os.PathLike[str], commit: str) -> dict[str, TreeFile] | None:
    """The files of the repository at `commit`, or None where no listing is here that can be read."""
    try:
        with open(tree_path(repo, commit), "rb") as file:
            data = json.loads(file.read(_LIMIT))
        if data["format_version"] != layout.TREE_FORMAT:
            return None
        return {
            name: TreeFile(int(entry["size"]), str(entry.get("lfs_sha256") or entry["blob_id"]))
            for name, entry in data["files"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def tree_json(files: Mapping[str, TreeFile]) -> bytes:
    """A listing as the Hub's client writes it."""
    listing = {name: _entry(files[name]) for name in sorted(files)}
    return json.dumps({"format_version": layout.TREE_FORMAT, "files": listing}, indent=1).encode()


def git_name(file: TreeFile) -> str:
    """What git calls a file's content. In place of an LFS file it has a pointer, so that it is the pointer's name."""
    if layout.is_git_sha1(file.etag):
        return file.etag
    pointer = _POINTER % (file.etag.encode(), file.size)
    return hashlib.sha1(layout.git_blob_header(len(pointer)) + pointer).hexdigest()


def contradicts(listing: Mapping[str, TreeFile], files: Iterable[tuple[str, TreeFile]]) -> bool:
    """Whether a listing says otherwise of any of these files, or does not know it."""
    return any(listing.get(name) != file for name, file in files)


def _entry(file: TreeFile) -> dict[str, object]:
    entry: dict[str, object] = {"size": file.size, "blob_id": git_name(file)}
    if layout.is_sha256(file.etag):
        entry |= {"lfs_sha256": file.etag, "lfs_size": file.size}
    return entry

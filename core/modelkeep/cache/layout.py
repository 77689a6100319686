"""The names and paths of a cache in the Hugging Face Hub layout. Pure functions; nothing here touches a disk.

::

    <root>/
        CACHEDIR.TAG                            tells backup programs to skip the cache
        .locks/models--org--name/<etag>.lock    held by a client while it downloads that blob
        blobs/                                  the shared store: payloads used by several repositories
            .huggingface-shared-blobs           marks it as one
            ab/<xet hash>  <xet hash>.refs  <xet hash>.lock
        models--org--name/                      also datasets--, spaces--, kernels--
            refs/<branch, tag, refs/pr/N>       the commit it points to, 40 hex
            snapshots/<commit>/<path>           a link to ../../blobs/<etag>, or a file where links do not work
            blobs/<etag>                        a file, or a link into the shared store
            blobs/<etag>.<8 hex>.incomplete     a download that is under way, or that died
            trees/<commit>.json                 all files of the repository at that commit
            .no_exist/<commit>/<path>           files known not to exist
        .modelkeep/staging/  .modelkeep/trash/  ours

Source: huggingface_hub 2.4.0, `file_download.py`, `utils/_cache_manager.py`, `utils/_shared_blobs.py`,
`_tree_cache.py`.
"""

from __future__ import annotations

import re
from typing import cast

from modelkeep.keys import RepoType

__all__ = [
    "CACHEDIR_TAG",
    "IGNORED_FILES",
    "LOCKS",
    "OURS",
    "OUR_LOCK",
    "SHARED_MARKER",
    "SHARED_MARKER_CONTENT",
    "SHARED_STORE",
    "STAGING",
    "TRASH",
    "TREE_FORMAT",
    "git_blob_header",
    "is_commit",
    "is_git_sha1",
    "is_incomplete",
    "is_sha256",
    "parse_repo_folder",
    "repo_folder",
]

LOCKS = ".locks"
SHARED_STORE = "blobs"
SHARED_MARKER = ".huggingface-shared-blobs"
SHARED_MARKER_CONTENT = "1\n"
TREE_FORMAT = 1
CACHEDIR_TAG = "CACHEDIR.TAG"

OURS = ".modelkeep"
STAGING = f"{OURS}/staging"
TRASH = f"{OURS}/trash"
# Beside the Hub's own locks, which no tool removes, so that `.modelkeep` can go when it is empty.
OUR_LOCK = f"{LOCKS}/modelkeep.lock"

IGNORED_FILES = frozenset({".DS_Store"})
"""Files that operating systems leave anywhere; the Hub client ignores the same."""

_FOLDER_TYPES: dict[str, str] = {
    "models": "model",
    "datasets": "dataset",
    "spaces": "space",
    "kernels": "kernel",
}
_HEX40 = re.compile(r"[0-9a-f]{40}")
_HEX64 = re.compile(r"[0-9a-f]{64}")


def repo_folder(repo_type: RepoType, repo_id: str) -> str:
    """The name of a repository's folder: `models--org--name`."""
    return f"{repo_type}s--{repo_id.replace('/', '--')}"


def parse_repo_folder(name: str) -> tuple[RepoType, str] | None:
    """The type and id that a folder's name stands for, or None when it is not a repository's."""
    prefix, dashes, rest = name.partition("--")
    if not dashes or not rest or prefix not in _FOLDER_TYPES:
        return None
    return cast(RepoType, _FOLDER_TYPES[prefix]), rest.replace("--", "/")


def is_commit(text: str) -> bool:
    """Whether `text` is a commit id: 40 lower-case hex digits."""
    return _HEX40.fullmatch(text) is not None


def is_git_sha1(name: str) -> bool:
    """Whether a blob's name is a git blob SHA-1: what the Hub calls files that are not LFS."""
    return _HEX40.fullmatch(name) is not None


def is_sha256(name: str) -> bool:
    """Whether a blob's name is a SHA-256: what the Hub calls LFS files."""
    return _HEX64.fullmatch(name) is not None


def is_incomplete(name: str) -> bool:
    """Whether a name in `blobs/` is that of an unfinished download."""
    return name.endswith(".incomplete")


def git_blob_header(size: int) -> bytes:
    """What git hashes before a blob's content: `sha1(header + content)` is the name of a blob that is not LFS."""
    return b"blob %d\0" % size

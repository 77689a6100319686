"""What a git clone says of itself, read from its files: git is never run on a folder that may come from anybody.

Source of the formats: gitrepository-layout(5), and gitformat-index(5) versions 2 and 3.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from modelkeep.cache import layout
from modelkeep.errors import InvalidKey
from modelkeep.keys import ModelKey

__all__ = ["Clone", "read_clone"]

_ENTRY = struct.Struct(
    ">24xI8xI20sH"
)  # mode, size, blob, flags; the rest is times and numbers of the checkout
_EXTENDED = 0x4000
_FILE = 0o100000
_REMOTE = re.compile(r'^\s*\[remote "origin"\]\s*$(?P<body>(?:\n(?!\s*\[).*)*)', re.MULTILINE)
_URL = re.compile(r"^\s*url\s*=\s*(\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Clone:
    """A clone: where it came from, as a key, and its commit, which is None when the files are not those of a commit.

    `blobs` are the names that git has for the files' contents (for LFS, that of the pointer), by path.
    """

    key: ModelKey | None = None
    commit: str | None = None
    blobs: Mapping[str, str] = field(default_factory=dict)


def read_clone(read: Callable[[str], bytes | None], sizes: Mapping[str, int]) -> Clone | None:
    """What is known of the clone whose `.git` is read by `read`, which gives None for a file that is not there.

    `sizes` are the files of its work tree. None when it is no clone. The commit is known as far as it can be without
    git: all files of the index are there with the sizes that were checked out, and no others, and nothing was added
    to the index since. What the contents are has to be compared with `blobs`.
    """
    head = _text(read("HEAD")).strip()
    if not head:
        return None
    key = _origin(_text(read("config")))
    commit = _commit(read, head)
    index = _read_index(read("index") or b"")
    if index is None or commit is None or index.keys() != sizes.keys():
        return Clone(key)
    # The index keeps 32 bits of a size, and 0 for a file that was written in the same instant as the index.
    if any(entry.size not in (0, sizes[name] & 0xFFFFFFFF) for name, entry in index.items()):
        return Clone(key)
    return Clone(key, commit, {name: entry.blob for name, entry in index.items()})


@dataclass(frozen=True)
class _IndexEntry:
    size: int
    blob: str


def _text(content: bytes | None) -> str:
    return (content or b"").decode(errors="replace")


def _commit(read: Callable[[str], bytes | None], head: str) -> str | None:
    ref = head.removeprefix("ref: ")
    if ref == head:
        return head if layout.is_commit(head) else None
    found = _text(read(ref)).strip() if ref.startswith("refs/") and ".." not in ref else ""
    for line in _text(read("packed-refs")).splitlines():
        commit, _, name = line.partition(" ")
        if name == ref and not found:
            found = commit
    return found if layout.is_commit(found) else None


def _origin(config: str) -> ModelKey | None:
    """The key that the clone's origin stands for: the last two parts of its path on a hub."""
    section = _REMOTE.search(config.replace("\r\n", "\n"))
    url = _URL.search(section["body"]) if section else None
    if url is None:
        return None
    address = url[1]
    if re.match(r"(?:https?|ssh|git)://", address):
        path = urlsplit(address).path
    elif remote := re.fullmatch(r"[^/\\]+@[^/\\]+:(.+)", address):
        path = remote[1]
    else:
        return None  # a folder of somebody's machine
    parts = [part for part in path.removesuffix(".git").split("/") if part]
    count = 3 if len(parts) >= 3 and parts[-3] in ("datasets", "spaces", "kernels") else 2
    try:
        return ModelKey.parse("/".join(parts[-count:]))
    except InvalidKey:
        return None


def _read_index(data: bytes) -> dict[str, _IndexEntry] | None:
    """The entries of an index whose tree is that of a commit, by path; None for one that is not, or not readable."""
    try:
        mark, version, count = struct.unpack_from(">4sII", data)
        if mark != b"DIRC" or version not in (2, 3):
            return None
        entries, at = {}, 12
        for _ in range(count):
            mode, size, blob, flags = _ENTRY.unpack_from(data, at)
            name_at = at + _ENTRY.size + (2 if flags & _EXTENDED else 0)
            name_end = data.index(b"\0", name_at)
            if mode & 0o170000 != _FILE:
                return None  # a link or a submodule
            entries[data[name_at:name_end].decode()] = _IndexEntry(size, blob.hex())
            at += (name_end - at + 8) & ~7
    except (struct.error, ValueError):
        return None
    return entries if _is_written_tree(data, at) else None


def _is_written_tree(data: bytes, at: int) -> bool:
    """Whether the index says of which tree it is: adding a file to it makes it forget that."""
    while at + 8 <= len(data) - 20:
        mark, length = struct.unpack_from(">4sI", data, at)
        if mark == b"TREE":
            counts = data[at + 8 : at + 8 + length].partition(b"\0")[2].partition(b"\n")[0]
            return counts.split(b" ")[0].isdigit()
        at += 8 + length
    return False

"""Changes to the shared store, by the rules of the Hub's client: its lock, its manifests, its caution.

A payload's manifest `<hash>.refs` lists the blobs that lead to it, a relative path a line. It is a hint that every
reader checks against the disk; a payload without a manifest is never removed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from filelock import FileLock

from modelkeep.disk import write_atomically

__all__ = [
    "StoredContent",
    "add_references",
    "drop_references",
    "manifest_as_it_is",
    "read_manifest",
    "store_lock",
    "write_manifest",
]


class StoredContent(NamedTuple):
    """A payload of the store that something leads to, and the links from elsewhere that lead to it too."""

    payload: str
    others: tuple[str, ...]

    def is_needed(self, root: str) -> bool:
        """Whether any link still leads to it: those that a scan found, and those its manifest names.

        A payload without a manifest counts as needed: nobody can say that it is not.
        """
        text = read_manifest(self.payload)
        if text is None:
            return True
        links = {*self.others, *(f"{root}/{line}" for line in text.splitlines())}
        return any(os.path.realpath(link) == self.payload for link in links if os.path.islink(link))


@contextmanager
def store_lock(payload: str) -> Iterator[None]:
    """Hold the lock under which the Hub's client publishes, references and collects one payload."""
    path = f"{payload}.lock"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    with suppress(OSError):
        os.fchmod(handle, 0o666)  # every user of a shared cache has to be able to take it
    os.close(handle)
    with FileLock(path, mode=0o666):
        yield


def read_manifest(payload: str) -> str | None:
    """The manifest's text, or None when there is none that can be read."""
    try:
        with open(f"{payload}.refs", encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError):
        return None


def drop_references(payload: str, links: Iterable[str]) -> None:
    """Take `links` (relative to the root) out of a payload's manifest. The caller holds the lock."""
    gone = set(links)
    text = read_manifest(payload)
    if text is not None:
        write_manifest(payload, [line for line in text.splitlines() if line not in gone])


def manifest_as_it_is(payload: str) -> tuple[str, int] | None:
    """The manifest's text and its time in nanoseconds, for `add_references` to bring back."""
    text = read_manifest(payload)
    return None if text is None else (text, os.stat(f"{payload}.refs").st_mtime_ns)


def add_references(payload: str, links: Iterable[str], *, original: tuple[str, int] | None = None) -> None:
    """Put `links` into a payload's manifest. The caller holds the lock.

    Where that makes it what it was, it becomes `original` again, with its order and time.
    """
    text = read_manifest(payload) or ""
    lines = text.splitlines()
    lines += [link for link in sorted(set(links)) if link not in lines]
    if original is not None and sorted(original[0].splitlines()) == sorted(lines):
        if text != original[0]:
            write_manifest(payload, original[0].splitlines())
        os.utime(f"{payload}.refs", ns=(os.stat(payload).st_atime_ns, original[1]))
    else:
        write_manifest(payload, lines)


def write_manifest(payload: str, lines: Iterable[str]) -> None:
    """Replace a payload's manifest, which every user of the cache may write to. The caller holds the lock."""
    path = f"{payload}.refs"
    write_atomically(path, "".join(f"{line}\n" for line in lines).encode())
    with suppress(OSError):
        os.chmod(path, 0o666)

"""Who pushed what when: a line of JSON for each pushed commit, `<root>/.modelkeep/served/<folder>/history.jsonl`.

A line is written before the ref moves, so that whatever a ref leads to is told of; one whose push then failed is led
to by nothing, and never shown.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass

from modelkeep.disk import disk_errors, sync_folder
from modelkeep.serve.pushing.tags import kept_in

__all__ = ["PushedCommit", "commits", "remember"]


@dataclass(frozen=True, slots=True)
class PushedCommit:
    """A commit: its id, that of its parent ("" for the first), who made it when (seconds since the epoch, UTC)."""

    id: str
    parent: str
    title: str
    message: str
    author: str
    date: int


def commits(root: str | os.PathLike[str], folder: str, head: str) -> tuple[PushedCommit, ...]:
    """The pushed commits that lead to `head`, the newest first, of the repository in `folder` (models--org--name).

    Empty when `head` was not pushed here. The parent of the last may be a commit of which nothing is known but its
    id, because it was downloaded or imported.
    """
    known = _known(root, folder)
    found: list[PushedCommit] = []
    while (commit := known.pop(head, None)) is not None:
        found.append(commit)
        head = commit.parent
    return tuple(found)


def remember(root: str | os.PathLike[str], folder: str, commit: PushedCommit) -> None:
    """Add a commit, flushed to the disk. The caller holds the lock of the repository."""
    path = kept_in(root, folder) / "history.jsonl"
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "ab") as file:
            # Behind a line that a power cut tore, a new one begins.
            file.write(b"\n" + json.dumps(asdict(commit)).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        sync_folder(path.parent)


def _known(root: str | os.PathLike[str], folder: str) -> dict[str, PushedCommit]:
    try:
        lines = (kept_in(root, folder) / "history.jsonl").read_bytes().splitlines()
    except OSError:
        return {}
    found = {}
    for line in filter(None, lines):
        try:
            commit = PushedCommit(**json.loads(line))
        except (ValueError, TypeError, RecursionError):
            continue
        found[commit.id] = commit
    return found

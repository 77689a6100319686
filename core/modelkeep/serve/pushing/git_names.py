"""What git would call a tree and a commit.

A pushed commit gets the id that git gives it: of its files, its parent, its author, its time and its message. An id
of the files alone, as an import derives it, would not do here: a revert would be the commit it goes back to, so that
a history could not be told and a `parentCommit` that is stale by two commits would look fresh.
Source: the object formats of git, gitformat-pack(5) and git-hash-object(1).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from modelkeep.cache.trees import TreeFile, git_name

__all__ = ["commit_name", "tree_name"]


def tree_name(files: Mapping[str, TreeFile]) -> str:
    """The id of a tree with these files, by path; all of them plain files."""
    here: dict[str, tuple[str, str]] = {}  # by what git sorts by: the mode and the id
    folders: dict[str, dict[str, TreeFile]] = {}
    for path, file in files.items():
        first, slash, rest = path.partition("/")
        if slash:
            folders.setdefault(first, {})[rest] = file
        else:
            here[first] = ("100644", git_name(file))
    for name, inside in folders.items():
        here[f"{name}/"] = ("40000", tree_name(inside))
    ordered = sorted((name.encode(), entry) for name, entry in here.items())
    content = b"".join(
        b"%b %b\0%b" % (mode.encode(), name.removesuffix(b"/"), bytes.fromhex(oid))
        for name, (mode, oid) in ordered
    )
    return _named(b"tree", content)


def commit_name(tree: str, parent: str, author: str, date: int, message: str) -> str:
    """The id of a commit; `parent` is "" for the first one, `date` seconds since the epoch (UTC)."""
    who = "".join(c for c in author if c.isprintable() and c not in "<>") or "unknown"
    lines = [f"tree {tree}", *([f"parent {parent}"] if parent else [])]
    lines += [f"{role} {who} <> {date} +0000" for role in ("author", "committer")]
    return _named(b"commit", ("\n".join(lines) + f"\n\n{message}\n").encode(errors="replace"))


def _named(kind: bytes, content: bytes) -> str:
    return hashlib.sha1(b"%b %d\0" % (kind, len(content)) + content).hexdigest()

"""Which repository, what of it and which path a URL of the Hub means.

::

    /api/{models,datasets,spaces,kernels}/<id>[/<verb>[/<revision>[/<path>]]]
    [/datasets,/spaces,/kernels]/<id>/resolve/<revision>/<path>

An id has one part or two, and a revision is quoted into one: `refs%2Fpr%2F1`. So a path is cut before it is unquoted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import unquote

from modelkeep.keys import RepoType, is_valid_repo_id

__all__ = ["KINDS", "Address", "api_address", "file_address", "is_safe"]

KINDS: dict[str, RepoType] = {
    "models": "model",
    "datasets": "dataset",
    "spaces": "space",
    "kernels": "kernel",
}

_VERBS = frozenset(
    {
        "branch",
        "commit",
        "commits",
        "paths-info",
        "preupload",
        "refs",
        "resolve",
        "revision",
        "settings",
        "tag",
        "tree",
        "xet-read-token",
        "xet-write-token",
    }
)


class Address(NamedTuple):
    """`verb` is "" for the repository itself; `revision` and `path` are "" where there is none."""

    repo_type: RepoType
    repo_id: str
    verb: str = ""
    revision: str = ""
    path: str = ""


def api_address(raw_path: bytes, is_known: Callable[[RepoType, str], bool]) -> Address | None:
    """What a URL below /api/<kind>/ means; None when it can mean nothing. `is_known`: is there such a repository?"""
    parts = raw_path.decode("ascii", "replace").split("/")[2:]
    if len(parts) < 2 or parts[0] not in KINDS:
        return None
    return _address(KINDS[parts[0]], parts[1:], _VERBS, is_known)


def file_address(raw_path: bytes, is_known: Callable[[RepoType, str], bool]) -> Address | None:
    """What a URL of a file means; None when it is none."""
    parts = raw_path.decode("ascii", "replace").split("/")[1:]
    repo_type: RepoType = "model"
    if parts[0] in KINDS and parts[0] != "models" and len(parts) > 4:
        repo_type = KINDS[parts.pop(0)]
    found = _address(repo_type, parts, frozenset({"resolve"}), is_known)
    return found if found and found.path else None


def _address(
    repo_type: RepoType, parts: list[str], verbs: frozenset[str], is_known: Callable[[RepoType, str], bool]
) -> Address | None:
    # A repository may be called like a verb: the longer id is meant, unless only the shorter one is there.
    cuts = [n for n in (2, 1) if len(parts) == n or (len(parts) > n and parts[n] in verbs)]
    ids = {n: "/".join(map(unquote, parts[:n])) for n in cuts}
    cuts = [n for n in cuts if is_valid_repo_id(ids[n])]
    if not cuts:
        return None
    cut = next((n for n in cuts if is_known(repo_type, ids[n])), cuts[0])
    verb, revision, *path = [*parts[cut:], "", ""][: max(2, len(parts) - cut)]
    return Address(repo_type, ids[cut], verb, unquote(revision), unquote("/".join(path)))


def is_safe(path: str) -> bool:
    """Whether an unquoted path stays where it is: nothing that climbs, is absolute, or is a path on Windows only."""
    parts = path.split("/")
    return not (
        "\0" in path
        or "\\" in path
        or ".." in parts
        or "." in parts
        or "" in parts[1:-1]
        or path.startswith("/")
    )

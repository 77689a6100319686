"""What a hub says, as plain values. Sizes are bytes; texts are "" and numbers 0 where it says nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from modelkeep.cache import layout
from modelkeep.keys import ModelKey, RepoType

__all__ = ["HubCommit", "HubFile", "HubModel", "HubRef", "HubRefs", "SearchPage", "Whoami"]


class HubFile(NamedTuple):
    """A file of a repository at a commit. `etag` is the SHA-256 of an LFS file, else its git blob SHA-1."""

    path: str
    size: int
    etag: str
    git_sha1: str = ""
    """What git has: for an LFS file the name of its pointer."""
    xet_hash: str = ""
    sha256: str = ""
    """Of its content, where that is known besides the name that git has for it."""

    @property
    def is_lfs(self) -> bool:
        return layout.is_sha256(self.etag)


@dataclass(frozen=True, slots=True)
class HubModel:
    """A repository as the hub describes it, at one commit ("" in a list of search results that names none)."""

    repo_id: str
    commit: str = ""
    repo_type: RepoType = "model"
    author: str = ""
    created: str = ""
    last_modified: str = ""
    """As the hub says it: ISO 8601, UTC."""
    private: bool = False
    gated: str = ""
    """"auto" or "manual" when its terms have to be accepted on the hub's pages, "" when not."""
    disabled: bool = False
    downloads: int = 0
    likes: int = 0
    tags: tuple[str, ...] = ()
    task: str = ""
    library: str = ""
    licence: str = ""
    parameters: int = 0
    dtypes: tuple[tuple[str, int], ...] = ()
    """Parameters by the name of their type, as ("BF16", 7_000_000_000)."""
    used_storage: int = 0

    @property
    def key(self) -> ModelKey:
        return ModelKey(self.repo_id, None, self.repo_type)


class HubRef(NamedTuple):
    """A branch or tag: its short name (`main`), its full one (`refs/heads/main`), and the commit it points to."""

    name: str
    ref: str
    commit: str


class HubRefs(NamedTuple):
    """The refs of a repository."""

    branches: tuple[HubRef, ...] = ()
    tags: tuple[HubRef, ...] = ()


class HubCommit(NamedTuple):
    """A commit of a repository's history; `date` is ISO 8601."""

    commit: str
    title: str
    message: str = ""
    authors: tuple[str, ...] = ()
    date: str = ""


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Some of what a search found, and where the next page is ("" after the last)."""

    models: tuple[HubModel, ...] = ()
    next: str = field(default="")


class Whoami(NamedTuple):
    """Whom a token belongs to. `role` is "read", "write", "fineGrained" or "" where the hub does not say."""

    name: str
    organizations: tuple[str, ...] = ()
    role: str = ""

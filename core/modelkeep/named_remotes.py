"""The remotes that a user has given names, and what goes with each. The settings keep them, but no secrets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Credentials", "Follow", "NamedRemote"]


@dataclass(frozen=True)
class NamedRemote:
    """A remote by the user's name for it. `url` has no secrets in it.

    `cache` is the root that fetching from it fills, "" for the user's first one. It is limited as caches of remotes
    are (100 GiB, 10 days) unless the user chose otherwise, or it is one of the user's own.
    """

    name: str
    url: str
    cache: str = ""


@dataclass(frozen=True)
class Follow:
    """“Keep these models here”: of a remote, all `keys` (`hf@org/name` or with a ref), or all that have `tag`.

    `root` is the cache they are kept in, "" for that of the remote.
    """

    remote: str
    keys: tuple[str, ...] = ()
    tag: str = ""
    root: str = ""


class Credentials(NamedTuple):
    """A key pair of a store. `source` says where it was found: "keyring", "environment", "aws", "typed"."""

    key_id: str
    secret: str
    token: str = ""
    source: str = ""

    def __repr__(self) -> str:
        return f"Credentials({self.key_id[:4]}…, source={self.source!r})"

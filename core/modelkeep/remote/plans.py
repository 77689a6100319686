"""What goes between caches and remotes, worked out before anything moves. Everything here can be shown and
pickled."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from modelkeep.hub.push_plan import PushPlan
from modelkeep.keys import ModelKey
from modelkeep.remote.values import Manifest, RemoteDeletion

__all__ = [
    "CopyPlan",
    "Copied",
    "FollowPlan",
    "Followed",
    "RemotePush",
    "SyncAction",
    "SyncItem",
    "SyncPlan",
    "Synced",
]


@dataclass(frozen=True)
class RemotePush:
    """Pushing a revision of a cache, or a folder, to a remote by its name. `plan` says what is sent.

    `manifest` is the revision as it will be there; None on a hub, which makes a commit of its own.
    """

    remote: str
    plan: PushPlan
    manifest: Manifest | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class CopyPlan:
    """Copying a revision from one place to another. A place is the name of a remote, or the path of a cache.

    `sends` is what goes over the network, in bytes, of `size`. `is_there`: nothing has to be sent. `moves`: what is
    at the origin is deleted, as `deletion` says, once the destination has verified; a cache's goes to its trash.
    """

    origin: str
    destination: str
    key: ModelKey
    """With the commit."""
    refs: tuple[str, ...]
    size: int
    sends: int
    is_there: bool = False
    moves: bool = False
    deletion: RemoteDeletion | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Copied:
    """What a copy did. `verified` are the files whose content the destination was found to have; `deleted`:
    the origin's was deleted after that.
    """

    plan: CopyPlan
    commit: str
    sent: int
    verified: int
    deleted: bool = False
    error: str = ""
    hint: str = ""


class SyncAction(StrEnum):
    """COPY: the destination has not got it. MOVE_REF: it has the revision, and a ref leads elsewhere.
    DELETE: only the destination has it. SAME: nothing to do. KEEP: the destination's ref has gone on from
    there by itself: it stays.
    """

    COPY = "copy"
    MOVE_REF = "move-ref"
    DELETE = "delete"
    SAME = "same"
    KEEP = "keep"


@dataclass(frozen=True)
class SyncItem:
    """One revision of a sync, or a ref of one. `sends` are bytes. `why` says in words why it is so."""

    action: SyncAction
    key: ModelKey
    refs: tuple[str, ...] = ()
    size: int = 0
    sends: int = 0
    why: str = ""


@dataclass(frozen=True)
class SyncPlan:
    """Making one place have what another has, one way: nothing at the origin changes."""

    origin: str
    destination: str
    items: tuple[SyncItem, ...]
    deletes: bool = False

    @property
    def sends(self) -> int:
        return sum(item.sends for item in self.items)

    @property
    def todo(self) -> tuple[SyncItem, ...]:
        return tuple(item for item in self.items if item.action not in (SyncAction.SAME, SyncAction.KEEP))


@dataclass(frozen=True)
class Synced:
    """What a sync did, item by item; `failures` are sentences. What was done stays done, and need not be
    done again."""

    plan: SyncPlan
    done: tuple[SyncItem, ...]
    sent: int
    failures: tuple[str, ...] = ()


@dataclass(frozen=True)
class FollowPlan:
    """What following a remote brings now, into `root`. `gone` are keys that the remote has not got (any
    more), `problems` what it has and does not give, a sentence each."""

    remote: str
    root: str
    items: tuple[SyncItem, ...]
    gone: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def sends(self) -> int:
        return sum(item.sends for item in self.items)

    @property
    def todo(self) -> tuple[SyncItem, ...]:
        return tuple(item for item in self.items if item.action not in (SyncAction.SAME, SyncAction.KEEP))


@dataclass(frozen=True)
class Followed:
    """What following did; `failures` are sentences."""

    plan: FollowPlan
    fetched: tuple[str, ...]
    bytes: int
    failures: tuple[str, ...] = ()

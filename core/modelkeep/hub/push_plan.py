"""What a push would send, worked out before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from modelkeep.keys import ModelKey
from modelkeep.safety.secrets import SecretFound

__all__ = ["PushAction", "PushFile", "PushPlan", "PushResult"]


class PushAction(StrEnum):
    """NEW and CHANGED are sent; SAME is on the hub already; a DELETED one is removed there."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    DELETED = "deleted"


class PushFile(NamedTuple):
    """A file of a push: its path in the repository, where its content is, its bytes, what becomes of it.

    `is_lfs`: whether it goes to the hub's store of large files. `etag` is its SHA-256 or git blob SHA-1 accordingly.
    `sends` are the bytes that go over the network: 0 where the store has the content already.
    """

    path: str
    source: str
    size: int
    action: PushAction
    is_lfs: bool
    etag: str = ""
    sends: int = 0


@dataclass(frozen=True)
class PushPlan:
    """What a push will do. `creates` means that the repository is made, `creates_branch` that the branch is.

    `source` is what is pushed: a key with root, or a folder. `base` is the commit that the branch leads to now, ""
    where there is none. `secrets` have to be allowed by name before `push` goes on.
    """

    source: str
    to: ModelKey
    profile: str
    endpoint: str
    branch: str
    files: tuple[PushFile, ...]
    base: str = ""
    creates: bool = False
    private: bool = True
    creates_branch: bool = False
    pull_request: bool = False
    message: str = ""
    secrets: tuple[SecretFound, ...] = ()
    ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    who: str = ""
    """Whose token it is, as the hub says."""

    @property
    def sent(self) -> tuple[PushFile, ...]:
        return tuple(file for file in self.files if file.action in (PushAction.NEW, PushAction.CHANGED))

    @property
    def bytes_to_send(self) -> int:
        return sum(file.sends for file in self.files)

    @property
    def is_nothing(self) -> bool:
        """Whether the hub has all of it already."""
        return all(file.action is PushAction.SAME for file in self.files)


@dataclass(frozen=True)
class PushResult:
    """What a push did. `verified` are the files whose hash on the hub was compared with ours after it."""

    plan: PushPlan
    commit: str
    url: str
    sent: int
    verified: int
    differs: tuple[str, ...] = ()
    """Files that the hub has otherwise than we sent them."""
    pull_request_url: str = ""

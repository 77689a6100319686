"""What a remote is: the few things that can be asked of a place that holds models, whatever its kind.

A kind of one's own is a class with these methods, whose factory `(url, credentials) -> Remote` is registered
as an entry point of the group `modelkeep.remotes` under the scheme of its URLs; see docs/remotes.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

from modelkeep.hub.push_plan import PushPlan, PushResult
from modelkeep.keys import ModelKey
from modelkeep.progress import Report, ignore
from modelkeep.remote.values import (
    Check,
    Collected,
    Collection,
    Manifest,
    RefEntry,
    RemoteCheck,
    RemoteDeletion,
    RemoteModel,
    RemoteRevision,
)
from modelkeep.streams import Stream

__all__ = ["HoldsGarbage", "KeepsHistory", "Offer", "Read", "Remote"]

Read = Callable[[str, int, int | None], Stream]
"""Opens a file of a revision by its path, from one byte on and up to another (None: to its end)."""


@dataclass(frozen=True)
class Offer:
    """A revision that is to be pushed: what it is, and how its files are read, from a cache or from another
    remote.

    `ref` is the branch that is to lead to it ("" for none), `tags` are more of them. `sources` are the files on this
    machine by their paths in the revision, where there are such.
    """

    manifest: Manifest
    read: Read
    ref: str = "main"
    tags: tuple[str, ...] = ()
    message: str = ""
    source: str = ""
    """Where it comes from, in words: "hf@org/name@commit in /cache"."""
    sources: Mapping[str, str] = field(default_factory=dict)
    private: bool = True
    """Whether a repository that a hub has to make for it is seen by its owner alone."""


class Remote(Protocol):
    """A place that models are pushed to and fetched from. May be used by several threads.

    `url` has no secrets in it. All methods raise `RemoteError`s: `RemoteUnreachable`, `AccessDenied`, `NotOnRemote`,
    `RemoteBusy`, `BadReply`, and `Offline` where the user said that nothing leaves this machine.
    """

    @property
    def kind(self) -> str: ...
    @property
    def url(self) -> str: ...

    def list(self, *, report: Report = ignore) -> tuple[RemoteModel, ...]:
        """All models, by name."""

    def find(self, key: ModelKey) -> RemoteRevision:
        """The revision that a key means: a commit, the first eight digits or more of one, a ref, or main.

        Raises `NotOnRemote`, naming what is near.
        """

    def describe(self, key: ModelKey) -> Manifest:
        """All that is known of the revision that a key means. Raises `NotOnRemote`."""

    def fetch(self, manifest: Manifest, path: str, *, start: int = 0, stop: int | None = None) -> Stream:
        """Open a file of a revision, or a range of it. What comes is not verified: who reads it does that."""

    def plan_push(self, offer: Offer, *, report: Report = ignore) -> PushPlan:
        """What pushing would send: only contents that are not there. Changes nothing."""

    def push(self, offer: Offer, plan: PushPlan, *, report: Report = ignore) -> PushResult:
        """Send it: contents, then the revision, then its refs, so that nobody ever sees half of it.

        Goes on from where an earlier push broke off. Raises `RemoteConflict` where somebody else moved the
        branch since the plan was made: the revision is there all the same, and loses nothing.
        """

    def plan_deletion(self, key: ModelKey) -> RemoteDeletion:
        """What deleting a revision, or all of a model when the key names none, takes away. Raises
        `NotOnRemote`."""

    def delete(self, plan: RemoteDeletion, *, report: Report = ignore) -> None:
        """Carry out a plan."""

    def verify(
        self, key: ModelKey | None = None, *, deep: bool = False, report: Report = ignore
    ) -> RemoteCheck:
        """Whether what is there (of one model, or of all) is all there; `deep` reads and hashes every
        content."""

    def test(self, emit: Callable[[Check], None], *, report: Report = ignore) -> None:
        """Find out what of it works, from reaching it to writing; each `Check` is passed on as it ends.
        Leaves no trace."""

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@runtime_checkable
class KeepsHistory(Protocol):
    """A remote that knows how its refs came to lead where they do, and can bring back what was deleted."""

    def history(self, key: ModelKey, ref: str = "main") -> tuple[RefEntry, ...]:
        """The steps of a ref, the newest first."""

    def set_ref(self, key: ModelKey, ref: str, *, was: str | None, message: str = "") -> RefEntry:
        """Let a ref lead to the revision of the key; "" as `was` for one that is new, None for wherever it
        leads.

        Raises `RemoteConflict` where it leads elsewhere than `was`.
        """

    def remove_ref(self, key: ModelKey, ref: str, *, message: str = "") -> None:
        """Let a branch or tag lead nowhere; the revision stays."""

    def deleted(self) -> tuple[RemoteModel, ...]:
        """What was deleted and can still be brought back."""

    def restore(self, key: ModelKey, *, report: Report = ignore) -> tuple[str, ...]:
        """Bring back deleted revisions of a model (the one of the key, or all), with their refs; returns the
        commits."""


@runtime_checkable
class HoldsGarbage(Protocol):
    """A remote in which contents stay that nothing needs any more, until they are collected."""

    def plan_collection(self, *, grace: float | None = None, report: Report = ignore) -> Collection:
        """What nothing needs any more and is older than `grace` seconds; the default when None. Changes
        nothing."""

    def collect(self, plan: Collection, *, report: Report = ignore) -> Collected:
        """Remove it, but for what is needed again by then. A kill at any moment breaks nothing."""

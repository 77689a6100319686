"""What a library does with remotes: push models to them, fetch from them, copy, move, sync, follow.
`library.remotes`.

    with open_library() as library:
        library.remotes.add("team", "s3://models/nlp?endpoint=https://s3.example.org")
        plan = library.remotes.plan_push(Selection(root, "hf@org/name"), "team", message="trained on June's
        data") print(plan.plan.bytes_to_send)
        library.remotes.push(plan)

A place is the name of a remote, the path of a cache, or "here" for the first cache.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelkeep.named_remotes import Credentials, Follow
from modelkeep.progress import Report, ignore
from modelkeep.remote.opening import open_remote
from modelkeep.rows import ModelRow, Selection

if TYPE_CHECKING:
    from pathlib import Path

    from modelkeep.hub.download_plan import DownloadPlan
    from modelkeep.hub.push_plan import PushResult
    from modelkeep.hub.transfer import DownloadResult
    from modelkeep.library import Library
    from modelkeep.remote.plans import (
        Copied,
        CopyPlan,
        Followed,
        FollowPlan,
        RemotePush,
        Synced,
        SyncPlan,
    )
    from modelkeep.remote.remote import Remote
    from modelkeep.remote.values import (
        Check,
        Collected,
        Collection,
        Manifest,
        RefEntry,
        RemoteCheck,
        RemoteDeletion,
        RemoteModel,
    )

__all__ = ["RemoteDetails", "RemoteView", "Remotes", "open_remote"]

Emit = Callable[[object], None]


def _drop(_: object) -> None:
    pass


@dataclass(frozen=True)
class RemoteView:
    """A named remote as it is shown. `credentials` says where its key is found, "" for nowhere or none
    needed.

    `cache` is the root that fetching fills, and `follows` what is followed of it.
    """

    name: str
    url: str
    kind: str
    cache: str
    credentials: str = ""
    follows: tuple[Follow, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class RemoteDetails:
    """All that a remote says of a model: its revisions, the chosen one's manifest, how main came to be, and
    what was made from it (`children`) as keys.
    """

    model: RemoteModel
    manifest: Manifest
    history: tuple[RefEntry, ...] = ()
    children: tuple[str, ...] = ()


class Remotes:
    """See the module."""

    def __init__(self, library: Library) -> None:
        self._library = library

    # ---- the names

    def all(self) -> tuple[RemoteView, ...]:
        """The remotes that have names. Reaches no network."""
        raise NotImplementedError

    def add(
        self,
        name: str,
        url: str,
        *,
        cache: str = "",
        credentials: Credentials | None = None,
        in_file: bool = False,
    ) -> RemoteView:
        """Give a remote a name, or change the one of that name. `credentials` go into the keyring, or a
        plain file with `in_file`, because the user said so. Reaches no network. Raises `SettingsError`.
        """
        raise NotImplementedError

    def remove(self, name: str) -> None:
        """Forget a remote, its key, and what is followed of it. What it holds stays, and what was fetched
        too."""
        raise NotImplementedError

    def test(
        self,
        name_or_url: str,
        *,
        credentials: Credentials | None = None,
        report: Report = ignore,
        emit: Emit = _drop,
    ) -> tuple[Check, ...]:
        """Find out what of a remote works; each `Check` is passed on as it ends."""
        raise NotImplementedError

    def open(self, name_or_url: str) -> Remote:
        """A remote by its name, or its URL, with its credentials; to be closed. Raises `SettingsError`,
        `Offline`."""
        raise NotImplementedError

    # ---- looking

    def models(self, name: str, *, report: Report = ignore) -> tuple[RemoteModel, ...]:
        """The models of a remote."""
        raise NotImplementedError

    def rows(self, name: str, *, report: Report = ignore) -> tuple[ModelRow, ...]:
        """The models of a remote and those of the caches, once each, as rows whose `root` is `remote:NAME`
        and whose `where` says "here", "there", "both" or "newer".
        """
        raise NotImplementedError

    def look(self, name: str, key: str, *, report: Report = ignore) -> RemoteDetails:
        """All that a remote says of a model, or of one of its revisions."""
        raise NotImplementedError

    def verify(self, name: str, key: str = "", *, deep: bool = False, report: Report = ignore) -> RemoteCheck:
        """See `Remote.verify`; of one model, or of all."""
        raise NotImplementedError

    # ---- pushing and fetching

    def plan_push(
        self,
        source: Selection | str | Path,
        name: str,
        *,
        to: str = "",
        ref: str = "main",
        tags: Sequence[str] = (),
        message: str = "",
        description: str = "",
        parent: str = "",
        private: bool = True,
        report: Report = ignore,
    ) -> RemotePush:
        """What pushing a cached revision, or a folder, would send. `to` is the name there, by default the
        model's own; `parent` the key that it was made from, by default what its card and its origin say.
        """
        raise NotImplementedError

    def push(
        self, plan: RemotePush, *, allow_secrets: Sequence[str] = (), report: Report = ignore
    ) -> PushResult:
        """Send it; see `Remote.push`. `allow_secrets` names the files that may go although they look like
        secrets."""
        raise NotImplementedError

    def plan_fetch(
        self,
        key: str,
        name: str,
        *,
        root: str | None = None,
        files: Sequence[str] | None = None,
        report: Report = ignore,
    ) -> DownloadPlan:
        """What fetching a revision would bring, into the cache of that remote, or `root`. It is carried out
        as any download is: `library.hubs.add_transfer` and `run_transfer`, or `fetch`.
        """
        raise NotImplementedError

    def fetch(self, plan: DownloadPlan, *, report: Report = ignore) -> DownloadResult:
        """Carry out a plan of `plan_fetch`; raises what stopped it."""
        raise NotImplementedError

    # ---- between places

    def plan_copy(
        self, key: str, origin: str, destination: str, *, move: bool = False, report: Report = ignore
    ) -> CopyPlan:
        """What copying a revision from one place to another sends; with `move` also what is deleted after
        it."""
        raise NotImplementedError

    def copy(self, plan: CopyPlan, *, report: Report = ignore) -> Copied:
        """Carry out a plan; the origin's is deleted only after the destination has verified."""
        raise NotImplementedError

    def plan_sync(
        self, origin: str, destination: str, *, delete: bool = False, report: Report = ignore
    ) -> SyncPlan:
        """What one place lacks of another; with `delete` also what only the destination has."""
        raise NotImplementedError

    def sync(self, plan: SyncPlan, *, report: Report = ignore) -> Synced:
        """Carry out a plan; what failed is in the result. Doing it again goes on from there."""
        raise NotImplementedError

    # ---- following

    def follow(
        self, name: str, keys: Sequence[str] = (), *, tag: str = "", root: str = ""
    ) -> tuple[Follow, ...]:
        """Keep these models here, besides those that are followed already; returns all that is followed of
        it."""
        raise NotImplementedError

    def unfollow(self, name: str, keys: Sequence[str] = (), *, tag: str = "") -> tuple[Follow, ...]:
        """Follow these no more, all when neither keys nor a tag are named. What is here stays."""
        raise NotImplementedError

    def plan_follow(self, name: str = "", *, report: Report = ignore) -> tuple[FollowPlan, ...]:
        """What following brings now, of one remote or of all."""
        raise NotImplementedError

    def run_follow(self, plan: FollowPlan, *, report: Report = ignore) -> Followed:
        """Carry out a plan; what failed is in the result."""
        raise NotImplementedError

    # ---- deleting there

    def plan_deletion(self, name: str, key: str, *, report: Report = ignore) -> RemoteDeletion:
        """What deleting a model, or a revision of it, from a remote takes away."""
        raise NotImplementedError

    def delete(self, plan: RemoteDeletion, *, report: Report = ignore) -> None:
        """Carry out a plan."""
        raise NotImplementedError

    def deleted(self, name: str) -> tuple[RemoteModel, ...]:
        """What was deleted from a store and can still be brought back; none where the remote keeps
        nothing."""
        raise NotImplementedError

    def restore(self, name: str, key: str, *, report: Report = ignore) -> tuple[str, ...]:
        """Bring back what was deleted from a store; returns the commits."""
        raise NotImplementedError

    def set_ref(self, name: str, key: str, ref: str, *, message: str = "") -> RefEntry:
        """Let a branch or tag of a store lead to the revision of the key, as `production`."""
        raise NotImplementedError

    def remove_ref(self, name: str, key: str, ref: str, *, message: str = "") -> None:
        """Let a branch or tag of a store lead nowhere; the revision stays."""
        raise NotImplementedError

    def plan_collection(
        self, name: str, *, grace: float | None = None, report: Report = ignore
    ) -> Collection:
        """What nothing in a store needs any more; see `HoldsGarbage`. Raises `NotAllowed` for a remote of
        another kind."""
        raise NotImplementedError

    def collect(self, plan: Collection, *, report: Report = ignore) -> Collected:
        """Remove it."""
        raise NotImplementedError

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

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from modelkeep.cache.policy import CACHE_OF_A_REMOTE, CachePolicy
from modelkeep.errors import NotAllowed, SettingsError
from modelkeep.keys import ModelKey
from modelkeep.named_remotes import Credentials, Follow, NamedRemote
from modelkeep.progress import Report, ignore
from modelkeep.remote import naming, secrets
from modelkeep.remote.opening import open_remote
from modelkeep.remote.places import CACHE
from modelkeep.remote.remote import HoldsGarbage, KeepsHistory
from modelkeep.rows import ModelRow, Selection
from modelkeep.settings import all_roots, load_settings
from modelkeep.views import resolved

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

    def all(self, *, with_keys: bool = True) -> tuple[RemoteView, ...]:
        """The remotes that have names. Reaches no network, and without `with_keys` asks no keyring either."""
        return tuple(self._view(one, with_keys=with_keys) for one in naming.list_named())

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
        remote = naming.checked_remote(name, url, cache)
        before = next((one for one in naming.list_named() if one.name == remote.name), None)
        if credentials is not None:
            secrets.keep_key(remote, credentials, in_file=in_file)
        elif before is None or not naming.serves_alike(before.url, remote.url):
            secrets.forget_key(remote)  # one that was left would go to wherever this name leads now
        naming.save_named(remote)
        if remote.cache and resolved(remote.cache) not in map(resolved, all_roots(load_settings().settings)):
            # It holds only what can be fetched again; a cache of the user's own is not touched.
            self._library.space.set_policy(remote.cache, CACHE_OF_A_REMOTE)
        return self._view(remote)

    def remove(self, name: str) -> None:
        """Forget a remote, its key, and what is followed of it. What it holds stays, and what was fetched
        too."""
        # First: one that stays would go to whatever gets this name next.
        named = naming.find_named(name)
        secrets.forget_key(named)
        naming.forget_named(name)
        if named.cache and self._library.space.policy(named.cache) == CACHE_OF_A_REMOTE:
            self._library.space.set_policy(named.cache, CachePolicy())

    def test(
        self,
        name_or_url: str,
        *,
        credentials: Credentials | None = None,
        report: Report = ignore,
        emit: Emit = _drop,
    ) -> tuple[Check, ...]:
        """Find out what of a remote works; each `Check` is passed on as it ends."""
        found: list[Check] = []

        def tell(check: Check) -> None:
            found.append(check)
            emit(check)

        with self._open(name_or_url, credentials) as remote:
            remote.test(tell, report=report)
        return tuple(found)

    def open(self, name_or_url: str) -> Remote:
        """A remote by its name, or its URL, with its credentials; to be closed. Raises `SettingsError`,
        `Offline`."""
        return self._open(name_or_url, None)

    # ---- looking

    def models(self, name: str, *, report: Report = ignore) -> tuple[RemoteModel, ...]:
        """The models of a remote."""
        with self.open(name) as remote:
            return remote.list(report=report)

    def rows(self, name: str, *, report: Report = ignore) -> tuple[ModelRow, ...]:
        """The models of a remote and those of the caches, once each, as rows whose `root` is `remote:NAME`
        and whose `where` says "here", "there", "both" or "newer".
        """
        from modelkeep.remote.rows import joined_rows

        there = self.models(name, report=report)
        return joined_rows(name, there, self._library.rows())

    def look(self, name: str, key: str, *, report: Report = ignore) -> RemoteDetails:
        """All that a remote says of a model, or of one of its revisions."""
        from modelkeep.remote.looking import look

        with self.open(name) as remote:
            model, manifest, history, children = look(remote, ModelKey.parse(key), report)
        return RemoteDetails(model, manifest, history, children)

    def history(self, name: str, key: str, *, ref: str = "main") -> tuple[RefEntry, ...]:
        """How a branch or tag of a model came to lead where it does, the newest step first."""
        with self._history(name) as remote:
            return remote.history(ModelKey.parse(key).at(None), ref)

    def verify(self, name: str, key: str = "", *, deep: bool = False, report: Report = ignore) -> RemoteCheck:
        """See `Remote.verify`; of one model, or of all."""
        with self.open(name) as remote:
            return remote.verify(ModelKey.parse(key) if key else None, deep=deep, report=report)

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
        from modelkeep.remote.offering import Wish
        from modelkeep.remote.pushing import plan_push

        wish = Wish(to, ref, tuple(tags), message, description, private=private)
        with self.open(name) as remote:
            return plan_push(self._library, remote, name, source, wish, parent, report)

    def push(
        self, plan: RemotePush, *, allow_secrets: Sequence[str] = (), report: Report = ignore
    ) -> PushResult:
        """Send it; see `Remote.push`. `allow_secrets` names the files that may go although they look like
        secrets."""
        from modelkeep.remote.pushing import push

        log, where = self._library.activity.log, f"{plan.plan.source} to {plan.remote}"
        with self._library.activity.logged("push", [plan.plan.to]), self.open(plan.remote) as remote:
            result = push(remote, plan, allow_secrets, report)
        differs = "" if not result.differs else f"{plan.remote} has {', '.join(result.differs)} otherwise."
        log("push", plan.plan.to.at(result.commit or None), "", result.sent, differs, detail=where)
        return result

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
        from modelkeep.remote.fetching import plan_fetch

        with self.open(name) as remote:
            place = root or self.cache_of(name)
            known = "" if naming.is_url(name) else name
            plan = plan_fetch(
                self._library, remote, known, ModelKey.parse(key), root=place, files=files, report=report
            )
        return self._library.hubs.with_room(plan)

    def fetch(self, plan: DownloadPlan, *, report: Report = ignore) -> DownloadResult:
        """Carry out a plan of `plan_fetch`; raises what stopped it."""
        self.look_at(plan.root)  # first: a transfer that is stopped is found only in roots that are looked at
        return self._library.hubs.download(plan, report=report)

    def cache_of(self, name: str) -> str:
        """The root that fetching from a remote fills, unless another is named."""
        known = "" if naming.is_url(name) else naming.find_named(name).cache
        return resolved(known or self._library.roots[0])

    def look_at(self, root: str) -> None:
        """Have a root that was filled be one of the user's, where it is the cache of a remote."""
        caches = {resolved(one.cache) for one in naming.list_named() if one.cache}
        if resolved(root) in caches:
            naming.add_cache(root)
            self._library.set_roots(dict.fromkeys((*self._library.roots, resolved(root))))

    # ---- between places

    def plan_copy(
        self, key: str, origin: str, destination: str, *, move: bool = False, report: Report = ignore
    ) -> CopyPlan:
        """What copying a revision from one place to another sends; with `move` also what is deleted after
        it."""
        from modelkeep.remote.copying import plan_copy

        return plan_copy(self._library, key, origin, destination, move=move, report=report)

    def copy(self, plan: CopyPlan, *, report: Report = ignore) -> Copied:
        """Carry out a plan; the origin's is deleted only after the destination has verified."""
        from modelkeep.remote.copying import copy

        verb = "move" if plan.moves else "copy"
        with self._library.activity.logged(verb, [plan.key]):
            done = copy(self._library, plan, report=report)
        where = f"from {plan.origin} to {plan.destination}"
        self._library.activity.log(verb, plan.key.at(done.commit), "", done.sent, detail=where)
        return done

    def plan_sync(
        self, origin: str, destination: str, *, delete: bool = False, report: Report = ignore
    ) -> SyncPlan:
        """What one place lacks of another; with `delete` also what only the destination has."""
        from modelkeep.remote.syncing import plan_sync

        return plan_sync(self._library, origin, destination, delete=delete, report=report)

    def sync(self, plan: SyncPlan, *, report: Report = ignore) -> Synced:
        """Carry out a plan; what failed is in the result. Doing it again goes on from there."""
        from modelkeep.remote.syncing import sync

        with self._library.activity.logged("sync", [item.key for item in plan.todo]):
            done = sync(self._library, plan, report=report)
        where = f"from {plan.origin} to {plan.destination}"
        for item in done.done:
            self._library.activity.log("sync", item.key, "", item.sends, detail=f"{item.action} {where}")
        for failure in done.failures:
            self._library.activity.log("sync", "", "", 0, failure, detail=where)
        return done

    # ---- following

    def follow(
        self, name: str, keys: Sequence[str] = (), *, tag: str = "", root: str = ""
    ) -> tuple[Follow, ...]:
        """Keep these models here, besides those that are followed already; returns all that is followed of
        it."""
        from modelkeep.remote.following import follow

        return follow(name, keys, tag, root)

    def unfollow(self, name: str, keys: Sequence[str] = (), *, tag: str = "") -> tuple[Follow, ...]:
        """Follow these no more, all when neither keys nor a tag are named. What is here stays."""
        from modelkeep.remote.following import unfollow

        return unfollow(name, keys, tag)

    def plan_follow(self, name: str = "", *, report: Report = ignore) -> tuple[FollowPlan, ...]:
        """What following brings now, of one remote or of all."""
        from modelkeep.remote.following import plan_follow

        return plan_follow(self._library, name, report)

    def run_follow(self, plan: FollowPlan, *, report: Report = ignore) -> Followed:
        """Carry out a plan; what failed is in the result."""
        from modelkeep.remote.following import run_follow

        return run_follow(self._library, plan, report)

    # ---- deleting there

    def plan_deletion(self, name: str, key: str, *, report: Report = ignore) -> RemoteDeletion:
        """What deleting a model, or a revision of it, from a remote takes away."""
        with self.open(name) as remote:
            return replace(remote.plan_deletion(ModelKey.parse(key)), remote=name)

    def delete(self, plan: RemoteDeletion, *, report: Report = ignore) -> None:
        """Carry out a plan."""
        keys = [plan.key.at(commit) for commit in plan.commits] or [plan.key]
        with self._library.activity.logged("delete", keys), self.open(plan.remote) as remote:
            remote.delete(plan, report=report)
        for key in keys:
            self._library.activity.log("delete", key, "", 0, detail=f"from {plan.remote}")

    def deleted(self, name: str) -> tuple[RemoteModel, ...]:
        """What was deleted from a store and can still be brought back; none where the remote keeps
        nothing."""
        with self._history(name) as remote:
            return remote.deleted()

    def restore(self, name: str, key: str, *, report: Report = ignore) -> tuple[str, ...]:
        """Bring back what was deleted from a store; returns the commits."""
        wanted = ModelKey.parse(key)
        with self._library.activity.logged("restore", [wanted]), self._history(name) as remote:
            commits = remote.restore(wanted, report=report)
        for commit in commits:
            self._library.activity.log("restore", wanted.at(commit), "", 0, detail=f"on {name}")
        return commits

    def set_ref(self, name: str, key: str, ref: str, *, message: str = "") -> RefEntry:
        """Let a branch or tag of a store lead to the revision of the key, as `production`."""
        wanted = ModelKey.parse(key)
        with self._library.activity.logged("set-ref", [wanted]), self._history(name) as remote:
            entry = remote.set_ref(wanted, ref, was=None, message=message)
        said = f"{ref} on {name}{f': {message}' if message else ''}"
        self._library.activity.log("set-ref", wanted.at(entry.commit), "", 0, detail=said)
        return entry

    def remove_ref(self, name: str, key: str, ref: str, *, message: str = "") -> None:
        """Let a branch or tag of a store lead nowhere; the revision stays."""
        wanted = ModelKey.parse(key).at(None)
        with self._library.activity.logged("set-ref", [wanted]), self._history(name) as remote:
            remote.remove_ref(wanted, ref, message=message)
        said = f"{ref} removed on {name}{f': {message}' if message else ''}"
        self._library.activity.log("set-ref", wanted, "", 0, detail=said)

    def plan_collection(
        self, name: str, *, grace: float | None = None, report: Report = ignore
    ) -> Collection:
        """What nothing in a store needs any more; see `HoldsGarbage`. Raises `NotAllowed` for a remote of
        another kind."""
        with self._garbage(name) as remote:
            return replace(remote.plan_collection(grace=grace, report=report), remote=name)

    def collect(self, plan: Collection, *, report: Report = ignore) -> Collected:
        """Remove it."""
        with self._library.activity.logged("collect", ()), self._garbage(plan.remote) as remote:
            done = remote.collect(plan, report=report)
        error = " ".join(done.failures[:3])
        self._library.activity.log("collect", "", "", done.freed, error, detail=f"on {plan.remote}")
        return done

    # ---- within

    def _view(self, remote: NamedRemote, *, with_keys: bool = True) -> RemoteView:
        follows = tuple(one for one in load_settings().settings.follows if one.remote == remote.name)
        source, problem = "", ""
        try:
            source = secrets.key_source(remote) if with_keys else ""
        except SettingsError as error:
            problem = str(error)
        kind = naming.kind_of_url(remote.url)
        return RemoteView(remote.name, remote.url, kind, remote.cache, source, follows, problem)

    def _open(self, name_or_url: str, credentials: Credentials | None) -> Remote:
        if name_or_url.startswith(CACHE):
            from modelkeep.remote.cache import CacheRemote

            return CacheRemote(self._library, name_or_url.removeprefix(CACHE))
        if naming.is_url(name_or_url):
            return open_remote(name_or_url, credentials)
        from modelkeep.remote.store import StoreRemote

        named = naming.find_named(name_or_url)
        remote = open_remote(named.url, credentials or secrets.key_for(named))
        if isinstance(remote, StoreRemote):
            remote.name = named.name
        return remote

    @contextmanager
    def _history(self, name: str) -> Iterator[KeepsHistory]:
        with self.open(name) as remote:
            if not isinstance(remote, KeepsHistory):
                raise NotAllowed(
                    f"{name} keeps no history of its own: only a folder or an S3 store does.",
                    hint="Use the pages of the hub for that.",
                )
            yield remote

    @contextmanager
    def _garbage(self, name: str) -> Iterator[HoldsGarbage]:
        with self.open(name) as remote:
            if not isinstance(remote, HoldsGarbage):
                raise NotAllowed(
                    f"{name} is no store in which something could be collected.",
                    hint="Only a folder or an S3 store holds garbage.",
                )
            yield remote

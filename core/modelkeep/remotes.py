"""What a library does with remotes: push models to them, fetch from them, copy, move, sync, follow.
`library.remotes`.

    with open_library() as library:
        library.remotes.add("team", "s3://models/nlp?endpoint=https://s3.example.org")
        plan = library.remotes.plan_push(Selection(root, "hf@org/name"), "team", message="June's data")
        print(plan.plan.bytes_to_send)
        library.remotes.push(plan)

A place is the name of a remote, the path of a cache, or "here" for the first cache.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modelkeep.between import Between
from modelkeep.cache.layout import parse_repo_folder
from modelkeep.cache.policy import CACHE_OF_A_REMOTE, CachePolicy
from modelkeep.errors import SettingsError
from modelkeep.keys import ModelKey
from modelkeep.named_remotes import Credentials, Follow, NamedRemote
from modelkeep.progress import Report, ignore
from modelkeep.remote import naming, secrets
from modelkeep.remote.known_manifests import KnownObjects
from modelkeep.remote.opening import open_remote
from modelkeep.remote.places import CACHE
from modelkeep.rows import ModelRow, Selection
from modelkeep.settings import all_roots, load_settings
from modelkeep.stores import Stores
from modelkeep.views import resolved

if TYPE_CHECKING:
    from modelkeep.hub.download_plan import DownloadPlan
    from modelkeep.hub.push_plan import PushResult
    from modelkeep.hub.transfer import DownloadResult
    from modelkeep.remote.plans import RemotePush
    from modelkeep.remote.remote import Remote
    from modelkeep.remote.values import Check, Manifest, RefEntry, RemoteCheck, RemoteModel

__all__ = ["RemoteDetails", "RemoteView", "Remotes", "open_remote"]


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
    as keys what was made from it (`children`), and all that it was made from, the first of all first (`line`; empty
    where the remote does not know all of it).
    """

    model: RemoteModel
    manifest: Manifest
    history: tuple[RefEntry, ...] = ()
    children: tuple[str, ...] = ()
    line: tuple[str, ...] = ()


class Remotes(Between, Stores):
    """See the module: remotes by name, looking at them, pushing and fetching; and what the two parts say."""

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
        try:
            naming.save_named(remote)
        except SettingsError:
            if credentials is not None:
                secrets.forget_key(remote)  # else it would go to where the name led before
            raise
        if remote.cache and self._is_new(remote.cache):
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
        KnownObjects(named.url).forget()
        if named.cache and self._library.space.policy(named.cache) == CACHE_OF_A_REMOTE:
            self._library.space.set_policy(named.cache, CachePolicy())

    def test(
        self,
        name_or_url: str,
        *,
        credentials: Credentials | None = None,
        report: Report = ignore,
        emit: Callable[[Check], None] = _drop,
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
            return RemoteDetails(*look(remote, ModelKey.parse(key), report))

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
        """Have a root that was filled be one of the user's, where a remote, or what is followed, has it as cache."""
        settings = load_settings().settings
        caches = {resolved(one.cache) for one in settings.remotes if one.cache}
        caches |= {resolved(one.root) for one in settings.follows if one.root}
        if resolved(root) in caches:
            naming.add_cache(root)
            self._library.set_roots(dict.fromkeys((*self._library.roots, resolved(root))))

    # ---- within

    def _is_new(self, cache: str) -> bool:
        """Whether a root is none of the user's, and has no models that would go by the limits of another."""
        roots = {*self._library.roots, *map(resolved, all_roots(load_settings().settings))}
        return resolved(cache) not in roots and not any(
            parse_repo_folder(folder.name) for folder in Path(cache).glob("*--*")
        )

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

"""A cache of this machine as a remote that is only read: what copying and syncing take their models from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Never, Self

from modelkeep.cache.inventory import CachedModel, CachedRevision, State
from modelkeep.errors import NotAllowed, NotOnRemote
from modelkeep.hub.push_plan import PushPlan, PushResult
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report, ignore
from modelkeep.remote.offering import Wish, offer_of
from modelkeep.remote.places import CACHE
from modelkeep.remote.remote import Offer
from modelkeep.remote.values import (
    Check,
    Manifest,
    RemoteCheck,
    RemoteDeletion,
    RemoteModel,
    RemoteRevision,
)
from modelkeep.rows import Selection
from modelkeep.streams import FileStream, Stream

if TYPE_CHECKING:
    from modelkeep.library import Library

__all__ = ["CacheRemote"]


class CacheRemote:
    """See the module. Contents are hashed when a revision is described, those that changed since the last time."""

    kind = "cache"

    def __init__(self, library: Library, root: str, report: Report = ignore) -> None:
        self.url = f"{CACHE}{root}"
        self._library = library
        self._root = root
        self._report = report
        self._offers: dict[str, Offer] = {}

    def list(self, *, report: Report = ignore) -> tuple[RemoteModel, ...]:
        """The models that have a revision to give, and those revisions: no damaged ones."""
        report(Progress(f"Looking at {self._root}"))
        models = self._library.inventory(self._root).models
        found = [RemoteModel(model.key, _revisions(model)) for model in models]
        return tuple(model for model in found if model.revisions)

    def find(self, key: ModelKey) -> RemoteRevision:
        """See `Remote`."""
        model = self._library.model(self._root, key)
        revision = model.revision(key.revision) if key.revision else model.main
        found = next((one for one in _revisions(model) if revision and one.commit == revision.commit), None)
        if found is None:
            raise NotOnRemote(
                f"{key} is damaged in {self._root}, or has no such revision.",
                hint="Verify the model and mend it first.",
            )
        return found

    def describe(self, key: ModelKey) -> Manifest:
        """See `Remote`. Raises `CacheError` when a content is not what its name says."""
        exact = key.at(self.find(key).commit)
        if str(exact) not in self._offers:
            selected = Selection(self._root, str(exact))
            self._offers[str(exact)] = offer_of(self._library, selected, Wish(), report=self._report)
        return self._offers[str(exact)].manifest

    def fetch(self, manifest: Manifest, path: str, *, start: int = 0, stop: int | None = None) -> Stream:
        """See `Remote`."""
        offer = self._offers.get(str(manifest.key))
        if offer is None:
            self.describe(manifest.key)
            offer = self._offers[str(manifest.key)]
        etag = next((file.etag for file in manifest.files if file.path == path), "")
        return FileStream(offer.sources[path], start=start, stop=stop, etag=etag)

    def sources(self, key: ModelKey) -> Mapping[str, str]:
        """Where the files of a revision are, by their paths in it."""
        exact = str(self.describe(key).key)
        return self._offers[exact].sources

    def plan_push(self, offer: Offer, *, report: Report = ignore) -> PushPlan:
        """Not this way."""
        _no()

    def push(self, offer: Offer, plan: PushPlan, *, report: Report = ignore) -> PushResult:
        """Not this way."""
        _no()

    def plan_deletion(self, key: ModelKey) -> RemoteDeletion:
        """Not this way."""
        _no()

    def delete(self, plan: RemoteDeletion, *, report: Report = ignore) -> None:
        """Not this way."""
        _no()

    def verify(
        self, key: ModelKey | None = None, *, deep: bool = False, report: Report = ignore
    ) -> RemoteCheck:
        """Not this way."""
        _no()

    def test(self, emit: Callable[[Check], None], *, report: Report = ignore) -> None:
        """There is nothing to test."""

    def close(self) -> None:
        """There is nothing to close."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


def _no() -> Never:
    raise NotAllowed("A cache is not changed as remotes are.", hint="Use the operations of the library.")


def _revisions(model: CachedModel) -> tuple[RemoteRevision, ...]:
    good = [one for one in model.revisions if one.commit and one.state is not State.DAMAGED]
    newest_first = sorted(good, key=lambda one: one.modified, reverse=True)
    return tuple(map(_revision, newest_first))


def _revision(revision: CachedRevision) -> RemoteRevision:
    return RemoteRevision(
        revision.commit,
        tuple(revision.refs),
        revision.size,
        len(revision.files),
        pushed_at=revision.modified,
        is_complete=revision.state is State.WHOLE,
    )

"""A store of models: the remote that a folder and S3 share. What lies in it, and under which names: docs/store.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from types import TracebackType
from typing import Self

from modelkeep.cache.catalog import user_name
from modelkeep.errors import BadReply, NotOnRemote
from modelkeep.hub.push_plan import PushPlan, PushResult
from modelkeep.keys import ModelKey
from modelkeep.progress import Report, ignore
from modelkeep.remote.known_manifests import KnownObjects
from modelkeep.remote.marker import Marker
from modelkeep.remote.names import blob_name
from modelkeep.remote.objects import Objects
from modelkeep.remote.refs import Chain, advance, parse_entry, read_chain
from modelkeep.remote.remote import Offer
from modelkeep.remote.sending import plan_sending, send
from modelkeep.remote.shelves import Held, Shelf, Shelves, in_parallel
from modelkeep.remote.values import (
    Check,
    Collected,
    Collection,
    Lineage,
    Manifest,
    RefEntry,
    RemoteCheck,
    RemoteDeletion,
    RemoteModel,
    RemoteRevision,
    Summary,
)
from modelkeep.remote.withdrawing import execute_withdrawal, keep, plan_withdrawal, refs_of_mark, restore
from modelkeep.streams import Stream

__all__ = ["StoreRemote"]

_SHORTEST = 8  # digits of a commit by which it may be named


class StoreRemote:
    """A `Remote` that `KeepsHistory` and `HoldsGarbage`, over objects by name. It closes them.

    `name` is the user's name for it, "" where it has none. An empty place is a store without models.
    """

    def __init__(self, objects: Objects, name: str = "") -> None:
        self.objects = objects
        self.name = name
        known = KnownObjects(objects.url)
        self._marker = Marker(objects, known)
        self._shelves = Shelves(objects, known)

    @property
    def kind(self) -> str:
        """See `Remote`: "folder", or the scheme of its URL."""
        scheme, there, _ = self.url.partition("://")
        return scheme if there and scheme != "file" else "folder"

    @property
    def url(self) -> str:
        """See `Remote`."""
        return self.objects.url

    # ---- looking

    def list(self, *, report: Report = ignore) -> tuple[RemoteModel, ...]:
        """See `Remote`. A revision whose manifest cannot be read is there with that as its message."""
        if not self._marker.is_store():
            return ()
        shelves = self._shelves.all(report=report)
        return tuple(_model(shelf, shelf.revisions.values()) for shelf in shelves if shelf.revisions)

    def find(self, key: ModelKey) -> RemoteRevision:
        """See `Remote`."""
        shelf = self._shelf(key)
        return _revision(shelf, self._meant(shelf, key))

    def describe(self, key: ModelKey) -> Manifest:
        """See `Remote`. Raises `BadReply` for a manifest that cannot be read."""
        held = self._meant(self._shelf(key), key)
        if held.manifest is None:
            raise BadReply(
                held.problem, hint="The other revisions are as they were. Push this one again, or delete it."
            )
        return held.manifest

    def fetch(self, manifest: Manifest, path: str, *, start: int = 0, stop: int | None = None) -> Stream:
        """See `Remote`."""
        file = next((file for file in manifest.files if file.path == path), None)
        if file is None:
            raise NotOnRemote(f"{manifest.key} has no {path}.", hint="Look at its list of files.")
        try:
            return self.objects.open(blob_name(file.sha256), start=start, stop=stop)
        except NotOnRemote as error:
            raise NotOnRemote(
                f"The content of {path} of {manifest.key} is missing in {self.url}.",
                hint="Verify the remote; pushing the model again brings the content back.",
            ) from error

    def _shelf(self, key: ModelKey) -> Shelf:
        return self._shelves.one(key) if self._marker.is_store() else Shelf(key.at(None))

    def _meant(self, shelf: Shelf, key: ModelKey) -> Held:
        """The manifest that a key means. Raises `NotOnRemote`, naming what is near."""
        revisions = shelf.revisions
        if not revisions and shelf.deleted:
            raise NotOnRemote(
                f"{key.at(None)} was deleted from {self.url}.",
                hint="It can be brought back until its garbage is collected.",
            )
        if not revisions:
            raise NotOnRemote(f"{self.url} has no {key.at(None)}.", hint=self._near(key))
        text = key.revision or "main"
        entry = shelf.refs.get(text)
        if text not in revisions and entry is not None and entry.commit in revisions:
            return revisions[entry.commit]
        begin = [commit for commit in revisions if commit.startswith(text) and len(text) >= _SHORTEST]
        if len(begin) == 1:
            return revisions[begin[0]]
        if key.revision is None:
            return revisions[_newest(shelf, revisions.values())[0].commit]
        if begin:
            raise NotOnRemote(
                f"Several revisions of {key.at(None)} begin with {text}.", hint="Name more of its digits."
            )
        names = [ref for ref, one in shelf.refs.items() if one.commit in revisions]
        there = ", ".join([*names, *(one.commit[:8] for one in _newest(shelf, revisions.values())[:5])])
        raise NotOnRemote(f"{self.url} has no {key}.", hint=f"It has {there}.")

    def _require_store(self) -> None:
        if not self._marker.is_store():
            raise NotOnRemote(
                f"{self.url} holds no store any more.",
                hint="If it is on a disk or a share, see that it is mounted.",
            )

    def _near(self, key: ModelKey) -> str:
        names = [one.repo_id for one in self._shelves.names()] if self._marker.is_store() else []
        others = [name for name in names if name != key.repo_id]
        near = get_close_matches(key.repo_id, others, n=3, cutoff=0.5)
        if near:
            return f"Did you mean {' or '.join(near)}?"
        if names:
            return "List its models to see what is there."
        is_folder = self.kind == "folder"  # and may be where a disk is to be mounted
        return f"It has no models yet{'; if it is on a disk or a share, see that it is mounted' * is_folder}."

    # ---- pushing

    def plan_push(self, offer: Offer, *, report: Report = ignore) -> PushPlan:
        """See `Remote`. Whether files look like secrets is for the caller to find out."""
        profile = f"remote:{self.name}" if self.name else ""
        is_store = self._marker.is_store()
        return plan_sending(
            self._shelves, offer, url=self.url, profile=profile, is_store=is_store, report=report
        )

    def push(self, offer: Offer, plan: PushPlan, *, report: Report = ignore) -> PushResult:
        """See `Remote`. The first push into an empty place makes a store of it; raises `NotAllowed` where
        other things are, and `NotOnRemote` where there was a store when it was planned and is none now."""
        if plan.base or not plan.creates:
            self._require_store()
        self._marker.make()
        return send(self.objects, self._shelves, offer, plan, report=report)

    def lacking(self, contents: Mapping[str, int], *, report: Report = ignore) -> frozenset[str]:
        """Those of these contents, by SHA-256 with their bytes, that would have to be sent."""
        if not self._marker.is_store():
            return frozenset(contents)
        return frozenset(contents) - self._shelves.present(contents, report=report).keys()

    # ---- refs

    def history(self, key: ModelKey, ref: str = "main") -> tuple[RefEntry, ...]:
        """See `KeepsHistory`. An entry that cannot be read is left out."""
        chain = read_chain(self.objects, key.at(None), ref)
        if not self._marker.is_store() or not chain.entries:
            raise NotOnRemote(f"{key.at(None)} has no “{ref}” in {self.url}.", hint=self._near(key))
        return _entries(self.objects, chain)

    def set_ref(self, key: ModelKey, ref: str, *, was: str | None, message: str = "") -> RefEntry:
        """See `KeepsHistory`."""
        ModelKey.parse(f"org/name@{ref}")
        commit = self.find(key).commit
        entry = advance(self.objects, key.at(None), ref, commit, was=was, message=message, by=user_name())
        keep(self.objects, self._shelves, key, commit)
        return entry

    def remove_ref(self, key: ModelKey, ref: str, *, message: str = "") -> None:
        """See `KeepsHistory`. Raises `NotOnRemote` where it leads nowhere."""
        entry = self._shelf(key).refs.get(ref)
        if entry is None or not entry.commit:
            raise NotOnRemote(f"{key.at(None)} has no “{ref}” in {self.url}.", hint="It may be gone already.")
        advance(self.objects, key.at(None), ref, "", was=None, message=message, by=user_name())

    # ---- deleting

    def plan_deletion(self, key: ModelKey) -> RemoteDeletion:
        """See `Remote`."""
        from modelkeep.remote.garbage import GRACE

        shelf = self._shelf(key)
        held = self._meant(shelf, key)
        commits = [held.commit] if key.revision else [*shelf.revisions]
        return plan_withdrawal(self._shelves, key, commits, remote=self.name or self.url, kept_for=GRACE)

    def delete(self, plan: RemoteDeletion, *, report: Report = ignore) -> None:
        """See `Remote`. It can be brought back until garbage is collected after the grace period."""
        self._require_store()
        execute_withdrawal(self.objects, self._shelves, plan, report=report)

    def deleted(self) -> tuple[RemoteModel, ...]:
        """See `KeepsHistory`; the refs are those that led to a revision when it was deleted."""
        if not self._marker.is_store():
            return ()
        return tuple(self._deleted(shelf) for shelf in self._shelves.all() if shelf.deleted)

    def _deleted(self, shelf: Shelf) -> RemoteModel:
        marks = {(name.commit, name.id): info.name for name, info in shelf.marks}
        model = _model(shelf, shelf.deleted.values())
        refs = {
            held.commit: refs_of_mark(self.objects, marks[held.commit, held.name.id])
            for held in shelf.deleted.values()
        }
        revisions = tuple(one._replace(refs=refs[one.commit]) for one in model.revisions)
        return RemoteModel(model.key, revisions, model.summary, model.lineage, model.on_remote)

    def restore(self, key: ModelKey, *, report: Report = ignore) -> tuple[str, ...]:
        """See `KeepsHistory`."""
        if not self._marker.is_store():
            raise NotOnRemote(f"{self.url} has no {key.at(None)}.", hint="It has no models yet.")
        return restore(self.objects, self._shelves, key, report=report)

    # ---- what is needed, and what is there

    def plan_collection(self, *, grace: float | None = None, report: Report = ignore) -> Collection:
        """See `HoldsGarbage`."""
        from modelkeep.remote.garbage import plan_collection

        self._marker.is_store()
        return plan_collection(self.objects, grace=grace, remote=self.name or self.url, report=report)

    def collect(self, plan: Collection, *, report: Report = ignore) -> Collected:
        """See `HoldsGarbage`."""
        from modelkeep.remote.garbage import collect

        return collect(self.objects, plan, report=report)

    def verify(
        self, key: ModelKey | None = None, *, deep: bool = False, report: Report = ignore
    ) -> RemoteCheck:
        """See `Remote`."""
        from modelkeep.remote.verifying import verify

        self._marker.is_store()
        return verify(self.objects, key, deep=deep, report=report)

    def test(self, emit: Callable[[Check], None], *, report: Report = ignore) -> None:
        """See `Remote`."""
        from modelkeep.remote.store_checks import check_store

        check_store(self.objects, emit, report=report)

    def close(self) -> None:
        """See `Remote`."""
        self.objects.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


# ---- what a shelf looks like from outside


def _model(shelf: Shelf, held: Iterable[Held]) -> RemoteModel:
    ordered = _newest(shelf, held)
    revisions = tuple(_revision(shelf, one) for one in ordered)
    contents = {f.sha256: f.size for one in ordered if one.manifest for f in one.manifest.files}
    main = next(
        (one for one, said in zip(ordered, revisions, strict=True) if "main" in said.refs), ordered[0]
    )
    said = main.manifest
    return RemoteModel(
        shelf.key,
        revisions,
        said.summary if said else Summary(),
        said.lineage if said else Lineage(),
        sum(contents.values()),
    )


def _newest(shelf: Shelf, held: Iterable[Held]) -> tuple[Held, ...]:
    return tuple(sorted(held, key=lambda one: (_revision(shelf, one).pushed_at, one.commit), reverse=True))


def _revision(shelf: Shelf, held: Held) -> RemoteRevision:
    refs = shelf.refs_to(held.commit)
    entry = shelf.refs[refs[0]] if refs else None
    said = held.manifest
    return RemoteRevision(
        commit=held.commit,
        refs=refs,
        size=said.size if said else 0,
        files=len(said.files) if said else 0,
        pushed_at=(entry.at if entry else 0.0) or held.info.modified,
        pushed_by=(entry.by if entry else "") or (said.created_by if said else ""),
        message=held.problem or (entry.message if entry else ""),
        id=held.name.id,
        is_complete=bool(said and said.is_complete),
    )


def _entries(objects: Objects, chain: Chain) -> tuple[RefEntry, ...]:
    def read(place: int) -> RefEntry | None:
        name, info = steps[place]
        try:
            return parse_entry(objects.read(info.name), name)
        except (BadReply, NotOnRemote):
            return None

    steps = chain.steps()
    entries = in_parallel(range(len(steps)), read, "Reading its history", ignore)
    return tuple(entry for place in range(len(steps)) if (entry := entries[place]) is not None)

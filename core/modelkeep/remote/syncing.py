"""Making one place have what another has: one way, only what is missing, item by item, so that it may end anywhere.

What only the destination has stays, unless it was asked to go; and a ref that leads there to a revision which the
origin has never had is somebody's own work, which stays whatever was asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from modelkeep.errors import ModelKeepError, NotOnRemote
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report, share
from modelkeep.remote.copying import bring, offered, planned_fetch
from modelkeep.remote.places import Place, check_different, find_place, open_origin
from modelkeep.remote.plans import SyncAction, Synced, SyncItem, SyncPlan
from modelkeep.remote.remote import KeepsHistory, Remote
from modelkeep.remote.shelves import in_parallel
from modelkeep.remote.store import StoreRemote
from modelkeep.remote.values import ManifestFile, RemoteModel, RemoteRevision
from modelkeep.rows import Selection

if TYPE_CHECKING:
    from modelkeep.library import Library

__all__ = ["compared", "plan_sync", "sync"]

_READERS = 16  # manifests that are asked for at once


def plan_sync(library: Library, origin: str, destination: str, *, delete: bool, report: Report) -> SyncPlan:
    """See `Remotes.plan_sync`."""
    source_place, target = find_place(library, origin), find_place(library, destination)
    check_different(source_place, target)
    with open_origin(library, source_place, report) as source:
        theirs = source.list(report=report)
        with open_origin(library, target, report) as there:
            ours = {model.key: model for model in there.list(report=report)}
            items = [item for model in theirs for item in compared(model, ours.get(model.key))]
            copies = [item.key for item in items if item.action is SyncAction.COPY]
            sends = _sends(library, source, source_place, there, target, copies, report)
    items = [replace(item, sends=sends.get(item.key, 0)) for item in items]
    if delete:
        _check_not_empty(source_place, theirs, target, ours)
        items += _deletions(theirs, ours)
    return SyncPlan(str(source_place), str(target), tuple(items), delete)


def compared(model: RemoteModel, there: RemoteModel | None) -> Iterator[SyncItem]:
    """What a destination lacks of a model, a revision at a time."""
    known = {revision.commit: revision for revision in there.revisions} if there else {}
    leads = {ref: revision.commit for revision in known.values() for ref in revision.refs}
    had = {revision.commit for revision in model.revisions}
    for revision in model.revisions:
        key = model.key.at(revision.commit)
        own = tuple(ref for ref in revision.refs if leads.get(ref) and leads[ref] not in had)
        refs = tuple(ref for ref in revision.refs if ref not in own and leads.get(ref) != revision.commit)
        if own:
            names = ", ".join(own)
            yield SyncItem(SyncAction.KEEP, key, own, why=f"{names} has gone on there by itself.")
        if why := _lacks(revision, known.get(revision.commit)):
            yield SyncItem(SyncAction.COPY, key, refs, revision.size, revision.size, why)
        elif refs:
            yield SyncItem(SyncAction.MOVE_REF, key, refs, why=_moves(refs, leads))
        elif not own:
            yield SyncItem(SyncAction.SAME, key, revision.refs, revision.size)


def sync(library: Library, plan: SyncPlan, *, report: Report) -> Synced:
    """See `Remotes.sync`."""
    source_place, target = find_place(library, plan.origin), find_place(library, plan.destination)
    done: list[SyncItem] = []
    failures: list[str] = []
    sent = passed = 0
    with open_origin(library, source_place, report) as source:
        for item in plan.todo:
            shared = share(report, passed, plan.sends)
            try:
                sent += _carry_out(library, source, source_place, target, item, shared)
                done.append(item)
            except ModelKeepError as error:
                failures.append(f"{item.key}: {error} {error.hint}".rstrip())
            passed += item.sends
    return Synced(plan, tuple(done), sent, tuple(failures))


def _lacks(revision: RemoteRevision, there: RemoteRevision | None) -> str:
    """Why a revision is to be copied, "" when it is not."""
    if there is None:
        return "It is not there."
    if there.files < revision.files and not there.is_complete:
        return f"Only {there.files} of its {revision.files} files are there."
    return ""


def _moves(refs: Iterable[str], leads: Mapping[str, str]) -> str:
    return " ".join(
        f"{ref} leads to {leads[ref][:8]} there." if ref in leads else f"{ref} is not there." for ref in refs
    )


def _sends(
    library: Library,
    source: Remote,
    source_place: Place,
    there: Remote,
    target: Place,
    copies: Sequence[ModelKey],
    report: Report,
) -> dict[ModelKey, int]:
    """Bytes that copying each of these revisions takes."""
    if not target.is_cache and isinstance(there, StoreRemote):
        return _sends_to_store(source, source_place, there, copies, report)
    sends: dict[ModelKey, int] = {}
    for number, key in enumerate(copies):
        report(Progress("Comparing", number, len(copies), key.repo_id, unit="models"))
        if target.is_cache:
            plan = planned_fetch(library, source, source_place, key, (), target.root, report)
            sends[key] = plan.bytes_missing
        else:
            offer = offered(source, source_place, source.describe(key), ())
            sends[key] = there.plan_push(offer, report=report).bytes_to_send
    return sends


def _sends_to_store(
    source: Remote, source_place: Place, there: StoreRemote, copies: Sequence[ModelKey], report: Report
) -> dict[ModelKey, int]:
    """The same, where the destination can be asked for the contents of all of them together.

    What several of them have counts for the first alone.
    """
    if source_place.is_cache:  # which reads, and says itself how far it is
        manifests = {key: source.describe(key) for key in copies}
    else:
        manifests = in_parallel(copies, source.describe, "Comparing", report, workers=_READERS)
    contents = {file.sha256: file.size for one in manifests.values() for file in one.files if file.sha256}
    lacking = {sha256: contents[sha256] for sha256 in there.lacking(contents, report=report)}

    def sends(file: ManifestFile) -> int:
        # What a hub does not name by its SHA-256 is small, and only reading it would tell.
        return lacking.pop(file.sha256, 0) if file.sha256 else file.size

    return {key: sum(map(sends, manifests[key].files)) for key in copies}


def _check_not_empty(
    origin: Place, theirs: Collection[RemoteModel], destination: Place, ours: Collection[ModelKey]
) -> None:
    """A disk that is not mounted looks like a place without models: nothing is made as empty as that.

    Raises `NotOnRemote`.
    """
    if ours and not theirs:
        raise NotOnRemote(
            f"{origin} has no models at all, so everything would be deleted from {destination}.",
            hint="If it is on a disk or a share, see that it is mounted. What really is to go, delete there.",
        )


def _deletions(theirs: Iterable[RemoteModel], ours: Mapping[ModelKey, RemoteModel]) -> Iterator[SyncItem]:
    """What only the destination has."""
    have = {model.key: {revision.commit for revision in model.revisions} for model in theirs}
    for key, model in ours.items():
        for revision in model.revisions:
            if revision.commit not in have.get(key, ()):
                why = "It is not at the origin."
                exact = key.at(revision.commit)
                yield SyncItem(SyncAction.DELETE, exact, revision.refs, revision.size, 0, why)


def _carry_out(
    library: Library, source: Remote, source_place: Place, target: Place, item: SyncItem, report: Report
) -> int:
    """Do one item; returns the bytes that were sent."""
    match item.action:
        case SyncAction.COPY:
            manifest = source.describe(item.key)
            return bring(library, source, source_place, target, manifest, item.refs, report).sent
        case SyncAction.MOVE_REF:
            _move_refs(library, target, item)
        case SyncAction.DELETE:
            _delete(library, target, item, report)
    return 0


def _move_refs(library: Library, target: Place, item: SyncItem) -> None:
    if target.is_cache:
        for ref in item.refs:
            library.hubs.set_ref(target.root, str(item.key.at(None)), ref, item.key.revision or "")
        return
    with library.remotes.open(target.name) as remote:
        if isinstance(remote, KeepsHistory):
            for ref in item.refs:
                remote.set_ref(item.key, ref, was=None, message="Synced")


def _delete(library: Library, target: Place, item: SyncItem, report: Report) -> None:
    if target.is_cache:
        plans = library.plan_deletion([Selection(target.root, str(item.key))])
        for result in library.delete(plans, report=report):
            for one in result.items:
                if one.error:
                    raise ModelKeepError(one.error, hint=one.hint)
        return
    with library.remotes.open(target.name) as remote:
        remote.delete(remote.plan_deletion(item.key), report=report)

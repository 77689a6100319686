"""Copying and moving a revision from one place to another: what it sends, and doing it.

Nothing is written twice: contents go from stream to stream, only those that the destination lacks, and from where an
earlier copy broke off. A move deletes at the origin after the destination was read back, all of it, and is right.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from modelkeep.checking.outcome import Verdict
from modelkeep.errors import ModelInUse, NotAllowed, WrongContent
from modelkeep.hub.push import check_secrets
from modelkeep.hub.push_plan import PushPlan
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report
from modelkeep.remote.cache import CacheRemote
from modelkeep.remote.fetching import plan_fetch
from modelkeep.remote.naming import is_url
from modelkeep.remote.places import CACHE, Place, check_different, find_place, open_origin
from modelkeep.remote.plans import Copied, CopyPlan
from modelkeep.remote.pushing import with_secrets
from modelkeep.remote.remote import Offer, Remote
from modelkeep.remote.taken import check_taken
from modelkeep.remote.values import Manifest, ManifestFile, RemoteDeletion, RemoteRevision
from modelkeep.remote.whole import read_whole
from modelkeep.rows import Selection
from modelkeep.streams import Stream

if TYPE_CHECKING:
    from modelkeep.hub.download_plan import DownloadPlan
    from modelkeep.library import Library

__all__ = ["bring", "copy", "offered", "plan_copy", "planned_fetch"]


def plan_copy(
    library: Library, key: str, origin: str, destination: str, *, move: bool, report: Report
) -> CopyPlan:
    """See `Remotes.plan_copy`."""
    source_place, target = find_place(library, origin), find_place(library, destination)
    check_different(source_place, target)
    named = ModelKey.parse(key)
    with open_origin(library, source_place, report) as source:
        found = source.find(named)
        exact = named.at(found.commit)
        manifest = source.describe(exact)
        refs = _refs(named, found)
        notes = []
        if not manifest.is_complete:
            notes.append(f"{source_place} has only some of the files that this commit has at its origin.")
        if target.is_cache:
            plan = planned_fetch(library, source, source_place, exact, refs, target.root, report)
            sends, is_there = plan.bytes_missing, plan.is_complete
        else:
            with library.remotes.open(target.name) as remote:
                if source_place.is_cache:
                    check_taken(library, source_place.root, exact, remote.url)
                _, pushed = _planned_push(remote, source, source_place, manifest, refs, report)
            sends, is_there = pushed.bytes_to_send, pushed.is_nothing
            notes += pushed.notes
            if pushed.secrets:
                notes.append("It will not be sent: something in it looks like a secret.")
        whole = named.revision is None
        deletion = _deletion(library, source, source_place, exact, whole=whole) if move else None
    if deletion and source_place.name and (others := {*deletion.commits} - {exact.revision}):
        more = "1 more commit" if len(others) == 1 else f"{len(others):,} more commits"
        notes.append(f"Its whole history at {source_place} goes with it, for good: {more}.")
    if deletion and deletion.derived:
        notes.append(f"Made from it, and staying: {', '.join(deletion.derived)}.")
    return CopyPlan(
        str(source_place),
        str(target),
        exact,
        refs,
        manifest.size,
        sends,
        is_there,
        move,
        deletion,
        tuple(notes),
    )


def copy(library: Library, plan: CopyPlan, *, report: Report) -> Copied:
    """See `Remotes.copy`. What the destination has is looked at anew, so that a plan may be old."""
    source_place, target = find_place(library, plan.origin), find_place(library, plan.destination)
    with open_origin(library, source_place, report) as source:
        manifest = source.describe(plan.key)
        done = bring(library, source, source_place, target, manifest, plan.refs, report)
        if not plan.moves:
            return Copied(plan, done.commit, done.sent, done.verified)
        there = plan.key.at(done.commit)
        verified = _verify(library, target, there, manifest, report)
        _delete(library, source, source_place, plan, report)
    return Copied(plan, done.commit, done.sent, verified, deleted=True)


@dataclass(frozen=True)
class Brought:
    """What came of bringing a revision somewhere: its commit there, bytes that were sent, files that are proven."""

    commit: str
    sent: int
    verified: int


def bring(
    library: Library,
    source: Remote,
    source_place: Place,
    target: Place,
    manifest: Manifest,
    refs: tuple[str, ...],
    report: Report,
) -> Brought:
    """Have a revision of an origin at a destination, with its refs."""
    if target.is_cache:
        plan = planned_fetch(library, source, source_place, manifest.key, refs, target.root, report)
        fetched = library.remotes.fetch(plan, report=report)
        for ref in refs:
            if ref != plan.ref:
                library.hubs.set_ref(target.root, str(manifest.key.at(None)), ref, manifest.commit)
        return Brought(manifest.commit, fetched.fetched, len(manifest.files))
    with library.remotes.open(target.name) as remote:
        if source_place.is_cache:
            check_taken(library, source_place.root, manifest.key, remote.url)
        offer, planned = _planned_push(remote, source, source_place, manifest, refs, report)
        check_secrets(planned, ())
        pushed = remote.push(offer, planned, report=report)
    return Brought(pushed.commit or manifest.commit, pushed.sent, pushed.verified)


def planned_fetch(
    library: Library,
    source: Remote,
    place: Place,
    exact: ModelKey,
    refs: tuple[str, ...],
    root: str,
    report: Report,
) -> DownloadPlan:
    """The download of a commit into a cache, after which the first of the refs leads to it."""
    name = "" if is_url(place.name) else place.name
    plan = plan_fetch(
        library, source, f"{CACHE}{place.root}" if place.is_cache else name, exact, root=root, report=report
    )
    if not refs:
        return plan
    model = library.inventory(root).by_key.get(exact.at(None))
    was = next((one.commit for one in model.revisions if refs[0] in one.refs), "") if model else ""
    return replace(plan, ref=refs[0], ref_was=was)


def offered(source: Remote, place: Place, manifest: Manifest, refs: tuple[str, ...]) -> Offer:
    """A revision of an origin as what is pushed: its files are streams from there."""

    def read(path: str, start: int, stop: int | None):  # type: ignore[no-untyped-def]
        return source.fetch(manifest, path, start=start, stop=stop)

    return Offer(
        manifest,
        read,
        ref=refs[0] if refs else "",
        tags=refs[1:],
        message=f"Copied from {place.name or 'a cache'}",
        source=f"{manifest.key} in {place}",
        sources=source.sources(manifest.key) if isinstance(source, CacheRemote) else {},
    )


def _planned_push(
    remote: Remote,
    source: Remote,
    place: Place,
    manifest: Manifest,
    refs: tuple[str, ...],
    report: Report,
) -> tuple[Offer, PushPlan]:
    """What is pushed, and what that sends; with what looks like a secret, where it leaves this machine."""
    if remote.kind != "hub":
        manifest = _hashed(source, manifest, report)
    offer = offered(source, place, manifest, refs)
    plan = remote.plan_push(offer, report=report)
    return offer, with_secrets(plan, report) if place.is_cache else plan


def _hashed(source: Remote, manifest: Manifest, report: Report) -> Manifest:
    """With every SHA-256, by which stores call contents. A hub does not say those of small files: they are read."""

    def hashed(file: ManifestFile) -> ManifestFile:
        if file.sha256:
            return file
        report(Progress("Reading", item=file.path))

        def open_at(start: int) -> Stream:
            return source.fetch(manifest, file.path, start=start)

        return file._replace(sha256=read_whole(open_at, file, lambda piece: None, report))

    return replace(manifest, files=tuple(map(hashed, manifest.files)))


def _refs(named: ModelKey, found: RemoteRevision) -> tuple[str, ...]:
    """Which refs go along: the one that was named, all when only the model was; a commit is just that."""
    if named.revision is None:
        return tuple(sorted(found.refs, key=lambda ref: (ref != "main", ref)))
    return (named.revision,) if named.revision in found.refs else ()


def _deletion(
    library: Library, source: Remote, place: Place, exact: ModelKey, *, whole: bool
) -> RemoteDeletion:
    """What a move deletes: the revision alone. A hub deletes all of a model or nothing: all where that is the only
    commit, or with `whole` where every branch and tag leads to it. Raises `NotAllowed`.
    """
    if place.is_cache:
        [plan] = library.plan_deletion([Selection(place.root, str(exact))])
        refs = source.find(exact).refs
        return RemoteDeletion(place.root, exact.at(None), (exact.revision or "",), refs, plan.frees)
    try:
        return source.plan_deletion(exact)
    except NotAllowed:
        found = source.plan_deletion(exact.at(None))
        is_all = {*found.refs} <= {*source.find(exact).refs}
        if found.commits != (exact.revision,) and not (whole and is_all):
            raise
        return found


def _verify(library: Library, target: Place, key: ModelKey, sent: Manifest, report: Report) -> int:
    """Read back what has arrived; how many files are proven. Raises `WrongContent`, also where it is not all."""
    if target.is_cache:
        [found] = library.trust.check([Selection(target.root, str(key))], deep=True, report=report).revisions
        right, files = found.verdict is Verdict.GOOD, len(found.files)
        there = {(file.name, file.size) for file in found.files}
    else:
        report(Progress("Verifying the copy"))
        with library.remotes.open(target.name) as remote:
            check = remote.verify(key, deep=True, report=report)
            there = {(file.path, file.size) for file in remote.describe(key).files}
        right, files = check.is_good, check.files
    if not right or not there >= {(file.path, file.size) for file in sent.files}:
        raise WrongContent(
            f"{target} does not have all of {key} as it should be, so nothing was deleted.",
            hint="Verify that place, then move the model again.",
        )
    return files


def _delete(library: Library, source: Remote, place: Place, plan: CopyPlan, report: Report) -> None:
    """Delete at the origin, by a plan made now: what else has come there meanwhile stays."""
    if not place.is_cache:
        assert plan.deletion is not None
        is_whole = len(plan.deletion.commits) > 1
        # Of a hub only what was shown: it refuses where anything is new since.
        deletion = plan.deletion if is_whole else _deletion(library, source, place, plan.key, whole=False)
        source.delete(deletion, report=report)
        return
    plans = library.plan_deletion([Selection(place.root, str(plan.key))])
    for result in library.delete(plans, report=report):
        for item in result.items:
            if item.error:
                raise ModelInUse(
                    f"The copy is there, and {plan.key} stays here: {item.error}", hint=item.hint
                )

"""What nothing in a store needs any more, and its removal while others push.

Garbage is what was deleted longer than the grace period ago; contents that no manifest names and that are older than
it; the notes of pushes that broke off; and halves of what was to be removed together.

A store knows no transactions, so collecting and pushing keep to an order by which neither harms the other:

- A push writes a note of all that it needs before it looks for what is there, makes what it finds as new as if it
  had just been sent, and looks once more when its manifest can be seen.
- A collection writes which few contents go next (`pushes/collecting-….json`), then reads the notes, then the
  manifests; and looks at each content right before it removes it: one that was made new since the plan, or that a
  note or manifest names by then, stays. So either it sees the note of a push, or the push sees that a content is
  condemned, and waits for what comes of it. If one manifest cannot be read no content is removed.
- Of a deleted revision goes first the manifest, then what lies beside it, and the mark last: a kill in between never
  makes it whole again without its contents. If the mark is gone by then, somebody brought the revision back, and its
  manifest is put back.

What nobody knows is never removed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from modelkeep.errors import (
    AccessDenied,
    BadReply,
    NotOnRemote,
    RemoteBusy,
    RemoteError,
    RemoteUnreachable,
)
from modelkeep.progress import Progress, Report, ignore
from modelkeep.remote.known_manifests import KnownObjects
from modelkeep.remote.names import (
    MARKER,
    PUSHES,
    blob_of,
    checksums_name,
    read_name,
    revision_name,
)
from modelkeep.remote.notes import COLLECTING, PUSHING, Announcement, announced, blobs_noted, is_note, time_of
from modelkeep.remote.objects import ObjectInfo, Objects
from modelkeep.remote.shelves import Shelves, in_parallel
from modelkeep.remote.values import Collected, Collection, Garbage

__all__ = ["GRACE", "collect", "plan_collection"]

GRACE = 7 * 86400.0
"""Seconds for which what was deleted, or is not needed, is kept unless the user says otherwise."""

_GROUP = 256  # contents between two looks at what is needed
_FEW = 16  # contents from a look at them to their removal

_DELETED = "part of a deleted revision"
_LOOSE = "content that no revision needs"
_BROKEN = "note of a push that broke off"
_LEFT = "left of what was removed"


def plan_collection(
    objects: Objects, *, grace: float | None = None, remote: str = "", report: Report = ignore
) -> Collection:
    """What nothing in a store needs any more; see `HoldsGarbage`. Removes nothing."""
    grace = GRACE if grace is None else max(0.0, grace)
    if objects.info(MARKER) is None:
        return Collection(remote or objects.url, grace, ())
    now = time_of(objects)
    report(Progress("Listing the store"))
    listed = list(objects.list("", report=report))
    look = _Look(objects, grace, report)
    needs = look.needs(now)
    garbage = [*_deleted(needs, listed), *_left(listed, now, grace)]
    kept = 0
    for info in listed:
        sha256 = blob_of(info.name)
        if sha256 is not None and sha256 not in needs.live:
            if not _is_older(info, now, grace) or sha256 in needs.restorable:
                kept += info.size
            elif not needs.unread:
                garbage.append(Garbage(*info, _LOOSE))
        elif is_note(info.name) and _is_older(info, now, max(grace, PUSHING)):
            garbage.append(Garbage(*info, _BROKEN))
    return Collection(
        remote=remote or objects.url,
        grace=grace,
        garbage=tuple(garbage),
        kept=kept,
        unfinished=_unfinished(objects, max(grace, PUSHING)),
        problems=needs.unread,
        foreign=sum(not _is_known(info.name) for info in listed),
    )


def collect(objects: Objects, plan: Collection, *, report: Report = ignore) -> Collected:
    """Remove what a plan names, but for what is needed again by now. A kill at any moment breaks nothing.

    What could not be removed is in the result. A report that raises stops it between two steps.
    """
    if not (plan.garbage or plan.unfinished):
        return Collected(0, 0)  # there may not even be a store
    if objects.info(MARKER) is None:
        raise NotOnRemote(
            f"{objects.url} holds no store any more.",
            hint="If it is on a disk or a share, see that it is mounted.",
        )
    with announced(objects, is_needed=plan.grace < PUSHING) as announcement:
        collector = _Collector(objects, plan, announcement, report)
        collector.remove_revisions()
        collector.remove_contents()
        collector.remove_notes()
    if plan.unfinished:
        objects.clear_unfinished(max(plan.grace, PUSHING))
    return collector.collected()


# ---- what is needed


class _Pair(NamedTuple):
    """A revision that was deleted: its manifest and its mark."""

    manifest: str
    mark: str


class _Needs(NamedTuple):
    """What is needed: by revisions and pushes (`live`), and by those that can be brought back (`restorable`).

    `expired` are the deleted ones whose time is over, and `outdated` what they need, for as long as they are there;
    `unread` says what could not be read, so that nobody knows what it needs.
    """

    live: set[str]
    restorable: set[str]
    outdated: set[str]
    expired: tuple[_Pair, ...]
    unread: tuple[str, ...]


class _Look:
    """Looks for what is needed, again and again; what it read once it does not read twice."""

    def __init__(self, objects: Objects, grace: float, report: Report) -> None:
        self._objects = objects
        self._grace = grace
        self._report = report
        self._shelves = Shelves(objects, KnownObjects(objects.url))
        self._notes: dict[str, frozenset[str] | None] = {}

    def needs(self, now: float) -> _Needs:
        """What is needed now. Notes are read before manifests: a push writes its manifest before its note goes."""
        live, restorable, outdated = self._noted(now), set[str](), set[str]()
        unread = [
            f"The note {name} of a push cannot be read."
            for name, blobs in self._notes.items()
            if blobs is None
        ]
        expired = []
        for shelf in self._shelves.all(report=self._report):
            marked = {(name.commit, name.id): info for name, info in shelf.marks}
            for held in shelf.held:
                mark = marked.get((held.commit, held.name.id))
                # A ref that leads to it is stronger: somebody needs it.
                is_live = mark is None or bool(shelf.refs_to(held.commit))
                needed = live if is_live else restorable
                if mark is not None and not is_live and _is_older(mark, now, self._grace):
                    expired.append(_Pair(held.info.name, mark.name))
                    needed = outdated
                elif held.manifest is None:
                    unread.append(held.problem)
                needed.update(file.sha256 for file in (held.manifest.files if held.manifest else ()))
        return _Needs(live, restorable, outdated, tuple(expired), tuple(unread))

    def _noted(self, now: float) -> set[str]:
        """What pushes at work need, and those that were at work since the first look."""
        for info in self._objects.list(PUSHES):
            if (
                info.name not in self._notes
                and is_note(info.name)
                and not info.name.startswith(COLLECTING)
                and not _is_older(info, now, max(self._grace, PUSHING))
            ):
                with suppress(NotOnRemote):
                    self._notes[info.name] = self._read(info.name)
        return set[str]().union(*(blobs for blobs in self._notes.values() if blobs))

    def _read(self, note: str) -> frozenset[str] | None:
        try:
            return blobs_noted(self._objects.read(note))
        except BadReply:
            return None


def _is_older(info: ObjectInfo, now: float, grace: float) -> bool:
    """Whether an object is as old as that; S3 says some times in whole seconds, cut off, and some not."""
    return int(now) - int(info.modified) >= grace


def _is_known(name: str) -> bool:
    return name == MARKER or bool(blob_of(name) or read_name(name) or is_note(name))


def _unfinished(objects: Objects, older_than: float) -> int:
    try:
        return objects.clear_unfinished(older_than, dry_run=True)
    except AccessDenied:  # who may only read may not ask that everywhere
        return 0


def _deleted(needs: _Needs, listed: Iterable[ObjectInfo]) -> Iterator[Garbage]:
    infos = {info.name: info for info in listed}
    for pair in needs.expired:
        for name in (pair.manifest, checksums_name(pair.manifest), pair.mark):
            if info := infos.get(name):
                yield Garbage(*info, _DELETED)


def _left(listed: Iterable[ObjectInfo], now: float, grace: float) -> Iterator[Garbage]:
    """What lies beside a manifest that is not there."""
    names = {info.name for info in listed}
    for info in listed:
        name = read_name(info.name)
        if (
            name is not None
            and name.kind in ("checksums", "mark")
            and revision_name(name.key, name.commit, name.id) not in names
            and _is_older(info, now, grace)
        ):
            yield Garbage(*info, _LEFT)


# ---- removing it


class _Collector:
    def __init__(
        self, objects: Objects, plan: Collection, announcement: Announcement, report: Report
    ) -> None:
        self._objects = objects
        self._plan = plan
        self._announcement = announcement
        self._began = time.monotonic()
        self._report = report
        self._look = _Look(objects, plan.grace, report)
        self._removed: list[Garbage] = []
        self._spared: list[str] = []
        self._failures: dict[str, None] = {}

    def collected(self) -> Collected:
        """What was done; `by_reason` are bytes."""
        reasons: dict[str, int] = {}
        for one in self._removed:
            reasons[one.reason] = reasons.get(one.reason, 0) + one.size
        return Collected(
            removed=len(self._removed),
            freed=sum(one.size for one in self._removed),
            spared=tuple(self._spared),
            failures=tuple(self._failures),
            by_reason=reasons,
        )

    def remove_revisions(self) -> None:
        """Deleted revisions, each from its manifest to its mark, then what is left of others."""
        planned = {one.name: one for one in self._plan.garbage if one.reason == _DELETED}
        if planned:
            expired = {pair.manifest: pair for pair in self._look.needs(self._now()).expired}
            wanted = [name for name in planned if name in expired]
            self._spared += [
                one.name
                for one in planned.values()
                if (name := read_name(one.name)) is not None
                and name.kind == "revision"
                and one.name not in expired
            ]
            for number, manifest in enumerate(wanted):
                self._report(
                    Progress("Removing deleted revisions", number, len(wanted), manifest, unit="revisions")
                )
                self._remove_revision(planned, expired[manifest])
        self._remove_unchanged(one for one in self._plan.garbage if one.reason == _LEFT)

    def _remove_revision(self, planned: dict[str, Garbage], pair: _Pair) -> None:
        try:
            content = self._objects.read(pair.manifest)
        except (BadReply, NotOnRemote):  # nobody could bring back what nobody can read
            content = None
        if self._objects.info(pair.mark) is None:
            self._spared.append(pair.manifest)
            return
        if not self._remove(pair.manifest, planned):
            return
        if content is not None and self._objects.info(pair.mark) is None:
            # Brought back, or pushed again, at this very moment.
            self._objects.create(pair.manifest, content)
            self._removed = [one for one in self._removed if one.name != pair.manifest]
            self._spared.append(pair.manifest)
            return
        for name in (checksums_name(pair.manifest), pair.mark):
            self._remove(name, planned)

    def remove_contents(self) -> None:
        """Contents that no revision and no push needs, as it is now."""
        planned = [one for one in self._plan.garbage if one.reason == _LOOSE]
        # A push makes new what is older than that; younger contents only its note or its manifest can save.
        group = _GROUP if self._plan.grace >= PUSHING else _FEW
        needed: set[str] = set()
        for begin in range(0, len(planned), _FEW):
            self._report(Progress("Removing contents", begin, len(planned), unit="objects"))
            if begin % group == 0:
                # Before it is looked who needs them: who begins to push after that sees it, and waits.
                self._announcement.condemn(blob_of(one.name) or "" for one in planned[begin : begin + group])
                needs = self._look.needs(self._now())
                needed = needs.live | needs.restorable | needs.outdated
                for sentence in needs.unread:
                    self._failures[f"{sentence} Contents stay: nobody knows which of them it needs."] = None
                if needs.unread:
                    return
            else:  # those who wait see that this goes on
                rest = planned[begin : begin - begin % group + group]
                self._announcement.condemn(blob_of(one.name) or "" for one in rest)
            few = planned[begin : begin + _FEW]
            self._spared += [one.name for one in few if blob_of(one.name) in needed]
            self._remove_unchanged(one for one in few if blob_of(one.name) not in needed)

    def remove_notes(self) -> None:
        """Notes of pushes that broke off."""
        self._remove_unchanged(one for one in self._plan.garbage if one.reason == _BROKEN)

    def _remove_unchanged(self, planned: Iterable[Garbage]) -> None:
        """Remove objects that are still what they were when they were planned."""
        planned = list(planned)
        infos = in_parallel(
            [one.name for one in planned], self._objects.info, "Looking once more", self._report
        )
        going = []
        for one in planned:
            info = infos[one.name]
            if info is None:
                continue
            if info.modified > one.modified or (one.reason == _LEFT and self._is_whole(one.name)):
                self._spared.append(one.name)
            else:
                going.append(one)
        if going:
            self._removing(going)

    def _is_whole(self, beside: str) -> bool:
        name = read_name(beside)
        return name is None or self._objects.info(revision_name(name.key, name.commit, name.id)) is not None

    def _remove(self, name: str, planned: dict[str, Garbage]) -> bool:
        return self._removing([planned.get(name) or Garbage(name, 0, 0.0, _DELETED)])

    def _removing(self, going: Sequence[Garbage]) -> bool:
        """Remove these; whether that could be done."""
        try:
            self._objects.remove([one.name for one in going])
        except (RemoteUnreachable, RemoteBusy):
            raise
        except RemoteError as error:
            if isinstance(error, AccessDenied) and not self._removed:
                raise
            self._failures[str(error)] = None
            return False
        self._removed += going
        return True

    def _now(self) -> float:
        """The time by the clock of the store."""
        return self._announcement.now + time.monotonic() - self._began

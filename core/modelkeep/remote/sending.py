"""Brings a revision into a store: what the store lacks of it, then its manifest, then its refs.

Until the manifest is written nobody sees anything of it, and until a ref is moved nobody is led to it. A push that
breaks off leaves contents, which the same push done again finds there, and a note of what it needs, by which garbage
collection spares them.
"""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial

from modelkeep.archive.parallel import Count, Task, run_tasks
from modelkeep.cache.catalog import user_name
from modelkeep.errors import (
    BadReply,
    CacheError,
    ContentConflict,
    NotOnRemote,
    RemoteConflict,
    RemoteError,
    WrongContent,
)
from modelkeep.hub.push_plan import PushAction, PushFile, PushPlan, PushResult
from modelkeep.progress import Progress, Report, ignore
from modelkeep.remote.manifests import canonical, check_manifest, checksum_lines, manifest_id, write_manifest
from modelkeep.remote.names import blob_name, checksums_name, mark_name, push_name, revision_name
from modelkeep.remote.notes import collecting
from modelkeep.remote.objects import Content, Objects
from modelkeep.remote.refs import advance
from modelkeep.remote.remote import Offer
from modelkeep.remote.shelves import Held, Shelf, Shelves, in_parallel
from modelkeep.remote.values import Lineage, Manifest, ManifestFile
from modelkeep.streams import Stream

__all__ = ["plan_sending", "send"]

_LARGE = 32 << 20  # bytes; such a content fills a line by itself
_LINES, _LARGE_LINES = 16, 3  # uploads at once, and how many of them begin with the large ones
_PATIENCE, _STEP = 3.0, 0.1  # seconds to wait for a collection that says nothing more, and between two looks
_ROUNDS = 3  # of sending what is not there after all
_YOUNG = 3600.0  # seconds; a younger content is safe while no garbage is being collected


def plan_sending(
    shelves: Shelves, offer: Offer, *, url: str, profile: str, is_store: bool, report: Report = ignore
) -> PushPlan:
    """What pushing would send. Changes nothing.

    Raises `RemoteConflict` where the store has the same commit with other content, `BadReply` for what no store
    can keep.
    """
    check_manifest(offer.manifest)
    key = offer.manifest.key
    shelf = shelves.one(key, report=report) if is_store else Shelf(key.at(None))
    base = _leads(shelf, offer.ref)
    there = _files_at(shelf, base)
    merged = _merged(offer.manifest, shelf)
    contents = _contents(offer.manifest.files)
    present = shelves.present(contents, report=report) if is_store else {}
    files = []
    sent: set[str] = set(present)
    for file in sorted(merged.files):
        action = _action(there.get(file.path), file)
        needs = file.sha256 in contents and file.sha256 not in sent
        sent.add(file.sha256)
        source = offer.sources.get(file.path, "")
        files.append(
            PushFile(file.path, source, file.size, action, True, file.sha256, file.size if needs else 0)
        )
    gone = [] if base == key.revision else sorted({*there} - {file.path for file in files})
    files += [
        PushFile(path, "", there[path].size, PushAction.DELETED, True, there[path].sha256) for path in gone
    ]
    return PushPlan(
        source=offer.source or str(key),
        to=key.at(None),
        profile=profile,
        endpoint=url,
        branch=offer.ref,
        files=tuple(sorted(files)),
        base=base,
        creates=not shelf.revisions,
        private=offer.private,
        creates_branch=bool(offer.ref) and not base,
        message=offer.message,
        notes=tuple(_notes(offer, shelf, merged)),
    )


def send(
    objects: Objects, shelves: Shelves, offer: Offer, plan: PushPlan, *, report: Report = ignore
) -> PushResult:
    """Do what the plan says. A report that raises stops it, up to the manifest: then it goes on to its end.

    Raises `RemoteConflict` where the branch was moved since the plan was made, `ContentConflict` for a file here that
    is not what it was then.
    """
    push = _Push(objects, shelves, offer, report)
    sent = push.bring_contents()
    push.write_manifest()
    sent += push.check_contents()
    push.move_refs(plan)
    push.end()
    return PushResult(plan, push.commit, objects.url, sent, len(push.manifest.files))


class _Push:
    """One push. `note` is the object by which it spares what it needs."""

    def __init__(self, objects: Objects, shelves: Shelves, offer: Offer, report: Report) -> None:
        self._objects = objects
        self._shelves = shelves
        self._offer = offer
        self._report = report
        self._contents = _contents(offer.manifest.files)
        self.note = push_name(secrets.token_hex(8))
        # Before anything is looked at: what is seen from here on is not collected until the note goes.
        self._objects.put(self.note, self._noted())
        shelf = shelves.one(offer.manifest.key, report=report)
        self.manifest = _merged(_signed(offer.manifest), shelf)
        self._contents = _contents(self.manifest.files)
        held = shelf.revisions.get(self.commit)
        self._is_there = held is not None and held.manifest == self.manifest
        self._id = held.name.id if self._is_there and held else ""
        self._safe = {
            file.sha256 for one in shelf.revisions.values() if one.manifest for file in one.manifest.files
        }

    @property
    def commit(self) -> str:
        return self._offer.manifest.commit

    def _noted(self) -> bytes:
        note = {
            "format": "modelkeep-push",
            "version": 1,
            "model": self._offer.manifest.key.name,
            "commit": self.commit,
            "blobs": sorted(self._contents),
            "by": user_name(),
            "at": time.time(),
        }
        return canonical(note)

    def bring_contents(self) -> int:
        """Send what the store lacks, and have it keep what it has; returns the bytes."""
        is_collecting = self._wait_for_collections()
        present = self._shelves.present(self._contents, report=self._report)
        now = self._objects.info(self.note)
        young = 0.0 if is_collecting else _YOUNG
        # What a revision of this model needed after the note was written is safe by the note.
        old = [
            sha256
            for sha256, info in present.items()
            if sha256 not in self._safe and (now is None or now.modified - info.modified >= young)
        ]
        fresh = in_parallel(
            old,
            lambda sha256: self._objects.refresh(blob_name(sha256)),
            "Keeping what is there",
            self._report,
        )
        lacking = {*self._contents} - {*present} | {sha256 for sha256, kept in fresh.items() if not kept}
        return self._upload(lacking)

    def _wait_for_collections(self) -> bool:
        """Wait until no content that this needs is about to go; whether garbage is being collected at all."""
        last, seen = time.monotonic(), None
        while not (found := collecting(self._objects)).condemned.isdisjoint(self._contents):
            if seen != found.notes:
                last, seen = time.monotonic(), found.notes
            if time.monotonic() - last > _PATIENCE:
                break  # whoever collects is gone; what it removes after all is seen in the end, and sent
            self._report(Progress("Waiting for a collection of garbage"))
            time.sleep(_STEP)
        return found.is_at_work

    def write_manifest(self) -> None:
        """Write what the revision is; from here on it can be found by its commit."""
        if self._is_there:
            return
        self._report(Progress("Writing the revision"))
        content = write_manifest(self.manifest)
        self._id = manifest_id(content)
        name = revision_name(self.manifest.key, self.commit, self._id)
        self._objects.put(checksums_name(name), checksum_lines(self.manifest))
        if not self._objects.create(name, content) and not self._says(name, content):
            self._objects.put(name, content)  # damaged: its name says what it has to be
        self._unmark()

    def _says(self, name: str, content: bytes) -> bool:
        try:
            return self._objects.read(name) == content
        except (BadReply, NotOnRemote):  # too large, no file, or gone at this moment
            return False

    def check_contents(self) -> int:
        """See that all is there, now that the manifest keeps it; send what went meanwhile. Returns the bytes."""
        sent = 0
        for _ in range(_ROUNDS):
            present = self._shelves.present(self._contents)
            if not (lacking := {*self._contents} - {*present}):
                return sent
            sent += self._upload(lacking)
        raise BadReply(
            f"{self._objects.url} does not keep what is sent to it.",
            hint="Verify it; something else may be deleting from it.",
        )

    def move_refs(self, plan: PushPlan) -> None:
        """Let the branch lead to it, if it leads where the plan saw it, and the tags in any case."""
        self._report(Progress("Moving the branch", item=plan.branch))
        offer, key = self._offer, self.manifest.key.at(None)
        move = partial(advance, self._objects, key, commit=self.commit, message=offer.message, by=user_name())
        if plan.branch:
            try:
                move(ref=plan.branch, was=plan.base)
            except RemoteConflict as error:
                self.end()
                raise RemoteConflict(
                    f"{error} What you pushed is there under its commit, {self.commit[:12]}.",
                    hint="Look at what is there; then push again, and it leads to yours.",
                ) from error
        for tag in offer.tags:
            move(ref=tag, was=None)
        # Whoever deletes it at the same time looks at the refs after that, as this looks at the marks.
        self._unmark()

    def end(self) -> None:
        """Remove the note. If that fails the push is done all the same, and the note is garbage in an hour."""
        with suppress(CacheError, RemoteError):
            self._objects.remove([self.note])

    def _unmark(self) -> None:
        mark = mark_name(self.manifest.key, self.commit, self._id)
        if self._objects.info(mark) is not None:
            self._objects.remove([mark])

    # ---- contents

    def _upload(self, lacking: Iterable[str]) -> int:
        """Send contents, each from the first file that has it; the large ones beside the small."""
        paths = {file.sha256: file.path for file in sorted(self._offer.manifest.files, reverse=True)}
        wanted = sorted(lacking, key=lambda sha256: self._contents[sha256])
        if lost := [sha256 for sha256 in wanted if sha256 not in paths]:
            raise NotOnRemote(
                f"A content of this revision that was in the store is gone: {lost[0][:12]}.",
                hint="Verify the store, and push the revision from where all of it is.",
            )
        small = deque(sha256 for sha256 in wanted if self._contents[sha256] < _LARGE)
        large = deque(sha256 for sha256 in reversed(wanted) if self._contents[sha256] >= _LARGE)
        total = sum(self._contents[sha256] for sha256 in wanted)
        item = ""

        def line(first: deque[str], then: deque[str]) -> Task:
            def run(count: Count) -> None:
                nonlocal item
                for queue in (first, then):
                    while queue:
                        try:
                            sha256 = queue.popleft()
                        except IndexError:
                            break
                        item = paths[sha256]
                        count(0)
                        self._send(sha256, item, count)

            return run

        begin_large = min(_LARGE_LINES, len(large))
        lines = [("", line(large, small)) for _ in range(begin_large)]
        nothing: deque[str] = deque()
        lines += [("", line(small, nothing)) for _ in range(min(_LINES - begin_large, len(small)))]
        if lines:
            run_tasks(
                lines,
                workers=len(lines),
                watch=lambda done, _: self._report(
                    Progress(f"Pushing {self.manifest.key.repo_id}", done, total, item)
                ),
            )
        return total

    def _send(self, sha256: str, path: str, count: Count) -> None:
        def read(start: int, stop: int | None) -> Stream:
            return self._offer.read(path, start, stop)

        try:
            self._objects.upload(blob_name(sha256), Content(sha256, self._contents[sha256], read, count))
        except WrongContent as error:
            if path not in self._offer.sources:
                raise
            raise ContentConflict(
                f"{path} is not what it was when the push was planned, or is damaged; nothing was published.",
                hint="Verify the model, then push again.",
            ) from error


# ---- what is there, and what is offered


def _leads(shelf: Shelf, ref: str) -> str:
    entry = shelf.refs.get(ref)
    return entry.commit if entry else ""


def _files_at(shelf: Shelf, commit: str) -> Mapping[str, ManifestFile]:
    held = shelf.revisions.get(commit)
    return {file.path: file for file in held.manifest.files} if held and held.manifest else {}


def _action(there: ManifestFile | None, file: ManifestFile) -> PushAction:
    if there is None:
        return PushAction.NEW
    return PushAction.SAME if (there.sha256, there.size) == (file.sha256, file.size) else PushAction.CHANGED


def _contents(files: Iterable[ManifestFile]) -> dict[str, int]:
    return {file.sha256: file.size for file in files}


def _signed(manifest: Manifest) -> Manifest:
    """With when and by whom it was made, where it comes from a cache."""
    if manifest.created_at:
        return manifest
    return replace(manifest, created_at=time.time(), created_by=manifest.created_by or user_name())


def _merged(offered: Manifest, shelf: Shelf) -> Manifest:
    """What is offered together with what the store has of the same commit: the manifest there, if it says all.

    Raises `RemoteConflict` where they differ.
    """
    held = shelf.revisions.get(offered.commit)
    there = held.manifest if held else None
    if there is None:
        return replace(offered, files=tuple(sorted(offered.files)))
    files = {file.path: file for file in there.files}
    for file in offered.files:
        if files.setdefault(file.path, file)[:3] != file[:3]:
            raise RemoteConflict(
                f"{offered.key.repo_id} is there at {offered.commit[:12]} with another {file.path}.",
                hint="A commit means one content alone. Verify both; delete the one there if it is the wrong one.",
            )
    said = replace(
        there,
        files=tuple(sorted(files.values())),
        is_complete=there.is_complete or offered.is_complete,
        description=offered.description or there.description,
        lineage=there.lineage if offered.lineage == Lineage() else offered.lineage,
    )
    if said == there:
        return there
    return replace(said, created_at=offered.created_at, created_by=offered.created_by)


def _notes(offer: Offer, shelf: Shelf, merged: Manifest) -> Iterable[str]:
    if not merged.is_complete:
        yield "This is only a part of the revision: other files of it are not here."
    held: Held | None = shelf.revisions.get(offer.manifest.commit)
    if held is not None and held.manifest == merged:
        yield "The store has this revision already; at most its refs change."
    elif offer.manifest.commit in shelf.deleted:
        yield "This revision was deleted from the store, and comes back."

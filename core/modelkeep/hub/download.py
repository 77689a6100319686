"""Running a transfer: from what is on the disk, through what is missing, to a revision that its ref leads to.

Nothing is written into the cache but by `publish`, and nothing is published that was not compared with its name.
Whatever ends a run (a cancel, an error, a kill, a power cut), the next one goes on from there.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from modelkeep.cache import layout
from modelkeep.cache.publish import check_same_disk
from modelkeep.disk import disk_errors, free_space, reserve
from modelkeep.errors import CacheError, ModelKeepError, NotEnoughSpace
from modelkeep.hub.arrival import Arrival
from modelkeep.hub.crew import Crew
from modelkeep.hub.download_plan import FileAction
from modelkeep.hub.elsewhere import Elsewhere, IsVerified
from modelkeep.hub.last_question import LastQuestion
from modelkeep.hub.pace import Meter, Pace
from modelkeep.hub.part import LARGE, Part, Stopped
from modelkeep.hub.sources import IsDisproven
from modelkeep.hub.transfer import DownloadResult, FileState, Transfer, TransferFile, TransferState
from modelkeep.hub.transfer_folder import CANCEL, PAUSE, Download, Folder, staged
from modelkeep.progress import Progress, Report
from modelkeep.text import size_text

if TYPE_CHECKING:
    from modelkeep.hub.giving import Giver
    from modelkeep.streams import Stream

__all__ = ["Checked", "MakeRoom", "Run", "running"]

Emit = Callable[[object], None]

MakeRoom = Callable[[int], object]
"""Called with the bytes that are about to come into the cache, so that it keeps within its limits."""

_TICK = 0.05  # seconds between two looks at whether it is over
_LOOK_EVERY = 0.1  # at what other processes ask for, and whether the caller wants it to stop
_EMIT_EVERY = 0.25
_SPACE_EVERY = 0.5
_ROUNDS = 3  # what vanishes from the cache meanwhile is brought again so often
_MANY = 500  # files of which each has a row
_MANY_SMALL = 50  # small files from which on they are brought to the disk together
_LAST_FILES = 2.0  # seconds to put into the cache what was whole when a download failed
_running: dict[tuple[str, str], Transfer] = {}
"""The transfers that this process runs, as they were passed on last."""


class Checked(NamedTuple):
    """A content that was compared with its name: the blob in the cache, and its etag."""

    path: str
    etag: str


class _Asked(Exception):
    """Another process asks for something."""


def running(root: str, id: str) -> Transfer | None:
    """How a transfer is doing that this process runs."""
    return _running.get((root, id))


@dataclass(frozen=True)
class _Row:
    """A file that is wanted, and the content on its way for it; None when the revision has it."""

    path: str
    size: int
    part: Part | None

    def now(self) -> TransferFile:
        if self.part is None:
            return TransferFile(self.path, self.size, self.size, FileState.DONE)
        return TransferFile(self.path, self.size, self.part.done, self.part.state, self.part.note)


class Run:
    """One run of a transfer, whose lock the caller holds. `checked` are the contents that it made sure of.

    `roots` are caches that may have contents already, `verified` tells which of them need not be read to be sure,
    `disproven` which are known to be damaged; for `make_room` see `MakeRoom`.
    """

    def __init__(
        self,
        folder: Folder,
        download: Download,
        giver: Giver,
        *,
        roots: Sequence[str],
        verified: IsVerified,
        disproven: IsDisproven,
        make_room: MakeRoom,
        paces: Sequence[Pace],
        report: Report,
        emit: Emit | None,
    ) -> None:
        self.folder = folder
        self.download = download
        self.giver = giver
        self.paces = paces
        self.report = report
        self.emit = emit
        self.checked: list[Checked] = []
        self._repo = folder.root / layout.repo_folder(download.key.repo_type, download.key.repo_id)
        self._arrival = Arrival(folder, download)
        self._crew: Crew | None = None
        self._parts: dict[str, Part] = {}
        self._elsewhere = Elsewhere(
            folder,
            download,
            giver,
            roots=roots,
            verified=verified,
            disproven=disproven,
            go_on=self._go_on,
        )
        self._disproven = disproven
        self._make_room = make_room
        self._proven: set[str] = set()
        self._rows: list[_Row] = []
        self._uses: dict[str, int] = {}
        self._active: dict[str, Part] = {}
        self._settled = self._total = 0
        self._fetched = self._linked = 0
        self._notes: dict[str, None] = {}
        self._began = time.monotonic()
        self._looked = self._emitted = self._measured = float("-inf")
        self._meter = Meter()
        self._position = folder.position(download.added)

    def run(self) -> DownloadResult:
        """Fetch what is missing. What stopped it is the `error` of the result; but `Cancelled` is raised."""
        try:
            with disk_errors(self.folder.path):
                self.folder.write_state(TransferState.QUEUED)
                self.folder.keep_room()
                self._recover()
            ref_kept = self._bring()
        except _Asked as asked:
            return self._result(error=self._obey(str(asked)))
        except ModelKeepError as error:
            with suppress(ModelKeepError, OSError):  # a disk that broke or went away takes no word of it
                self.folder.write_state(TransferState.FAILED, error)
            return self._result(error=error.with_traceback(None))
        finally:
            _running.pop((os.fspath(self.folder.root), self.folder.id), None)
        with suppress(ModelKeepError):  # it is done; what is left of it is found in the list of transfers
            self.folder.remove()
        return self._result(ref_kept=ref_kept)

    # ---- the steps

    def _bring(self) -> str:
        """All of it; returns why the ref was left where it is."""
        check_same_disk(self.folder.root, self.download.key)
        self._arrival.start()
        question = LastQuestion(self.giver, self.download)
        try:
            for _ in range(_ROUNDS):
                self._look_around()
                if needed := sum(part.size - self._here(part) for part in self._parts.values()):
                    self._make_room(sum(part.size for part in self._parts.values()))
                    self._check_space(needed)
                self._fetch()
                question.ask()
                missing, leads_to = self._arrival.conclude()
                if not missing:
                    break
                self._notes["Some files were removed from the cache meanwhile, and brought again."] = None
            else:
                raise CacheError(
                    f"{missing[0]} is removed from the cache again and again.",
                    hint="See which program cleans it up, then go on with the download.",
                )
        finally:
            self._arrival.stop()
        self._remember()
        if newer := question.answer():
            self._notes[newer] = None
        if not leads_to:
            return ""
        return f"“{self.download.ref}” was moved to {leads_to[:8]} meanwhile, and stays there."

    def _recover(self) -> None:
        """What a kill left on its way into the cache is not lost."""
        self.folder.make()
        self._arrival.recover()
        for blob in self.folder.path.glob("*--*/blobs/*"):
            os.replace(blob, self.folder.blob(blob.name))

    def _look_around(self) -> None:
        """Find out what is here, and what has to come."""
        sources = self._elsewhere.sources()
        paths: dict[str, list[str]] = {}
        for file in self.download.wanted:
            paths.setdefault(file.etag, []).append(file.path)
        self._parts = {}
        self._rows = []
        known: dict[str, Part] = {}
        for file in self.download.wanted:
            found = sources.find(file)
            if found.in_place:
                self._rows.append(_Row(file.path, file.size, None))
                continue
            part = known.get(file.etag)
            if part is None:
                part = Part(self.folder, file.etag, file.size, tuple(paths[file.etag]), sha256=file.sha256)
                known[file.etag] = part
                if found.action is FileAction.PRESENT or self.folder.has(file.etag, file.size):
                    part.over, part.state = True, FileState.DONE
                    self._arrival.add(file.etag)
                else:
                    part.source = Path(found.path) if found.action is FileAction.LINK else None
                    self._parts[file.etag] = part
            self._rows.append(_Row(file.path, file.size, part))
        self._active = {}
        self._uses = Counter(row.part.etag for row in self._rows if row.part)
        self._total = sum(row.size for row in self._rows)
        self._settled = sum(row.size for row in self._rows if row.part is None or row.part.over)

    def _here(self, part: Part) -> int:
        """Bytes of a part that take no more room: those of an earlier run, and those that another cache has."""
        if part.is_small and not part.source:
            return 0
        return part.size if part.source else staged(self.folder.journal(part.etag), part.size)

    def _fetch(self) -> None:
        small = [part for part in self._parts.values() if part.is_small]
        for part in small:
            part.is_flushed = len(small) < _MANY_SMALL
        crew = self._crew = Crew(
            list(self._parts.values()),
            self._open,
            begin=self._begin,
            whole=self._whole,
            paces=self.paces,
            kind=self.giver.kind,
            wrong_content=self.giver.wrong_content,
        )
        self._arrival.more_comes()
        try:
            crew.start()
            while not crew.is_over:
                crew.wait(_TICK)
                self._watch()
                if self._arrival.failure is not None:
                    raise self._arrival.failure
            if crew.failure is not None:
                self._arrival.hurry(_LAST_FILES)
                raise crew.failure
        finally:
            crew.stop()
            self._elsewhere.release(list(self._parts))
            self._count()
        while not self._arrival.is_idle:
            self._arrival.hurry(_TICK)
            self._watch()
        if self._arrival.failure is not None:
            raise self._arrival.failure
        self._emit()
        self._say()

    def _open(self, part: Part, start: int, stop: int | None) -> Stream:
        key, commit = self.download.key, self.download.commit
        return self.giver.open(key, commit, part.file, start, stop)

    def _begin(self, part: Part) -> str:
        """What the crew asks before it fetches a content."""
        self._active[part.etag] = part
        if self._is_here(part):
            return "here"
        if part.size > LARGE and not self._arrival.hold(part.etag):
            part.note = "another program is downloading this"
            return "later"
        if part.size > LARGE and self._is_here(part):
            return "here"  # whoever had the lock has just ended
        if part.size > LARGE and not self._elsewhere.claim(part):
            part.note = "another download brings this"
            return "later"
        part.note = ""
        if part.is_small and part.source is None and self.giver.xet is None:
            return "fetch"  # which takes less time than to look whether another download has it by now
        return "here" if self._elsewhere.bring(part) else "fetch"

    def _is_here(self, part: Part) -> bool:
        """Whether the repository has it by now, and as far as is known in good order."""
        here = self._arrival.has_blob(part.etag, part.size)
        return here and not self._disproven(self._repo / "blobs" / part.etag, part.etag)

    def _whole(self, part: Part) -> None:
        self._elsewhere.release([part.etag])  # it lies in the staging folder, where the other one finds it
        self._arrival.add(part.etag, is_flushed=part.is_flushed)

    def _go_on(self, size: int) -> None:
        if self._crew is not None and self._crew.stopping.is_set():
            raise Stopped

    # ---- watching

    def _watch(self) -> None:
        """Say how far it is, and stop when somebody wants that. Called many times a second."""
        now = time.monotonic()
        if now - self._looked >= _LOOK_EVERY:
            self._looked = now
            if request := self.folder.request():
                raise _Asked(request)
            self._say()
        if now - self._measured >= _SPACE_EVERY and not (self._crew is None or self._crew.is_over):
            self._measured = now
            self._check_space()
        if now - self._emitted >= _EMIT_EVERY:
            self._emitted = now
            self._emit()

    def _check_space(self, needed: int = 0) -> None:
        space = free_space(self.folder.root)
        missing = needed + reserve(space) - space.free
        if missing > 0:
            raise NotEnoughSpace(
                f"{size_text(missing)} more are needed on the disk of {self.folder.root} to download "
                f"{self.download.key}.",
                hint="Free some space, then go on; what came is kept.",
            )

    def _say(self) -> None:
        busy = (FileState.FETCHING, FileState.CHECKING)
        active = next((part.name for part in list(self._active.values()) if part.state in busy), "")
        self.report(Progress(f"Downloading {self.download.key}", self._done(), self._total, active))

    def _done(self) -> int:
        """Bytes that are here. Of many files few are on their way: only these are asked."""
        coming = 0
        for part in list(self._active.values()):
            bytes_here = part.done * self._uses[part.etag]
            if part.over:
                del self._active[part.etag]
                self._settled += part.size * self._uses[part.etag]
            else:
                coming += bytes_here
        return self._settled + coming

    def _emit(self) -> None:
        shown = self._rows
        if len(shown) > _MANY:
            shown = [
                _Row(path, part.size, part)
                for part in list(self._active.values())
                if part.state not in (FileState.WAITING, FileState.DONE)
                for path in part.paths
            ]
        came = self._fetched + sum(part.came for part in self._parts.values())
        transfer = Transfer(
            id=self.folder.id,
            root=os.fspath(self.folder.root),
            key=self.download.key,
            commit=self.download.commit,
            profile=self.download.profile,
            endpoint=self.download.endpoint,
            state=TransferState.RUNNING,
            bytes_done=self._done(),
            bytes_total=self._total,
            files=tuple(row.now() for row in shown),
            added=self.download.added,
            position=self._position,
            rate=self._meter.rate(came),
        )
        _running[transfer.root, transfer.id] = transfer
        if self.emit is not None:
            self.emit(transfer)

    # ---- the end

    def _count(self) -> None:
        """What came in this round."""
        for part in self._parts.values():
            self._fetched += part.came
            part.came = 0
            if part.linked:
                self._linked += part.size
            if part.is_proven:
                self._proven.add(part.etag)
            if part.wrong or part.bad:
                self._notes[f"{part.name}: {part.note}."] = None

    def _remember(self) -> None:
        """The blobs that this run compared with their names, where they lie now."""
        for etag in self._proven:
            blob = f"{self._repo}/blobs/{etag}"
            if os.path.exists(blob):
                self.checked.append(Checked(blob, etag))

    def _obey(self, request: str) -> ModelKeepError:
        key = self.download.key
        if request == CANCEL:
            # Whoever asked removes it, and says what that freed.
            return CacheError(f"The download of {key} was cancelled.", hint="Files that were whole are kept.")
        assert request == PAUSE
        self.folder.forget_request()
        self.folder.write_state(TransferState.PAUSED)
        return CacheError(f"The download of {key} was paused.", hint="Resume it to go on from there.")

    def _result(self, *, ref_kept: str = "", error: ModelKeepError | None = None) -> DownloadResult:
        return DownloadResult(
            key=self.download.key,
            root=os.fspath(self.folder.root),
            commit=self.download.commit,
            snapshot=os.fspath(self._repo / "snapshots" / self.download.commit),
            fetched=self._fetched,
            linked=self._linked,
            seconds=time.monotonic() - self._began,
            ref_kept=ref_kept,
            notes=tuple(self._notes),
            error=error,
        )

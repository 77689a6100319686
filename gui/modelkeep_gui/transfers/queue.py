"""Runs the downloads of the queue, which lies on the disk: what was under way when a window closed goes on here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from modelkeep.hub.transfer import DownloadResult, Transfer, TransferState
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.jobs.runner import JobRunner

if TYPE_CHECKING:
    from modelkeep.errors import ModelKeepError
    from modelkeep.hub.download_plan import DownloadPlan

__all__ = ["AT_ONCE", "TransferQueue"]

AT_ONCE = 2
"""Downloads that run at the same time; each fetches several files."""

_PAUSE = 3000  # milliseconds between two looks at what other programs do with the queue

_Place = tuple[str, str]
"""What identifies a transfer: its root and id."""


class TransferQueue(QObject):
    """The transfers as they are now, and the jobs of those that this window runs.

    One that waits is begun as soon as fewer than `AT_ONCE` run, in the order of the queue. A job that the user
    cancels is a transfer that is paused: what came is kept until the transfer itself is cancelled.

    Signals:
        changed: the list of `Transfer`, whenever it is another.
        advanced: a `Transfer` of which more has come.
        arrived: the `DownloadResult` of one that is here now.
        failed: the `Transfer` and the `ModelKeepError` that stopped it, as a tuple.
    """

    changed = Signal(object)
    advanced = Signal(object)
    arrived = Signal(object)
    failed = Signal(object)

    def __init__(self, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._transfers: list[Transfer] = []
        self._jobs: dict[_Place, Job] = {}
        self._ended: set[_Place] = set()  # here: begun again only when the user says so
        self._is_running = False
        self._is_looking = False
        self._looks_again = False
        self._later = QTimer(self, interval=_PAUSE)
        self._later.timeout.connect(self.refresh)

    @property
    def transfers(self) -> list[Transfer]:
        """All that are known, in the order of the queue."""
        return self._transfers.copy()

    @property
    def rate(self) -> float:
        """Bytes a second that come now, in this window."""
        return sum(one.rate for one in self._transfers if _place(one) in self._jobs)

    @property
    def is_running(self) -> bool:
        """Whether a download of this window is under way."""
        return bool(self._jobs)

    def start(self) -> None:
        """Go on with what an earlier window left, and follow the queue from now on."""
        self._is_running = True
        self._later.start()
        self.refresh()

    def stop(self) -> None:
        """Begin nothing any more."""
        self._is_running = False
        self._later.stop()

    def refresh(self) -> None:
        """Look at the queue, which other programs change too."""
        if self._is_looking:
            self._looks_again = True
            return
        self._is_looking = True
        self._call("transfers", then=self._take, otherwise=lambda _: self._end_look())

    # ---- what the user does

    def add(self, plan: DownloadPlan) -> None:
        """Put a download at the end of the queue."""
        self._call("add_transfer", plan, then=self._add)

    def pause(self, chosen: Sequence[Transfer]) -> None:
        for one in chosen:
            self._call("pause_transfer", *_place(one), then=self._replace)

    def resume(self, chosen: Sequence[Transfer]) -> None:
        """Let paused and failed ones wait for their turn again."""
        for one in chosen:
            self._ended.discard(_place(one))
            self._call("resume_transfer", *_place(one), then=self._replace)

    def cancel(self, chosen: Sequence[Transfer]) -> None:
        """Forget them with what they staged."""
        for one in chosen:
            self._call("cancel_transfer", *_place(one), then=lambda _: self.refresh())

    def move(self, one: Transfer, by: int) -> None:
        """Change the place of one in the queue."""
        self._call("move_transfer", *_place(one), by, then=self._take)

    def limit_rate(self, bytes_per_second: int) -> None:
        """Let all downloads together take at most so much; 0 for no limit."""
        self._call("limit_rate", bytes_per_second)

    # ---- within

    def _call(self, method: str, *arguments: object, then: object = None, otherwise: object = None) -> None:
        self._runner.run(
            self.tr("Look at the downloads"),
            f"hubs.{method}",
            *arguments,
            lane="transfers",
            visible=False,
            on_done=then,  # type: ignore[arg-type] # a callable or None
            on_failed=otherwise,  # type: ignore[arg-type]
        )

    def _take(self, found: Sequence[Transfer]) -> None:
        # Of those that run here we know more than their folder says.
        known = {_place(one): one for one in self._transfers if _place(one) in self._jobs}
        before, self._transfers = self._transfers, [known.get(_place(one), one) for one in found]
        self._ended &= {_place(one) for one in found}
        self._end_look()
        if before != self._transfers:
            self.changed.emit(self.transfers)
        self._begin_next()

    def _end_look(self) -> None:
        self._is_looking = False
        if self._looks_again:
            self._looks_again = False
            self.refresh()

    def _add(self, one: Transfer) -> None:
        self._ended.discard(_place(one))
        if not self._replace(one):
            self._transfers.append(one)
            self.changed.emit(self.transfers)
            self._begin_next()

    def _replace(self, one: Transfer) -> bool:
        """Show a transfer as it is now; false for one that is not in the list."""
        for number, old in enumerate(self._transfers):
            if _place(old) == _place(one):
                self._transfers[number] = one
                self.changed.emit(self.transfers)
                self._begin_next()
                return True
        return False

    def _begin_next(self) -> None:
        if not self._is_running:
            return
        for one in self._transfers:
            if len(self._jobs) >= AT_ONCE:
                return
            place = _place(one)
            if one.state is TransferState.QUEUED and place not in self._jobs and place not in self._ended:
                self._begin(one)

    def _begin(self, one: Transfer) -> None:
        place = _place(one)
        job = self._jobs[place] = self._runner.run(
            self.tr("Download {}").format(one.key.repo_id),
            "hubs.run_transfer",
            *place,
            lane=f"download {place}",
            retry=False,
            on_batch=self._advance,
            on_done=partial(self._arrive, place),
            on_failed=partial(self._fail, place),
        )
        job.canceled.connect(lambda _: self._pause_after_cancel(place))

    def _advance(self, one: Transfer) -> None:
        for number, old in enumerate(self._transfers):
            if _place(old) == _place(one):
                self._transfers[number] = one
        self.advanced.emit(one)

    def _arrive(self, place: _Place, result: DownloadResult) -> None:
        job = self._jobs.pop(place)
        if result.error is not None:
            job.summary = self.tr("{} stopped").format(result.key.repo_id)
            job.error = result.error
            self._fail_with(place, result.error)
        elif result.snapshot:
            self._ended.add(place)  # a look that began before this still names it
            job.summary = self.tr("Downloaded {}").format(result.key.repo_id)
            self.arrived.emit(result)
        else:
            job.summary = self.tr("Paused {}").format(result.key.repo_id)
        self.refresh()

    def _fail(self, place: _Place, error: ModelKeepError) -> None:
        del self._jobs[place]
        self._fail_with(place, error)
        self.refresh()

    def _fail_with(self, place: _Place, error: ModelKeepError) -> None:
        self._ended.add(place)
        for number, old in enumerate(self._transfers):
            if _place(old) == place:
                one = replace(old, state=TransferState.FAILED, rate=0.0, error=str(error), hint=error.hint)
                self._transfers[number] = one
                self.failed.emit((one, error))
        self.changed.emit(self.transfers)

    def _pause_after_cancel(self, place: _Place) -> None:
        del self._jobs[place]
        self._ended.add(place)
        self._call("pause_transfer", *place, then=self._replace, otherwise=lambda _: self.refresh())


def _place(one: Transfer) -> _Place:
    return one.root, one.id

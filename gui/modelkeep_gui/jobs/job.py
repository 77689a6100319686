"""A piece of work with a state, from the click that asked for it to its end."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from modelkeep.errors import ModelKeepError, PartlyDone
from modelkeep.progress import Progress
from modelkeep_gui.jobs.pace import Pace
from modelkeep_gui.jobs.protocol import Call

if TYPE_CHECKING:
    from modelkeep_gui.jobs.runner import JobRunner

__all__ = ["Job", "JobState"]

_STEPS = 100
_LOG_LINES = 40


class JobState(StrEnum):
    """A job is QUEUED, then RUNNING, then one of the others; a retry makes it QUEUED again."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    CANCELED = "canceled"
    ERRORED = "errored"

    @property
    def is_end(self) -> bool:
        return self not in (JobState.QUEUED, JobState.RUNNING)


class Job(QObject):
    """A call in the work process that the user can watch, stop and try again.

    The runner alone changes a job, but for what whoever asked for it says when it succeeded: `summary` is what its
    line says ("Exported 3 models"), `error` is why some of it was not done, a `PartlyDone`; `findings` says what is
    bad of what it looked at: the job itself did all that it should. Times are seconds since
    the epoch, 0.0 for not yet. A quiet job (not `visible`) that fails with nobody to hear it becomes visible. One
    that is paused is RUNNING all the same: it holds its place in its lane, and what it has done so far.

    Signals:
        started: its turn came; the job.
        paused: it shall rest, or go on again; the job.
        progressed: a `Progress`.
        received: a part of the result (a batch of rows), ahead of its end.
        succeeded: the result.
        failed: the `ModelKeepError`.
        canceled: the job.
        ended: the job, after one of the last three.
    """

    started = Signal(object)
    paused = Signal(object)
    progressed = Signal(object)
    received = Signal(object)
    succeeded = Signal(object)
    failed = Signal(object)
    canceled = Signal(object)
    ended = Signal(object)

    def __init__(
        self,
        runner: JobRunner,
        title: str,
        call: Call,
        *,
        visible: bool,
        can_retry: bool,
        can_pause: bool,
        is_heard: bool,
    ) -> None:
        super().__init__(runner)
        self.title = title
        self.summary = ""
        self.call = call
        self.visible = visible
        self.can_retry = can_retry
        self.can_pause = can_pause
        self.is_heard = is_heard
        self.state = JobState.QUEUED
        self.is_stopping = False
        self.is_paused = False
        self.progress: Progress | None = None
        self.result: object = None
        self.error: ModelKeepError | None = None
        self.findings = ""
        self.started_at = 0.0
        self.ended_at = 0.0
        self.log: Collection[str] = ()
        """The last lines of the work process that has it, newest last; they go on growing."""
        self._runner = runner
        self._pace = Pace()
        self._history: deque[str] = deque(maxlen=_STEPS)
        self._traceback = ""

    def __repr__(self) -> str:
        return f"<Job {self.title!r} {self.state}>"

    @property
    def rate(self) -> float | None:
        """Bytes a second, smoothed; None when it is not bytes that are counted, or not known yet."""
        counts_bytes = self.progress is not None and self.progress.unit == "bytes"
        return self._pace.rate if counts_bytes else None

    @property
    def seconds_left(self) -> float | None:
        return self._pace.seconds_left

    @property
    def details(self) -> str:
        """What happened, to read and to copy: times and steps, the error, the work process's last words."""
        parts = [self.title, "\n".join(self._history)]
        if self.error:
            failures = self.error.failures if isinstance(self.error, PartlyDone) else ()
            parts.append("\n".join(filter(None, (str(self.error), self.error.hint, *failures))))
        parts.append(self.findings.rstrip())
        parts.append(self._traceback.rstrip())
        if lines := tuple(self.log)[-_LOG_LINES:]:
            parts.append("\n".join((self.tr("The work process wrote last:"), *lines)))
        return "\n\n".join(filter(None, parts)) + "\n"

    # What the user can do

    def cancel(self) -> None:
        """Stop it: at once while it waits, at its next report when it runs, unless it completes before that."""
        self._runner.cancel(self)

    def pause(self) -> None:
        """Let it rest from its next report on, if it is one that can."""
        self._runner.pause(self)

    def resume(self) -> None:
        """Let it go on from where it rests."""
        self._runner.resume(self)

    def retry(self) -> None:
        """Do it again with the same arguments, after it failed or was cancelled."""
        self._runner.retry(self)

    def move_up(self) -> None:
        """Let it have its turn before the job that waits in front of it."""
        self._runner.move(self, -1)

    def move_down(self) -> None:
        self._runner.move(self, +1)

    def forget(self) -> None:
        """Drop it once it has ended: nobody wants to see it any more."""
        self._runner.forget(self)

    # What the runner does with it

    def begin(self) -> None:
        self.state = JobState.RUNNING
        self.started_at = time.time()
        self._note(self.tr("Started"))
        self.started.emit(self)

    def advance(self, progress: Progress) -> None:
        if self.progress is None or progress.step != self.progress.step:
            self._note(progress.step)
        self.progress = progress
        self._pace.update(progress, time.monotonic())
        self.progressed.emit(progress)

    def rest(self, is_paused: bool) -> None:
        self.is_paused = is_paused
        # Afresh both times: neither the rate before the rest nor the rest itself says how fast it will be.
        self._pace = Pace()
        self._note(self.tr("Paused") if is_paused else self.tr("Resumed"))
        self.paused.emit(self)

    def succeed(self, result: object) -> None:
        self.result = result
        self._end(JobState.COMPLETED, self.tr("Done"))
        self.succeeded.emit(result)
        self.ended.emit(self)

    def fail(self, error: ModelKeepError, traceback: str = "") -> None:
        self.error = error
        self._traceback = traceback
        self._end(JobState.ERRORED, self.tr("Failed"))
        self.failed.emit(error)
        self.ended.emit(self)

    def stop(self) -> None:
        self._end(JobState.CANCELED, self.tr("Cancelled"))
        self.canceled.emit(self)
        self.ended.emit(self)

    def reset(self) -> None:
        """Make it as new; only the history of the earlier attempt stays."""
        self.state = JobState.QUEUED
        self.is_stopping = False
        self.progress = self.error = self.result = None
        self.started_at = self.ended_at = 0.0
        self.summary = self.findings = self._traceback = ""
        self._pace = Pace()
        self._note(self.tr("Tried again"))

    def _end(self, state: JobState, word: str) -> None:
        self.state = state
        self.is_paused = False
        self.ended_at = time.time()
        self._note(word)

    def _note(self, text: str) -> None:
        self._history.append(f"{time.strftime('%H:%M:%S')}  {text}")

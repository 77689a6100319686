"""Runs jobs: one after another in each lane, in a work process that the window never waits for."""

from __future__ import annotations

import itertools
import pickle
import time
import traceback
from collections import defaultdict, deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from modelkeep_gui.jobs.job import Job, JobState
from modelkeep_gui.jobs.protocol import (
    Call,
    Cancel,
    Canceled,
    Died,
    Done,
    Emitted,
    Failed,
    Pause,
    Ready,
    Reported,
    Resume,
    Started,
    WorkerDied,
    decode,
)

if TYPE_CHECKING:
    from modelkeep_gui.jobs.process import WorkProcess

__all__ = ["JobRunner"]

_SLICE = 0.004  # seconds of replies that are taken in at once, so that painting and typing come in between


class JobRunner(QObject):
    """The queues, and the one work process behind them.

    `factory` names what makes the service there, as "module:callable". The queues stay on this side and the process
    holds one call of each lane: so the order can be changed, and what had not begun outlives the process. When
    it dies, the calls that ran fail and the others go to a new one.

    Signals:
        added: a visible `Job`, or a quiet one that failed with nobody to tell.
        requeued: a `Job` that took another place in its queue or came back to it.
        removed: a `Job` that is forgotten.
        idle: nothing runs and nothing waits any more.
    """

    added = Signal(object)
    requeued = Signal(object)
    removed = Signal(object)
    idle = Signal()
    _posted = Signal()

    def __init__(self, factory: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._factory = factory
        self._process: WorkProcess | None = None
        self._is_ready = False
        self._is_shut_down = False
        self._is_idle = True
        self._ids = itertools.count(1)
        self._waiting: defaultdict[str, deque[Job]] = defaultdict(deque)
        self._sent: dict[int, Job] = {}
        self._inbox: deque[bytes | Died] = deque()
        self._is_called = False  # a call of `_take_in` is on its way
        self._again = QTimer(self, singleShot=True, interval=0)
        self._again.timeout.connect(self._take_in)
        self._posted.connect(self._take_in, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        title: str,
        method: str,
        /,
        *args: object,
        lane: str = "look",
        visible: bool = True,
        retry: bool = True,
        can_pause: bool = False,
        on_done: Callable[[Any], object] | None = None,
        on_failed: Callable[[Any], object] | None = None,
        on_batch: Callable[[Any], object] | None = None,
        **kwargs: object,
    ) -> Job:
        """Have a method of the service called when its turn in the lane comes; return at once.

        The arguments are taken as they are now. A job that is not visible is forgotten as soon as it ends.
        `can_pause` is for what reports often, and may rest for hours without holding up anyone else.
        """
        call = Call(next(self._ids), lane, method, pickle.dumps((args, kwargs), protocol=5))
        job = Job(
            self,
            title,
            call,
            visible=visible,
            can_retry=retry,
            can_pause=can_pause,
            is_heard=on_failed is not None,
        )
        if on_done:
            job.succeeded.connect(on_done)
        if on_failed:
            job.failed.connect(on_failed)
        if on_batch:
            job.received.connect(on_batch)
        self._enqueue(job)
        if visible:
            self.added.emit(job)
        return job

    def start(self) -> None:
        """Have the work process warm before the first call; to be called after the first paint."""
        if self._process is not None or self._is_shut_down:
            return
        # Imported here: subprocess would add its 16 ms to the time of the first paint.
        from modelkeep_gui.jobs.process import WorkProcess

        self._is_ready = False
        try:
            self._process = WorkProcess(self._factory, self._receive)
        except OSError as error:
            self._receive(Died(1, error.strerror or str(error)))

    def shutdown(self, seconds: float = 0.3) -> None:
        """End the work process for good. Running calls are cancelled, and cut off after `seconds`; no job ends."""
        self._is_shut_down = True
        self._again.stop()
        if self._process is not None:
            self._process.stop(seconds)
            self._process = None
        self._inbox.clear()

    def running(self) -> list[Job]:
        """The jobs whose turn has come, quiet ones too."""
        return list(self._sent.values())

    def waiting(self, lane: str | None = None) -> list[Job]:
        """The jobs of a lane, or of all, whose turn has not come, in their order."""
        queues = self._waiting.values() if lane is None else [self._waiting[lane]]
        return [job for queue in queues for job in queue]

    # What the user does with a job

    def cancel(self, job: Job) -> None:
        if job in self._waiting[job.call.lane]:
            self._waiting[job.call.lane].remove(job)
            self._end(job, job.stop)
        elif job.call.id in self._sent and not job.is_stopping and self._process is not None:
            job.is_stopping = True
            job.is_paused = False
            self._process.send(Cancel(job.call.id))

    def pause(self, job: Job) -> None:
        if job.can_pause and self._heeds(job) and not job.is_paused and self._process is not None:
            self._process.send(Pause(job.call.id))
            job.rest(True)

    def resume(self, job: Job) -> None:
        if job.is_paused and self._heeds(job) and self._process is not None:
            self._process.send(Resume(job.call.id))
            job.rest(False)

    def retry(self, job: Job) -> None:
        if job.can_retry and job.state in (JobState.CANCELED, JobState.ERRORED):
            job.reset()
            self._enqueue(job)
            self.requeued.emit(job)

    def move(self, job: Job, by: int) -> None:
        """Move a waiting job in its queue; beyond the ends it stays there."""
        queue = self._waiting[job.call.lane]
        if job in queue:
            place = max(0, queue.index(job) + by)
            queue.remove(job)
            queue.insert(place, job)
            self.requeued.emit(job)

    def forget(self, job: Job) -> None:
        if job.state.is_end:
            self.removed.emit(job)
            job.deleteLater()

    # To the work process and back

    def _heeds(self, job: Job) -> bool:
        return job.call.id in self._sent and job.state is JobState.RUNNING and not job.is_stopping

    def _enqueue(self, job: Job) -> None:
        self._is_idle = False
        self._waiting[job.call.lane].append(job)
        self._send_next(job.call.lane)

    def _send_next(self, lane: str) -> None:
        is_busy = any(job.call.lane == lane for job in self._sent.values())
        if is_busy or self._is_shut_down or not self._waiting[lane]:
            return
        job = self._waiting[lane].popleft()
        self._sent[job.call.id] = job
        self.start()
        if self._process is not None:
            job.log = self._process.log
            self._process.send(job.call)

    def _receive(self, message: bytes | Died) -> None:
        """Called in the listening thread: the one place where something off the GUI thread emits."""
        if self._is_shut_down:
            return  # and perhaps deleted
        self._inbox.append(message)
        if not self._is_called:
            self._is_called = True
            self._posted.emit()

    @Slot()
    def _take_in(self) -> None:
        self._is_called = False  # before the inbox is looked at: what comes later calls again
        deadline = time.perf_counter() + _SLICE
        while self._inbox:
            if time.perf_counter() > deadline:
                self._is_called = True
                self._again.start()
                return
            message = self._inbox.popleft()
            if isinstance(message, Died):
                self._bury(message)
            else:
                self._take(message)

    def _take(self, message: bytes) -> None:
        assert self._process is not None, "Died is the last that is heard of a process"
        try:
            reply = decode(message)
        except Exception:  # noqa: BLE001 - another version was installed beneath us: nothing it says can be read
            self._process.log.extend(traceback.format_exc().splitlines())
            self._process.kill("what it said could not be read")
            return
        match reply:
            case Ready():
                self._is_ready = True
            case Started(id):
                self._sent[id].begin()
            case Reported(id, progress):
                self._sent[id].advance(progress)
            case Emitted(id, value):
                self._sent[id].received.emit(value)
            case Done(id, value):
                job = self._take_back(id)
                self._end(job, job.succeed, value)
            case Failed(id, error, where):
                job = self._take_back(id)
                self._end(job, job.fail, error, where)
            case Canceled(id):
                job = self._take_back(id)
                self._end(job, job.stop)

    def _take_back(self, id: int) -> Job:
        """The job of a call that ended. The next one of its lane is on its way before anyone reacts to this one."""
        job = self._sent.pop(id)
        self._send_next(job.call.lane)
        return job

    def _end(self, job: Job, end: Callable[..., None], *values: object) -> None:
        """Bring a job that is in no queue any more to its end, and see what that means for all."""
        end(*values)
        if job.state is JobState.ERRORED and not (job.visible or job.is_heard):
            job.visible = True
            self.added.emit(job)
        if not job.visible:
            self.forget(job)
        if not self._is_idle and not self._sent and not self.waiting():
            self._is_idle = True
            self.idle.emit()

    def _bury(self, died: Died) -> None:
        """The process is gone: what it ran fails, what it had not begun goes back to the front of its queue."""
        self._process = None
        sent, self._sent = self._sent, {}
        begun = [job for job in sent.values() if job.state is JobState.RUNNING or not self._is_ready]
        for job in sent.values():
            if job not in begun and not job.is_stopping:
                self._waiting[job.call.lane].appendleft(job)
        error = _death(died, was_ready=self._is_ready)
        for lane in list(self._waiting):
            self._send_next(lane)
        for job in sent.values():
            if job in begun:
                self._end(job, job.fail, error)
            elif job.is_stopping:
                self._end(job, job.stop)


def _death(died: Died, *, was_ready: bool) -> WorkerDied:
    if not was_ready:
        return WorkerDied(
            f"The work process could not start ({died.reason}).",
            hint="Start Modelkeep again, or install it again if that does not help.",
        )
    if died.reason == "SIGKILL":
        return WorkerDied(
            f"The work process ended unexpectedly ({died.reason}).",
            hint="The system may have been short of memory: close other programs, then try again.",
        )
    return WorkerDied(
        f"The work process ended unexpectedly ({died.reason}).",
        hint="Try again. If it happens again, report it with what happened.",
    )

"""What the pool of workers keeps of each model, and the worker that has none yet."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from modelkeep.errors import InferenceError
from modelkeep.inference.outcome import WorkerView
from modelkeep.inference.process import WorkerProcess
from modelkeep.inference.values import LoadedModel, LoadRequest
from modelkeep.inference_choices import InferenceSettings
from modelkeep.progress import Progress

__all__ = ["Kind", "Place", "Spare", "content_of"]


class Kind(NamedTuple):
    """What two that ask have to have in common to share a worker."""

    request: LoadRequest
    interpreter: str
    memory: int


@dataclass(eq=False)
class Place:
    """A model and its worker, from before it is loaded until it is gone.

    `users` are those who have it or wait for it, `content` tells its files from others. `leaves` is when it was idle
    for long, by the clock that only goes on.
    """

    kind: Kind
    idle: float
    content: tuple[object, ...]
    state: str = "starting"
    process: WorkerProcess | None = None
    model: LoadedModel | None = None
    load_seconds: float = 0.0
    error: BaseException | None = None
    progress: Progress = field(default=Progress("Starting"))
    users: int = 1
    tries: int = 0
    since: float = field(default_factory=time.time)
    leaves: float = 0.0

    @property
    def is_free(self) -> bool:
        return self.state == "idle" and not self.users

    @property
    def is_dead(self) -> bool:
        return self.state == "idle" and (self.process is None or not self.process.is_alive)

    def rest(self) -> None:
        """Have nothing to do from now on."""
        self.state = "idle"
        self.leaves = time.monotonic() + self.idle

    def view(self, process: WorkerProcess) -> WorkerView:
        request = self.kind.request
        return WorkerView(
            process.pid,
            request.key,
            request.root,
            str(request.task),
            self.state,
            self.model.device if self.model else request.device,
            process.memory,
            process.peak_memory,
            self.since,
            time.time() + self.leaves - time.monotonic() if self.is_free else 0.0,
            self.tries,
        )


class Spare:
    """At most one worker that has imported the frameworks, or is about to, and waits for a model."""

    def __init__(self, start: Callable[[str, str, int], WorkerProcess]) -> None:
        self._start = start
        self._changed = threading.Condition()
        self._process: WorkerProcess | None = None
        self._wanted: tuple[str, str, int] | None = None
        self._timer: threading.Timer | None = None
        self._since = self._leaves_at = 0.0
        self._is_ready = False
        self._closed = False

    def prepare(self, root: str, settings: InferenceSettings) -> None:
        """Begin to start one, unless there is one for this; returns at once, and who takes it waits for it."""
        wanted = (root, settings.interpreter, settings.memory)
        with self._changed:
            is_here = self._process is None or self._process.is_alive
            if self._closed or (self._wanted == wanted and is_here):
                return
            before, self._wanted = self._let_go(), wanted
        if before is not None:
            before.kill()
        threading.Thread(target=self._begin, args=(wanted, settings.idle), daemon=True).start()

    def _begin(self, wanted: tuple[str, str, int], idle: float) -> None:
        try:
            process = self._start(*wanted)
        except InferenceError:  # whoever loads a model hears of it
            with self._changed:
                if self._wanted == wanted and self._process is None:
                    self._let_go()
            return
        with self._changed:
            is_wanted = not self._closed and self._wanted == wanted and self._process is None
            if is_wanted:
                self._process, self._since, self._leaves_at = process, time.time(), 0.0
        if not is_wanted:  # meanwhile there came another, or the end
            process.kill()
            return
        try:
            process.warm()
        except InferenceError:
            self.end(process.pid)
            return
        self._rest(process, idle)

    def take(self, root: str, interpreter: str, memory: int) -> WorkerProcess | None:
        """The one for this, once it is ready; None where there is none."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._wanted != (root, interpreter, memory) or self._is_ready or self._closed
            )
            if self._wanted != (root, interpreter, memory):
                return None
            process = self._let_go()
        if process is not None and not process.is_alive:
            process.kill()
            return None
        return process

    def end(self, pid: int = 0) -> bool:
        """End it, or only if it is the process `pid`; whether there was one."""
        with self._changed:
            if pid and (self._process is None or self._process.pid != pid):
                return False
            process = self._let_go()
        if process is not None:
            process.kill()
        return process is not None

    def close(self) -> None:
        """End it, and start none any more."""
        with self._changed:
            self._closed = True
        self.end()

    def views(self) -> list[WorkerView]:
        with self._changed:
            process, state = self._process, "idle" if self._is_ready else "starting"
            root, since, leaves = (self._wanted or ("",))[0], self._since, self._leaves_at
        if process is None or not process.is_alive:
            return []
        memory, peak = process.memory, process.peak_memory
        return [WorkerView(process.pid, "", root, "", state, "", memory, peak, since, leaves, 0)]

    def _rest(self, process: WorkerProcess, idle: float) -> None:
        with self._changed:
            if self._process is process:
                self._is_ready, self._leaves_at = True, time.time() + idle
                self._timer = threading.Timer(idle, self.end, [process.pid])
                self._timer.daemon = True
                self._timer.start()
                self._changed.notify_all()

    def _let_go(self) -> WorkerProcess | None:
        if self._timer is not None:
            self._timer.cancel()
        process, self._process, self._wanted, self._timer = self._process, None, None, None
        self._is_ready = False
        self._changed.notify_all()
        return process


def content_of(request: LoadRequest) -> tuple[object, ...]:
    """What tells whether the files of a model are still those that were loaded; raises where they are gone."""
    again = "Download the model again."
    found: list[object] = []
    if not os.path.isdir(request.folder):
        raise InferenceError(f"{request.name} is not in the cache any more.", hint=again)
    for name in request.files:
        try:
            status = os.stat(os.path.join(request.folder, name))
        except OSError as error:
            raise InferenceError(f"{name} of {request.name} is not there any more.", hint=again) from error
        found.append((status.st_ino, status.st_size, status.st_mtime_ns))
    return tuple(found)

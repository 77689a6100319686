"""The workers of this program: one for each model, warm until it was idle for long, and so many at a time."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import NamedTuple

from modelkeep.errors import Cancelled, InferenceError, ProcessDied
from modelkeep.inference.messages import Ran
from modelkeep.inference.outcome import WorkerView
from modelkeep.inference.places import Kind, Place, Spare, content_of
from modelkeep.inference.process import Emit, WorkerProcess
from modelkeep.inference.values import LoadedModel, LoadRequest, Task, TryInputs, TryOptions
from modelkeep.inference_choices import InferenceSettings
from modelkeep.progress import Progress, Report, ignore

__all__ = ["Ready", "Workers"]

_TICK = 0.1  # seconds between two looks at whether who waits still wants to


class Ready(NamedTuple):
    """A worker with a model, for whoever has it now.

    `warm`: it was loaded already, and `load_seconds` is 0.0 then. `seconds` is the longest that an answer may take.
    """

    process: WorkerProcess
    model: LoadedModel
    warm: bool
    load_seconds: float
    seconds: float

    def run(
        self,
        task: Task,
        inputs: TryInputs,
        options: TryOptions = TryOptions(),  # noqa: B008 - frozen
        *,
        emit: Emit | None = None,
        report: Report = ignore,
        stopped: threading.Event | None = None,
    ) -> Ran:
        """Ask the model; see `WorkerProcess.run`."""
        return self.process.run(
            task, inputs, options, seconds=self.seconds, emit=emit, report=report, stopped=stopped
        )


class Workers:
    """See the module. `environment` is added to that of each worker. Methods may be called from several threads."""

    def __init__(self, *, environment: Mapping[str, str] | None = None) -> None:
        self._environment = dict(environment or {})
        self._changed = threading.Condition()
        self._places: dict[Kind, Place] = {}
        self._leaving: list[Place] = []
        """Those that nobody joins any more, until their process is gone."""
        self._spare = Spare(self._new_process)
        self._keeper: threading.Thread | None = None
        self._closed = False
        self.loads = 0
        """How many loads were begun."""

    @contextmanager
    def use(
        self, request: LoadRequest, settings: InferenceSettings, report: Report = ignore
    ) -> Iterator[Ready]:
        """Have the worker of a model to oneself, loaded; waits for those who came before, and for room.

        Raises what starting and loading raise, `InferenceError` where the model's files are gone, and what `report`
        raises while it waits.
        """
        place, ready = self._enter(Kind(request, settings.interpreter, settings.memory), settings, report)
        try:
            yield ready
        finally:
            self._leave(place)

    def warm(self, request: LoadRequest, settings: InferenceSettings) -> None:
        """Start a worker that imports the frameworks, for the next model of the root of this one; returns at once.

        None for a model that is being loaded, or is. It leaves like one that is idle, and does not count as one of
        those that may be loaded.
        """
        with self._changed:
            if Kind(request, settings.interpreter, settings.memory) in self._places:
                return
        self._spare.prepare(request.root, settings)

    def has(self, request: LoadRequest, settings: InferenceSettings) -> bool:
        """Whether a model is loaded just so, out of the files that are there now."""
        with suppress(InferenceError):
            content = content_of(request)
            with self._changed:
                place = self._places.get(Kind(request, settings.interpreter, settings.memory))
                return (
                    place is not None
                    and place.content == content
                    and place.state in ("idle", "running")
                    and not place.is_dead
                )
        return False

    def views(self) -> tuple[WorkerView, ...]:
        """The workers as they are now."""
        with self._changed:
            self._drop_dead()
            places = [*self._places.values(), *self._leaving]
        return (*(place.view(place.process) for place in places if place.process), *self._spare.views())

    def end(self, pid: int = 0) -> int:
        """End a worker, all when 0, also those that have something to do; returns how many ended.

        Their memory is back when this returns.
        """
        with self._changed:
            gone = [
                place
                for place in self._places.values()
                if not pid or (place.process is not None and place.process.pid == pid)
            ]
            for place in gone:
                place.error = ProcessDied("It was ended before it could answer.")
                self._take_out(place)
        for place in gone:
            self._end(place)
        return len(gone) + self._spare.end(pid)

    def close(self) -> None:
        """End all workers; nothing can be asked afterwards."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._spare.close()
        self.end()
        with self._changed:
            keeper = self._keeper
            self._changed.wait_for(lambda: not self._places and not self._leaving)
        if keeper is not None:
            keeper.join()

    # ---- entering and leaving

    def _enter(self, kind: Kind, settings: InferenceSettings, report: Report) -> tuple[Place, Ready]:
        while True:
            place, warm = self._join(kind, settings, report)
            try:
                if self._has_turn(place, report):
                    assert place.process is not None
                    assert place.model is not None
                    load_seconds = 0.0 if warm else place.load_seconds
                    return place, Ready(place.process, place.model, warm, load_seconds, settings.seconds)
            except BaseException:
                self._leave(place, had=False)
                raise
            self._leave(place, had=False)  # it ended while this one waited for it

    def _join(self, kind: Kind, settings: InferenceSettings, report: Report) -> tuple[Place, bool]:
        """Be a user of the place of this model, made if there is none; whether it was loaded already."""
        while True:
            content = content_of(kind.request)
            with self._changed:
                if self._closed:
                    raise InferenceError("Modelkeep is ending, and runs no model any more.")
                self._drop_dead()
                place = self._places.get(kind)
                if place is not None and place.content == content:
                    place.users += 1
                    place.idle = settings.idle
                    return place, place.model is not None
                # Where its files are others by now, who has it goes on, and who comes gets what is there.
                goes = place or (None if self._has_room(settings) else self._longest_idle())
                if goes is None and self._has_room(settings):
                    place = self._places[kind] = Place(kind, settings.idle, content)
                    self.loads += 1
                    threading.Thread(target=self._load, args=(place, settings.seconds), daemon=True).start()
                    return place, False
                if goes is None:
                    self._changed.wait(_TICK)
                else:
                    self._take_out(goes)
            if goes is None:
                report(Progress("Waiting for another model to be done", item=kind.request.name))
            elif not goes.users:
                self._end(goes)

    def _has_turn(self, place: Place, report: Report) -> bool:
        """Wait until it is loaded and nobody else has it; False where it ended before. Raises why it did not load."""
        while True:
            with self._changed:
                if place.error is not None:
                    raise _again(place.error)
                if place.state == "ending" or place.is_dead:
                    return False
                if place.state == "idle":
                    place.state = "running"
                    place.tries += 1
                    return True
                self._changed.wait(_TICK)
                progress = place.progress
                if place.state == "running":
                    progress = Progress("Waiting for the answer before", item=place.kind.request.name)
            report(progress)

    def _leave(self, place: Place, *, had: bool = True) -> None:
        with self._changed:
            place.users -= 1
            if had and place.state == "running":
                place.rest()
            if place.is_dead:
                self._take_out(place)
            gone = place.state == "ending" and not place.users
            self._keep()
        if gone:
            self._end(place)

    # ---- loading

    def _load(self, place: Place, seconds: float) -> None:
        """Load a model in a thread of its own, so that who asked first may go without the others losing it."""

        def report(progress: Progress) -> None:
            with self._changed:
                if not place.users or place.state == "ending":
                    raise Cancelled
                place.progress = progress

        try:
            root, interpreter, memory = place.kind.request.root, *place.kind[1:]
            process = self._spare.take(root, interpreter, memory)
            place.process = process or self._new_process(root, interpreter, memory)
            with self._changed:
                if place.state == "starting":
                    place.state = "loading"
            loaded = place.process.load(place.kind.request, seconds=seconds, report=report)
        except BaseException as error:  # noqa: BLE001 - those who wait raise it
            with self._changed:
                if place.error is None and not isinstance(error, Cancelled):
                    place.error = error
                self._take_out(place)
            self._end(place, loading=True)
            return
        with self._changed:
            place.model, place.load_seconds = loaded.model, loaded.seconds
            if place.state == "loading":
                place.rest()
            self._keep()
        if place.state == "ending":
            self._end(place)

    def _new_process(self, root: str, interpreter: str, memory: int) -> WorkerProcess:
        return WorkerProcess(root, interpreter=interpreter, memory=memory, environment=self._environment)

    # ---- room and time, with `_changed` held

    def _has_room(self, settings: InferenceSettings) -> bool:
        return len(self._places) + len(self._leaving) < max(1, settings.workers)

    def _longest_idle(self) -> Place | None:
        free = [place for place in self._places.values() if place.is_free]
        return min(free, key=lambda place: place.leaves - place.idle, default=None)

    def _drop_dead(self) -> None:
        for place in [place for place in self._places.values() if place.is_dead and place.is_free]:
            del self._places[place.kind]
            place.state = "ending"
            if place.process is not None:
                place.process.kill()

    def _take_out(self, place: Place) -> None:
        """Let nobody join it any more."""
        if self._places.get(place.kind) is place:
            del self._places[place.kind]
            self._leaving.append(place)
        place.state = "ending"
        self._changed.notify_all()

    def _keep(self) -> None:
        """Tell those who wait that something changed, and see to it that somebody ends what is idle for long."""
        if self._keeper is None and not self._closed:
            self._keeper = threading.Thread(target=self._end_idle, name="workers: idle", daemon=True)
            self._keeper.start()
        self._changed.notify_all()

    # ---- ending

    def _end(self, place: Place, *, loading: bool = False) -> None:
        """End the process of a place that was taken out; where it is being started, whoever does that ends it."""
        if place.process is not None:
            place.process.kill()
        with self._changed:
            if place.process is None and not loading:
                self._changed.wait_for(lambda: place not in self._leaving)
            if place in self._leaving:
                self._leaving.remove(place)
            self._changed.notify_all()

    def _end_idle(self) -> None:
        """Sleep until the next one has been idle for long; without any, this thread ends."""
        while True:
            with self._changed:
                free = [place for place in self._places.values() if place.is_free]
                now = time.monotonic()
                gone = [place for place in free if place.leaves <= now]
                for place in gone:
                    self._take_out(place)
                if not gone:
                    if self._closed or not self._places:
                        self._keeper = None
                        return
                    self._changed.wait(min((place.leaves - now for place in free), default=None))
            for place in gone:
                self._end(place)


def _again(error: BaseException) -> BaseException:
    """An error for one more who raises it: each has its own way."""
    with suppress(TypeError):
        return copy.copy(error)
    return error

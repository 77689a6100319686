"""Asking models that are loaded, or are loaded for it: what has to be seen before, and what is told after."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, NamedTuple

from modelkeep.errors import Cancelled, InferenceError, ModelNotFound, OutOfMemory
from modelkeep.inference.outcome import Device, WorkerView
from modelkeep.inference.plan import TryPlan
from modelkeep.inference.unread import Unread
from modelkeep.inference.values import LoadedModel, LoadRequest, TryInputs, TryOptions, TryResult
from modelkeep.inference_choices import InferenceSettings
from modelkeep.progress import Progress, Report, ignore
from modelkeep.text import size_text

if TYPE_CHECKING:
    from modelkeep.cache.catalog import Catalog
    from modelkeep.cache.inventory import CachedModel
    from modelkeep.inference.workers import Ready, Workers

__all__ = ["Running", "RunHow"]

Emit = Callable[[object], None]


class RunHow(NamedTuple):
    """What goes for one run beside what is asked. `devices` are those of the Python that runs it, as far as known."""

    settings: InferenceSettings
    allow_unsafe: Collection[str] = ()
    force: bool = False
    devices: Collection[Device] = ()
    report: Report = ignore
    emit: Emit | None = None


class Running:
    """The workers of a library and what they are asked; `find` is the model of a plan as it is in its cache now.

    Methods may be called from several threads. No process is started before it is needed.
    """

    def __init__(self, catalog: Catalog, find: Callable[[TryPlan], CachedModel]) -> None:
        self._catalog = catalog
        self._find = find
        self._lock = threading.Lock()
        self._pool: Workers | None = None
        self._closed = False
        self._unread = Unread()
        self._stoppable: dict[str, threading.Event] = {}

    def load(self, plan: TryPlan, how: RunHow) -> LoadedModel:
        """Have it loaded; raises what `run` does."""
        with self._loaded(plan, how) as worker:
            return worker.model

    def run(
        self,
        plan: TryPlan,
        inputs: TryInputs,
        options: TryOptions,
        stopped: threading.Event,
        how: RunHow,
    ) -> TryResult:
        """Ask; see `Tryouts.run`. `stopped` ends it: with what there is once the model is loaded, else by
        `Cancelled`."""

        def watched(progress: Progress) -> None:
            # While it is being loaded there is nothing that could be kept.
            if stopped.is_set():
                raise Cancelled
            how.report(progress)

        with self._loaded(plan, how._replace(report=watched)) as worker:
            ran = worker.run(plan.task, inputs, options, emit=how.emit, report=how.report, stopped=stopped)
            return TryResult(
                key=str(plan.key.at(plan.commit)),
                root=plan.root,
                commit=plan.commit,
                task=plan.task,
                backend=plan.load.backend,
                inputs=inputs,
                options=options,
                outputs=ran.outputs,
                model=worker.model,
                warm=worker.warm,
                load_seconds=worker.load_seconds,
                run_seconds=ran.seconds,
                tokens=ran.tokens,
                peak_memory=ran.peak,
                memory=ran.memory,
                at=time.time(),
                stopped=ran.stopped,
                notes=ran.notes,
            )

    @contextmanager
    def stoppable(self, id: str) -> Iterator[threading.Event]:
        """An event that `stop` sets, as long as this is open."""
        stopped = threading.Event()
        with self._lock:
            if id:
                self._stoppable[id] = stopped
        try:
            yield stopped
        finally:
            with self._lock:
                if self._stoppable.get(id) is stopped:
                    del self._stoppable[id]

    def stop(self, id: str) -> bool:
        """Set the event of that name; False when there is none."""
        with self._lock:
            stopped = self._stoppable.get(id)
        if stopped is not None:
            stopped.set()
        return stopped is not None

    def prepare(self, request: LoadRequest, settings: InferenceSettings) -> None:
        """Have a worker import the frameworks before this is loaded; returns at once."""
        self._workers().warm(request, settings)

    def views(self) -> tuple[WorkerView, ...]:
        """The workers as they are now."""
        return self._pool.views() if self._pool else ()

    def is_loaded(self, request: LoadRequest, settings: InferenceSettings) -> bool:
        """Whether a worker has just this."""
        return self._pool is not None and self._pool.has(request, settings)

    def end(self, pid: int = 0) -> int:
        """End a worker, all when 0; returns how many ended."""
        return self._pool.end(pid) if self._pool else 0

    def close(self) -> None:
        """End all workers; none starts afterwards."""
        with self._lock:
            self._closed = True
        if self._pool is not None:
            self._pool.close()

    # ---- before

    @contextmanager
    def _loaded(self, plan: TryPlan, how: RunHow) -> Iterator[Ready]:
        is_warm = self._check(plan, how)
        workers = self._workers()
        with ExitStack() as stack:
            if not is_warm:  # once it is loaded, no file is opened any more
                stack.enter_context(self._unread.of(plan.load.folder, plan.load.files))
            yield stack.enter_context(workers.use(plan.load, how.settings, how.report))

    def _workers(self) -> Workers:
        from modelkeep.inference.workers import Workers

        with self._lock:
            if self._closed:
                raise InferenceError("Modelkeep is ending, and runs no model any more.")
            self._pool = self._pool or Workers()
            return self._pool

    def _check(self, plan: TryPlan, how: RunHow) -> bool:
        """See that it is there, may be loaded, and fits. True where it is loaded already: that was seen then."""
        from modelkeep.inference.own_code import refuse_code
        from modelkeep.safety.gate import check_before_loading

        plan.refuse_problem()
        if not os.path.isdir(plan.load.folder):
            for view in self.views():
                if (view.key, view.root) == (plan.load.key, plan.load.root):
                    self.end(view.pid)
            raise ModelNotFound(
                f"{plan.key} is not in {plan.root} any more.", hint="It may have been deleted. Scan again."
            )
        refuse_code(plan)
        if self.is_loaded(plan.load, how.settings):
            return True
        model = self._find(plan)
        revision = model.revision(plan.commit)
        if revision is None:
            raise ModelNotFound(f"{plan.key} has no revision {plan.commit[:8]}.", hint="Scan again.")
        check_before_loading(
            model, revision, self._catalog, what="load", allow=how.allow_unsafe, report=how.report
        )
        if not how.force:
            self._make_room(plan, how.devices)
        return False

    def _make_room(self, plan: TryPlan, devices: Collection[Device]) -> None:
        """Where it does not fit, have models leave that do nothing. Raises `OutOfMemory` where that is not enough."""
        from modelkeep.inference.memory import memory_free

        if plan.memory_needed <= memory_free(plan.load.device, devices):
            return
        for view in self.views():
            if view.state == "idle":
                self.end(view.pid)
        free = memory_free(plan.load.device, devices)
        if plan.memory_needed > free:
            raise OutOfMemory(
                f"{plan.key} takes about {size_text(plan.memory_needed)} of memory, and {size_text(free)} are free.",
                hint="Close what you do not need, or load it anyway.",
            )

"""Trying models that are cached, with nothing but what is cached: `library.tryouts`.

    with open_library() as library:
        plan = library.tryouts.plan(selection)
        result = library.tryouts.run(plan, TryInputs(texts=("It was a good day.",)))
        print(result.outputs[0].labels[0].label, result.run_seconds)

A model runs in a worker process that has no network; one worker for each model, warm until it was idle for long.
Methods may be called from several threads.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from modelkeep.cache.catalog import user_name
from modelkeep.errors import Cancelled, ModelKeepError, ModelNotFound
from modelkeep.inference.running import RunHow, Running
from modelkeep.inference.values import Backend, TryInputs, TryOptions
from modelkeep.keys import ModelKey
from modelkeep.progress import Report, ignore
from modelkeep.rows import Selection

if TYPE_CHECKING:
    from modelkeep.cache.inventory import CachedModel, CachedRevision
    from modelkeep.inference.history import InputHistory
    from modelkeep.inference.outcome import Comparison, Interpreter, RememberedInputs, WorkerView
    from modelkeep.inference.plan import TryPlan
    from modelkeep.inference.values import LoadedModel, TryResult
    from modelkeep.inference_choices import InferenceSettings
    from modelkeep.library import Library

__all__ = ["Tryouts"]

Emit = Callable[[object], None]


class Tryouts:
    """See the module."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._running = Running(library.catalog, lambda plan: library.model(plan.root, plan.key))
        self._lock = threading.Lock()
        self._history: InputHistory | None = None
        self._own: Interpreter | None = None
        # Writing down what was asked takes as long as a small answer, which need not wait for it.
        self._afterwards = ThreadPoolExecutor(1, "tryouts")

    def plan(
        self,
        selected: Selection,
        *,
        task: str = "",
        device: str = "auto",
        dtype: str = "auto",
        file: str = "",
        settings: InferenceSettings | None = None,
    ) -> TryPlan:
        """What trying a revision would take; loads nothing. `task` "" is what its metadata say.

        `settings` are the user's when None. What cannot be tried here is the plan's problem. Raises `ModelNotFound`,
        and `UnsupportedModel` for a name that is no task, or a task that this model cannot do.
        """
        from modelkeep.inference.planning import plan_try

        chosen = settings or self._settings()
        model, revision = self._chosen(selected)
        plan = plan_try(
            self._library.inventory(selected.root),
            model,
            revision,
            self._library.catalog,
            task=task,
            device=device,
            dtype=dtype,
            file=file,
            interpreter=self._runtime(chosen.interpreter),
            memory=chosen.memory,
        )
        return replace(plan, is_loaded=self._running.is_loaded(plan.load, chosen))

    def prepare(self, plan: TryPlan, *, settings: InferenceSettings | None = None) -> None:
        """Begin to start what would run a model, while somebody still thinks of what to ask; returns at once.

        That is most of what a first answer takes. Does nothing where it cannot be tried, or is loaded already.
        """
        if not (plan.problem or plan.is_loaded) and plan.load.backend in (
            Backend.TRANSFORMERS,
            Backend.SENTENCES,
        ):
            self._running.prepare(plan.load, settings or self._settings())

    def load(
        self,
        plan: TryPlan,
        *,
        allow_unsafe: Sequence[str] = (),
        settings: InferenceSettings | None = None,
        report: Report = ignore,
        force: bool = False,
    ) -> LoadedModel:
        """Have it loaded, to be warm; raises what `run` does."""
        return self._running.load(plan, self._how(settings, allow_unsafe, force, report))

    def run(
        self,
        plan: TryPlan,
        inputs: TryInputs,
        options: TryOptions = TryOptions(),  # noqa: B008 - frozen
        *,
        id: str = "",
        allow_unsafe: Sequence[str] = (),
        settings: InferenceSettings | None = None,
        report: Report = ignore,
        emit: Emit | None = None,
        force: bool = False,
    ) -> TryResult:
        """Ask the model; loads it first where no worker has it. `emit` gets pieces of text (str) as they come.

        `id` is a name for `stop`. `force`: load it also where it seems not to fit the memory. Records the use and, if
        the user wants that, the inputs. Raises `UnsafeModel` for dangerous files that `allow_unsafe` does not name
        the model of and for code that was not allowed, `ModelNotFound`, `RuntimeMissing`, `UnsupportedModel`,
        `BadInput`, `OutOfMemory`, `TooSlow`, `ProcessDied`, `InferenceError`, and `Cancelled` where it was stopped
        before it was loaded.
        """
        how = self._how(settings, allow_unsafe, force, report, emit)
        with self._running.stoppable(id) as stopped:
            return self._ask(plan, inputs, options, stopped, how)

    def stop(self, id: str) -> bool:
        """End a run at its next token, with what it has; False when there is none of that name."""
        return self._running.stop(id)

    def compare(
        self,
        plans: Sequence[TryPlan],
        inputs: TryInputs,
        options: TryOptions = TryOptions(),  # noqa: B008 - frozen
        *,
        id: str = "",
        settings: InferenceSettings | None = None,
        report: Report = ignore,
        allow_unsafe: Sequence[str] = (),
        force: bool = False,
    ) -> Comparison:
        """Ask several the same; what one fails with is in the result. Once stopped, the others are left out."""
        from modelkeep.inference.outcome import Comparison

        results: list[TryResult | None] = []
        errors: list[str] = []
        how = self._how(settings, allow_unsafe, force, report)
        with self._running.stoppable(id) as stopped:
            for plan in plans:
                result, error = None, "It was stopped before."
                if not stopped.is_set():
                    try:
                        result, error = self._ask(plan, inputs, options, stopped, how), ""
                    except ModelKeepError as failure:
                        error = str(failure)
                    except Cancelled:
                        if not stopped.is_set():
                            raise
                results.append(result)
                errors.append(error)
        keys = tuple(str(plan.key.at(plan.commit)) for plan in plans)
        return Comparison(tuple(results), tuple(errors), keys)

    def allow_code(self, selected: Selection, allowed: bool = True) -> None:
        """Remember the user's yes, or no, to running the code that this model brings; for this commit only.

        A yes is for the code as it is now. Raises `CacheError` where it cannot be kept.
        """
        from modelkeep.inference.own_code import own_code, remember_answer

        model, revision = self._chosen(selected)
        code = own_code(self._library.inventory(model.root), revision)
        if code is not None:
            remember_answer(self._library.catalog, revision, code, allowed)
            key = str(model.key.at(revision.commit))
            said = "code of its own" if allowed else "code of its own: no more"
            self._library.activity.log("allow", key, model.root, 0, detail=said)

    def workers(self) -> tuple[WorkerView, ...]:
        """The worker processes as they are now."""
        return self._running.views()

    def end(self, pid: int = 0) -> int:
        """End a worker, all when 0; returns how many ended. Their memory is back when this returns."""
        return self._running.end(pid)

    def last_inputs(self, selected: Selection) -> tuple[RememberedInputs, ...]:
        """What a model was asked last, the latest first; of all its revisions."""
        self._wait()
        return self._asked.last(selected.root, ModelKey.known(selected.key))

    def forget_inputs(self, selected: Selection | None = None) -> int:
        """Forget what a model was asked, or all when None; returns how many were forgotten."""
        self._wait()
        if selected is None:
            return self._asked.forget()
        return self._asked.forget(selected.root, ModelKey.known(selected.key))

    def interpreter(self, path: str | os.PathLike[str] = "", *, again: bool = False) -> Interpreter:
        """What a Python has for running models; "" is that of the settings. Known until it changes, or `again`."""
        return self._inspected(os.fspath(path) or self._settings().interpreter, again=again)

    def save(self, result: TryResult | Comparison, path: str | os.PathLike[str]) -> None:
        """Write a result to a file: JSON, or Markdown where its name ends in .md. Replaces what is there."""
        from modelkeep.inference.saving import save_result

        save_result(result, path)

    def close(self) -> None:
        """End all workers, once what was asked is written down."""
        self._running.close()
        self._afterwards.shutdown()
        if self._history is not None:
            self._history.close()

    # ---- within

    def _wait(self) -> None:
        """Wait until all that was asked before is written down."""
        with suppress(RuntimeError):
            self._afterwards.submit(int).result()

    def _ask(
        self, plan: TryPlan, inputs: TryInputs, options: TryOptions, stopped: threading.Event, how: RunHow
    ) -> TryResult:
        with self._library.activity.logged("try", [plan.key.at(plan.commit)], plan.root):
            result = self._running.run(plan, inputs, options, stopped, how)
        with suppress(RuntimeError):  # all is being closed
            self._afterwards.submit(self._write_down, plan, result, keep=how.settings.keep_inputs)
        return result

    def _write_down(self, plan: TryPlan, result: TryResult, *, keep: bool) -> None:
        # It is answered, whether or not the use can be written down.
        with suppress(ModelKeepError):
            self._library.catalog.record_use(plan.root, plan.key, at=result.at, by=user_name())
        said = f"{result.task}, {result.run_seconds:.2f} s{', stopped' if result.stopped else ''}"
        with suppress(ModelKeepError):
            self._library.activity.log("try", result.key, result.root, 0, detail=said)
        if keep:
            with suppress(ModelKeepError):
                self._asked.remember(plan.root, plan.key, plan.task, result.inputs, result.options)

    def _how(
        self,
        settings: InferenceSettings | None,
        allow_unsafe: Sequence[str],
        force: bool,
        report: Report,
        emit: Emit | None = None,
    ) -> RunHow:
        chosen = settings or self._settings()
        # Of our own Python only what is known of it already: an answer does not wait for that.
        known = self._inspected(chosen.interpreter) if chosen.interpreter else self._own
        devices = known.devices if known else ()
        return RunHow(chosen, tuple(allow_unsafe), force, devices, report, emit)

    @property
    def _asked(self) -> InputHistory:
        from modelkeep.inference.history import InputHistory

        with self._lock:
            place = self._library.catalog.path.with_name("asked.sqlite")
            self._history = self._history or InputHistory(place)
            return self._history

    def _chosen(self, selected: Selection) -> tuple[CachedModel, CachedRevision]:
        key = ModelKey.known(selected.key)
        model = self._library.model(selected.root, key)
        revision = model.revision(key.revision) if key.revision else model.main
        if revision is None:
            raise ModelNotFound(
                f"{key} has nothing here that could be tried.",
                hint="See its revisions, or download it again.",
            )
        return model, revision

    def _runtime(self, path: str) -> Interpreter:
        """The Python that would run a model. What our own has is seen without starting it, unless it is frozen."""
        from modelkeep.inference.planning import own_runtime

        if path or getattr(sys, "frozen", False):
            return self._inspected(path)
        return self._own or own_runtime()

    def _inspected(self, path: str, *, again: bool = False) -> Interpreter:
        from modelkeep.inference.interpreters import inspect_interpreter

        found = inspect_interpreter(path, again=again)
        if not path:
            self._own = found
        return found

    def _settings(self) -> InferenceSettings:
        from modelkeep.settings import load_settings

        return load_settings().settings.inference

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
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from modelkeep.inference.values import TryInputs, TryOptions
from modelkeep.progress import Report, ignore
from modelkeep.rows import Selection

if TYPE_CHECKING:
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

        `settings` are the user's when None. Raises `ModelNotFound`, and `UnsupportedModel` for a name that is no
        task.
        """
        raise NotImplementedError

    def load(
        self,
        plan: TryPlan,
        *,
        allow_unsafe: Sequence[str] = (),
        settings: InferenceSettings | None = None,
        report: Report = ignore,
    ) -> LoadedModel:
        """Have it loaded, to be warm; raises what `run` does."""
        raise NotImplementedError

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
    ) -> TryResult:
        """Ask the model; loads it first where no worker has it. `emit` gets pieces of text (str) as they come.

        `id` is a name for `stop`. Records the use and, if the user wants that, the inputs. Raises `UnsafeModel` for
        dangerous files that `allow_unsafe` does not name the model of and for code that was not allowed,
        `RuntimeMissing`, `UnsupportedModel`, `BadInput`, `OutOfMemory`, `ProcessDied`, `InferenceError`.
        """
        raise NotImplementedError

    def stop(self, id: str) -> bool:
        """End a run at its next token, with what it has; False when there is none of that name."""
        raise NotImplementedError

    def compare(
        self,
        plans: Sequence[TryPlan],
        inputs: TryInputs,
        options: TryOptions = TryOptions(),  # noqa: B008 - frozen
        *,
        id: str = "",
        settings: InferenceSettings | None = None,
        report: Report = ignore,
    ) -> Comparison:
        """Ask several the same; what one fails with is in the result."""
        raise NotImplementedError

    def allow_code(self, selected: Selection, allowed: bool = True) -> None:
        """Remember the user's yes, or no, to running the code that this model brings; for this commit only."""
        raise NotImplementedError

    def workers(self) -> tuple[WorkerView, ...]:
        """The worker processes as they are now."""
        raise NotImplementedError

    def end(self, pid: int = 0) -> int:
        """End a worker, all when 0; returns how many ended. Their memory is back when this returns."""
        raise NotImplementedError

    def last_inputs(self, selected: Selection) -> tuple[RememberedInputs, ...]:
        """What a model was asked last, the latest first."""
        raise NotImplementedError

    def forget_inputs(self, selected: Selection | None = None) -> int:
        """Forget what a model was asked, or all when None; returns how many were forgotten."""
        raise NotImplementedError

    def interpreter(self, path: str | os.PathLike[str] = "", *, again: bool = False) -> Interpreter:
        """What a Python has for running models; "" is that of the settings. Known until it changes, or `again`."""
        raise NotImplementedError

    def save(self, result: TryResult | Comparison, path: str | os.PathLike[str]) -> None:
        """Write a result to a file: JSON, or Markdown where its name ends in .md. Replaces what is there."""
        raise NotImplementedError

    def close(self) -> None:
        """End all workers."""

"""What trying a model would take, looked at before anything is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from modelkeep.errors import InferenceError, ModelNotFound, RuntimeMissing, UnsupportedModel
from modelkeep.inference.values import LoadRequest, Task
from modelkeep.keys import ModelKey

__all__ = ["TryPlan"]


@dataclass(frozen=True)
class TryPlan:
    """What trying a revision would take. `problem` is why it cannot be tried here, "" when it can; `hint` what to do,
    and `cause` of which kind the problem is: of the model itself, of its files, or of the Python that would run it.

    `task` is the one that will be tried, out of `tasks`, those that this model can do; where there are none it means
    nothing. `verdict` is what the scan for dangerous files said last ("" when it was not scanned yet: it is before
    loading). `wants_code`: it runs code of its own, in `code_files`, which needs a yes for this model, and
    `code_allowed` says whether that was given. `memory_needed` is an estimate in bytes of what loading and a short
    answer take, `memory_free` what is free now on the device. `interpreter` is the Python that would run it.
    `is_loaded`: a warm worker has it already. `chat` and `mask` are what the files of the tokenizer say of it, as
    `LoadedModel` has them: False and "" also where they do not say.
    """

    key: ModelKey
    root: str
    commit: str
    task: Task
    tasks: tuple[Task, ...]
    load: LoadRequest
    interpreter: str = ""
    verdict: str = ""
    wants_code: bool = False
    code_files: tuple[str, ...] = ()
    code_allowed: bool = False
    memory_needed: int = 0
    memory_free: int = 0
    is_loaded: bool = False
    problem: str = ""
    hint: str = ""
    notes: tuple[str, ...] = ()
    cause: Literal["", "kind", "missing", "damaged", "runtime"] = ""
    chat: bool = False
    mask: str = ""

    @property
    def fits(self) -> bool:
        return not self.memory_free or self.memory_needed <= self.memory_free

    def refuse_problem(self) -> None:
        """Raise the problem, if there is one."""
        if self.problem:
            kinds = {"kind": UnsupportedModel, "missing": ModelNotFound, "runtime": RuntimeMissing}
            raise kinds.get(self.cause, InferenceError)(self.problem, hint=self.hint)

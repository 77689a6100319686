"""A service that is asked to try models and answers as its names say, without any model."""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from modelkeep.errors import OutOfMemory, ProcessDied, RuntimeMissing, UnsafeModel
from modelkeep.inference.outcome import Comparison, Device, Interpreter, RememberedInputs, WorkerView
from modelkeep.inference.plan import TryPlan
from modelkeep.inference.values import (
    Answered,
    Backend,
    Embedded,
    Fill,
    Filled,
    Generated,
    Label,
    Labelled,
    LoadedModel,
    LoadRequest,
    Output,
    Span,
    Tagged,
    Task,
    TryInputs,
    TryOptions,
    TryResult,
)
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress, Report
from modelkeep.rows import Selection

COMMIT = "551ca18e" * 5
ROOT = "/cache/hub"
GB = 1_000_000_000
MODEL = LoadedModel(
    "BertForSomething", 4_000_000, "float32", "cpu", 512, "[MASK]", versions={"torch": "2.13.0"}
)

TASKS = {
    "org/classify": (Task.TEXT_CLASSIFICATION,),
    "org/tokens": (Task.TOKEN_CLASSIFICATION,),
    "org/mask": (Task.FILL_MASK, Task.SENTENCE_SIMILARITY),
    "org/embed": (Task.SENTENCE_SIMILARITY,),
    "org/question": (Task.QUESTION_ANSWERING,),
    "org/image": (Task.IMAGE_CLASSIFICATION,),
    "org/translate": (Task.TRANSLATION,),
}


def selection(name: str) -> Selection:
    return Selection(ROOT, f"hf@{name}@{COMMIT}")


class ScriptedTryouts:
    """`org/chat` has a chat template, `org/endless` makes text until it is stopped; the others' names say it."""

    def __init__(self) -> None:
        self._stopped: set[str] = set()
        self._allowed: set[str] = set()
        self._workers: dict[str, WorkerView] = {}
        self._asked: dict[str, list[RememberedInputs]] = {}

    def plan(
        self,
        selected: Selection,
        *,
        task: str = "",
        device: str = "auto",
        dtype: str = "auto",
        file: str = "",
    ) -> TryPlan:
        key = ModelKey.known(selected.key)
        name, commit = key.repo_id, key.revision or COMMIT
        tasks = TASKS.get(name, (Task.TEXT_GENERATION,))
        chosen = Task(task) if task else tasks[0]
        load = LoadRequest(
            f"{key.name}@{commit}",
            selected.root,
            name,
            None,
            "/folder",
            (),
            Backend.TRANSFORMERS,
            chosen,
            device,
        )
        plan = TryPlan(key.at(None), selected.root, commit, chosen, tasks, load, verdict="clean")
        plan = dataclasses.replace(plan, memory_needed=GB, memory_free=8 * GB)
        plan = dataclasses.replace(plan, is_loaded=load.key in self._workers)
        match name:
            case "org/code":
                files, allowed = ("modeling_own.py",), name in self._allowed
                return dataclasses.replace(plan, wants_code=True, code_files=files, code_allowed=allowed)
            case "org/dangerous":
                return dataclasses.replace(plan, verdict="dangerous")
            case "org/large":
                return dataclasses.replace(plan, memory_needed=14 * GB)
            case "org/no-torch":
                said = "PyTorch is not installed."
                return dataclasses.replace(plan, problem=said, hint="Install torch.", cause="runtime")
        return plan

    def prepare(self, plan: TryPlan) -> None:
        """There is nothing that would take time."""

    def load(self, plan: TryPlan, *, allow_unsafe: Sequence[str], force: bool, report: Report) -> LoadedModel:
        self._load(plan)
        return self._model(plan)

    def run(
        self,
        plan: TryPlan,
        inputs: TryInputs,
        options: TryOptions,
        *,
        id: str,
        allow_unsafe: Sequence[str],
        force: bool,
        report: Report,
        emit: Callable[[object], None],
    ) -> TryResult:
        name = plan.key.repo_id
        is_loaded = plan.load.key in self._workers
        if name == "org/dangerous" and not is_loaded and plan.key.name not in allow_unsafe:
            raise UnsafeModel("org/dangerous is dangerous.")
        if name == "org/crash" and "crash" in inputs.texts:
            raise ProcessDied("The process that had org/crash ended.", hint="Try again.")
        if name == "org/hungry" and not force:
            raise OutOfMemory("org/hungry does not fit the memory.", hint="Take a smaller one.")
        if name == "org/package":
            raise RuntimeMissing("accelerate is missing.", hint="Install it.")
        report(Progress("Loading the model", 1, 4, unit="items"))
        while name == "org/slow-to-load":
            report(Progress("Loading the model"))
            time.sleep(0.005)
        warm = plan.load.key in self._workers
        self._load(plan)
        self._asked.setdefault(name, []).insert(0, RememberedInputs(plan.task, inputs, options, time.time()))
        outputs, is_stopped = self._answer(plan, inputs, id, emit)
        return TryResult(
            plan.load.key,
            plan.root,
            plan.commit,
            plan.task,
            Backend.TRANSFORMERS,
            inputs,
            options,
            outputs,
            self._model(plan),
            warm,
            0.0 if warm else 2.1,
            0.5,
            19,
            500_000_000,
            412_000_000,
            time.time(),
            is_stopped,
        )

    def stop(self, id: str) -> bool:
        self._stopped.add(id)
        return True

    def compare(
        self,
        plans: Sequence[TryPlan],
        inputs: TryInputs,
        options: TryOptions,
        *,
        id: str,
        allow_unsafe: Sequence[str],
        force: bool,
        report: Report,
    ) -> Comparison:
        results: list[TryResult | None] = []
        errors = []
        for plan in plans:
            if plan.key.repo_id == "org/hungry":
                results.append(None)
                errors.append("org/hungry does not fit the memory.")
                continue
            results.append(
                self.run(
                    plan,
                    inputs,
                    options,
                    id=id,
                    allow_unsafe=(),
                    force=force,
                    report=report,
                    emit=lambda _: None,
                )
            )
            errors.append("")
        return Comparison(tuple(results), tuple(errors), tuple(plan.load.key for plan in plans))

    def allow_code(self, selected: Selection, allowed: bool = True) -> None:
        key = ModelKey.known(selected.key)
        assert key.revision == COMMIT
        (self._allowed.add if allowed else self._allowed.discard)(key.repo_id)

    def workers(self) -> tuple[WorkerView, ...]:
        return tuple(self._workers.values())

    def end(self, pid: int = 0) -> int:
        ended = [key for key, one in self._workers.items() if pid in (0, one.pid)]
        for key in ended:
            del self._workers[key]
        return len(ended)

    def last_inputs(self, selected: Selection) -> tuple[RememberedInputs, ...]:
        return tuple(self._asked.get(ModelKey.known(selected.key).repo_id, ()))

    def forget_inputs(self, selected: Selection | None = None) -> int:
        count = sum(map(len, self._asked.values()))
        self._asked.clear()
        return count

    def interpreter(self, path: str = "", *, again: bool = False) -> Interpreter:
        if path not in ("", sys.executable):
            return Interpreter(path, problem=f"{path} is no Python.", hint="Choose another one.")
        devices = (Device("cpu", "Processor", 16 * GB, 8 * GB), Device("cuda:0", "RTX 4090", 24 * GB))
        return Interpreter("", "3.13.1", {"transformers": "5.23.0", "torch": "2.13.0"}, devices)

    def save(self, result: TryResult | Comparison, path: str) -> None:
        Path(path).write_text(type(result).__name__)

    def _load(self, plan: TryPlan) -> None:
        now = time.time()
        self._workers[plan.load.key] = WorkerView(
            4711,
            plan.load.key,
            plan.root,
            plan.task,
            "idle",
            "cpu",
            412_000_000,
            500_000_000,
            now,
            now + 253,
            1,
        )

    def _model(self, plan: TryPlan) -> LoadedModel:
        return dataclasses.replace(MODEL, chat=plan.key.repo_id == "org/chat")

    def _answer(
        self, plan: TryPlan, inputs: TryInputs, id: str, emit: Callable[[object], None]
    ) -> tuple[tuple[Output, ...], bool]:
        match plan.task:
            case Task.TEXT_CLASSIFICATION:
                labels = (Label("POSITIVE", 0.934), Label("NEGATIVE", 0.066))
                return tuple(Labelled(labels) for _ in inputs.texts), False
            case Task.IMAGE_CLASSIFICATION:
                return tuple(Labelled((Label("cat", 0.9),)) for _ in inputs.images), False
            case Task.TOKEN_CLASSIFICATION:
                [text] = inputs.texts
                spans = []
                for word, label in (("Marie", "PER"), ("Paris", "LOC")):
                    if (at := text.find(word)) >= 0:
                        spans.append(Span(at, at + len(word), label, 0.98, word))
                return (Tagged(text, tuple(spans)),), False
            case Task.FILL_MASK:
                [text] = inputs.texts
                fills = tuple(
                    Fill(word, score, text.replace("[MASK]", word))
                    for word, score in (("day", 0.7), ("one", 0.1))
                )
                return (Filled(text, (fills,)),), False
            case Task.SENTENCE_SIMILARITY:
                count = len(inputs.texts)
                same = tuple(tuple(1.0 if a == b else 0.25 for a in range(count)) for b in range(count))
                return (Embedded(tuple((0.5, 0.25) for _ in range(count)), same),), False
            case Task.QUESTION_ANSWERING:
                at = inputs.context.find("Paris")
                return (Answered("Paris", 0.87, at, at + 5),), False
        return self._make_text(plan, inputs, id, emit)

    def _make_text(
        self, plan: TryPlan, inputs: TryInputs, id: str, emit: Callable[[object], None]
    ) -> tuple[tuple[Output, ...], bool]:
        if plan.key.repo_id == "org/endless":
            made = 0
            while id not in self._stopped:
                emit("word ")
                made += 1
                time.sleep(0.002)
            return (Generated("word " * made, made, "stopped"),), True
        text = f"<b>{len(inputs.messages)}</b> & {inputs.texts[0].upper()}"
        for place in range(0, len(text), 4):
            emit(text[place : place + 4])
        return (Generated(text, 5, "end"),), False


class TryService:
    """What the work process serves."""

    def __init__(self) -> None:
        self.tryouts = ScriptedTryouts()

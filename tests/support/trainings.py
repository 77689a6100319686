"""A service that is asked to train models and does as their names say. It reads data really."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from modelkeep.errors import JobConflict, JobNotFound, NotAllowed, OutOfMemory, UnsafeModel
from modelkeep.inference.outcome import Device, Interpreter
from modelkeep.jobs.values import Job, JobStatus
from modelkeep.keys import ModelKey, is_valid_repo_id
from modelkeep.progress import Progress, Report, ignore
from modelkeep.rows import Selection
from modelkeep.training.data import read_data
from modelkeep.training.stored import plan_as_json, result_as_json
from modelkeep.training.values import TrainingParameters, TrainingPlan, TrainingPoint, TrainingResult

COMMIT = "551ca18e" * 5
NEW = "0ddba11e" * 5
ROOT = "/cache/hub"
GB = 1_000_000_000
STEPS = 40
METRICS = {"accuracy": 0.9, "macro_f1": 0.88, "loss": 0.31}
BY_LABEL = {
    f"{part}/{label}": figure
    for label, figure in (("glad", 0.95), ("sorry", 0.81))
    for part in ("precision", "recall", "f1")
}


def selection(name: str) -> Selection:
    return Selection(ROOT, f"hf@{name}")


def point(step: int, steps: int = STEPS, *, metrics: dict[str, float] | None = None) -> TrainingPoint:
    """A loss that falls from 1, or an evaluation."""
    loss = None if metrics else round(1 / (1 + step / 10), 6)
    return TrainingPoint(step, steps, 3 * step / steps, loss, 5e-5, metrics or {}, step / 10)


def job(id: str, status: JobStatus, **changed: object) -> Job:
    """A training as another program left it."""
    plan = plan_as_json(training_plan("org/base", "local/other"))
    kept = Job(
        id,
        "training",
        "local",
        "org/base to local/other",
        status,
        submitted=1_790_000_000.0,
        parameters={"plan": plan},
    )
    return replace(kept, **changed)  # type: ignore[arg-type]


def training_plan(name: str, target: str, **changed: object) -> TrainingPlan:
    """A plan without data."""
    from modelkeep.training.values import TrainingData

    data = TrainingData("/data/texts.tsv", "text-classification", "tsv", 240, {"glad": 120, "sorry": 120})
    plan = TrainingPlan(
        key=ModelKey(name),
        root=ROOT,
        commit=COMMIT,
        task="text-classification",
        data=data,
        evaluation=None,
        parameters=TrainingParameters(),
        method="full",
        target=ModelKey(target),
        target_root=ROOT,
        labels=("glad", "sorry"),
        steps=STEPS,
        checkpoint_every=10,
        memory_needed=2 * GB,
        memory_free=8 * GB,
        disk_needed=GB,
        disk_free=50 * GB,
        evaluated=24,
        keeps_head=name.endswith("classifier"),
    )
    return replace(plan, **changed)  # type: ignore[arg-type]


class ScriptedJobs:
    def __init__(self, kept: dict[str, Job]) -> None:
        self._kept = kept

    def move(self, id: str, place: int) -> Job:
        """As the real one: the others make room."""
        queue = sorted((one for one in self._kept.values() if one.place), key=lambda one: one.place)
        order = [one.id for one in queue if one.id != id]
        order.insert(place - 1, id)
        for number, one in enumerate(order, 1):
            self._kept[one] = replace(self._kept[one], place=number)
        return self._kept[id]


class ScriptedTrainings:
    """`local/endless` trains until it is stopped, `local/breaks` breaks after some steps and can be resumed;
    the model `org/unsafe` has to be allowed, and `den/forbidden` may not be trained."""

    def __init__(self) -> None:
        self.kept: dict[str, Job] = {
            "waits-1": job("waits-1", JobStatus.QUEUED, place=1),
            "waits-2": job("waits-2", JobStatus.QUEUED, place=2, submitted=1_790_000_001.0),
            "lost": job(
                "lost",
                JobStatus.ERRORED,
                can_resume=True,
                error="The program that ran it ended.",
                submitted=1_780_000_000.0,
            ),
        }
        self.jobs = ScriptedJobs(self.kept)
        self._points: dict[str, list[TrainingPoint]] = {"lost": [point(step) for step in range(1, 11)]}
        self.looks = 0

    def list(self) -> tuple[Job, ...]:
        self.looks += 1
        return tuple(sorted(self.kept.values(), key=lambda one: -one.submitted))

    def count_looks(self) -> int:
        return self.looks

    def points(self, id: str) -> tuple[TrainingPoint, ...]:
        return tuple(self._points.get(id, ()))

    def log(self, id: str, *, lines: int = 200) -> tuple[str, ...]:
        if id not in self.kept:
            raise JobNotFound(f"There is no job {id}.")
        return ("2026-11-21T10:00:00Z started", f"2026-11-21T10:00:01Z it is {id}")

    def plan(
        self,
        selected: Selection,
        data: str,
        *,
        task: str,
        evaluation: str | None = None,
        to: str = "",
        parameters: TrainingParameters = TrainingParameters(),  # noqa: B008 - frozen
        report: Report = ignore,
    ) -> TrainingPlan:
        name = ModelKey.known(selected.key).repo_id
        if name == "den/forbidden":
            raise NotAllowed("Models of this den may not be fine-tuned here.", hint="Ask who runs the den.")
        target = ModelKey.parse(to) if to else ModelKey(f"local/{name.rpartition('/')[2]}-{task}")
        assert is_valid_repo_id(target.repo_id)
        read = read_data(data, task, report=report)
        measured = read_data(evaluation, task, report=report) if evaluation else None
        problem = "The examples cannot be used." if read.problem_count else ""
        if parameters.batch > 1000:
            problem = "1.0 GB more are needed on the disk to train it."
        exists = target.repo_id == "local/there"
        return training_plan(
            name,
            target.repo_id,
            data=read,
            evaluation=measured,
            task=task,
            parameters=parameters,
            steps=round(STEPS * parameters.epochs / 3),
            target_exists=exists,
            problem=problem,
            hint="Free some space." if problem else "",
            notes=(
                *read.notes,
                "What is trained here may not be pushed to https://den.example.",
                *((f"{target} is here already: this becomes its next revision.",) if exists else ()),
            ),
            policy=("https://den.example",),
        )

    def run(
        self,
        plan: TrainingPlan,
        *,
        id: str = "",
        allow_unsafe: tuple[str, ...] = (),
        report: Report = ignore,
        emit: Callable[[object], None] | None = None,
    ) -> TrainingResult:
        if plan.key.repo_id == "org/unsafe" and not allow_unsafe:
            raise UnsafeModel(f"{plan.key} is dangerous.", hint="Allow it by name.")
        self.kept[id] = replace(
            job(id, JobStatus.RUNNING),
            submitted=time.time(),
            parameters={"plan": plan_as_json(plan)},
            title=f"{plan.key.repo_id} to {plan.target.repo_id}",
        )
        return self._train(plan, id, 0, report, emit)

    def resume(
        self, id: str, *, report: Report = ignore, emit: Callable[[object], None] | None = None
    ) -> TrainingResult:
        if not self.kept[id].can_resume:
            raise JobConflict(f"The training {id} has not ended.")
        from modelkeep.training.stored import plan_of_json

        said = self.kept[id].parameters["plan"]
        assert isinstance(said, dict)
        self.kept[id] = replace(self.kept[id], status=JobStatus.RUNNING, can_resume=False, error="", hint="")
        return self._train(
            plan_of_json(said),
            id,
            max((one.step for one in self._points.get(id, ())), default=0),
            report,
            emit,
        )

    def cancel(self, id: str) -> Job:
        self.kept[id] = replace(self.kept[id], status=JobStatus.CANCELED, place=0)
        return self.kept[id]

    def discard(self, id: str) -> int:
        del self.kept[id]
        return 3 * GB

    def _train(
        self,
        plan: TrainingPlan,
        id: str,
        before: int,
        report: Report,
        emit: Callable[[object], None] | None,
    ) -> TrainingResult:
        assert emit is not None
        points = self._points.setdefault(id, [])
        name, step = plan.target.repo_id, before
        try:
            while step < plan.steps or name == "local/endless":
                step += 1
                report(Progress("Training", min(step, plan.steps), plan.steps, "loss 0.1", "steps"))
                if step <= plan.steps:
                    _add(points, point(step, plan.steps), emit)
                    if step % 10 == 0:
                        _add(points, point(step, plan.steps, metrics=dict(METRICS)), emit)
                else:
                    time.sleep(0.005)  # it is the endless one
                if name == "local/breaks" and before == 0 and step == 15:
                    raise OutOfMemory("It does not fit the memory.", hint="Take a smaller batch.")
        except OutOfMemory as error:
            self.kept[id] = replace(
                self.kept[id],
                status=JobStatus.ERRORED,
                error=str(error),
                hint=error.hint,
                can_resume=True,
            )
            raise
        except BaseException:
            self.kept[id] = replace(self.kept[id], status=JobStatus.CANCELED, can_resume=True)
            raise
        done = TrainingResult(
            id,
            plan.target,
            ROOT,
            NEW,
            str(plan.key.at(plan.commit)),
            "full",
            plan.steps,
            4.0,
            0.25,
            METRICS | BY_LABEL,
            {"accuracy": 0.5} if plan.keeps_head else {},
            plan.labels,
        )
        self.kept[id] = replace(
            self.kept[id], status=JobStatus.COMPLETED, result=result_as_json(done), ended=time.time()
        )
        return done


def _add(points: list[TrainingPoint], one: TrainingPoint, emit: Callable[[object], None]) -> None:
    points.append(one)
    emit(one)


class ScriptedTryouts:
    def interpreter(self) -> Interpreter:
        return Interpreter("", "3.13", devices=(Device("cpu", "CPU"), Device("cuda:0", "A fast one")))


class ScriptedTrust:
    def scan(self, chosen: list[Selection]) -> list[object]:
        return []


class TrainService:
    def __init__(self) -> None:
        self.trainings = ScriptedTrainings()
        self.tryouts = ScriptedTryouts()
        self.trust = ScriptedTrust()

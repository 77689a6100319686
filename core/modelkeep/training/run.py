"""Carrying out a training: a confined child trains in the folder of a job, and what it leaves is published.

::

    <folder of the job>/
        checkpoint/     the child's, see `child`: as long as it is there, the training can go on
        points.jsonl    how it went, once it has ended well
        log.txt         what it said
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from modelkeep.cache.inventory import CachedModel, CachedRevision
from modelkeep.disk import unchanged_atimes
from modelkeep.errors import (
    BadTrainingData,
    CacheError,
    InferenceError,
    ModelNotFound,
    NotEnoughSpace,
    OutOfMemory,
    ProcessDied,
    RuntimeMissing,
    UnsupportedModel,
)
from modelkeep.jobs.rows import CHECKPOINT
from modelkeep.metadata.describe import describe
from modelkeep.metadata.reading import Unreadable, read_json
from modelkeep.progress import Progress, Report
from modelkeep.settings import load_settings
from modelkeep.training.card import card_text
from modelkeep.training.devices import visible_card
from modelkeep.training.plan import missing_packages
from modelkeep.training.publish import check_main, publish_result
from modelkeep.training.stored import point_of_json, result_as_json
from modelkeep.training.values import TrainingData, TrainingPlan, TrainingPoint, TrainingResult

if TYPE_CHECKING:
    from modelkeep.confined import Confined
    from modelkeep.jobs.values import Job
    from modelkeep.library import Library

__all__ = ["Runner", "check_plan", "points_of"]

Emit = Callable[[object], None]

_CHILD = "modelkeep.training.child"
_POINTS = "points.jsonl"
_MOST_POINTS = 32 << 20  # bytes
_CHUNK = 1 << 20
_GO_ON = "What was done until then is kept, and can be gone on with."
_MORE_MEMORY = f"Train with a smaller batch, shorter texts or LoRA, or close other programs. {_GO_ON}"


class Said(NamedTuple):
    """What the child says of a training that went to its end, as far as it can be believed."""

    metrics: Mapping[str, float]
    parent_metrics: Mapping[str, float]
    loss: float
    seconds: float


def check_plan(plan: TrainingPlan) -> None:
    """Raise what keeps a plan from being carried out."""
    for data in (plan.data, plan.evaluation):
        if data and data.problem_count:
            raise BadTrainingData(plan.problem, hint=plan.hint, problems=data.problems)
    sentence, hint = missing_packages(plan.method, plan.interpreter)
    if sentence:
        raise RuntimeMissing(sentence, hint=hint)
    if plan.disk_needed > plan.disk_free:
        raise NotEnoughSpace(plan.problem, hint=plan.hint)
    if plan.problem:
        raise UnsupportedModel(plan.problem, hint=plan.hint)


class Runner:
    """One training in the folder of its job. `resumed` is how often it was begun before."""

    def __init__(
        self,
        library: Library,
        plan: TrainingPlan,
        job: Job,
        *,
        allow_unsafe: Sequence[str] = (),
        resumed: int = 0,
        message: str = "",
        emit: Emit | None = None,
    ) -> None:
        self.library = library
        self.plan = plan
        self.id = job.id
        self.folder = Path(job.folder)
        self.work = self.folder / CHECKPOINT
        self.allow_unsafe = allow_unsafe
        self.resumed = resumed
        self.message = message
        self.emit = emit
        self.result: TrainingResult | None = None

    def run(self, report: Report) -> Mapping[str, object]:
        """Train, publish and keep the result, which is also returned as JSON."""
        plan = self.plan
        for data in (plan.data, plan.evaluation):
            if data:
                _check_unchanged(data, report)
        check_main(plan)
        model, revision = self._revision()
        from modelkeep.safety.gate import check_before_loading

        check_before_loading(
            model, revision, self.library.catalog, what="load", allow=self.allow_unsafe, report=report
        )
        self.work.mkdir(parents=True, exist_ok=True)
        with unchanged_atimes([file.path for file in revision.files]):
            outcome = self._train(revision, report)
        said = self._said(outcome)
        card = card_text(
            plan,
            describe(revision, memory=self.library.catalog),
            said.metrics,
            said.parent_metrics,
            outcome.reply,
            message=self.message,
        )
        commit, note = publish_result(self.library, plan, self.work / "result", card, report)
        self.result = TrainingResult(
            id=self.id,
            key=plan.target,
            root=plan.target_root,
            commit=commit,
            parent=str(plan.key.at(plan.commit)),
            method=plan.method,
            steps=plan.steps,
            seconds=said.seconds,
            loss=said.loss,
            metrics=said.metrics,
            parent_metrics=said.parent_metrics,
            labels=plan.labels,
            peak_memory=outcome.memory,
            resumed=self.resumed,
        )
        self._log(note or f"{plan.target.at(commit)} was published.")
        self._clear()
        return result_as_json(self.result)

    def _revision(self) -> tuple[CachedModel, CachedRevision]:
        plan = self.plan
        model = self.library.inventory(plan.root).by_key.get(plan.key)
        revision = model.revision(plan.commit) if model else None
        if model is None or revision is None or not os.path.isdir(revision.path):
            raise ModelNotFound(
                f"{plan.key.at(plan.commit[:12])} is not in {plan.root}.",
                hint="It may have been deleted. Scan again.",
            )
        return model, revision

    def _train(self, revision: CachedRevision, report: Report) -> Confined:
        from modelkeep.confined import run_confined

        plan = self.plan
        environment = {"TRANSFORMERS_VERBOSITY": "error"}
        if (visible := visible_card(plan.parameters.device)) is not None:
            environment["CUDA_VISIBLE_DEVICES"] = visible
        points = _Tail(self.work / _POINTS, self.emit)

        def told(progress: Progress) -> None:
            points.read()
            report(progress)

        outcome = run_confined(
            _CHILD,
            self._request(revision),
            memory=load_settings().settings.inference.memory,
            environment=environment,
            writable=[self.work],
            interpreter=plan.interpreter,
            report=told,
        )
        points.read()
        for line in outcome.log:
            self._log(line)
        return outcome

    def _request(self, revision: CachedRevision) -> dict[str, object]:
        plan = self.plan

        def file(data: TrainingData) -> dict[str, str]:
            return {"path": data.path, "format": data.format}

        return {
            "folder": os.fspath(self.work),
            "model": revision.path,
            "name": plan.key.repo_id,
            "task": plan.task,
            "labels": list(plan.labels),
            "multi_label": plan.data.multi_label,
            "data": file(plan.data),
            "evaluation": file(plan.evaluation) if plan.evaluation else None,
            "parameters": asdict(plan.parameters),
            "method": plan.method,
            "steps": plan.steps,
            "checkpoint_every": plan.checkpoint_every,
            "keeps_head": plan.keeps_head,
            "context": _context(revision),
            "device": plan.parameters.device,
        }

    def _said(self, outcome: Confined) -> Said:
        """What the child says, which is checked: it has read somebody's model. Raises what went wrong."""
        key = self.plan.key
        if outcome.error:
            if any("memory" in said.lower() for said in (outcome.error, *outcome.log[-3:])):
                raise OutOfMemory(
                    f"{key} could not be trained within its memory: {outcome.error}", hint=_MORE_MEMORY
                )
            raise ProcessDied(f"{key} could not be trained: {outcome.error}", hint=outcome.hint or _GO_ON)
        match outcome.reply:
            case {"failure": str(kind), "sentence": str(sentence), "hint": str(hint)}:
                raise _failed(kind, sentence, hint)
            case {
                "metrics": dict(metrics),
                "parent_metrics": dict(parent),
                "loss": int() | float() as loss,
                "seconds": int() | float() as seconds,
            }:
                return Said(_numbers(metrics), _numbers(parent), float(loss), float(seconds))
        raise ProcessDied(f"{key} could not be trained: the answer of its process could not be understood.")

    def _clear(self) -> None:
        """What is only for going on; how it went is kept."""
        with suppress(OSError):
            os.replace(self.work / _POINTS, self.folder / _POINTS)
        shutil.rmtree(self.work, ignore_errors=True)

    def _log(self, line: str) -> None:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        with (
            suppress(OSError),
            open(self.folder / "log.txt", "a", encoding="utf-8", errors="backslashreplace") as file,
        ):
            file.write(f"{stamp} {line}\n")


def points_of(folder: str | os.PathLike[str]) -> tuple[TrainingPoint, ...]:
    """How a training went so far, by what is in the folder of its job."""
    for path in (Path(folder, _POINTS), Path(folder, CHECKPOINT, _POINTS)):
        tail = _Tail(path, None)
        tail.read()
        if tail.points:
            return tuple(tail.points)
    return ()


class _Tail:
    """Reads points as they are written."""

    def __init__(self, path: Path, emit: Emit | None) -> None:
        self.points: list[TrainingPoint] = []
        self._path = path
        self._emit = emit
        self._at = 0

    def read(self) -> None:
        """Take what has come since the last time, as far as its lines are whole."""
        for line in self._new():
            with suppress(ValueError, RecursionError):
                if point := point_of_json(json.loads(line)):
                    self.points.append(point)
                    if self._emit:
                        self._emit(point)

    def _new(self) -> Iterator[bytes]:
        with suppress(OSError), open(self._path, "rb", opener=_opened) as file:
            status = os.fstat(file.fileno())
            size = status.st_size
            if not stat.S_ISREG(status.st_mode):
                return
            if size < self._at:
                self._at = 0  # it goes on from an earlier step
            if size == self._at or size > _MOST_POINTS:
                return
            file.seek(self._at)
            whole, end, _ = file.read(size - self._at).rpartition(b"\n")
            self._at += len(whole) + len(end)
            yield from whole.splitlines()


def _opened(path: str, flags: int) -> int:
    """Who writes there has read somebody's model: a link is not followed, and a pipe not waited for."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def _check_unchanged(data: TrainingData, report: Report) -> None:
    """Raise `BadTrainingData` where a file is not what was looked at: a result would say what is not so."""
    name = Path(data.path).name
    digest, done = hashlib.sha256(), 0
    try:
        with open(data.path, "rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                done += len(chunk)
                report(Progress("Looking at the examples", min(done, data.size), data.size, name))
    except OSError as error:
        raise BadTrainingData(
            f"{data.path} cannot be read any more ({error.strerror or error}).",
            hint="Put it back, then do it again.",
        ) from error
    if digest.hexdigest() != data.sha256:
        raise BadTrainingData(
            f"{data.path} has changed since it was looked at.",
            hint="Put back what it was, or begin a new training.",
        )


def _context(revision: CachedRevision) -> int:
    """The most tokens that the model takes, 0 when its configuration does not say."""
    try:
        said = read_json(Path(revision.path, "config.json"))
    except (OSError, Unreadable):
        return 0
    length = said.get("max_position_embeddings") if isinstance(said, dict) else None
    if not isinstance(length, int) or isinstance(length, bool) or not isinstance(said, dict):
        return 0
    # Those of RoBERTa begin after the number of what fills up.
    offset = said.get("pad_token_id") if said.get("model_type") in _OFFSET else None
    return max(1, length - (offset + 1 if isinstance(offset, int) else 0))


_OFFSET = ("roberta", "xlm-roberta", "camembert", "longformer", "xlm-roberta-xl", "data2vec-text")


def _failed(kind: str, sentence: str, hint: str) -> Exception:
    match kind:
        case "missing":
            return RuntimeMissing(
                f"Training takes {sentence}, which is not installed.", hint="pip install 'modelkeep[train]'"
            )
        case "unsupported":
            return UnsupportedModel(sentence, hint=hint)
        case "memory":
            return OutOfMemory(sentence, hint=_MORE_MEMORY)
        case "full":
            return NotEnoughSpace(sentence, hint=f"Free some space. {_GO_ON}")
        case "disk":
            return CacheError(sentence, hint=hint)
    return InferenceError(sentence, hint=hint)


def _numbers(said: Mapping[object, object]) -> dict[str, float]:
    return {str(name): float(value) for name, value in said.items() if isinstance(value, int | float)}

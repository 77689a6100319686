"""The JSON of `train`, as `docs/json.md` describes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from modelkeep.cli.shapes import iso_time

if TYPE_CHECKING:
    from modelkeep.jobs.values import Job
    from modelkeep.training.values import TrainingData, TrainingPlan, TrainingResult

__all__ = ["job", "job_values", "steps_of", "training"]

Json = dict[str, object]


def training(plan: TrainingPlan, done: TrainingResult | None) -> Json:
    """The plan, with what came of it when it was carried out."""
    return {
        "executed": done is not None,
        "key": str(plan.key),
        "root": plan.root,
        "commit": plan.commit,
        "task": plan.task,
        "target": str(plan.target),
        "target_exists": plan.target_exists,
        "data": _data(plan.data),
        "evaluation": _data(plan.evaluation) if plan.evaluation else None,
        "evaluated": plan.evaluated,
        "labels": list(plan.labels),
        "keeps_head": plan.keeps_head,
        "parameters": asdict(plan.parameters),
        "method": plan.method,
        "steps": plan.steps,
        "checkpoint_every": plan.checkpoint_every,
        "memory_needed": plan.memory_needed,
        "memory_free": plan.memory_free,
        "disk_needed": plan.disk_needed,
        "disk_free": plan.disk_free,
        "interpreter": plan.interpreter or None,
        "problem": plan.problem or None,
        "hint": plan.hint or None,
        "notes": list(plan.notes),
        "result": _result(done) if done else None,
    }


def _data(data: TrainingData) -> Json:
    return {
        "path": data.path,
        "format": data.format,
        "examples": data.examples,
        "multi_label": data.multi_label,
        "labels": dict(data.labels),
        "sha256": data.sha256,
        "size": data.size,
        "problems": [{"line": line, "message": message} for line, message in data.problems],
        "problem_count": data.problem_count,
    }


def _result(done: TrainingResult) -> Json:
    return {
        "id": done.id,
        "key": str(done.key.at(done.commit)),
        "commit": done.commit,
        "parent": done.parent,
        "steps": done.steps,
        "seconds": round(done.seconds, 3),
        "loss": done.loss,
        "metrics": dict(done.metrics),
        "parent_metrics": dict(done.parent_metrics),
        "peak_memory": done.peak_memory,
        "resumed": done.resumed,
    }


def job(one: Job) -> Json:
    """A training of the list."""
    done, total = steps_of(one)
    return {
        "id": one.id,
        "title": one.title,
        "status": one.status.name,
        "device": one.device,
        "place": one.place,
        "step": done,
        "steps": total,
        "submitted": iso_time(one.submitted),
        "started": iso_time(one.started),
        "ended": iso_time(one.ended),
        "error": one.error or None,
        "hint": one.hint or None,
        "can_resume": one.can_resume,
        "folder": one.folder,
    }


def job_values(one: Job) -> Iterator[object]:
    """The same for a line in a pipe."""
    yield from (one.id, one.status.name, *steps_of(one), one.title, one.can_resume)


def steps_of(one: Job) -> tuple[int, int]:
    """How many steps are done, as far as that was last said, and how many there are."""
    plan = one.parameters.get("plan")
    total = plan.get("steps") if isinstance(plan, dict) else 0
    steps = total if isinstance(total, int) else 0
    if one.result:
        return steps, steps
    found = one.progress
    return (found.done if found and found.unit == "steps" else 0), steps

"""A plan and what came of it as plain JSON values, so that a training can go on in another process, another day."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from modelkeep.errors import JobFailed
from modelkeep.keys import ModelKey
from modelkeep.training.values import (
    DataProblem,
    TrainingData,
    TrainingParameters,
    TrainingPlan,
    TrainingPoint,
    TrainingResult,
)

__all__ = ["plan_as_json", "plan_of_json", "point_of_json", "result_as_json"]


def plan_as_json(plan: TrainingPlan) -> dict[str, object]:
    """What `plan_of_json` reads."""
    return asdict(plan) | {"key": str(plan.key), "target": str(plan.target)}


def result_as_json(result: TrainingResult) -> dict[str, object]:
    """The result for a job."""
    return asdict(result) | {"key": str(result.key)}


def plan_of_json(said: Mapping[str, object]) -> TrainingPlan:
    """The plan again. Raises `JobFailed` for what another version wrote, and cannot be understood."""
    known: dict[str, Any] = {one.name: said[one.name] for one in fields(TrainingPlan) if one.name in said}
    try:
        for name in ("key", "target"):
            known[name] = ModelKey.known(known[name])
        known["data"] = _data(known["data"])
        known["evaluation"] = _data(known["evaluation"]) if known["evaluation"] else None
        known["parameters"] = TrainingParameters(**known["parameters"])
        for name in ("labels", "notes", "lineage", "policy"):
            known[name] = tuple(known[name])
        return TrainingPlan(**known)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise JobFailed(
            "What is kept of this training cannot be understood.", hint="Discard it, and begin anew."
        ) from error


def point_of_json(said: object) -> TrainingPoint | None:
    """A point as the child wrote it; None for anything else."""
    match said:
        case {
            "step": int(step),
            "steps": int(steps),
            "epoch": int() | float() as epoch,
            "loss": int() | float() | None as loss,
            "lr": int() | float() as rate,
            "metrics": dict(metrics),
            "seconds": int() | float() as seconds,
        } if all(isinstance(one, int | float) for one in metrics.values()):
            kept = {str(name): float(value) for name, value in metrics.items() if math.isfinite(value)}
            return TrainingPoint(
                step,
                steps,
                float(epoch),
                None if loss is None else float(loss),
                float(rate),
                kept,
                float(seconds),
            )
    return None


def _data(said: Mapping[str, Any]) -> TrainingData:
    kept = dict(said)
    kept["problems"] = tuple(DataProblem(int(line), str(message)) for line, message in said["problems"])
    kept["notes"] = tuple(said["notes"])
    return TrainingData(**kept)

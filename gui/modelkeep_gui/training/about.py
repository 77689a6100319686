"""A training as the window shows it, read from its job. No Qt in here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modelkeep.jobs.values import JobStatus
from modelkeep.keys import ModelKey

if TYPE_CHECKING:
    from modelkeep.jobs.values import Job

__all__ = ["About", "about"]


@dataclass(frozen=True)
class About:
    """`parent` and `target` are keys as text; `commit` is that of the result, "" while there is none.

    What another version kept, and nobody understands, is left empty.
    """

    id: str
    status: JobStatus
    parent: str = ""
    parent_commit: str = ""
    root: str = ""
    target: str = ""
    target_root: str = ""
    commit: str = ""
    task: str = ""
    data: str = ""
    examples: int = 0
    evaluation: str = ""
    evaluated: int = 0
    method: str = ""
    interpreter: str = ""
    keeps_head: bool = False
    step: int = 0
    steps: int = 0
    place: int = 0
    queue: str = ""
    submitted: float = 0.0
    started: float = 0.0
    ended: float = 0.0
    error: str = ""
    hint: str = ""
    can_resume: bool = False
    folder: str = ""
    title: str = ""
    labels: tuple[str, ...] = ()
    parameters: Mapping[str, object] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    parent_metrics: Mapping[str, float] = field(default_factory=dict)
    loss: float | None = None
    seconds: float = 0.0
    peak_memory: int = 0

    @property
    def name(self) -> str:
        """The result as people call it."""
        return ModelKey.known(self.target).repo_id if self.target else self.title or self.id

    @property
    def parent_name(self) -> str:
        return ModelKey.known(self.parent).repo_id if self.parent else ""

    @property
    def is_active(self) -> bool:
        """Whether it waits or runs."""
        return not self.status.is_terminal

    @property
    def has_result(self) -> bool:
        """Whether a model came of it."""
        return self.status is JobStatus.COMPLETED and bool(self.commit and self.target)

    @property
    def is_interrupted(self) -> bool:
        """Whether the program that had it ended before it did."""
        return self.can_resume and self.status is JobStatus.ERRORED


def about(job: Job) -> About:
    """What is to be shown of a training."""
    plan, result = _mapping(job.parameters.get("plan")), _mapping(job.result)
    data, evaluation = _mapping(plan.get("data")), _mapping(plan.get("evaluation"))
    steps = _count(plan.get("steps"))
    progress = job.progress
    step = progress.done if progress is not None and progress.unit == "steps" else 0
    return About(
        id=job.id,
        status=job.status,
        parent=_text(plan.get("key")),
        parent_commit=_text(plan.get("commit")),
        root=_text(plan.get("root")),
        target=_text(plan.get("target")),
        target_root=_text(plan.get("target_root")),
        commit=_text(result.get("commit")),
        task=_text(plan.get("task")),
        data=_text(data.get("path")),
        examples=_count(data.get("examples")),
        evaluation=_text(evaluation.get("path")),
        evaluated=_count(plan.get("evaluated")),
        method=_text(plan.get("method")),
        interpreter=_text(plan.get("interpreter")),
        keeps_head=plan.get("keeps_head") is True,
        step=steps if result else step,
        steps=steps,
        place=job.place,
        queue=job.device,
        submitted=job.submitted,
        started=job.started,
        ended=job.ended,
        error=job.error,
        hint=job.hint,
        can_resume=job.can_resume,
        folder=job.folder,
        title=job.title,
        labels=_texts(result.get("labels") or plan.get("labels")),
        parameters=_mapping(plan.get("parameters")),
        metrics=_figures(result.get("metrics")),
        parent_metrics=_figures(result.get("parent_metrics")),
        loss=_figure(result.get("loss")),
        seconds=_figure(result.get("seconds")) or 0.0,
        peak_memory=_count(result.get("peak_memory")),
    )


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _figure(value: object) -> float | None:
    is_one = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if is_one else None  # type: ignore[arg-type]


def _figures(value: object) -> dict[str, float]:
    read = {str(name): _figure(one) for name, one in _mapping(value).items()}
    return {name: one for name, one in read.items() if one is not None}

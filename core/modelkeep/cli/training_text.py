"""A training as lines for people: its plan, how it goes on, how good the result is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelkeep.cli.output import readable
from modelkeep.cli.training_shapes import steps_of
from modelkeep.text import size_text

if TYPE_CHECKING:
    from modelkeep.jobs.values import Job
    from modelkeep.training.values import TrainingData, TrainingPlan, TrainingPoint, TrainingResult

__all__ = ["job_cells", "metric_lines", "plan_lines", "point_line"]

_MOST_LABELS = 12
_OF_ALL = ("accuracy", "macro_f1", "precision", "recall", "f1", "loss")


def plan_lines(plan: TrainingPlan) -> Iterator[str]:
    """What a training would do."""
    own = plan.parameters
    parent = click.style(readable(plan.key.repo_id), bold=True)
    yield f"{parent}  {plan.commit[:12]}, for {plan.task}"
    yield f"  {_examples(plan.data)}"
    if plan.evaluation:
        yield f"  measured with {_examples(plan.evaluation)}"
    else:
        yield f"  measured with {plan.evaluated:,} of them"
    yield f"  labels: {_labels(plan.data)}{', as the parent has them' if plan.keeps_head else ''}"
    epochs = "epoch" if own.epochs == 1 else "epochs"
    method = "LoRA" if plan.method == "lora" else "all weights"
    yield (
        f"  {plan.steps:,} steps ({own.epochs:g} {epochs}, {own.batch} at a time, rate {own.lr:g}), {method}, "
        f"on {own.device}; a checkpoint each {plan.checkpoint_every:,}"
    )
    free = f" of {size_text(plan.memory_free)} that are free" if plan.memory_free else ""
    yield f"  memory: about {size_text(plan.memory_needed)}{free}"
    yield f"  disk: about {size_text(plan.disk_needed)} of {size_text(plan.disk_free)}"
    yield f"  to: {click.style(readable(plan.target.repo_id), bold=True)} in {readable(plan.target_root)}"
    for note in plan.notes:
        yield click.style(f"  {readable(note)}", fg="yellow")


def _examples(data: TrainingData) -> str:
    count = f"{data.examples:,} {'example' if data.examples == 1 else 'examples'}"
    return readable(f"{count} of {Path(data.path).name}, {size_text(data.size)}")


def _labels(data: TrainingData) -> str:
    named = [f"{label} ({count:,})" for label, count in data.labels.items()]
    more = f" and {len(named) - _MOST_LABELS:,} more" if len(named) > _MOST_LABELS else ""
    return readable(", ".join(named[:_MOST_LABELS]) + more)


def point_line(point: TrainingPoint) -> str:
    """How good it is after some steps."""
    shown = ", ".join(f"{name} {point.metrics[name]:.4f}" for name in _OF_ALL if name in point.metrics)
    return f"step {point.step:,} of {point.steps:,}, epoch {point.epoch:.1f}: {shown}"


def metric_lines(done: TrainingResult) -> Iterator[str]:
    """How good the result is, beside its parent, and label by label."""
    for name in _OF_ALL:
        if name in done.metrics:
            before = f"   (parent: {done.parent_metrics[name]:.4f})" if name in done.parent_metrics else ""
            yield f"{name.replace('_', ' '):<10} {done.metrics[name]:.4f}{before}"
    labels = [name.removeprefix("f1/") for name in done.metrics if name.startswith("f1/")]
    width = min(32, max(map(len, labels), default=0))
    if labels:
        yield click.style(f"{'':<{width}}  precision  recall      f1", dim=True)
    for label in labels:
        three = [done.metrics.get(f"{part}/{label}", 0.0) for part in ("precision", "recall", "f1")]
        yield f"{readable(label)[:width]:<{width}}  {three[0]:>9.4f}  {three[1]:>6.4f}  {three[2]:>6.4f}"


def job_cells(job: Job) -> tuple[str, ...]:
    """A row of the list of trainings."""
    done, total = steps_of(job)
    note = job.error or (f"can go on: --resume {job.id}" if job.can_resume else "")
    return job.id, job.status.name.lower(), f"{done:,} of {total:,}", job.title, note

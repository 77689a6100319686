"""What a training is asked for, what it would do, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from modelkeep.keys import ModelKey

__all__ = [
    "DataProblem",
    "TrainingData",
    "TrainingParameters",
    "TrainingPlan",
    "TrainingPoint",
    "TrainingResult",
]


class DataProblem(NamedTuple):
    """What is wrong with a line of the data, from 1 on; 0 is the whole file."""

    line: int
    message: str


@dataclass(frozen=True)
class TrainingData:
    """What is in a file of examples, once each line was looked at. `sha256` is of the whole file.

    `labels` are those that occur, with how often: of texts, or of spans. `problems` keep it from being used;
    `problem_count` is how many there are, where `problems` are the first of them. `notes` do not. `multi_label`: a
    text may have several labels, or none.
    """

    path: str
    task: str
    format: str
    examples: int
    labels: Mapping[str, int] = field(default_factory=dict)
    sha256: str = ""
    size: int = 0
    problems: tuple[DataProblem, ...] = ()
    problem_count: int = 0
    notes: tuple[str, ...] = ()
    multi_label: bool = False


@dataclass(frozen=True)
class TrainingParameters:
    """`method` is "full", "lora" or "auto" (all weights unless that does not fit the memory and LoRA can be had).

    `batch` is in examples, `max_length` in tokens, 0 for what the model takes; `eval_share` is the part of the
    examples that is kept for measuring where no file for that is given.
    """

    epochs: float = 3.0
    lr: float = 5e-5
    batch: int = 8
    seed: int = 42
    method: str = "auto"
    max_length: int = 0
    eval_share: float = 0.1
    weight_decay: float = 0.0
    warmup: float = 0.0
    device: str = "auto"
    lora_rank: int = 8


@dataclass(frozen=True)
class TrainingPlan:
    """What a training would do. `problem` keeps it from starting, "" when nothing does.

    `key`, `root`, `commit` are the parent; `target` is the name that the result gets in `target_root`, and
    `target_exists`: it is there, so that this becomes its next revision. `steps` are those of the optimizer.
    `memory_needed` and `disk_needed` are estimates, in bytes; `evaluated` is how many examples it is measured on.
    `keeps_head`: the parent gives these labels already, and its head is trained on. `lineage` is what the result was
    made from, the parent and the first of all. `interpreter` is the Python that trains, "" for the one that runs
    Modelkeep; `main` is where that branch of the target leads now, "" for nowhere. `policy` are the places that
    take no models that were trained here.
    """

    key: ModelKey
    root: str
    commit: str
    task: str
    data: TrainingData
    evaluation: TrainingData | None
    parameters: TrainingParameters
    method: str
    target: ModelKey
    target_root: str
    target_exists: bool = False
    labels: tuple[str, ...] = ()
    steps: int = 0
    checkpoint_every: int = 0
    memory_needed: int = 0
    memory_free: int = 0
    disk_needed: int = 0
    disk_free: int = 0
    interpreter: str = ""
    problem: str = ""
    hint: str = ""
    notes: tuple[str, ...] = ()
    evaluated: int = 0
    keeps_head: bool = False
    main: str = ""
    lineage: tuple[str, str] = ("", "")
    policy: tuple[str, ...] = ()


class TrainingPoint(NamedTuple):
    """How a training stands after a step of the optimizer. `metrics` are those of an evaluation, {} between them;
    `seconds` since it began, also before it was interrupted."""

    step: int
    steps: int
    epoch: float
    loss: float | None
    learning_rate: float
    metrics: Mapping[str, float]
    seconds: float


@dataclass(frozen=True)
class TrainingResult:
    """What came of a training that went to its end. `metrics` are of the evaluation of what was published, and
    `parent_metrics` those of the parent on the same examples where it has such a head."""

    id: str
    key: ModelKey
    root: str
    commit: str
    parent: str
    method: str
    steps: int
    seconds: float
    loss: float
    metrics: Mapping[str, float]
    parent_metrics: Mapping[str, float] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    peak_memory: int = 0
    resumed: int = 0

"""What is shown of workers, of interpreters and of comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from modelkeep.inference.values import Task, TryInputs, TryOptions, TryResult

__all__ = ["Comparison", "Device", "Interpreter", "RememberedInputs", "WorkerView"]


class Device(NamedTuple):
    """Where models can run: `name` as PyTorch names it, `title` for people, `memory` and `free` in bytes, 0 when
    not known."""

    name: str
    title: str
    memory: int = 0
    free: int = 0


@dataclass(frozen=True)
class Interpreter:
    """A Python, and what it has for running models. `path` "" is the one that runs Modelkeep.

    `packages` are the versions of torch, transformers, and others by the names they are installed by; `problem` is
    why it cannot be used, "" when it can, and `hint` what to do.
    """

    path: str
    version: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)
    devices: tuple[Device, ...] = ()
    problem: str = ""
    hint: str = ""


class WorkerView(NamedTuple):
    """A worker as it is now. `state` is "starting", "loading", "idle", "running" or "ending".

    `leaves_at` is the time (UTC) at which it leaves if nothing comes, 0.0 while it has something to do. `memory` is
    bytes, `tries` a count.
    """

    pid: int
    key: str
    root: str
    task: str
    state: str
    device: str
    memory: int
    peak_memory: int
    since: float
    leaves_at: float
    tries: int


class RememberedInputs(NamedTuple):
    """What a model was asked, and when (UTC)."""

    task: Task
    inputs: TryInputs
    options: TryOptions
    at: float


@dataclass(frozen=True)
class Comparison:
    """The same asked of several revisions or models, one after another. Where one failed, its result is None and its
    error a sentence."""

    results: tuple[TryResult | None, ...]
    errors: tuple[str, ...]
    keys: tuple[str, ...]

"""What the child tells of a training as it goes on: a file of points, and progress; see `child`."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from modelkeep.progress import Progress, Report, ignore

__all__ = ["WHOLE", "Diverged", "Points", "plain_metrics", "telling"]

WHOLE = "whole"
"""A file of this name in a checkpoint says that all of it is there."""
_BETWEEN = 0.1  # seconds between two words on the progress


class Diverged(Exception):
    """The loss is no number any more, as a sentence."""


def plain_metrics(said: Mapping[str, Any]) -> dict[str, float]:
    """Those of ours, and the loss, without what the library counts beside them."""
    ours = ("accuracy", "macro_f1", "precision", "recall", "f1", "loss")
    names = {name: name.removeprefix("eval_") for name in said}
    return {
        plain: float(said[name])
        for name, plain in names.items()
        if plain.partition("/")[0] in ours and math.isfinite(said[name])
    }


class Points:
    """The file of points, and the progress."""

    def __init__(
        self,
        folder: Path,
        before: float = 0.0,
        began: float = 0.0,
        steps: int = 0,
        report: Report = ignore,
    ) -> None:
        self._file = folder / "points.jsonl"
        self._before, self._began, self._steps, self._report = before, began, steps, report
        self._told = 0.0
        self._loss = ""

    def since(self, step: int) -> float:
        """Forget what came after a step, which is done again; returns the seconds until then."""
        kept, seconds = [], 0.0
        with suppress(FileNotFoundError):
            for line in self._file.read_bytes().splitlines():
                with suppress(ValueError, KeyError, TypeError):
                    point = json.loads(line)
                    if point["step"] <= step:
                        kept.append(line)
                        seconds = max(seconds, float(point["seconds"]))
        self._file.write_bytes(b"".join(line + b"\n" for line in kept))
        return seconds

    def add(
        self, state: Any, loss: float | None, rate: float, metrics: Mapping[str, float] | None = None
    ) -> None:
        point = {
            "step": state.global_step,
            "steps": self._steps,
            "epoch": round(state.epoch or 0.0, 4),
            "loss": loss,
            "lr": rate,
            "metrics": dict(metrics or {}),
            "seconds": round(self._before + time.monotonic() - self._began, 3),
        }
        with open(self._file, "a", encoding="utf-8") as file:
            file.write(json.dumps(point) + "\n")
        if loss is not None:
            self._loss = f"loss {loss:.4f}"

    def at(self, step: int) -> None:
        now = time.monotonic()
        if now - self._told >= _BETWEEN or step == self._steps:
            self._told = now
            self._report(Progress("Training", step, self._steps, self._loss, "steps"))


def telling(transformers: Any, points: Points) -> Any:
    """What the trainer tells of itself; a class of transformers, which is loaded only now."""

    class Telling(transformers.TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            points.at(state.global_step)

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **more: Any) -> None:
            if not logs or "loss" not in logs:
                return
            loss = float(logs["loss"])
            if not math.isfinite(loss):
                raise Diverged(f"The loss is no number any more after {state.global_step:,} steps.")
            points.add(state, loss, float(logs.get("learning_rate", 0.0)))

        def on_evaluate(self, args: Any, state: Any, control: Any, metrics: Any = None, **more: Any) -> None:
            if state.global_step:
                points.add(state, None, 0.0, plain_metrics(metrics or {}))

        def on_save(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            # Written last: a checkpoint without it was interrupted. (Not by touch: changing times does nothing here.)
            Path(args.output_dir, f"checkpoint-{state.global_step}", WHOLE).write_bytes(b"")

    return Telling()

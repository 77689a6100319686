"""A model whose code does what its text says, for workers that are started with `ENVIRONMENT`."""

from __future__ import annotations

import json
from pathlib import Path

from modelkeep.inference.child.turn import Turn
from modelkeep.inference.values import (
    Generated,
    LoadedModel,
    LoadRequest,
    Output,
    Task,
    TryInputs,
    TryOptions,
)
from modelkeep.progress import Report

ENVIRONMENT = {
    "PYTHONPATH": str(Path(__file__).parents[1]),
    "MODELKEEP_LOADER": "support.faulty_models:load",
}


def load(request: LoadRequest, report: Report) -> FaultyModel:
    json.dumps = lambda *_, **__: "{}"
    return FaultyModel()


class FaultyModel:
    about = LoadedModel("FaultyModel")

    def run(self, task: Task, inputs: TryInputs, options: TryOptions, turn: Turn) -> list[Output]:
        [text] = inputs.texts
        answer = Generated("x" * (40 << 20) if text == "long" else text, 1, "end")
        return [answer] * 2 if text == "twice" else [answer]

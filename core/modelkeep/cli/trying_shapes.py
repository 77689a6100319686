"""The JSON of `try` and `runtime`, as `docs/json.md` describes it; results are as `inference.written` has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from modelkeep.cli.shapes import iso_time
from modelkeep.inference.written import inputs_json, options_json

if TYPE_CHECKING:
    from modelkeep.inference.outcome import Interpreter, RememberedInputs
    from modelkeep.inference.plan import TryPlan

__all__ = ["asked", "plan", "runtime"]

Json = dict[str, object]


def plan(planned: TryPlan) -> Json:
    """What trying a revision would take."""
    return {
        "key": str(planned.key),
        "root": planned.root,
        "commit": planned.commit,
        "task": str(planned.task) if planned.tasks else None,
        "tasks": [str(task) for task in planned.tasks],
        "backend": str(planned.load.backend),
        "file": planned.load.file or None,
        "device": planned.load.device,
        "dtype": planned.load.dtype,
        "interpreter": planned.interpreter,
        "safety": planned.verdict or None,
        "wants_code": planned.wants_code,
        "code_files": list(planned.code_files),
        "code_allowed": planned.code_allowed,
        "memory_needed": planned.memory_needed,
        "memory_free": planned.memory_free or None,
        "fits": planned.fits,
        "problem": planned.problem or None,
        "hint": planned.hint or None,
        "notes": list(planned.notes),
    }


def asked(remembered: Sequence[RememberedInputs]) -> list[Json]:
    """What a model was asked, the latest first."""
    return [
        {
            "task": str(task),
            "at": iso_time(at),
            "inputs": inputs_json(inputs),
            "options": options_json(options),
        }
        for task, inputs, options, at in remembered
    ]


def runtime(found: Interpreter) -> Json:
    """What a Python has for running models."""
    return {
        "interpreter": found.path or None,
        "version": found.version or None,
        "packages": dict(found.packages),
        "devices": [
            {
                "name": one.name,
                "title": one.title,
                "memory": one.memory or None,
                "free": one.free or None,
            }
            for one in found.devices
        ],
        "problem": found.problem or None,
        "hint": found.hint or None,
    }

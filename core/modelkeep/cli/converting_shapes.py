"""The JSON of `convert`, as `docs/json.md` describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modelkeep.convert.plan import Conversion, ConversionPlan

__all__ = ["conversion"]

Json = dict[str, object]


def conversion(plan: ConversionPlan, done: Conversion | None) -> Json:
    """The plan, with what came of it when it was carried out."""
    return {
        "executed": done is not None,
        "key": str(plan.key),
        "root": plan.root,
        "commit": plan.commit,
        "ref": plan.ref,
        "moves_main": plan.moves_main,
        "present": plan.present or None,
        "files": [{"source": file.source, "target": file.target, "size": file.size} for file in plan.files],
        "indices": [index.path for index in plan.indices],
        "kept": list(plan.kept),
        "dropped": list(plan.dropped),
        "bytes_needed": plan.bytes_needed,
        "free": plan.free,
        "reserve": plan.reserve,
        "problem": plan.problem or None,
        "hint": plan.hint or None,
        "notes": list(done.notes if done else plan.notes),
        "result": _result(done) if done else None,
    }


def _result(done: Conversion) -> Json:
    return {
        "commit": done.commit,
        "tensors": done.tensors,
        "written": done.written,
        "seconds": round(done.seconds, 3),
        "memory": done.memory,
    }

"""The JSON of `ready`, as `docs/json.md` describes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from modelkeep.keys import ModelKey

if TYPE_CHECKING:
    from modelkeep.checking.trial import TrialLoad

__all__ = ["ready"]

Json = dict[str, object]


def ready(
    key: ModelKey,
    root: str,
    commit: str,
    refs: Sequence[str],
    lacks: Sequence[str],
    trial: TrialLoad | None,
) -> Json:
    """What a revision lacks, and what came of loading it, None when that was not tried."""
    return {
        "key": str(key),
        "root": root,
        "commit": commit or None,
        "refs": list(refs),
        "offline_ready": not lacks,
        "lacks": list(lacks),
        "trial": _trial(trial) if trial else None,
    }


def _trial(trial: TrialLoad) -> Json:
    return {
        "works": trial.works,
        "loaded": list(trial.loaded),
        "error": trial.error or None,
        "hint": trial.hint or None,
        "seconds": round(trial.seconds, 3),
        "memory": trial.memory,
        "with_code": trial.with_code,
        "walls": list(trial.walls),
        "tried": list(trial.tried),
        "log": list(trial.log),
    }

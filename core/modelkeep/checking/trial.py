"""Loading a model for trial: the proof that it can be used without a network, in a child process that has none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from modelkeep.cache.inventory import CachedModel, CachedRevision
from modelkeep.progress import Report, ignore

__all__ = ["TrialLoad", "try_loading"]


@dataclass(frozen=True)
class TrialLoad:
    """What came of a trial. `loaded` are what was loaded, as "BertModel, 22,713,216 parameters, float32".

    `error` is one sentence, "" when it loads, and `hint` what to do. `with_code`: it ran code of the model's own,
    because the user allowed it. `seconds` is the whole trial, `memory` the most that it held, in bytes. `tried` are
    network addresses that it wanted to reach and could not. `log` are the last lines of the child process.
    """

    root: str
    key: str
    commit: str
    loaded: tuple[str, ...] = ()
    error: str = ""
    hint: str = ""
    seconds: float = 0.0
    memory: int = 0
    with_code: bool = False
    tried: tuple[str, ...] = ()
    log: tuple[str, ...] = ()

    @property
    def works(self) -> bool:
        return not self.error


def try_loading(
    model: CachedModel,
    revision: CachedRevision,
    *,
    allow_code: bool = False,
    allow_unsafe: Sequence[str] = (),
    memory: int = 0,
    seconds: float = 900.0,
    report: Report = ignore,
) -> TrialLoad:
    """Load a revision as its library does, by its name, with sockets denied and HF_HUB_OFFLINE=1.

    `allow_code` runs the model's own code; `allow_unsafe` names the model whose dangerous files may be loaded all the
    same. `memory` is a limit in bytes, 0 for what the machine can give.
    """
    raise NotImplementedError

"""How a confined child process ended, and what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Confined"]


@dataclass(frozen=True)
class Confined:
    """What came of a child process.

    `reply` is what its `main` returned, {} when it did not get that far. `error` is one sentence and `hint` what to
    do, "" when all is well; `log` are the last lines that it wrote. `memory` is the most that it held, in bytes.
    `walls` are what it was really kept from, as far as this system can: "network" by the kernel, or only "network in
    Python"; "writes" outside its folders; "memory" beyond its limit. `tried` are the network addresses that it wanted
    to reach and could not, those that Python asked for.
    """

    reply: Mapping[str, object] = field(default_factory=dict)
    error: str = ""
    hint: str = ""
    log: tuple[str, ...] = ()
    seconds: float = 0.0
    memory: int = 0
    walls: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()

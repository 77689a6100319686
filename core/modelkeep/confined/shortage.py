"""What tells that a program ended, or failed, for want of memory."""

from __future__ import annotations

import re
from contextlib import suppress

__all__ = ["memory_kills", "says_memory_is_short"]

_SAYING_SO = re.compile(
    r"MemoryError|bad_alloc|(?:allocate|out of) memory|memory allocation|map segment|can't start new thread",
    re.IGNORECASE,
)


def says_memory_is_short(text: str) -> bool:
    """Whether this line of a program, or of an error, says that it got no memory."""
    return _SAYING_SO.search(text) is not None


def memory_kills() -> int | None:
    """How many processes Linux has ended since it began as there was too little memory, of the machine or of a group;
    None where that is not known."""
    with suppress(OSError, ValueError), open("/proc/vmstat", encoding="ascii") as counts:
        for line in counts:
            name, _, count = line.partition(" ")
            if name == "oom_kill":
                return int(count)
    return None

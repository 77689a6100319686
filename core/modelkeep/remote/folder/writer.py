"""Who is writing: a name that says so to others on the same folder, of this machine or another."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import socket
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple, Self

from modelkeep.hub.journal import boot_id

__all__ = ["Writer"]

_TEXT = re.compile(r"([0-9a-f]{8})-([0-9a-f]{8})-([0-9a-f]{8})-([0-9]{1,10})-([0-9a-f]{8})")


class Writer(NamedTuple):
    """One who writes: the machine, its start, what numbers processes there (a container has its own), the process,
    and which of its writings this is.
    """

    host: str
    boot: str
    space: str
    process: int
    writing: str

    @classmethod
    def new(cls) -> Self:
        """One in this process."""
        return cls(*_here(), os.getpid(), secrets.token_hex(4))

    @classmethod
    def nobody(cls) -> Self:
        """Whoever comes next may go on from what this one wrote."""
        return cls("0" * 8, "0" * 8, "0" * 8, 0, secrets.token_hex(4))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """What `str()` wrote, None for what is something else."""
        found = _TEXT.fullmatch(text)
        return cls(found[1], found[2], found[3], int(found[4]), found[5]) if found else None

    def __str__(self) -> str:
        return f"{self.host}-{self.boot}-{self.space}-{self.process}-{self.writing}"

    @property
    def is_dead(self) -> bool | None:
        """Whether it writes no more; None where that cannot be known from here."""
        if not self.process:
            return True
        host, boot, space = _here()
        if self.host != host:
            return None
        if self.boot != boot:
            return True
        if self.space != space:
            return None
        import psutil

        return not psutil.pid_exists(self.process)


@cache
def _here() -> tuple[str, str, str]:
    machine = space = ""
    with suppress(OSError):
        machine = Path("/etc/machine-id").read_text("ascii", "replace").strip()
    with suppress(OSError, AttributeError):
        space = os.readlink("/proc/self/ns/pid")
    return _short(socket.gethostname() + machine), _short(boot_id()), _short(space)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:8]

"""The walls of a confined child, which it builds around itself before anything foreign is loaded."""

from __future__ import annotations

import errno
import os
import struct
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from modelkeep.confined.landlock import deny_writes, keeps_signals
from modelkeep.confined.seccomp import deny_network

__all__ = ["build_walls", "held_memory", "peak_memory"]

_NICER = 5
_KILL_ME_FIRST = "1000"
_CAPABILITIES = 0x20080522  # the version of linux/capability.h
_READ_ALL = 1 << 2  # CAP_DAC_READ_SEARCH: caches of others, which the superuser reads
# What leaves the process, by the names of Python's audit events, and which argument is the address.
_REACHING = {
    "socket.connect": 1,
    "socket.bind": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.gethostbyname": 0,
    "socket.gethostbyaddr": 0,
    "socket.getnameinfo": 0,
}


def build_walls(memory: int, writable: Sequence[str], tell: Callable[[str], None]) -> tuple[str, ...]:
    """Build what this system can, and say what that is; `tell` gets each address that Python is kept from.

    `memory` is the most bytes that the process may allocate, 0 for no limit.
    """
    walls = []
    if hasattr(os, "nice"):
        os.nice(_NICER)
    if sys.platform == "linux":
        # When the machine has too little memory, this process goes, not the window.
        with suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:
            score.write(_KILL_ME_FIRST)
    if _limit(memory):
        walls.append("memory")
    _drop_powers()
    writes = deny_writes(writable)
    if writes:
        walls.append("writes")
    walls.append("network" if deny_network(signals=writes and keeps_signals()) else "network in Python")
    sys.addaudithook(_refuse_network(tell))
    return tuple(walls)


def _drop_powers() -> None:
    """Take from the superuser what no model needs to be read, such as to look into other processes."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return
    import ctypes

    header = struct.pack("=Ii", _CAPABILITIES, 0)
    low, high = _READ_ALL, 0
    data = struct.pack("=6I", low, low, 0, high, high, 0)  # effective, permitted, inheritable
    with suppress(AttributeError):  # a C library without it
        ctypes.CDLL(None).capset(header, data)


def _limit(memory: int) -> bool:
    """Limit the memory; whether that works here."""
    if sys.platform == "win32":
        return False
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "linux" or memory <= 0:
        return False
    # Not the address space, of which torch reserves far more than it uses.
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    limit = memory if most == resource.RLIM_INFINITY else min(memory, most)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    return True


def _refuse_network(tell: Callable[[str], None]) -> Callable[[str, tuple[object, ...]], None]:
    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "socket.getaddrinfo":
            address: object = arguments[:2]
        elif event in _REACHING:
            address = arguments[_REACHING[event]]
        else:
            return
        text = _address(address)
        tell(text)
        raise PermissionError(errno.EACCES, "There is no network here", text)

    return hook


def _address(address: object) -> str:
    match address:
        case (host, port, *_):
            return f"{_text(host)}:{_text(port)}" if port is not None else _text(host)
    return _text(address)


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def held_memory(process: int | None = None) -> int:
    """What a process holds now, in bytes, this one when None; 0 where that is not known."""
    return _status(process, "VmRSS:")


def peak_memory(process: int | None = None) -> int:
    """The most that a process held, in bytes, this one when None; 0 where that is not known."""
    # Not ru_maxrss on Linux: it begins with what the process that started this one held.
    if found := _status(process, "VmHWM:"):
        return found
    if process is None and sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return 0


def _status(process: int | None, field: str) -> int:
    """A number of bytes out of what Linux says of a process."""
    with (
        suppress(OSError),
        open(f"/proc/{process or 'self'}/status", encoding="ascii", errors="replace") as status,
    ):
        for line in status:
            if line.startswith(field):
                return int(line.split()[1]) * 1024
    return 0

"""Being in nobody's way: a thread that reads at a low priority, where the system has one.

A verification reads all of a disk's models; whoever waits for the same disk goes first. The rest of the process, and
what it starts, keeps its own priority.

Sources: ioprio_set(2) and linux/ioprio.h; setiopolicy_np(3) of macOS.
"""

from __future__ import annotations

import platform
import struct
import sys

__all__ = ["LOWEST", "io_priority", "read_in_background"]

_BEST_EFFORT = 2
LOWEST = _BEST_EFFORT << 13 | 7
"""The last of the best-effort levels, as Linux writes it.

Not the idle class: that may starve for ever on a busy disk, and a program that loads the model which is being
verified would wait for pages that are read when nobody else reads.
"""

_THIS_THREAD = (1, 0)  # IOPRIO_WHO_PROCESS, which is a thread; 0 is the one that asks

# ioprio_set by machine, which the C library does not wrap; ioprio_get is the next.
_CALLS = {
    "x86_64": 251,
    "i386": 289,
    "i686": 289,
    "aarch64": 30,
    "riscv64": 30,
    "loongarch64": 30,
    "armv7l": 314,
    "ppc64le": 273,
    "s390x": 282,
}


def read_in_background() -> None:
    """Have the disk serve others before this thread, from now on. Where that is refused, nothing changes."""
    if sys.platform == "linux":
        _linux_call(0, LOWEST)
    elif sys.platform == "darwin":
        import ctypes

        disk, thread, utility = 0, 1, 4  # IOPOL_TYPE_DISK, IOPOL_SCOPE_THREAD, IOPOL_UTILITY
        ctypes.CDLL(None).setiopolicy_np(disk, thread, utility)


def io_priority(thread: int = 0) -> int:
    """The priority of a thread by its native id (this one when 0), as Linux writes it; -1 where it has none."""
    return _linux_call(1, thread=thread) if sys.platform == "linux" else -1


def _linux_call(offset: int, *more: int, thread: int = 0) -> int:
    machine = platform.machine()
    if machine == "x86_64" and struct.calcsize("P") == 4:
        machine = "i686"
    if machine not in _CALLS:
        return -1
    import ctypes

    who, this = _THIS_THREAD
    numbers = (_CALLS[machine] + offset, who, thread or this, *more)
    return int(ctypes.CDLL(None).syscall(*map(ctypes.c_long, numbers)))

"""What befalls an operation. A fault is drawn by chance, and described so that it can be drawn again.

A killed process is the power cut of a process. A disk that is full, broken or forbidden answers through the kernel
(seccomp), to whichever library asks; it stays so, as a full disk does. A step that fails once is refused from within
Python, by an audit hook. A file that may not grow beyond a limit gives real short writes.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import random
import resource
import struct
import sys
import threading
from dataclasses import dataclass
from typing import Any

__all__ = ["FailingDisk", "Fault", "Kill", "OneStep", "ShortWrites", "draw"]

_ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS, errno.EDQUOT)


@dataclass(frozen=True)
class Kill:
    """SIGKILL, as when memory is short. `at` is a part of the time that the operation takes, 0 to 1."""

    at: float

    def begin(self, seconds: float) -> None:
        """The parent kills."""


@dataclass(frozen=True)
class FailingDisk:
    """From some instant on, all calls of a kind fail."""

    at: float
    calls: str
    error: int

    def begin(self, seconds: float) -> None:
        timer = threading.Timer(
            self.at * seconds, _refuse, (_CALLS[platform.machine()][self.calls], self.error)
        )
        timer.daemon = True
        timer.start()


@dataclass(frozen=True)
class OneStep:
    """A single step on the disk fails, the next one works again."""

    number: int
    error: int

    def begin(self, seconds: float) -> None:
        _steps.fails = (self.number, self.error)


@dataclass(frozen=True)
class ShortWrites:
    """No file may grow beyond a limit: a write that crosses it is cut short, the next one fails."""

    limit: int

    def begin(self, seconds: float) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.limit, self.limit))


Fault = Kill | FailingDisk | OneStep | ShortWrites


def draw(chance: random.Random, steps: int, largest: int) -> Fault:
    """Some fault. `steps` are what the operation does on the disk, `largest` bytes of its largest file."""
    kind = chance.choices(("kill", "disk", "step", "short"), (6, 3, 3, 1))[0]
    if kind == "disk" and can_refuse():
        calls = chance.choice(sorted(_CALLS[platform.machine()]))
        return FailingDisk(chance.uniform(0, 1), calls, chance.choice(_ERRORS))
    if kind == "step":
        return OneStep(chance.randint(1, max(steps, 1)), chance.choice(_ERRORS))
    if kind == "short":
        return ShortWrites(chance.randint(1, largest))
    return Kill(chance.uniform(0, 1.05))


# ---- one step: what Python tells its audit hooks before it is done

_ON_DISK = frozenset(
    {"os.rename", "os.link", "os.symlink", "os.mkdir", "os.remove", "os.rmdir", "os.truncate", "os.chmod"}
)


class _Steps:
    """Counts the steps on the disk below some folders, and fails one of them."""

    def __init__(self) -> None:
        self.count = 0
        self.below: tuple[str, ...] = ()
        self.fails = (0, 0)
        self._lock = threading.Lock()

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if not isinstance(flags, int) or not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                return
        elif event not in _ON_DISK:
            return
        else:
            path = arguments[0]
        if not self.below or not isinstance(path, str | bytes | os.PathLike):
            return
        if not os.fsdecode(path).startswith(self.below):
            return
        with self._lock:
            self.count += 1
            number, error = self.fails
            if self.count != number:
                return
        raise OSError(error, os.strerror(error), os.fsdecode(path))


_steps = _Steps()


def count_steps(*below: os.PathLike[str]) -> _Steps:
    """Count what happens on the disk below these folders from now on."""
    _steps.below, _steps.count = tuple(map(os.fspath, below)), 0
    sys.addaudithook(_steps)
    return _steps


# ---- a failing disk: seccomp, man 2 seccomp

_CALLS = {
    "x86_64": {
        "write": (1, 18, 20, 296, 326, 40, 285, 77),
        "change": (82, 264, 316, 86, 265, 88, 266, 83, 258, 87, 263, 84),
        "flush": (74, 75, 306),
    },
    "aarch64": {
        "write": (64, 68, 66, 70, 285, 71, 47, 46),
        "change": (38, 276, 37, 36, 34, 35),
        "flush": (82, 83, 267),
    },
}
_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_LOAD, _EQUALS, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_NO_NEW_PRIVILEGES, _FILTER, _ALL_THREADS = 38, 1, 1


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def can_refuse() -> bool:
    """Whether this system lets a process have its own calls refused."""
    return sys.platform == "linux" and platform.machine() in _CALLS


def _refuse(calls: tuple[int, ...], error: int) -> None:
    """Have these calls fail in all threads of this process from now on."""
    arch = _ARCH[platform.machine()]
    code = [(_LOAD, 0, 0, 4), (_EQUALS, 1, 0, arch), (_RETURN, 0, 0, _ALLOW), (_LOAD, 0, 0, 0)]
    for left, number in zip(range(len(calls), 0, -1), calls, strict=True):
        code.append((_EQUALS, left, 0, number))
    code += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _ERRNO | error)]
    packed = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in code))
    program = _Program(len(code), ctypes.addressof(packed))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if libc.syscall(_SECCOMP[platform.machine()], _FILTER, _ALL_THREADS, ctypes.byref(program)):
        raise OSError(ctypes.get_errno(), "the calls cannot be refused")

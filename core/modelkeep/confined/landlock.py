"""Folders as the only places that a process may write to, on Linux (Landlock).

It also keeps the process from tracing and, from Linux 6.12 on, from signalling any that is not of its own. What it
does not keep it from, the permissions and times of files that are the user's, the filter of system calls does.

Source: linux/landlock.h and the kernel's documentation of Landlock.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

__all__ = ["deny_writes", "keeps_signals"]

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1  # a flag: tell the version
_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38

_WRITE_FILE = 1 << 1
_TRUNCATE = 1 << 14
# Remove folder, file; make device, folder, file, socket, pipe, block device, link; move between folders.
_CHANGE = sum(1 << bit for bit in (4, 5, 6, 7, 8, 9, 10, 11, 12, 13))
_SCOPE_SIGNAL = 1 << 1
_FIRST_WITH_TRUNCATE = 3
_FIRST_WITH_SCOPES = 6


def deny_writes(places: Iterable[str | os.PathLike[str]]) -> bool:
    """Let this process and all that it starts write to `places` only, which are folders, with all below them, or
    files; False where this system cannot.

    Call it before any thread starts.
    """
    if sys.platform != "linux":
        return False
    version = _version()
    if version < _FIRST_WITH_TRUNCATE:
        return False
    scopes = _SCOPE_SIGNAL if version >= _FIRST_WITH_SCOPES else 0
    handled = struct.pack("=QQQ", _WRITE_FILE | _TRUNCATE | _CHANGE, 0, scopes)
    known = handled if scopes else handled[:8]
    rules = _call(_CREATE_RULESET, known, ctypes.c_size_t(len(known)), ctypes.c_uint32(0))
    if rules < 0:
        return False
    try:
        for path in [*places, os.devnull]:
            rights = _WRITE_FILE | _TRUNCATE | (_CHANGE if Path(path).is_dir() else 0)
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            try:
                rule = struct.pack("=Qi", rights, place)
                if _call(
                    _ADD_RULE, ctypes.c_int(rules), ctypes.c_int(_PATH_BENEATH), rule, ctypes.c_uint32(0)
                ):
                    return False
            finally:
                os.close(place)
        none = ctypes.c_ulong(0)
        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), none, none, none)
        return _call(_RESTRICT_SELF, ctypes.c_int(rules), ctypes.c_uint32(0)) == 0
    finally:
        os.close(rules)


def keeps_signals() -> bool:
    """Whether what `deny_writes` does keeps a process also from signalling those that are not its own."""
    return sys.platform == "linux" and _version() >= _FIRST_WITH_SCOPES


def _version() -> int:
    return _call(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))


def _call(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return int(libc.syscall(ctypes.c_long(number), *arguments))

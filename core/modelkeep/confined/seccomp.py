"""A filter of system calls on Linux (seccomp), by which a process and all that it starts lose the network for good.

No socket can be made, connected or bound, of whatever family: not to the network, and not to another process of this
machine either, since one that listens there (a message bus, a container engine) could do anything on behalf of who
asks. Pairs of sockets, which reach nobody else, stay. What would get around that is refused too: rings of calls
(io_uring), calls by another numbering, reading or writing another process, and taking its open files. A process can
also not leave its group, so that it can be ended with all that it started.

Besides, it keeps the process from what lies outside of its folders and is no content of a file: the limits of other
processes, memory and queues that others share (System V), keys that the kernel keeps, and the permissions, owners,
times and attributes of files.

Source: linux/seccomp.h, linux/audit.h, linux/filter.h, and the tables of system calls of Linux 6.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["deny_network"]

_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_MODE_FILTER = 2

_ALLOW = 0x7FFF0000
_ERRNO = 0x00050000

_LOAD = 0x20  # a 32-bit word of what is known of the call
_EQUAL = 0x15
_AT_LEAST = 0x35
_AND = 0x54
_RETURN = 0x06

# Bytes into struct seccomp_data; little endian: the low half of an argument is first.
_AT_NUMBER, _AT_MACHINE, _AT_FIRST, _AT_SECOND = 0, 4, 16, 24

_AF_UNIX, _SOCK_STREAM = 1, 1
_KIND_OF_SOCKET = 0xF  # the rest of the argument are flags
_OWN = 0  # what a process calls itself
_X32 = 0x40000000  # calls of x86_64 by their 32-bit numbering begin here


class _Machine(NamedTuple):
    """The numbers of system calls of a kind of machine."""

    audit: int
    sockets: tuple[int, ...]  # socket, connect, bind
    socketpair: int
    around: tuple[int, ...]  # ptrace, process_vm_readv, process_vm_writev, setsid, setpgid
    keys: tuple[int, ...]  # add_key, request_key, keyctl
    shared: tuple[int, ...]  # System V: shmget, shmat, shmctl, sem…, msg…
    attributes: tuple[int, ...]  # setxattr, lsetxattr, fsetxattr, removexattr, lremovexattr, fremovexattr
    modes: tuple[int, ...]  # chmod, chown, utime and their kin
    prlimit: int
    signals: tuple[int, ...]  # kill, tgkill
    more_signals: tuple[int, ...]  # tkill, rt_sigqueueinfo, rt_tgsigqueueinfo


_MACHINES = {
    "x86_64": _Machine(
        audit=0xC000003E,
        sockets=(41, 42, 49),
        socketpair=53,
        around=(101, 310, 311, 112, 109),
        keys=(248, 249, 250),
        shared=(29, 30, 31, 64, 65, 66, 220, 68, 69, 70, 71),
        attributes=(188, 189, 190, 197, 198, 199),
        modes=(90, 91, 268, 92, 93, 94, 260, 132, 235, 261, 280),
        prlimit=302,
        signals=(62, 234),
        more_signals=(200, 129, 297),
    ),
    "aarch64": _Machine(
        audit=0xC00000B7,
        sockets=(198, 203, 200),
        socketpair=199,
        around=(117, 270, 271, 157, 154),
        keys=(217, 218, 219),
        shared=(194, 196, 195, 190, 193, 191, 192, 186, 189, 188, 187),
        attributes=(5, 6, 7, 14, 15, 16),
        modes=(52, 53, 54, 55, 88),
        prlimit=261,
        signals=(129, 131),
        more_signals=(130, 138, 240),
    ),
}
# These are everywhere the same: io_uring_setup, io_uring_enter, io_uring_register, pidfd_getfd, setxattrat,
# removexattrat; and fchmodat2, file_setattr; and pidfd_send_signal.
_AROUND = (425, 426, 427, 438, 463, 466)
_MODES = (452, 469)
_MORE_SIGNALS = (424,)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def deny_network(*, signals: bool = True) -> bool:
    """Take the network from this process for good; False where this system cannot.

    Without `signals` it can also send none to any process but itself, nor can those that it starts. Call it before
    any thread starts.
    """
    machine = _MACHINES.get(platform.machine())
    if sys.platform != "linux" or machine is None or sys.maxsize < 1 << 32:
        return False
    instructions = b"".join(_filter(machine, signals))
    program = _Program(len(instructions) // 8, instructions)
    libc = ctypes.CDLL(None, use_errno=True)
    none = ctypes.c_ulong(0)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), none, none, none):
        return False
    filtering = ctypes.c_ulong(_MODE_FILTER)
    return bool(libc.prctl(_PR_SET_SECCOMP, filtering, ctypes.byref(program), none, none) == 0)


def _filter(machine: _Machine, signals: bool) -> Sequence[bytes]:
    refuse = _ERRNO | errno.EPERM
    no_network = _ERRNO | errno.EACCES
    program = [
        _step(_LOAD, _AT_MACHINE),
        # A program for another machine that this one also runs has other numbers: none of its calls is known.
        _step(_EQUAL, machine.audit, 1, 0),
        _step(_RETURN, refuse),
        _step(_LOAD, _AT_NUMBER),
    ]
    if machine is _MACHINES["x86_64"]:
        program += [_step(_AT_LEAST, _X32, 0, 1), _step(_RETURN, refuse)]
    answers = {
        no_network: machine.sockets,
        refuse: (*machine.around, *machine.keys, *machine.shared, *machine.attributes, *_AROUND),
        # Done, says the kernel, and does nothing: who copies a file would stumble over a refusal.
        _ERRNO: (*machine.modes, *_MODES),
    }
    if not signals:
        answers[refuse] += (*machine.more_signals, *_MORE_SIGNALS)
        program += _only_for(machine.signals, (_OWN, os.getpid()), refuse)
    program += _only_for((machine.prlimit,), (_OWN, os.getpid()), refuse)
    for answer, numbers in answers.items():
        for number in numbers:
            program += [_step(_EQUAL, number, 0, 1), _step(_RETURN, answer)]
    return [
        *program,
        _step(_EQUAL, machine.socketpair, 1, 0),
        _step(_RETURN, _ALLOW),
        _step(_LOAD, _AT_FIRST),
        _step(_EQUAL, _AF_UNIX, 1, 0),
        _step(_RETURN, no_network),
        # One for datagrams could still send to any address.
        _step(_LOAD, _AT_SECOND),
        _step(_AND, _KIND_OF_SOCKET),
        _step(_EQUAL, _SOCK_STREAM, 1, 0),
        _step(_RETURN, no_network),
        _step(_RETURN, _ALLOW),
    ]


def _only_for(numbers: Sequence[int], allowed: Sequence[int], answer: int) -> list[bytes]:
    """Steps by which these calls get an answer, unless their first argument is allowed."""
    steps = []
    for number in numbers:
        steps += [_step(_EQUAL, number, 0, 2 + 2 * len(allowed)), _step(_LOAD, _AT_FIRST)]
        for value in allowed:
            steps += [_step(_EQUAL, value, 0, 1), _step(_RETURN, _ALLOW)]
        steps.append(_step(_RETURN, answer))
    return steps


def _step(code: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_so, if_not, value)

"""What the window and its work process say to each other: pickles, each behind its length.

::

    window -> process     Call, Cancel, Pause, Resume
    process -> window     Ready, then Started, Reported, Emitted and one of Done, Failed, Canceled for each call
    of the process        Died

Both ends are one installation and nobody else holds the pipes, which is what makes pickles safe here. The messages
are told apart by their types alone: as tuples, two of different types can be equal. The work process loads this
module too, so it names nothing of Qt.
"""

from __future__ import annotations

import pickle
from typing import BinaryIO, NamedTuple

from modelkeep.errors import ModelKeepError
from modelkeep.progress import Progress

__all__ = [
    "Call",
    "Cancel",
    "Canceled",
    "Died",
    "Done",
    "Emitted",
    "Failed",
    "Pause",
    "Ready",
    "Reply",
    "Reported",
    "Request",
    "Resume",
    "Started",
    "UnexpectedError",
    "WorkerDied",
    "decode",
    "encode",
    "read",
]

_HEADER = 8  # bytes of the length before each message


class WorkerDied(ModelKeepError):
    """The work process ended while it had something to do."""


class UnexpectedError(ModelKeepError):
    """An exception that nobody foresaw, as a sentence; the traceback comes with `Failed`."""


class Call(NamedTuple):
    """Call a method of the service. Calls of one lane run one after another, those of different lanes in parallel.

    `arguments` is a pickle of `(args, kwargs)`, so that arguments which cannot be read fail this call alone.
    """

    id: int
    lane: str
    method: str
    arguments: bytes


class Cancel(NamedTuple):
    """Stop a call at its next report."""

    id: int


class Pause(NamedTuple):
    """Hold a call at its next report, until it is resumed or cancelled."""

    id: int


class Resume(NamedTuple):
    """Let a call that is held go on."""

    id: int


class Ready(NamedTuple):
    """The service is made; calls can run."""

    pid: int


class Started(NamedTuple):
    """The call's turn has come in its lane."""

    id: int


class Reported(NamedTuple):
    """Where the call is; ten a second at most."""

    id: int
    progress: Progress


class Emitted(NamedTuple):
    """A part of the result, ahead of its end."""

    id: int
    value: object


class Done(NamedTuple):
    """The call returned this."""

    id: int
    value: object


class Failed(NamedTuple):
    """The call raised; `traceback` is for the details that a user can copy."""

    id: int
    error: ModelKeepError
    traceback: str


class Canceled(NamedTuple):
    """The call stopped because it was asked to."""

    id: int


class Died(NamedTuple):
    """The process is gone; what it held is lost. Said by the window's own end of the pipe.

    `status` is its exit status, negative for the signal that ended it; `reason` says the same in words.
    """

    status: int
    reason: str


Request = Call | Cancel | Pause | Resume
Reply = Ready | Started | Reported | Emitted | Done | Failed | Canceled


def encode(message: Request | Reply) -> bytes:
    """The message as it goes into the pipe. Raises whatever pickling its content raises."""
    body = pickle.dumps(message, protocol=5)
    return len(body).to_bytes(_HEADER, "big") + body


def read(pipe: BinaryIO) -> bytes | None:
    """The next message, not yet decoded, or None when the other end is gone, also in the middle of one."""
    header = pipe.read(_HEADER)
    if len(header) < _HEADER:
        return None
    length = int.from_bytes(header, "big")
    body = pipe.read(length)
    return body if len(body) == length else None


def decode(body: bytes) -> Request | Reply:
    """What `read` gave, as a message. Raises whatever unpickling its content raises."""
    message: Request | Reply = pickle.loads(body)
    return message

"""What the tests know of an S3 server that they have started, whichever it is."""

from __future__ import annotations

import ctypes
import signal
import sys
from typing import NamedTuple

__all__ = ["KeyPair", "S3Server", "die_with_parent"]

_PDEATHSIG = 1  # PR_SET_PDEATHSIG of prctl(2)


class KeyPair(NamedTuple):
    """A user of a server."""

    name: str
    key_id: str
    secret: str


class S3Server(NamedTuple):
    """A running server: "radosgw" or "rclone". `user` may make buckets; `guest` only what a bucket's policy allows
    it, None where the server knows no policies.
    """

    kind: str
    endpoint: str
    user: KeyPair
    guest: KeyPair | None = None


def die_with_parent() -> None:
    """For `preexec_fn`: the system kills the child when the thread that starts it is gone, however that ended."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGKILL)

"""What a confined child does before all else: it takes its streams apart from what libraries use, sees to it that it
ends with who started it, and builds its walls."""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO, NamedTuple

from modelkeep.confined.environment import PLACE, at_home
from modelkeep.confined.home import make_home, remove_home
from modelkeep.confined.shortage import says_memory_is_short
from modelkeep.confined.walls import build_walls

__all__ = [
    "Place",
    "in_one_sentence",
    "is_short_of_memory",
    "own_streams",
    "take_place",
    "watch_in_thread",
]

_STEP = 0.01  # seconds between two looks at whether a process has ended
_MOST_LOOKS = 200
_MOST_CAUSES = 20


class Place(NamedTuple):
    """Where a confined child is: its home, and what `build_walls` takes. `lifeline` is the file that closes when who
    started it is gone, -1 where that is its input; `by_hand`: nobody started it as one."""

    home: str
    memory: int
    writable: tuple[str, ...]
    lifeline: int
    by_hand: bool = False

    def lock_in(self, tell: Callable[[str], None]) -> tuple[str, ...]:
        """Build the walls; what they keep it from. Call it before any thread starts."""
        return build_walls(self.memory, self.writable, tell)

    def leave(self, status: int = 0) -> None:
        """End this process at once: threads of libraries would keep it."""
        if self.by_hand and os.name != "posix":
            remove_home(self.home)
        os._exit(status)


def take_place() -> Place:
    """Read from the environment where this child is, and have it end with who started it.

    Where nobody did, it makes a home for itself.
    """
    faulthandler.enable()
    said = os.environ.pop(PLACE, "")
    if not said:
        home = make_home()
        os.environ.update(at_home(home))
        if os.name == "posix":
            _remove_in_the_end(home)
        return Place(home, 0, (home,), -1, by_hand=True)
    asked = json.loads(said)
    place = Place(asked["home"], asked["memory"], tuple(asked["writable"]), asked["lifeline"])
    if place.lifeline >= 0:
        # A process, since a thread of this one waits where a library keeps Python for itself.
        if os.fork() == 0:
            os.dup2(place.lifeline, 0)
            os.closerange(1, 64)
            _wait_for_end(0, place.home)
        os.close(place.lifeline)
    return place


def _remove_in_the_end(home: str) -> None:
    """Have a process remove the home once this one is gone, whose walls keep it from that."""
    lifeline, own_end = os.pipe()
    if os.fork() == 0:
        os.close(own_end)
        os.dup2(lifeline, 0)
        os.closerange(1, 64)
        while os.read(0, 4096):
            pass
        remove_home(home)
        os._exit(0)
    os.close(lifeline)


def own_streams() -> tuple[BinaryIO, BinaryIO]:
    """Where requests come from and where answers go.

    From now on a library that prints does not garble the answers, nor does one that reads wait for what never comes.
    """
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    requests = os.fdopen(os.dup(0), "rb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    return requests, answers


def is_short_of_memory(error: BaseException) -> bool:
    """Whether an allocation failed, or this came of one that did: a library that cannot be loaded for that is said
    to be missing."""
    before: BaseException | None = error
    for _ in range(_MOST_CAUSES):
        if before is None:
            break
        # The second is torch's, on an accelerator.
        if isinstance(before, MemoryError) or type(before).__name__ == "OutOfMemoryError":
            return True
        with suppress(Exception):  # what it says may be its own code
            if says_memory_is_short(str(before)):
                return True
        before = before.__cause__ or before.__context__
    return False


def in_one_sentence(error: BaseException) -> str:
    """What a library said, as far as one line tells it."""
    said = ""
    with suppress(Exception):  # it may be its own code
        said = next(iter(str(error).strip().splitlines()), "")[:300].rstrip(".")
    return f"{type(error).__name__}: {said}." if said else f"It ended with {type(error).__name__}."


def watch_in_thread(stream: BinaryIO, home: str) -> None:
    """For a child whose input is its lifeline, once it has read what it was asked."""
    threading.Thread(target=_wait_for_end, args=(stream.fileno(), home), daemon=True).start()


def _wait_for_end(lifeline: int, home: str) -> None:
    """Wait until the file closes, then end this process and all that belong to it, and remove the home."""
    while os.read(lifeline, 4096):
        pass
    if os.name == "posix":
        _end_group()  # first, since they may still be writing there
    remove_home(home)  # who made it cannot any more
    os._exit(1)


def _end_group() -> None:
    """End all processes of the group but this one, and wait until they are gone, if somebody takes note of that."""
    group = os.getpgrp()
    if os.fork() == 0:
        while True:  # as long as one is left in the group, its number is nobody else's
            signal.pause()
    os.setpgid(0, 0)
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
        os.wait()
        for _ in range(_MOST_LOOKS):
            time.sleep(_STEP)
            os.killpg(group, 0)

"""The confined child itself: ``python -m modelkeep.confined.child MODULE``, with a request on its input.

It answers with lines of JSON: ``{"walls": […]}`` first, then ``{"progress": […]}`` and ``{"tried": address}`` while
they come, and at last ``{"reply": {…}}`` or ``{"error": sentence, "hint": …}``, each with ``"memory"``. Whatever
libraries print goes where errors go. It ends with all that it started when its input closes: whoever asked is gone.
"""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import sys
import threading
import time
import traceback
from contextlib import suppress
from importlib import import_module
from typing import Any, TextIO

from modelkeep.confined.home import remove_home
from modelkeep.confined.walls import build_walls, peak_memory
from modelkeep.errors import ModelKeepError
from modelkeep.progress import Progress

__all__ = ["main"]

_PR_SET_PDEATHSIG = 1
_MOST_TRIED = 100
_STEP = 0.01  # seconds between two looks at whether a process has ended
_MOST_LOOKS = 200


class _Answers:
    """What is said to whoever started this process."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.RLock()
        self._tried: set[str] = set()

    def say(self, **line: object) -> None:
        with self._lock:
            self._stream.write(json.dumps(line) + "\n")
            self._stream.flush()

    def progress(self, progress: Progress) -> None:
        self.say(progress=list(progress))

    def tried(self, address: str) -> None:
        if address not in self._tried and len(self._tried) < _MOST_TRIED:
            self._tried.add(address)
            self.say(tried=address)

    def error(self, sentence: str, hint: str = "") -> None:
        self.say(error=sentence, hint=hint, memory=peak_memory())


def main() -> None:
    """Do what the first line of the input asks."""
    # A library that prints must not garble the answers, nor one that reads wait for what never comes.
    answers = _Answers(os.fdopen(os.dup(1), "w", encoding="utf-8"))
    os.dup2(2, 1)
    asked = json.loads(sys.stdin.buffer.readline())
    _end_with_parent(asked["home"])
    faulthandler.enable()
    _answer(sys.argv[1], asked, answers)
    os._exit(0)  # threads of libraries would keep it


def _answer(name: str, asked: dict[str, Any], answers: _Answers) -> None:
    try:
        answers.say(walls=build_walls(asked["memory"], asked["writable"], answers.tried))
        reply = import_module(name).main(asked["request"], answers.progress)
        sys.stdout.flush()  # once it has answered, it may be ended
        answers.say(reply=reply, memory=peak_memory())
    except ModelKeepError as error:
        answers.error(str(error), error.hint)
    except BaseException as error:  # noqa: BLE001 - the border: whatever it is, the parent has to hear of it
        traceback.print_exc()
        if _is_short_of_memory(error):
            answers.error(
                "The memory was not enough.", "Close other programs, or try it where there is more memory."
            )
            return
        said = next(iter(str(error).strip().splitlines()), "")[:300].rstrip(".")
        answers.error(
            f"{type(error).__name__}: {said}." if said else f"It ended with {type(error).__name__}."
        )


def _is_short_of_memory(error: BaseException) -> bool:
    said = str(error).lower()
    return isinstance(error, MemoryError) or "allocate memory" in said or "bad_alloc" in said


def _end_with_parent(home: str) -> None:
    if os.name != "posix":
        threading.Thread(target=_wait_for_end, args=(home,), daemon=True).start()
        return
    # A process, since a thread of this one waits where a library keeps Python for itself.
    if os.fork() == 0:
        os.closerange(1, 64)
        _wait_for_end(home)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL))


def _wait_for_end(home: str) -> None:
    while os.read(0, 4096):
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


if __name__ == "__main__":
    main()

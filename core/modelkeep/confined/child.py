"""The confined child itself: ``python -m modelkeep.confined.child MODULE``, with a request on its input.

It answers with lines of JSON: ``{"walls": […]}`` first, then ``{"progress": […]}`` and ``{"tried": address}`` while
they come, and at last ``{"reply": {…}}`` or ``{"error": sentence, "hint": …}``, each with ``"memory"``. Whatever
libraries print goes where errors go. It ends with all that it started when whoever asked is gone.
"""

from __future__ import annotations

import json
import sys
import threading
import traceback
from importlib import import_module
from typing import Any, BinaryIO

from modelkeep.confined.inside import (
    Place,
    in_one_sentence,
    is_short_of_memory,
    own_streams,
    take_place,
    watch_in_thread,
)
from modelkeep.confined.walls import peak_memory
from modelkeep.errors import ModelKeepError
from modelkeep.progress import Progress

__all__ = ["main"]

_MOST_TRIED = 100


class _Answers:
    """What is said to whoever started this process."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.RLock()
        self._tried: set[str] = set()

    def say(self, **line: object) -> None:
        with self._lock:
            self._stream.write(json.dumps(line).encode() + b"\n")
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
    requests, stream = own_streams()
    place = take_place()
    request = json.loads(requests.readline())
    if place.lifeline < 0:
        watch_in_thread(requests, place.home)
    _answer(sys.argv[1], request, place, _Answers(stream))
    place.leave()


def _answer(name: str, request: dict[str, Any], place: Place, answers: _Answers) -> None:
    try:
        answers.say(walls=place.lock_in(answers.tried))
        reply = import_module(name).main(request, answers.progress)
        sys.stdout.flush()  # once it has answered, it may be ended
        answers.say(reply=reply, memory=peak_memory())
    except ModelKeepError as error:
        answers.error(str(error), error.hint)
    except BaseException as error:  # noqa: BLE001 - the border: whatever it is, the parent has to hear of it
        traceback.print_exc()
        if is_short_of_memory(error):
            answers.error(
                "The memory was not enough.", "Close other programs, or try it where there is more memory."
            )
            return
        answers.error(in_one_sentence(error))


if __name__ == "__main__":
    main()

"""The worker: a process that has a model loaded and answers, ``python -m modelkeep.inference.worker``.

Requests come on its input and answers go to its output, a line of JSON each: docs/inference.md describes them. It has
no network and writes to its own home alone, from before anything foreign is loaded.
"""

from __future__ import annotations

import gc
import os
import platform
import sys
import threading
import time
import traceback
from contextlib import suppress
from importlib import metadata
from queue import SimpleQueue
from typing import BinaryIO

from modelkeep.confined.inside import Place, in_one_sentence, is_short_of_memory, own_streams, take_place
from modelkeep.confined.walls import held_memory, peak_memory
from modelkeep.errors import Cancelled, InferenceError, ModelKeepError
from modelkeep.inference.child.backends import import_frameworks, loader_of
from modelkeep.inference.child.numbers import no_numbers
from modelkeep.inference.child.turn import Runnable
from modelkeep.inference.messages import (
    LONGEST,
    PROTOCOL,
    Answer,
    Cancel,
    Exit,
    Failed,
    Hello,
    Load,
    Loaded,
    Ran,
    Run,
    Said,
    Stepped,
    Stop,
    TooLong,
    Tried,
    Warm,
    Warmed,
    decode_request,
    encode,
)
from modelkeep.inference.shortage import what_helps
from modelkeep.progress import Progress

__all__ = ["main"]

_BETWEEN_STEPS = 0.05  # seconds between two words on how far it is
_MOST_TRIED = 100
_PACKAGES = ("torch", "transformers", "onnxruntime", "llama-cpp-python")


def main() -> None:
    """Answer until the input ends, or until told to."""
    requests, stream = own_streams()
    place = take_place()
    answers = _Answers(stream)
    walls = place.lock_in(answers.tried)
    answers.say(Hello(PROTOCOL, platform.python_version(), _packages(), walls))
    _Worker(answers).serve(requests, place)
    place.leave()


def _packages() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


class _Answers:
    """What is said to whoever asks."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.RLock()
        self._tried: set[str] = set()

    def say(self, answer: Answer) -> None:
        """Say it; raises `ValueError` for what cannot be said."""
        line = encode(answer)
        with self._lock:
            try:
                self._stream.write(line)
                self._stream.flush()
            except OSError:
                os._exit(1)  # nobody listens any more

    def tried(self, address: str) -> None:
        if address not in self._tried and len(self._tried) < _MOST_TRIED:
            self._tried.add(address)
            self.say(Tried(address[:500]))


class _Turn:
    """An answer that is being given; see `modelkeep.inference.child.turn`."""

    def __init__(self, id: int, answers: _Answers) -> None:
        self.id = id
        self.tokens = 0
        self.notes: list[str] = []
        self.is_stopped = False
        self.is_unwanted = False
        self._answers = answers
        self._said = 0.0

    def emit(self, text: str) -> None:
        self._answers.say(Said(self.id, text))

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def step(self, what: str, done: int = 0, total: int = 0) -> None:
        self.report(Progress(what, done, total, "", "items"))

    def report(self, progress: Progress) -> None:
        if self.is_unwanted:
            raise Cancelled
        now = time.monotonic()
        if now - self._said >= _BETWEEN_STEPS:
            self._said = now
            self._answers.say(Stepped(self.id, progress))


class _Worker:
    """One model and its answers, one at a time; a thread reads, so that one can be stopped meanwhile."""

    def __init__(self, answers: _Answers) -> None:
        self._answers = answers
        self._model: Runnable | None = None
        self._asked: SimpleQueue[Warm | Load | Run | Exit] = SimpleQueue()
        self._turns: dict[int, _Turn] = {}
        """Those that wait or are being given: who asked may stop one before it begins."""

    def serve(self, requests: BinaryIO, place: Place) -> None:
        threading.Thread(target=self._read, args=(requests, place), daemon=True).start()
        while not isinstance(request := self._asked.get(), Exit):
            turn = self._turns[request.id]
            try:
                self._answers.say(self._answer(request, turn))
            except BaseException as error:  # noqa: BLE001 - the border: whatever it is, who asked has to hear of it
                self._answers.say(_failed(turn.id, error))
            del self._turns[turn.id]

    def _read(self, requests: BinaryIO, place: Place) -> None:
        while line := requests.readline(LONGEST + 1):
            try:
                request = decode_request(line)
            except ValueError as error:
                self._answers.say(Failed(0, "InferenceError", f"This is no request ({error})"[:300] + "."))
                continue
            if isinstance(request, (Stop, Cancel)):
                if turn := self._turns.get(request.id):
                    turn.is_stopped = True
                    turn.is_unwanted |= isinstance(request, Cancel)
                continue
            if not isinstance(request, Exit):
                self._turns[request.id] = _Turn(request.id, self._answers)
            self._asked.put(request)
        if place.lifeline < 0 and not place.by_hand:
            place.leave(1)  # whoever asked is gone
        self._asked.put(Exit())

    def _answer(self, request: Warm | Load | Run, turn: _Turn) -> Answer:
        began = time.perf_counter()
        if turn.is_unwanted:
            raise Cancelled
        if isinstance(request, Warm):
            return Warmed(turn.id, import_frameworks())
        if isinstance(request, Load):
            model = self._load(request, turn)
            took = time.perf_counter() - began
            return Loaded(turn.id, model.about, took, held_memory(), peak_memory())
        if self._model is None:
            raise InferenceError("There is no model in this worker.", hint="Load one first.")
        outputs = self._model.run(request.task, request.inputs, request.options, turn)
        took = time.perf_counter() - began
        return Ran(
            turn.id,
            tuple(outputs),
            turn.tokens,
            took,
            held_memory(),
            peak_memory(),
            turn.is_stopped,
            tuple(turn.notes),
        )

    def _load(self, request: Load, turn: _Turn) -> Runnable:
        if self._model is not None:
            raise InferenceError("This worker has a model.", hint="Start another one for each model.")
        # For who starts it by hand; else it is so from the beginning.
        os.environ.setdefault("HF_HUB_CACHE", request.request.root)
        self._model = loader_of(request.request.backend)(request.request, turn.report)
        gc.collect()
        gc.freeze()  # what is loaded stays: it need not be looked through again and again
        return self._model


def _failed(id: int, error: BaseException) -> Failed:
    kind, sentence, hint = "InferenceError", "", ""
    if isinstance(error, Cancelled):
        kind = "Cancelled"
    elif isinstance(error, ModelKeepError):
        kind, sentence, hint = type(error).__name__, str(error), error.hint
    elif is_short_of_memory(error):
        kind, sentence, hint = "OutOfMemory", "The memory was not enough.", what_helps(0)
    elif isinstance(error, TooLong):
        kind, sentence, hint = "BadInput", "The answer is too long to be passed on.", "Ask for less at once."
    elif type(error) is ValueError and "JSON compliant" in str(error):
        sentence, hint = str(no_numbers()), no_numbers().hint
    else:
        traceback.print_exc(file=sys.stderr)
        sentence = in_one_sentence(error)
    error.__traceback__ = None  # it holds what the model was working on
    gc.collect()
    return Failed(id, kind, sentence, hint, held_memory(), peak_memory())


if __name__ == "__main__":
    main()

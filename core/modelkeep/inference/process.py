"""A worker as who asks it holds it: started, asked, watched, and ended."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from glob import glob

from modelkeep.confined.process import ConfinedProcess
from modelkeep.confined.walls import held_memory, peak_memory
from modelkeep.errors import (
    BadInput,
    Cancelled,
    InferenceError,
    ModelKeepError,
    OutOfMemory,
    ProcessDied,
    RuntimeMissing,
    TooSlow,
)
from modelkeep.inference.fitting import is_answer
from modelkeep.inference.interpreters import inspect_interpreter
from modelkeep.inference.messages import (
    LONGEST,
    PROTOCOL,
    Answer,
    Cancel,
    Failed,
    Hello,
    Load,
    Loaded,
    Ran,
    Request,
    Run,
    Said,
    Stepped,
    Stop,
    Tried,
    Warm,
    Warmed,
    as_error,
    decode_answer,
    encode,
)
from modelkeep.inference.outcome import Device
from modelkeep.inference.shortage import what_helps
from modelkeep.inference.values import LoadRequest, Task, TryInputs, TryOptions
from modelkeep.progress import Progress, Report, ignore

__all__ = ["Emit", "WorkerProcess"]

Emit = Callable[[str], None]

_TICK = 0.1  # seconds between two looks at whether to stop; an answer is taken when it comes
_TO_BEGIN = 120.0  # seconds that a Python may take until it says its first word: the disk may be slow
_TO_STOP = 2.0  # seconds that it may take to stop
_MOST_UNREAD = 1_000  # lines of its output that are no messages
_MOST_LOGGED = 64 << 20  # bytes that it may write to where errors go for one answer
_MOST_TEXT = 64 << 20  # characters of one answer
_MOST_TRIED = 100
_LIBRARIES = "It may be the model, or a library. The next try starts a new process."
# What a process opens for writing to compute on an accelerator.
_ACCELERATORS = ("/dev/nvidia*", "/dev/nvidia-caps/*", "/dev/kfd", "/dev/dri/*", "/dev/dxg")


class WorkerProcess:
    """A worker with HF_HUB_CACHE at `root`; "" for `interpreter` is our own Python.

    `memory` is the most bytes that it may allocate, 0 for no limit; `environment` is added to its own. One request at
    a time; `kill` may be called from any thread. Raises `RuntimeMissing` and `ProcessDied` where it cannot start.
    """

    def __init__(
        self,
        root: str,
        *,
        interpreter: str = "",
        memory: int = 0,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        own = {"HF_HUB_CACHE": root, "TRANSFORMERS_VERBOSITY": "error"}
        self._interpreter = interpreter
        try:
            self._process = ConfinedProcess(
                ConfinedProcess.start("modelkeep.inference.worker"),
                interpreter=interpreter,
                memory=memory,
                environment=own | dict(environment or {}),
                writable=[path for pattern in _ACCELERATORS for path in glob(pattern)],
                longest=LONGEST + 1,
            )
        except ProcessDied as error:
            raise _unusable(interpreter) or error from error
        self._number = 0
        self._unread = 0
        self._killed = ""
        self.hello: Hello | None = None
        self.tried: list[str] = []
        """The network addresses that something in it wanted to reach, and could not."""

    # ---- what it is

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.is_alive

    @property
    def memory(self) -> int:
        """What it holds now, in bytes; 0 where that is not known."""
        return held_memory(self.pid) if self.is_alive else 0

    @property
    def peak_memory(self) -> int:
        return peak_memory(self.pid) if self.is_alive else 0

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines that libraries printed in it."""
        return self._process.log

    # ---- what it does

    def warm(self, *, report: Report = ignore) -> tuple[Device, ...]:
        """Have it import the frameworks; where models can run."""
        self._number += 1
        answer = self._ask(Warm(self._number), 0.0, report=report)
        return answer.devices if isinstance(answer, Warmed) else ()

    def load(self, request: LoadRequest, *, seconds: float = 0.0, report: Report = ignore) -> Loaded:
        """Have it load a model, within `seconds` if not 0.0. Raises what loading raises, `TooSlow`, `ProcessDied` and
        `OutOfMemory`, and what `report` raises."""
        self._number += 1
        answer = self._ask(Load(self._number, request), seconds, report=report)
        if not isinstance(answer, Loaded):
            raise self._lost("It loaded nothing.")
        return answer

    def run(
        self,
        task: Task,
        inputs: TryInputs,
        options: TryOptions = TryOptions(),  # noqa: B008 - frozen
        *,
        seconds: float = 0.0,
        emit: Emit | None = None,
        report: Report = ignore,
        stopped: threading.Event | None = None,
    ) -> Ran:
        """Ask the model, for `seconds` at most if not 0.0. `emit` gets pieces of text as they come, in this thread.

        Once `stopped` is set, it ends with what there is. Raises `BadInput`, `UnsupportedModel`, `TooSlow`,
        `ProcessDied`, `OutOfMemory`, and what `report` and `emit` raise: then nobody wants the answer any more, and
        the worker can be asked again if it is still alive.
        """
        self._number += 1
        run = Run(self._number, task, inputs, options)
        answer = self._ask(run, seconds, emit=emit, report=report, stopped=stopped)
        if not isinstance(answer, Ran):
            raise self._lost("It answered nothing.")
        if not is_answer(task, inputs, answer.outputs, answer.stopped):
            raise self._lost("What it answered is no answer to what it was asked.")
        return answer

    def kill(self, reason: str = "") -> None:
        """End it, and wait until its memory is back; who waits for an answer gets the reason."""
        self._killed = self._killed or reason or "It was ended while it had something to do."
        self._process.end()

    # ---- asking and listening

    def _ask(
        self,
        request: Warm | Load | Run,
        seconds: float,
        *,
        emit: Emit | None = None,
        report: Report = ignore,
        stopped: threading.Event | None = None,
    ) -> Answer:
        line = _encoded(request)
        progress = Progress("Starting" if self.hello is None else "Running", unit="items")
        watch = _Watch(self._process, seconds)
        try:
            report(progress)
            self._process.send(line)
            answer = self._listen(request.id, progress, watch, emit, report, stopped)
        except BaseException:
            self._wind_up(request.id)
            raise
        if isinstance(answer, Failed):
            error = as_error(answer)
            if isinstance(error, Cancelled):
                raise InferenceError("It stopped by itself, without an answer.", hint=_LIBRARIES)
            if isinstance(error, OutOfMemory) and self._process.memory:
                error.hint = what_helps(self._process.memory)
            raise error
        return answer

    def _listen(
        self,
        id: int,
        progress: Progress,
        watch: _Watch,
        emit: Emit | None,
        report: Report,
        stopped: threading.Event | None,
    ) -> Answer:
        """Listen until there is an answer to the request of this number."""
        reported = time.monotonic()
        while True:
            answer: Answer | None = None
            with suppress(queue.Empty):
                answer = self._next(_TICK)
            match answer:
                case Failed() | Loaded() | Ran() | Warmed() if answer.id == id:
                    return answer
                case Said() if answer.id == id:
                    watch.characters += len(answer.text)
                    if emit is not None:
                        emit(answer.text)
                case Stepped() if answer.id == id:
                    progress, reported = answer.progress, 0.0
            now = time.monotonic()
            if now - reported >= _TICK:
                report(progress)
                reported = now
            if stopped is not None and stopped.is_set():
                self._process.send(_encoded(Stop(id)))
                stopped = None
            watch.look(self)

    def _next(self, timeout: float) -> Answer | None:
        """The next that it says, None for what cannot be read; raises `queue.Empty`, and why it ended."""
        line = self._process.next_line(timeout)
        if line is None:
            raise self._died()
        try:
            answer = decode_answer(line)
        except ValueError:
            self._unread += 1
            if self._unread > _MOST_UNREAD or len(line) > LONGEST:
                raise self._lost("It wrote what is no answer, on and on, and was ended.") from None
            return None
        if isinstance(answer, Hello) and self.hello is None:
            if answer.protocol != PROTOCOL:
                raise self._lost("It speaks another protocol than this Modelkeep.")
            self.hello = answer
        elif isinstance(answer, Tried) and len(self.tried) < _MOST_TRIED:
            self.tried.append(answer.address)
        return answer

    def _wind_up(self, id: int) -> None:
        """Have it stop what nobody wants any more, so that it can be asked again; end it where it does not."""
        if not self.is_alive:
            self._process.end()
            return
        deadline = time.monotonic() + _TO_STOP
        with suppress(ModelKeepError):
            self._process.send(_encoded(Cancel(id)))
            while (left := deadline - time.monotonic()) > 0:
                with suppress(queue.Empty):
                    match self._next(left):
                        case Failed() | Loaded() | Ran() | Warmed() as answer if answer.id == id:
                            return
        self.kill("It was ended since it did not stop.")

    def _lost(self, sentence: str) -> ModelKeepError:
        """End a worker that cannot be spoken with any more."""
        self.kill(sentence)
        return ProcessDied(sentence, hint=_LIBRARIES)

    def _died(self) -> ModelKeepError:
        self._process.end(_TO_STOP)
        if self._killed:
            return ProcessDied(self._killed)
        if self.hello is None and (problem := _unusable(self._interpreter)):
            return problem
        ending = self._process.why()
        if ending.memory:
            return OutOfMemory(ending.error, hint=what_helps(self._process.memory if ending.limit else 0))
        if ending.outside:
            return ProcessDied(ending.error, hint=ending.hint)
        last = next((line for line in reversed(self.log) if _tells(line)), "")
        return ProcessDied(ending.error, hint=f"{_LIBRARIES} It wrote last: “{last}”" if last else _LIBRARIES)


class _Watch:
    """The limits of one answer."""

    def __init__(self, process: ConfinedProcess, seconds: float) -> None:
        self.characters = 0
        self._process = process
        self._seconds = seconds
        self._began = time.monotonic()
        self._written = process.written

    def look(self, worker: WorkerProcess) -> None:
        took = time.monotonic() - self._began
        if 0 < self._seconds < took:
            raise TooSlow(
                f"It was stopped after {self._seconds:g} seconds, in which it did not end.",
                hint="Ask for less, or give it more time in the settings.",
            )
        if worker.hello is None and took > _TO_BEGIN:
            worker.kill("It did not begin, and was ended.")
        if self._process.written - self._written > _MOST_LOGGED or self.characters > _MOST_TEXT:
            worker.kill("It wrote on and on, and was ended.")


def _unusable(interpreter: str) -> RuntimeMissing | None:
    """What is wrong with a Python that did not begin."""
    found = inspect_interpreter(interpreter) if interpreter else None
    return RuntimeMissing(found.problem, hint=found.hint) if found and found.problem else None


def _encoded(request: Request) -> bytes:
    try:
        return encode(request)
    except ValueError as error:
        raise BadInput(f"It cannot be asked that: {error}", hint="Ask for less at once.") from error


def _tells(line: str) -> bool:
    """Whether a line of a log says something for itself: no place in a program, nor a list of modules."""
    return bool(line) and not line.startswith((" ", "Extension modules:", "Current thread", "Thread "))

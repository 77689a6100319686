"""Running a confined child for one answer, and listening to it."""

from __future__ import annotations

import json
import os
import queue
import time
from collections.abc import Mapping, Sequence

from modelkeep.confined.outcome import Confined
from modelkeep.confined.process import ConfinedProcess
from modelkeep.confined.walls import peak_memory
from modelkeep.errors import InferenceError
from modelkeep.progress import Progress, Report, ignore

__all__ = ["run_confined"]

_TICK = 0.1  # seconds between two looks at whether to stop
_TO_END = 2.0  # seconds for one that closed its answers to be gone
_LONGEST_SAID = 500
_MOST_TRIED = 100
_MOST_NUMBER = 1 << 60


def run_confined(
    module: str,
    request: Mapping[str, object],
    *,
    memory: int = 0,
    seconds: float = 0.0,
    environment: Mapping[str, str] | None = None,
    writable: Sequence[str | os.PathLike[str]] = (),
    interpreter: str = "",
    report: Report = ignore,
) -> Confined:
    """Run `main(request, report)` of a module in a child process; whatever becomes of that is in what comes back.

    `memory` is the most bytes that it may allocate (private mappings of files count too), 0 for what the machine can
    give; `seconds` the longest that it may take, 0.0 for no limit. `writable` are folders that are there.
    `interpreter` is the Python that runs it, "" for the one that runs this. Raises only what `report` raises; then,
    too, nothing of it is left.
    """
    try:
        process = ConfinedProcess(
            ConfinedProcess.start("modelkeep.confined.child", module),
            interpreter=interpreter,
            memory=memory,
            environment=environment,
            writable=writable,
        )
    except InferenceError as error:
        return Confined(error=str(error), hint=error.hint)
    try:
        process.send(json.dumps(dict(request)).encode() + b"\n")
        return _listen(process, seconds, report)
    finally:
        process.end()


def _listen(process: ConfinedProcess, seconds: float, report: Report) -> Confined:
    began = time.monotonic()
    heard = _Heard()
    late = False
    while not heard.ended and not late:
        try:
            line = process.next_line(_TICK)
        except queue.Empty:
            heard.memory = max(heard.memory, peak_memory(process.pid))
        else:
            heard.take(line)
        report(heard.progress)
        late = 0 < seconds < time.monotonic() - began
    # With that its last words are heard; of one that said nothing more its own end tells why.
    process.end(0.0 if late or heard.reply is not None or heard.error else _TO_END)
    took = time.monotonic() - began
    error, hint = heard.error, heard.hint
    if late:
        error = f"It was stopped after {seconds:g} seconds, in which it did not end."
        hint = "Try again when the machine has less to do."
    elif heard.reply is None and not error:
        error, hint = process.why()[:2]
    return Confined(
        reply=heard.reply or {},
        error=error,
        hint=hint,
        log=process.log,
        seconds=took,
        memory=heard.memory,
        walls=heard.walls or (),
        tried=tuple(heard.tried),
    )


class _Heard:
    """What the child has said. It may be anything: what runs there may be somebody else's code."""

    def __init__(self) -> None:
        self.progress = Progress("Starting")
        self.reply: dict[str, object] | None = None
        self.error = ""
        self.hint = ""
        self.memory = 0
        self.walls: tuple[str, ...] | None = None
        self.tried: list[str] = []
        self.ended = False

    def take(self, line: bytes | None) -> None:
        """Take note of a line, or of the end when None."""
        if line is None:
            self.ended = True
            return
        try:
            said = json.loads(line, parse_int=_number)
        except (ValueError, RecursionError):
            return
        match said:
            case {"progress": [str(step), int(done), int(total), str(item), str(unit)]}:
                self.progress = Progress(_text(step), done, total, _text(item), _text(unit))
            case {"tried": str(address)} if len(self.tried) < _MOST_TRIED:
                self.tried.append(_text(address)[:_LONGEST_SAID])
            # Once: this comes before anything foreign is loaded, and another one after it.
            case {"walls": [*walls]} if self.walls is None:
                self.walls = tuple(_text(str(wall)) for wall in walls)
            case {"reply": dict(reply), "memory": int(memory)}:
                self.reply, self.memory, self.ended = reply, max(self.memory, memory), True
            case {"error": str(error), "hint": str(hint), "memory": int(memory)}:
                self.error, self.hint, self.ended = _text(error), _text(hint), True
                self.memory = max(self.memory, memory)


def _number(digits: str) -> int:
    """A count as it is said, if it is one that can be shown."""
    number = int(digits)
    if abs(number) > _MOST_NUMBER:
        raise ValueError("no count is that large")
    return number


def _text(said: str) -> str:
    """Text that can be written: JSON can hold halves of characters."""
    return said.encode(errors="replace").decode()

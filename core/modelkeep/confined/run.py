"""Starting a confined child, listening to it, and ending it with all that it started."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

from modelkeep.confined.environment import confined_environment
from modelkeep.confined.home import make_home, remove_home
from modelkeep.confined.outcome import Confined
from modelkeep.confined.walls import peak_memory
from modelkeep.progress import Progress, Report, ignore

__all__ = ["run_confined"]

_TICK = 0.1  # seconds between two looks at whether to stop
_LOG_LINES = 40
_LOG_WIDTH = 500
_LONGEST_LINE = 16 << 20  # bytes; the names of a hundred thousand tensors fit
_MOST_LINES = 16  # that wait
_MOST_TRIED = 100
_MOST_NUMBER = 1 << 60
_NO_MEMORY = "Close other programs, or try it where there is more memory."


def run_confined(
    module: str,
    request: Mapping[str, object],
    *,
    memory: int = 0,
    seconds: float = 0.0,
    environment: Mapping[str, str] | None = None,
    writable: Sequence[str | os.PathLike[str]] = (),
    report: Report = ignore,
) -> Confined:
    """Run `main(request, report)` of a module in a child process; whatever becomes of that is in what comes back.

    `memory` is the most bytes that it may allocate (private mappings of files count too), 0 for what the machine can
    give; `seconds` the longest that it may take, 0.0 for no limit. `writable` are folders that are there. Raises only
    what `report` raises; then, too, nothing of it is left.
    """
    try:
        home = make_home()
    except OSError as error:
        reason = f"{error.filename or 'the temporary folder'}: {error.strerror or error}"
        return Confined(
            error=f"A folder for it could not be made ({reason}).",
            hint="See that the folder for temporary files may be written to, and has space: TMPDIR names it.",
        )
    try:
        asked = {
            "request": dict(request),
            "home": home,
            "memory": memory,
            "writable": [home, *(os.path.realpath(place) for place in writable)],
        }
        try:
            process = _start(module, confined_environment(Path(home), environment or {}), home)
        except OSError as error:
            return Confined(error=f"A process for it could not be started ({error.strerror or error}).")
        with process:
            return _listen(process, json.dumps(asked), memory, seconds, report)
    finally:
        remove_home(home)


def _start(module: str, environment: dict[str, str], home: str) -> subprocess.Popen[bytes]:
    # -P: a file named like one of our modules in the current folder must not be imported in its place.
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "modelkeep.confined.child", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        cwd=home,
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _listen(
    process: subprocess.Popen[bytes], asked: str, memory: int, seconds: float, report: Report
) -> Confined:
    began = time.monotonic()
    heard = _Heard()
    lines: queue.Queue[bytes | None] = queue.Queue(maxsize=_MOST_LINES)
    log: deque[str] = deque(maxlen=_LOG_LINES)
    ears = [
        threading.Thread(target=_hear, args=(cast(IO[bytes], process.stdout), lines), daemon=True),
        threading.Thread(target=_keep, args=(cast(IO[bytes], process.stderr), log), daemon=True),
    ]
    for ear in ears:
        ear.start()
    late = False
    try:
        _ask(process, asked)
        while not heard.ended and not late:
            try:
                line = lines.get(timeout=_TICK)
            except queue.Empty:
                heard.memory = max(heard.memory, peak_memory(process.pid))
            else:
                heard.take(line)
            report(heard.progress)
            late = 0 < seconds < time.monotonic() - began
    finally:
        _end(process, lines, ears)
    took = time.monotonic() - began
    error, hint = heard.error, heard.hint
    if late:
        error = f"It was stopped after {seconds:g} seconds, in which it did not end."
        hint = "Try again when the machine has less to do."
    elif heard.reply is None and not error:
        error, hint = _why(process.returncode, memory)
    return Confined(
        reply=heard.reply or {},
        error=error,
        hint=hint,
        log=tuple(log),
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
                self.tried.append(_text(address)[:_LOG_WIDTH])
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


def _hear(stream: IO[bytes], lines: queue.Queue[bytes | None]) -> None:
    while line := stream.readline(_LONGEST_LINE):
        lines.put(line)
    lines.put(None)


def _keep(stream: IO[bytes], log: deque[str]) -> None:
    while line := stream.readline(_LOG_WIDTH):
        # Of a bar that writes over itself, what is seen in the end.
        if text := line.decode(errors="replace").rstrip().rpartition("\r")[2]:
            log.append(text)


def _ask(process: subprocess.Popen[bytes], asked: str) -> None:
    stdin = cast(IO[bytes], process.stdin)
    with suppress(OSError):  # it has ended, which its answers tell
        # Not in its arguments or environment, where others can see it.
        stdin.write(asked.encode() + b"\n")
        stdin.flush()


def _end(
    process: subprocess.Popen[bytes], lines: queue.Queue[bytes | None], ears: Sequence[threading.Thread]
) -> None:
    """End the child and all that it started, and wait for the last words."""
    if hasattr(os, "killpg"):
        # It has not been waited for, so that its number is still its own.
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    while any(ear.is_alive() for ear in ears):
        with suppress(queue.Empty):
            lines.get(timeout=_TICK)  # so that who puts lines in does not wait for room
    with suppress(OSError):  # with what it did not read
        cast(IO[bytes], process.stdin).close()
    process.wait()


def _why(status: int, memory: int) -> tuple[str, str]:
    """What happened to a child that ended without an answer, and what to do."""
    if status >= 0:
        return f"It ended without an answer (status {status}).", "The last lines that it wrote may say why."
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    if name == "SIGKILL":
        return f"It was stopped by the system ({name}): most often the memory was not enough.", _NO_MEMORY
    if name == "SIGABRT" and memory:
        return f"It gave up ({name}): most often the memory that it may use was not enough.", _NO_MEMORY
    return f"It crashed ({name}).", "The last lines that it wrote may say why."

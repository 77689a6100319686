"""A confined child process as who started it holds it: made, spoken to, listened to, and ended with all that it
started."""

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
from typing import IO, NamedTuple, cast

from modelkeep.confined.environment import PLACE, confined_environment
from modelkeep.confined.home import make_home, remove_home
from modelkeep.confined.shortage import memory_kills, says_memory_is_short
from modelkeep.errors import ProcessDied, RuntimeMissing

__all__ = ["ConfinedProcess", "Ending", "killed", "own_interpreter"]

_LOG_LINES = 40
_LOG_WIDTH = 500
_LAST_WORDS = 5
_TO_HEAR = 1.0  # seconds in which the last is heard of one that has ended
_CHUNK = 1 << 16
_MOST_LINES = 256  # that wait
_MOST_WAITING = 64 << 20  # bytes of them, unless one alone is longer
_NO_MEMORY = "Close other programs, or try it where there is more memory."
_BY_ANOTHER = "It was not the system for want of memory; a program that watches the memory may have done it."
_MAY_SAY = "The last lines that it wrote may say why."
_START = Path(__file__).with_name("start.py")


class Ending(NamedTuple):
    """Why a child ended that gave no answer, and what to do; `memory`: most likely since that was not enough, and
    `limit`: not that of the machine, but what it may use; `outside`: another program ended it."""

    error: str
    hint: str
    memory: bool = False
    limit: bool = False
    outside: bool = False


def own_interpreter() -> str:
    """The Python that runs this; raises `RuntimeMissing` in a build that has none which could run anything else."""
    if getattr(sys, "frozen", False) or not sys.executable:
        raise RuntimeMissing(
            "This build of Modelkeep has no Python of its own that can load models.",
            hint="Choose one in the settings, such as that of an environment where torch and transformers are"
            " installed.",
        )
    return sys.executable


def killed(before: int | None, now: int | None) -> Ending:
    """The end of a child that was killed; see `memory_kills`, which was asked before and is now."""
    if before is None or now is None:
        said = "It was stopped by the system (SIGKILL): most often the memory was not enough."
        return Ending(said, _NO_MEMORY, memory=True)
    if now > before:
        said = "It was stopped by the system (SIGKILL), whose memory was not enough meanwhile."
        return Ending(said, _NO_MEMORY, memory=True)
    return Ending("It was killed (SIGKILL).", _BY_ANOTHER, outside=True)


class ConfinedProcess:
    """`program` is what follows the interpreter, such as `start(module)`; "" for `interpreter` is our own.

    `memory` is the most bytes that it may allocate, 0 for no limit; `writable` are folders and files that it may
    write to besides its home. Raises `RuntimeMissing` and `ProcessDied` where it cannot be started. Methods may be
    called from several threads.
    """

    def __init__(
        self,
        program: Sequence[str],
        *,
        interpreter: str = "",
        memory: int = 0,
        environment: Mapping[str, str] | None = None,
        writable: Sequence[str | os.PathLike[str]] = (),
        longest: int = 16 << 20,
    ) -> None:
        python = interpreter or own_interpreter()
        self.memory = memory
        self.written = 0
        """How many bytes it wrote to where errors go."""
        self._lines = _Lines()
        self._log: deque[str] = deque(maxlen=_LOG_LINES)
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._ending = threading.Lock()
        self._ended = self._was_there = False
        self._lifeline = -1
        self._kills = memory_kills()
        self._home = _made_home()
        try:
            place = {
                "home": self._home,
                "memory": memory,
                "writable": [self._home, *(os.path.realpath(one) for one in writable)],
            }
            told = confined_environment(
                self._home,
                environment or {},
                own_python=not interpreter or interpreter == sys.executable,
                frozen=getattr(sys, "frozen", False),
            )
            self._process = self._start([python, *program], place, told)
        except BaseException:
            remove_home(self._home)
            raise
        self._threads = [
            threading.Thread(target=self._hear, args=(longest,), daemon=True),
            threading.Thread(target=self._keep_log, daemon=True),
            threading.Thread(target=self._write, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @staticmethod
    def start(module: str, *arguments: str) -> list[str]:
        """What follows an interpreter that is to run `main()` of this module of ours."""
        # -P: a file named like one of our modules in the current folder must not be imported in its place.
        return ["-P", str(_START), module, *arguments]

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return not self._ended and self._process.poll() is None

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines that it wrote to where errors go."""
        return tuple(self._log)

    def send(self, line: bytes) -> None:
        """Have a line written to it: one that does not read never holds up who calls."""
        # Not in its arguments or environment, where others can see it.
        self._outbox.put(line)

    def next_line(self, timeout: float) -> bytes | None:
        """The next line that it says, None when it has said its last; raises `queue.Empty` after `timeout` seconds.

        Of one that is too long there comes what is not, without its end.
        """
        try:
            return self._lines.get(timeout)
        except queue.Empty:
            if self.is_alive:
                raise
        with suppress(queue.Empty):
            return self._lines.get(_TO_HEAR)
        return None  # though something that it started holds its answers open

    def end(self, patience: float = 0.0) -> None:
        """End it and all that it started, and wait until they are gone; it gets so many seconds to end by itself."""
        with self._ending:
            if self._ended:
                return
            if patience:
                try:
                    self._process.wait(patience)
                except subprocess.TimeoutExpired:
                    self._was_there = True
            if hasattr(os, "killpg"):
                # Its number is still its own: who waits for our end belongs to the group.
                with suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
            self._process.wait()
            self._lines.discard()
            self._outbox.put(None)
            for thread in self._threads:
                thread.join()
            for stream in (self._process.stdout, self._process.stderr):
                cast(IO[bytes], stream).close()
            if self._lifeline >= 0:
                os.close(self._lifeline)
            remove_home(self._home)
            self._ended = True

    def why(self) -> Ending:
        """Why it ended, once it has."""
        status = self._process.returncode
        try:
            name = signal.Signals(-status).name if status < 0 else f"status {status}"
        except ValueError:
            name = f"signal {-status}"
        if self.memory and (name == "SIGABRT" or any(map(says_memory_is_short, [*self._log][-_LAST_WORDS:]))):
            said = f"It gave up ({name}): most often the memory that it may use was not enough."
            return Ending(said, _NO_MEMORY, memory=True, limit=True)
        if self._was_there:
            return Ending("It said that it has no more to say, went on, and was ended.", _MAY_SAY)
        if name == "SIGKILL":
            return killed(self._kills, memory_kills())
        if status >= 0:
            return Ending(f"It ended without an answer ({name}).", _MAY_SAY)
        return Ending(f"It crashed ({name}).", _MAY_SAY)

    def _start(
        self, command: Sequence[str], place: dict[str, object], environment: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        # It does not die with the thread that started it, as Linux could have it, since that may end long before.
        handed = -1
        if os.name == "posix":
            handed, self._lifeline = os.pipe()
        try:
            return subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment | {PLACE: json.dumps(place | {"lifeline": handed})},
                cwd=self._home,
                start_new_session=True,
                pass_fds=[handed] if handed >= 0 else [],
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except (OSError, ValueError) as error:
            if self._lifeline >= 0:
                os.close(self._lifeline)
            reason = getattr(error, "strerror", None) or error
            raise ProcessDied(f"A process for it could not be started ({reason}).") from error
        finally:
            if handed >= 0:
                os.close(handed)

    # ---- its threads

    def _hear(self, longest: int) -> None:
        stream = cast(IO[bytes], self._process.stdout)
        while line := stream.readline(longest):
            self._lines.put(line)
        self._lines.put(None)

    def _keep_log(self) -> None:
        stream, rest = cast(IO[bytes], self._process.stderr), b""
        while said := os.read(stream.fileno(), _CHUNK):
            self.written += len(said)
            *lines, rest = (rest + said).split(b"\n")
            rest = rest[-_LOG_WIDTH:]
            self._log.extend(filter(None, map(_seen, lines[-_LOG_LINES:])))
        if last := _seen(rest):
            self._log.append(last)

    def _write(self) -> None:
        with (
            suppress(OSError),
            cast(IO[bytes], self._process.stdin) as stream,
        ):  # it has ended, as answers tell
            while (line := self._outbox.get()) is not None:
                stream.write(line)
                stream.flush()


class _Lines:
    """Lines that wait for who listens; who hears them waits in turn when they are many."""

    def __init__(self) -> None:
        self._waiting: deque[bytes | None] = deque()
        self._size = 0
        self._changed = threading.Condition()
        self._open = True

    def put(self, line: bytes | None) -> None:
        with self._changed:
            size = len(line or b"")
            while self._open and not self._has_room(size):
                self._changed.wait()
            if self._open:
                self._waiting.append(line)
                self._size += size
                self._changed.notify_all()

    def get(self, timeout: float) -> bytes | None:
        with self._changed:
            deadline = time.monotonic() + timeout
            while self._open and not self._waiting:
                left = deadline - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    break
            if not self._waiting:
                if self._open:
                    raise queue.Empty
                return None
            line = self._waiting.popleft()
            self._size -= len(line or b"")
            if line is None:
                self._open = False
            self._changed.notify_all()
            return line

    def discard(self) -> None:
        """Let in no more, so that who hears them comes to the end."""
        with self._changed:
            self._open = False
            self._changed.notify_all()

    def _has_room(self, size: int) -> bool:
        return not self._waiting or (len(self._waiting) < _MOST_LINES and self._size + size <= _MOST_WAITING)


def _made_home() -> str:
    try:
        return make_home()
    except OSError as error:
        reason = f"{error.filename or 'the temporary folder'}: {error.strerror or error}"
        raise ProcessDied(
            f"A folder for it could not be made ({reason}).",
            hint="See that the folder for temporary files may be written to, and has space: TMPDIR names it.",
        ) from error


def _seen(line: bytes) -> str:
    """What of a line is seen in the end: of a bar that writes over itself, the last."""
    return line.decode(errors="replace").rstrip().rpartition("\r")[2][:_LOG_WIDTH]

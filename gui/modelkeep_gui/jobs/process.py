"""The work process as the window holds it: started, spoken to, listened to, ended. Names nothing of Qt."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import BinaryIO, cast

from modelkeep.own_modules import module_command
from modelkeep_gui.jobs.protocol import Died, Request, encode, read

__all__ = ["WorkProcess"]

_LOG_LINES = 200


class WorkProcess:
    """A running `worker`, with a thread that listens, one that writes and one that keeps its log.

    `received` is called in the listening thread with every reply, not yet decoded, and at the very last with `Died`.
    Raises `OSError` when the process cannot be started.
    """

    def __init__(self, factory: str, received: Callable[[bytes | Died], None]) -> None:
        self._received = received
        self._reason = ""
        self._outbox: SimpleQueue[bytes | None] = SimpleQueue()
        self.log: deque[str] = deque(maxlen=_LOG_LINES)
        """The last lines that the process wrote to standard error, and what it tried to print."""
        self._process = subprocess.Popen(
            [*module_command("modelkeep_gui.jobs.worker"), factory],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._threads = [
            threading.Thread(target=target, name=f"work process: {target.__name__}", daemon=True)
            for target in (self._keep_log, self._write, self._listen)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, message: Request) -> None:
        """Hand a message to the writing thread: a process that does not read never holds up the caller."""
        self._outbox.put(encode(message))

    def kill(self, reason: str) -> None:
        """End the process at once; `Died` follows, with this reason."""
        self._reason = reason
        self._process.kill()

    def stop(self, seconds: float = 0.3) -> None:
        """End the process: by closing its pipe, which cancels its calls, and after `seconds` by force."""
        self._outbox.put(None)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        self._process.kill()
        self._process.wait()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(1.0)

    def _listen(self) -> None:
        # Bytes only: to unpickle here would fight the window for the interpreter, and have Python's garbage
        # collector, which new objects set off, destroy objects of Qt in this thread.
        with cast(BinaryIO, self._process.stdout) as pipe:
            while (body := read(pipe)) is not None:
                self._received(body)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        self._process.kill()  # it closed its pipe and did not end
        status = self._process.wait()
        self._outbox.put(None)
        self._threads[0].join(0.2)  # for the last words; a grandchild may hold the log open for longer
        self._received(Died(status, self._reason or _status_text(status)))

    def _write(self) -> None:
        with suppress(OSError), cast(BinaryIO, self._process.stdin) as pipe:
            while (message := self._outbox.get()) is not None:
                pipe.write(message)
                pipe.flush()

    def _keep_log(self) -> None:
        with cast(BinaryIO, self._process.stderr) as pipe:
            for line in pipe:
                self.log.append(line.decode(errors="replace").rstrip())


def _status_text(status: int) -> str:
    if status < 0:
        with suppress(ValueError):
            return signal.Signals(-status).name
    return f"status {status}"

"""Has a function called in a child process, which a cancel really ends.

The child is one of `multiprocessing`, since what it is to do comes as objects of the caller's program; what comes
back is plain JSON.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import psutil

from modelkeep.errors import ProcessDied
from modelkeep.jobs.kept_errors import keep, made_again
from modelkeep.progress import Progress, Report

__all__ = ["run_in_child"]

_LOOK = 0.1  # seconds between two looks whether it is to stop
_GRACE = 3.0  # seconds in which a child that was asked to end may tidy up
_LONGEST = 1 << 20  # bytes of a message; a child that sends more is broken

_KILLED = -int(getattr(signal, "SIGKILL", 9))


def run_in_child(
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    *,
    start_method: str,
    log: Path,
    report: Report,
    title: str,
) -> None:
    """Call `function(*arguments, report)` there; what it prints goes to the log. `function` is one of a module.

    Raises what it raised, as far as it can be raised again; `MemoryError` when the system killed it, which it does
    when the memory is not enough; `ProcessDied` when it ended otherwise; and what `report` raises, once the child and
    all that it started are gone.
    """
    context: Any = multiprocessing.get_context(start_method)
    ours, theirs = context.Pipe(duplex=False)
    child: BaseProcess = context.Process(target=_run, args=(theirs, str(log), function, arguments))
    with ours:
        try:
            with theirs:
                child.start()
            ended = _heard(ours, child, report, title)
            child.join()
        except BaseException:
            _end(child)
            raise
    status = child.exitcode
    child.close()
    if ended is not None and "raised" in ended:
        raise made_again(str(ended["raised"]))
    if ended is None and status in (_KILLED, 137):
        raise MemoryError("The process was killed, as the system does when the memory is not enough.")
    if ended is None:
        raise ProcessDied(f"The process ended with status {status} before it was done.")


def _heard(connection: Connection, child: BaseProcess, report: Report, title: str) -> dict[str, Any] | None:
    """The child's last message; None when it ended without one."""
    latest = Progress(title)
    while True:
        report(latest)
        if not connection.poll(_LOOK):
            if not child.is_alive() and not connection.poll(0):
                return None  # something that it started has kept the pipe open
            continue
        try:
            message = json.loads(connection.recv_bytes(_LONGEST))
        except (EOFError, OSError, ValueError):
            return None
        if "progress" not in message:
            return dict(message)
        latest = Progress(*message["progress"])


def _end(child: BaseProcess) -> None:
    """End it and all that it started: asked first, then killed."""
    if child.pid is None:
        return
    family = _family(child.pid)
    child.terminate()
    child.join(_GRACE)
    _kill(family)
    child.join()
    child.close()


def _family(pid: int) -> list[psutil.Process]:
    """A process and all that it started."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _kill(processes: Iterable[psutil.Process]) -> None:
    for one in processes:
        with suppress(psutil.NoSuchProcess):
            one.kill()  # by a handle that knows when its number went to another process


# ---- in the child


def _run(connection: Connection, log: str, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _print_to(log)
    lock = threading.Lock()

    def send(message: dict[str, object]) -> None:
        with lock:
            connection.send_bytes(json.dumps(message).encode())

    def report(progress: Progress) -> None:
        send({"progress": list(progress)})

    try:
        function(*arguments, report)
    except Exception as error:  # noqa: BLE001 - raised again in the parent
        import traceback

        traceback.print_exc()
        send({"raised": keep(error)})
        sys.exit(1)
    send({"done": True})


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        _kill(_family(os.getpid())[1:])
        os._exit(1)


def _print_to(log: str) -> None:
    """What it says goes where the job is looked at, not among what the program that asked for it says."""
    with open(log, "a", encoding="utf-8") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.stdout = open(1, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115

"""Has a function called in a thread, and goes on when that is to end although nothing can end it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from modelkeep.errors import Cancelled
from modelkeep.progress import Progress, Report

__all__ = ["run_in_thread"]

_LOOK = 0.1  # seconds between two looks whether it is to stop


def run_in_thread(
    function: Callable[..., Any], arguments: tuple[Any, ...], *, title: str, report: Report
) -> Any:
    """What `function(*arguments, report)` returns or raises. Once `report` raises `Cancelled` this does too; the
    thread goes on until the function returns or calls the report that it got, and what it made is dropped."""
    done = threading.Event()
    stopped = threading.Event()
    latest: list[Progress] = [Progress(title)]
    made: list[Any] = []
    raised: list[BaseException] = []

    def heard(progress: Progress) -> None:
        if stopped.is_set():
            raise Cancelled
        latest[0] = progress

    def run() -> None:
        try:
            made.append(function(*arguments, heard))
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits for it
            raised.append(error)
        finally:
            done.set()

    # It may never end: the process does not wait for it.
    threading.Thread(target=run, name=title, daemon=True).start()
    try:
        while not done.wait(_LOOK):
            report(latest[0])
    except BaseException:
        stopped.set()
        raise
    report(latest[0])
    if raised:
        raise raised[0]
    return made[0]

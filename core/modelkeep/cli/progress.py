"""Progress bars on a terminal, none in a pipe; and Ctrl-C, which stops an operation where nothing is half done."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from modelkeep.cli.session import Session
from modelkeep.progress import Cancelled, Progress, Report, ignore

__all__ = ["progress"]


@contextmanager
def progress(session: Session) -> Iterator[Report]:
    """A report to hand to the core: it shows where an operation is, and stops it after Ctrl-C.

    A second Ctrl-C does not wait for the operation to come to a good place.
    """
    with _shown() as show, _stopped_by_interrupt(session.interrupted):

        def report(state: Progress) -> None:
            if session.interrupted.is_set():
                raise Cancelled
            show(state)

        yield report


@contextmanager
def _stopped_by_interrupt(interrupted: threading.Event) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        if interrupted.is_set():
            raise KeyboardInterrupt
        interrupted.set()

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _shown() -> Iterator[Callable[[Progress], None]]:
    if sys.stderr is None or not sys.stderr.isatty():
        yield ignore
        return
    from modelkeep.cli.bars import Bars

    bars = Bars()
    try:
        yield bars.show
    finally:
        bars.close()

"""Progress bars on a terminal, none in a pipe; and Ctrl-C, which stops an operation where nothing is half done."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

from modelkeep.cli.session import Session
from modelkeep.progress import Cancelled, Progress, Report, ignore

__all__ = ["progress", "progress_and_lines"]

Told = TypeVar("Told")


@contextmanager
def progress(session: Session) -> Iterator[Report]:
    """A report to hand to the core: it shows where an operation is, and stops it after Ctrl-C.

    A second Ctrl-C does not wait for the operation to come to a good place.
    """
    with progress_and_lines(session, _nothing) as (report, _):
        yield report


@contextmanager
def progress_and_lines(
    session: Session, tell: Callable[[Told], None]
) -> Iterator[tuple[Report, Callable[[Told], None]]]:
    """The same for an operation that also tells something as it goes on: the bar makes way for each line."""
    with _shown() as (show, hide), _stopped_by_interrupt(session.interrupted):

        def report(state: Progress) -> None:
            if session.interrupted.is_set():
                raise Cancelled
            show(state)

        def emit(told: Told) -> None:
            hide()
            tell(told)

        yield report, emit


def _nothing(*told: object) -> None:
    """Tells nothing, and hides no bar where there is none."""


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
def _shown() -> Iterator[tuple[Callable[[Progress], None], Callable[[], None]]]:
    if sys.stderr is None or not sys.stderr.isatty():
        yield ignore, _nothing
        return
    from modelkeep.cli.bars import Bars

    bars = Bars()
    try:
        yield bars.show, bars.hide
    finally:
        bars.hide()

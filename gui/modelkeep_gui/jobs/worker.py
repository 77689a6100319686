"""The work process: it makes a service and calls its methods as the window asks.

It runs as ``python -m modelkeep_gui.jobs.worker module:callable`` and loads nothing of Qt; the callable makes the
service, a plain object. A method that takes `report` can be cancelled and paused, and shows progress; one that takes
`emit` passes parts of its result on as they come. Calls of different lanes run in threads of their own, so a service
that is called in several lanes has to be safe for that.

When the window is gone, which the end of the pipe tells, all calls are cancelled and the process ends.
"""

from __future__ import annotations

import faulthandler
import importlib
import inspect
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from functools import partial
from operator import attrgetter
from queue import SimpleQueue
from typing import BinaryIO

from modelkeep.errors import Cancelled, ModelKeepError
from modelkeep.progress import Progress
from modelkeep_gui.jobs.protocol import (
    Call,
    Cancel,
    Canceled,
    Done,
    Emitted,
    Failed,
    Pause,
    Ready,
    Reported,
    Resume,
    Started,
    UnexpectedError,
    decode,
    encode,
    read,
)

__all__ = ["BATCH", "Worker", "main"]

BATCH = 250
"""Items in a part that `emit` sends: unpickling it holds up the window for about a millisecond."""

_INTERVAL = 0.1  # seconds between two reports that the window sees
_NICENESS = 5  # of 19; alone on a machine it costs nothing
_GRACE = 2.0  # seconds that calls have for tidying up once the window is gone


class Worker:
    """Calls the methods of `service` and writes what becomes of them to `outgoing`."""

    def __init__(self, service: object, outgoing: BinaryIO) -> None:
        self._service = service
        self._outgoing = outgoing
        self._writing = threading.Lock()
        self._lanes: dict[str, tuple[threading.Thread, SimpleQueue[Call | None]]] = {}
        self._wishes: dict[int, _Wish] = {}

    def serve(self, incoming: BinaryIO) -> bool:
        """Do what comes in until the window is gone. False when a call would not stop and still runs."""
        self._send(encode(Ready(os.getpid())))
        while (body := read(incoming)) is not None:
            message = decode(body)
            if isinstance(message, Call):
                self._wishes[message.id] = _Wish()
                self._lane(message.lane).put(message)
            elif isinstance(message, Cancel | Pause | Resume) and (wish := self._wishes.get(message.id)):
                wish.take(message)
        return self._stop()

    def _stop(self) -> bool:
        for wish in list(self._wishes.values()):
            wish.cancel()
        deadline = time.monotonic() + _GRACE
        for thread, calls in self._lanes.values():
            calls.put(None)
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread, _ in self._lanes.values())

    def _lane(self, name: str) -> SimpleQueue[Call | None]:
        if name not in self._lanes:
            calls: SimpleQueue[Call | None] = SimpleQueue()
            thread = threading.Thread(target=self._run_lane, args=(calls,), name=name, daemon=True)
            thread.start()
            self._lanes[name] = thread, calls
        return self._lanes[name][1]

    def _run_lane(self, calls: SimpleQueue[Call | None]) -> None:
        while (call := calls.get()) is not None:
            ending = self._run(call, _Channel(call.id, self._wishes[call.id], self._send))
            del self._wishes[call.id]
            try:
                self._send(ending)
            except Cancelled:
                return

    def _run(self, call: Call, channel: _Channel) -> bytes:
        """Run one call; return the message that ends it."""
        try:
            channel.start()
            args, kwargs = pickle.loads(call.arguments)
            method = attrgetter(call.method)(self._service)  # also of a part of it: "hubs.search"
            parameters = inspect.signature(method).parameters
            if "report" in parameters:
                kwargs["report"] = channel.report
            if "emit" in parameters:
                kwargs["emit"] = channel.emit
            value = method(*args, **kwargs)
            channel.flush()
            return encode(Done(call.id, value))
        except Cancelled:
            return encode(Canceled(call.id))
        except BaseException as error:  # noqa: BLE001 - the border: whatever it is, the window has to hear of it
            return _failure(call.id, error)

    def _send(self, message: bytes) -> None:
        """Write a message. Raises `Cancelled` when the window is gone: nobody wants the rest."""
        try:
            with self._writing:
                self._outgoing.write(message)
                self._outgoing.flush()
        except OSError as error:
            raise Cancelled from error


class _Wish:
    """What the window wants of a call: that it goes on, rests, or stops. Set in one thread, heeded in another."""

    def __init__(self) -> None:
        self._is_canceled = False
        self._may_go = threading.Event()
        self._may_go.set()

    @property
    def is_to_rest(self) -> bool:
        return not self._may_go.is_set()

    def take(self, message: Cancel | Pause | Resume) -> None:
        match message:
            case Cancel():
                self.cancel()
            case Pause() if not self._is_canceled:
                self._may_go.clear()
            case Resume():
                self._may_go.set()

    def cancel(self) -> None:
        self._is_canceled = True
        self._may_go.set()  # it rests no longer: it stops

    def heed(self) -> None:
        """Wait while the call is to rest. Raises `Cancelled` when it is to stop."""
        self._may_go.wait()
        if self._is_canceled:
            raise Cancelled


class _Channel:
    """What a running call tells the window, and how it learns that it is to rest or to stop."""

    def __init__(self, id: int, wish: _Wish, send: Callable[[bytes], None]) -> None:
        self._id = id
        self._wish = wish
        self._send = send
        self._step = ""
        self._next = 0.0
        self._unsent: Progress | None = None

    def start(self) -> None:
        self._wish.heed()
        self._send(encode(Started(self._id)))

    def report(self, progress: Progress) -> None:
        """Pass ten a second on, every change of step, and (see `flush`) the last one."""
        self._unsent = progress
        if self._wish.is_to_rest:
            self.flush()  # the window shows how far it came while it rests
        self._wish.heed()
        if progress.step != self._step or time.monotonic() >= self._next:
            self.flush()

    def emit(self, value: object) -> None:
        """Pass a part of the result on; a list longer than `BATCH` goes in several parts."""
        parts = (
            [value[i : i + BATCH] for i in range(0, len(value), BATCH)]
            if isinstance(value, list)
            else [value]
        )
        for part in parts:
            self._wish.heed()
            self._send(encode(Emitted(self._id, part)))

    def flush(self) -> None:
        if self._unsent is not None:
            self._send(encode(Reported(self._id, self._unsent)))
            self._step, self._unsent = self._unsent.step, None
            self._next = time.monotonic() + _INTERVAL


def _failure(id: int, error: BaseException) -> bytes:
    """`Failed` as bytes: our own errors as they are, any other as a sentence, since it may not survive a pickle."""
    text = "".join(traceback.format_exception(error))
    if isinstance(error, ModelKeepError) and _survives_a_pickle(error):
        return encode(Failed(id, error, text))
    name = type(error).__name__
    sentence = UnexpectedError(
        f"Something went wrong that Modelkeep did not expect: {str(error) or name} ({name}).",
        hint="Try it again. If it happens again, report it with what happened.",
    )
    return encode(Failed(id, sentence, text))


def _survives_a_pickle(error: ModelKeepError) -> bool:
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 - whatever hangs on the error can raise anything
        return False
    return True


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes to the window for us alone.

    A stray `print` goes to standard error, `input` finds nothing, and a forked child lets go of them: while it held
    them, the window would not see that we are gone.
    """
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    if hasattr(os, "register_at_fork"):
        for pipe in (incoming, outgoing):
            os.register_at_fork(after_in_child=partial(os.close, pipe))
    return os.fdopen(incoming, "rb"), os.fdopen(outgoing, "wb")


def _give_way() -> None:
    """Let the window have the processor first: with all cores busy, it would paint late."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)


def main() -> None:
    """Serve the window that started this process; the argument names what makes the service."""
    incoming, outgoing = _take_pipes()
    _give_way()
    faulthandler.enable()  # a crash in C leaves its place in the log
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is the window's to answer
    module, _, name = sys.argv[1].partition(":")
    service = getattr(importlib.import_module(module), name)()
    if not Worker(service, outgoing).serve(incoming):
        os._exit(1)


if __name__ == "__main__":
    main()

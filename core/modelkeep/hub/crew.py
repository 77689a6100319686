"""The threads of a download: each takes the next range that is missing, from whichever file needs it.

Whoever started the crew watches it, and may stop it at any moment: what has come by then is kept.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from modelkeep.cache import layout
from modelkeep.errors import BadReply, RemoteBusy, RemoteError, RemoteUnreachable, WrongContent
from modelkeep.hub.giving import wrong_content
from modelkeep.hub.pace import Hands, Pace, wait_before
from modelkeep.hub.part import LARGE, PIECE, Part, Stale, Stopped
from modelkeep.hub.replies import HubFile
from modelkeep.hub.transfer import FileState

if TYPE_CHECKING:
    from modelkeep.streams import Stream

__all__ = ["Crew", "OpenContent"]

WORKERS = 8
_ATTEMPTS = 3  # with wrong content, before the download gives up
_FLUSH_EVERY = 5.0  # seconds; a power cut costs no more than what came in them
_WRITE_EVERY = 0.5  # seconds; a slow connection is written before a piece is full
_LEAVE = 0.15  # seconds that the threads have to leave when they are told to
_QUICK = 0.2  # seconds that a small file takes at most where the hub is near
_MOST_OPEN = 48  # files; a process may have a few hundred, and a hub that is away makes all of them wait

OpenContent = Callable[[Part, int, int | None], "Stream"]
"""Asks for a content, from one byte on and up to another (None: to its end)."""


class Crew:
    """Brings `parts` into their folder. `begin` is asked before a part is fetched: it may find it elsewhere.

    `begin` answers "fetch", "here" when the part is over, or "later" when somebody else is fetching it. `whole` is
    called for each part that is over. Both are called by the crew's threads. `kind` is what sentences call the giver.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        open_content: OpenContent,
        *,
        begin: Callable[[Part], str],
        whole: Callable[[Part], None],
        paces: Sequence[Pace],
        kind: str = "hub",
        wrong_content: Callable[[HubFile, int], WrongContent] = wrong_content,
    ) -> None:
        self.failure: BaseException | None = None
        self.stopping = threading.Event()
        self._open_content = open_content
        self._begin_part = begin
        self._whole = whole
        self._paces = paces
        self._kind = kind
        self._wrong_content = wrong_content
        self._changed = threading.Condition()
        # The small ones first, except for every second thread: many small ones alone do not fill a connection.
        self._waiting = sorted(parts, key=lambda part: (part.size > LARGE, -part.size))
        self._opened: set[Stream] = set()
        self._all_ready_at = 0.0
        self._begun = 0
        self._is_over = threading.Event()
        if not parts:
            self._is_over.set()
        self._hands = Hands(WORKERS)
        self._small: dict[Part, float] = {}
        """The small files that a thread is at, and since when."""
        self._threads = [
            threading.Thread(target=self._work, args=(bool(number % 2),), daemon=True)
            for number in range(min(WORKERS, max(1, sum(part.most for part in parts))))
        ]
        self._flusher = threading.Thread(target=self._flush, daemon=True)
        self._hashers: list[threading.Thread] = []

    def start(self) -> None:
        for thread in (*self._threads, self._flusher):
            thread.start()

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do, or something failed."""
        return self._is_over.is_set()

    def stop(self) -> None:
        """End it. A thread that hangs in the network is left behind: it can touch nothing any more."""
        self.stopping.set()
        with self._changed:
            self._changed.notify_all()
            opened, parts = list(self._opened), list(self._waiting)
        for content in opened:
            with suppress(Exception):
                content.close()
        until = time.monotonic() + _LEAVE
        for thread in (*self._threads, self._flusher, *self._hashers):
            if thread.ident is not None:
                thread.join(max(0.0, until - time.monotonic()))
        for part in parts:
            part.close()

    def wait(self, seconds: float) -> None:
        """Wait, at most so long, until it is over."""
        self._is_over.wait(seconds)

    # ---- within: what is next

    def _work(self, largest_first: bool) -> None:
        buffer = memoryview(bytearray(PIECE))
        try:
            while (part := self._next(largest_first)) is not None:
                if part.is_small:
                    self._bring_small(part, buffer)
                elif not part.is_open:
                    self._begin(part)
                else:
                    self._fetch_next(part, buffer)
        except Stopped:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again by whoever watches
            self._fail(error)

    def _next(self, largest_first: bool) -> Part | None:
        """A part to work on, claimed for this thread; None when all is done or somebody said stop."""
        with self._changed:
            while self._waiting and not self.stopping.is_set():
                now = time.monotonic()
                soonest = now + 60.0
                may_begin = self._begun < _MOST_OPEN
                # One that the hub lets wait for long does not keep the others from coming.
                quick = sum(now - began < _QUICK for began in self._small.values())
                if not (may_take_small := quick < self._hands.most):
                    soonest = now + _QUICK
                for part in reversed(self._waiting) if largest_first else self._waiting:
                    if part.busy or (part.is_open and (not part.todo or part.active >= part.most)):
                        continue
                    if part.is_small and not may_take_small:
                        continue
                    if not part.is_open and not may_begin:
                        continue
                    ready_at = max(part.ready_at, self._all_ready_at)
                    if ready_at > now:
                        soonest = min(soonest, ready_at)
                        continue
                    if part.is_open:
                        part.active += 1
                    else:
                        part.busy = True
                    if part.is_small:
                        self._small[part] = now
                    return part
                self._changed.wait(soonest - now)
            return None

    def _fail(self, error: BaseException) -> None:
        with self._changed:
            # What fails after a stop fails because of it.
            if self.failure is None and not self.stopping.is_set():
                self.failure = error
            self.stopping.set()
            self._is_over.set()
            self._changed.notify_all()

    def _over(self, part: Part) -> None:
        part.over = True
        part.state = FileState.DONE
        self._whole(part)
        with self._changed:
            self._waiting.remove(part)
            if not self._waiting:
                self._is_over.set()
            were_open = self._begun
            self._begun -= part.is_open
            if not part.is_small or not self._waiting or were_open >= _MOST_OPEN:
                self._changed.notify_all()  # else whoever brought it takes the next

    def _bring_small(self, part: Part, buffer: memoryview) -> None:
        """Begin a small part, fetch it, or both."""
        began, worked = time.monotonic(), time.thread_time()
        try:
            if not part.is_open:
                self._begin(part)
                with self._changed:
                    if not part.is_open or part.over or part.busy or part.active or not part.todo:
                        return
                    part.active += 1
            self._fetch_next(part, buffer)
        finally:
            took = time.monotonic() - began, time.thread_time() - worked
            with self._changed:
                self._small.pop(part, None)
                if self._hands.learn(*took):
                    self._changed.notify_all()

    # ---- within: a part from its beginning to its end

    def _begin(self, part: Part) -> None:
        answer = self._begin_part(part)
        if answer == "here":
            self._over(part)
            return
        if answer == "fetch":
            part.open()
            with self._changed:
                self._begun += 1
            part.state = FileState.FETCHING
            if part.ranged:
                self._start_hashing(part)
            elif not part.todo:
                self._check(part)
                return
        with self._changed:
            part.busy = False
            if answer == "later":
                part.ready_at = time.monotonic() + 1.0
            if not part.is_small:
                self._changed.notify_all()

    def _start_hashing(self, part: Part) -> None:
        part.is_hashed_apart = True
        thread = threading.Thread(target=self._hash, args=(part,), daemon=True)
        self._hashers.append(thread)
        thread.start()

    def _hash(self, part: Part) -> None:
        """Hash a part while it comes, and check it when it is whole, also when it has to come once more."""
        try:
            while not part.over and not self.stopping.is_set():
                with suppress(Stale):
                    if part.hash_on(part.generation):
                        self._check(part)
                        continue
                with self._changed:
                    if not part.has_more_to_hash() and not self.stopping.is_set():
                        self._changed.wait(0.5)
        except Stopped:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again by whoever watches
            self._fail(error)

    def _check(self, part: Part) -> None:
        """Keep a part that has all its bytes, or throw it away when they are wrong."""
        generation = part.generation
        part.busy = True
        part.state = FileState.CHECKING
        part.hash_on(generation)
        if part.is_right():
            part.keep(generation)
            self._over(part)
            return
        if not part.size:
            raise BadReply(
                f"The {self._kind} lists {part.name} as an empty file, by the name of another content.",
                hint="It may have a damaged list. Try again later, or another mirror.",
            )
        part.wrong += 1
        if part.wrong >= _ATTEMPTS:
            part.restart(generation, f"wrong content, {_ATTEMPTS} times")
            part.state = FileState.FAILED
            raise self._wrong_content(part.file, _ATTEMPTS)
        self._begin_anew(part, generation, "wrong content, fetched again")
        with self._changed:
            part.busy = False
            self._changed.notify_all()

    def _begin_anew(self, part: Part, generation: int, note: str) -> None:
        part.restart(generation, note)
        part.state = FileState.FETCHING

    # ---- within: a range of a part

    def _fetch_next(self, part: Part, buffer: memoryview) -> None:
        with self._changed:
            if (taken := part.take()) is None:
                part.active -= 1
                return
            segment = _Segment(part.round, *taken)
        try:
            self._fetch(part, segment, buffer)
        except Stale:
            pass
        except RemoteError as error:
            if self.stopping.is_set():
                raise Stopped from error
            self._went_wrong(part, segment, error)
        finally:
            with self._changed:
                part.active -= 1
                if segment.generation == part.generation and segment.at < segment.stop:
                    part.todo.insert(0, (segment.at, segment.stop))
                if not part.is_small or part.todo:
                    self._changed.notify_all()
        if segment.at == segment.stop and not part.is_hashed_apart and part.done == part.size:
            self._check(part)

    def _fetch(self, part: Part, segment: _Segment, buffer: memoryview) -> None:
        stop = None if segment.stop == part.size else segment.stop
        content = self._open_content(part, segment.at, stop)
        try:
            with self._changed:
                if self.stopping.is_set():
                    raise Stopped
                self._opened.add(content)
            self._judge(part, segment, content)
            self._read(part, segment, content, buffer)
            part.failures = 0
        finally:
            with self._changed:
                self._opened.discard(content)
            content.close()

    def _judge(self, part: Part, segment: _Segment, content: Stream) -> None:
        """Begin a part anew when the hub sends something else than was asked for."""
        of_length = layout.is_git_sha1 if layout.is_git_sha1(part.etag) else layout.is_sha256
        is_other = of_length(content.etag) and content.etag != part.etag
        if is_other or content.size not in (None, part.size):
            self._begin_anew(part, segment.generation, f"the {self._kind} sent another file, fetched again")
            raise BadReply(
                f"The {self._kind} sends another file for {part.name} than the one it lists.",
                hint="It may have a damaged copy. Try again later, or another mirror.",
            )
        goes_on = content.stop is None or content.stop > segment.stop
        if content.start != segment.at or (goes_on and segment.stop != part.size):
            # It knows no ranges: all of the file, in one go.
            part.ranged = False
            self._begin_anew(
                part, segment.generation, f"the {self._kind} sends whole files only, fetched from the start"
            )
            raise Stale

    def _read(self, part: Part, segment: _Segment, content: Stream, buffer: memoryview) -> None:
        piece, filled, written_at = part.piece, 0, time.monotonic()
        try:
            while segment.at + filled < segment.stop:
                room = min(piece, segment.stop - segment.at) - filled
                for pace in self._paces:
                    room = pace.piece(room)
                size = content.readinto(buffer[filled : filled + room])
                if not size:
                    raise RemoteUnreachable(
                        f"The {self._kind} closed the connection before {part.name} was whole.",
                        hint="Try again.",
                    )
                filled += size
                part.came += size
                for pace in self._paces:
                    pace.take(size, self._pause)
                now = time.monotonic()
                if filled == piece or now - written_at > _WRITE_EVERY:
                    self._write(part, segment, buffer[:filled])
                    filled, written_at = 0, now
        finally:
            # Also what came before it broke off, or was told to stop.
            if filled:
                self._write(part, segment, buffer[:filled])

    def _write(self, part: Part, segment: _Segment, data: memoryview) -> None:
        part.write(segment.generation, segment.at, data)
        segment.at += len(data)
        if part.is_hashed_apart:
            with self._changed:
                self._changed.notify_all()
        else:
            part.hash_on(segment.generation)

    def _pause(self, seconds: float) -> None:
        if self.stopping.wait(seconds):
            raise Stopped

    def _went_wrong(self, part: Part, segment: _Segment, error: RemoteError) -> None:
        """Decide when to try again; raises the error when that makes no sense any more."""
        with self._changed:
            if not isinstance(error, (BadReply, RemoteBusy, RemoteUnreachable)):
                raise error
            if part.done > part.best:
                # More than ever: what comes again and again, because it cannot be taken up, is no progress.
                part.best, part.failures = part.done, 0
            elif segment.round != part.round:
                return  # the ranges of a file fail together, which counts once
            part.round += 1
            if isinstance(error, BadReply):
                part.bad += 1
                if part.bad > 1:
                    raise error
                part.ready_at = time.monotonic() + (wait_before(part.bad, error) or 0.0)
                return
            part.failures += 1
            wait = wait_before(part.failures, error)
            if wait is None:
                raise error
            part.ready_at = time.monotonic() + wait
            if isinstance(error, RemoteBusy):
                self._all_ready_at = part.ready_at

    def _flush(self) -> None:
        """Bring what came to the disk, now and then."""
        try:
            while not self.stopping.wait(_FLUSH_EVERY):
                with self._changed:
                    opened = [part for part in self._waiting if part.is_open]
                for part in opened:
                    with suppress(Stale, Stopped):
                        part.flush()
        except BaseException as error:  # noqa: BLE001 - raised again by whoever watches
            self._fail(error)


class _Segment:
    """A range that a thread fetches: from `at`, which moves, to `stop`."""

    def __init__(self, round: int, generation: int, at: int, stop: int) -> None:
        self.round = round
        self.generation = generation
        self.at = at
        self.stop = stop

"""Threads that share out tasks: they wait while nobody looks, and stop when they are told to."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

import pytest

from modelkeep.archive import parallel
from modelkeep.archive.parallel import Count, run_tasks
from modelkeep.progress import Cancelled

_MOST = 20_000_000  # what a thread counts in some seconds, of which it may have but a fraction


class Endless:
    """A task that counts until it is stopped, and tells whether it stands still."""

    def __init__(self, until: Callable[[], bool] = lambda: False) -> None:
        self.counted = 0
        self._until = until
        self._thread = 0

    def __call__(self, count: Count) -> None:
        self._thread = threading.get_ident()
        while not self._until():
            count(1)
            self.counted += 1

    @property
    def waits(self) -> bool:
        """Whether its thread is inside a wait that `count` began."""
        frame = sys._current_frames().get(self._thread)
        names = set()
        while frame is not None:
            names.add(frame.f_code.co_name)
            frame = frame.f_back
        return {"wait", "count"} <= names


def test_a_look_that_does_not_end_holds_the_threads_until_it_does() -> None:
    seen: list[int] = []
    tasks = [Endless(lambda: len(seen) > 1) for _ in range(2)]

    def look(done: int, name: str) -> None:
        if not seen:
            while not all(task.waits for task in tasks):
                assert all(task.counted < _MOST for task in tasks)
            before = [task.counted for task in tasks]
            assert all(task.waits for task in tasks)
            assert [task.counted for task in tasks] == before
        seen.append(done)

    run_tasks([("one", tasks[0]), ("two", tasks[1])], workers=2, watch=look)
    assert seen[-1] == sum(task.counted for task in tasks), "They went on."


def test_what_is_paused_can_be_cancelled() -> None:
    task = Endless()
    counted = -1

    def look(done: int, name: str) -> None:
        nonlocal counted
        while not task.waits:
            assert task.counted < _MOST
        counted = task.counted
        raise Cancelled

    with pytest.raises(Cancelled):
        run_tasks([("one", task)], workers=1, watch=look)
    assert task.counted == counted, "It did nothing more."


def test_a_look_that_is_short_holds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_PATIENCE", 1e9)
    task = Endless(lambda: task.counted >= 1000)
    looks = []

    def look(done: int, name: str) -> None:
        looks.append(done)
        while not done and task.counted < 1000:  # it counts although this has not returned
            pass

    run_tasks([("one", task)], workers=1, watch=look)
    assert looks[-1] == 1000


def test_every_thread_begins_before_its_first_task() -> None:
    begun: list[int] = []
    done: list[bool] = []

    def task(count: Count) -> None:
        done.append(threading.get_ident() in begun)

    run_tasks(
        [(str(n), task) for n in range(20)],
        workers=2,
        watch=lambda done, name: None,
        begin=lambda: begun.append(threading.get_ident()),
    )
    assert done == [True] * 20
    assert threading.get_ident() not in begun

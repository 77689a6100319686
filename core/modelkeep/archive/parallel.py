"""A few threads that share out tasks, while the thread that started them watches, and may hold or stop them.

Reports are made and cancels raised in the caller's thread alone, so a report needs no lock. A report that does not
return, because somebody paused, holds the threads too.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable

__all__ = ["Count", "Task", "run_tasks"]

Count = Callable[[int], None]
"""A task calls it with every few bytes it has done; it raises when the task shall stop."""

Task = Callable[[Count], None]

_INTERVAL = 0.05  # seconds between two looks
_PATIENCE = 0.2  # seconds that a look may take before the threads wait for its end


class _Stopped(Exception):
    """Ends a task whose result nobody wants any more."""


def run_tasks(
    tasks: Iterable[tuple[str, Task]],
    *,
    workers: int,
    watch: Callable[[int, str], None],
    begin: Callable[[], object] = lambda: None,
) -> None:
    """Do named tasks, by up to `workers` threads, in their order. `begin` is called in each thread before its first.

    `watch` is called in this thread with the bytes done and the name of the task begun last; while it does not
    return, no task gets far. What it raises, or a task does, stops all of them, and is raised when they have ended.
    """
    crew = _Crew(tasks, workers, watch, begin)
    try:
        for thread in crew.threads:
            thread.start()
        for thread in crew.threads:
            while thread.is_alive():
                crew.look()
                thread.join(_INTERVAL)
    finally:
        crew.stopped = True
        for thread in crew.threads:
            if thread.ident is not None:
                thread.join()
    if crew.failures:
        raise crew.failures[0]
    watch(sum(crew.done), crew.item)


class _Crew:
    def __init__(
        self,
        tasks: Iterable[tuple[str, Task]],
        workers: int,
        watch: Callable[[int, str], None],
        begin: Callable[[], object],
    ) -> None:
        self.tasks = deque(tasks)
        self.done = [0] * min(workers, len(self.tasks))  # each thread counts for itself: no lock
        self.threads = [threading.Thread(target=self._work, args=(n,)) for n in range(len(self.done))]
        self.item = ""
        self.stopped = False
        self.failures: list[BaseException] = []
        self._watch = watch
        self._begin = begin
        self._looking = 0.0
        """Since when `watch` is being called, 0.0 while it is not."""
        self._looked = threading.Event()

    def look(self) -> None:
        self._looked.clear()
        self._looking = time.monotonic()
        try:
            self._watch(sum(self.done), self.item)
        except BaseException:
            self.stopped = True  # before the threads wake: they are to do nothing more
            raise
        finally:
            self._looking = 0.0
            self._looked.set()

    def _work(self, number: int) -> None:
        def count(size: int) -> None:
            self.done[number] += size
            # An attribute is all that a piece costs, but for the few that come while somebody looks.
            if (since := self._looking) and time.monotonic() - since > _PATIENCE:
                self._looked.wait()
            if self.stopped:
                raise _Stopped

        try:
            self._begin()
            while self.tasks and not self.stopped:
                try:
                    self.item, task = self.tasks.popleft()
                except IndexError:
                    break
                task(count)
        except _Stopped:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again where `run_tasks` was called
            self.failures.append(error)
            self.stopped = True

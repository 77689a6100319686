"""Ours and the peer, measured in turn: A B A B ..., each run in a process of its own.

A ratio of two runs that followed one another counts on any machine; a time on a shared one does not. Each run has a
fresh process, so that no run pays for the garbage of another, and its peak memory is its own.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import TypeVar

import psutil

__all__ = ["Reading", "child", "command", "in_turn", "run"]

T = TypeVar("T")

Reading = dict[str, float]
"""What one run took: "wall" and "cpu" in seconds, "peak" in bytes over what the process had before."""
# An installed program has its bytecode: nothing that starts here is to be compiled at each start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

_MAXRSS = 1 if sys.platform == "darwin" else 1024  # bytes in a unit of ru_maxrss


def run(prepare: Callable[[], T], work: Callable[[T], object]) -> Reading:
    """Measure `work` in a child process, which gets what `prepare` made there before the clock starts."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            with open(writer, "w") as out:
                json.dump(_measure(work, prepare()), out)
            status = 0
        finally:
            os._exit(status)  # without the clean-up of the parent, which is not the child's
    os.close(writer)
    with open(reader) as result:
        text = result.read()
    _, status = os.waitpid(pid, 0)
    if status:
        raise RuntimeError("The measured process failed; what it said is above.")
    return dict(json.loads(text))


def _measure(work: Callable[[T], object], prepared: T) -> Reading:
    gc.collect()
    before = psutil.Process().memory_info().rss
    cpu, start = _cpu(), time.perf_counter()
    result = work(prepared)
    wall, cpu = time.perf_counter() - start, _cpu() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS - before
    del result  # only now: to take it apart is no part of the work
    return {"wall": wall, "cpu": cpu, "peak": max(peak, 0)}


def _cpu() -> float:
    """Seconds of all threads, and of the processes that were waited for."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def command(*words: str | os.PathLike[str], **environment: str) -> Reading:
    """Measure a whole process; its peak is all that it had."""
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(words, stdout=said, stderr=said, env={**os.environ, **environment})
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"{words[0]} failed: {said.read().decode(errors='replace')[-2000:]}")
    return {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss * _MAXRSS}


def child(*words: str | os.PathLike[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments; returns what it said. Raises `RuntimeError` with that when it fails."""
    done = subprocess.run(
        [sys.executable, *words], env={**os.environ, **environment}, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{words[0]} failed: {done.stderr[-2000:]}")
    return done


def in_turn(rounds: int, *contenders: Callable[[], Reading], warm: bool = True) -> list[list[Reading]]:
    """Run all `rounds` times, one after the other, and once before if they are to be `warm`; the readings of each."""
    for contender in contenders if warm else ():
        contender()
    readings = [[contender() for contender in contenders] for _ in range(rounds)]
    return [list(of_one) for of_one in zip(*readings, strict=True)]

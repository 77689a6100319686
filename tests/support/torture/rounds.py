"""The rounds: a state, a work, a fault, and what is wrong afterwards."""

from __future__ import annotations

import json
import os
import random
import select
import shutil
import signal
import socket
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modelkeep.errors import Cancelled, ModelKeepError
from support.torture.faults import Fault, Kill, count_steps, draw
from support.torture.remote_works import REMOTE_WORKS
from support.torture.rule import check_after, check_at_once, settled
from support.torture.stores import STORES, check_stores, collect_garbage
from support.torture.works import WORKS, Work
from support.torture.world import World

__all__ = ["ALL_WORKS", "Tally", "Torture"]

ALL_WORKS = WORKS | REMOTE_WORKS

_PATIENCE = 120.0  # seconds; a work takes far less than one


@dataclass
class Tally:
    """What was survived. `wrong` has a line for each round that was not."""

    rounds: int = 0
    by_fault: Counter[str] = field(default_factory=Counter)
    by_work: Counter[str] = field(default_factory=Counter)
    struck: int = 0
    """Rounds in which the fault really broke the work off."""
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Ended:
    """How a child ended: killed, with an error that is ours or not, or done."""

    killed: bool = False
    error: str = ""
    is_ours: bool = True
    steps: int = 0
    seconds: float = 0.0


class Torture:
    """All rounds in one folder. `hub` is the endpoint of a hub that has what is downloaded."""

    def __init__(self, folder: Path, hub: str, *, works: Sequence[str] = ()) -> None:
        self.world = World(folder, hub)
        self.works = list(works) or list(ALL_WORKS)
        self.tally = Tally()
        self._measured: dict[str, _Ended] = {}
        self._states: set[str] = set()

    def prepare(self) -> None:
        """Make every state, and see that every work does what it should when nothing befalls it."""
        self.world.build()
        self.world.keep("plain")
        for name in self.works:
            work = ALL_WORKS[name]
            if (state := work.prepare.__name__) not in self._states:
                self._states.add(state)
                self.world.again("plain")
                self._must(self._child(name, work.prepare, None), f"preparing {name}")
                self.world.keep(state)
            self.world.again(state)
            self._measured[name] = ended = self._child(name, work.do, None)
            self._must(ended, name)
            wrong = list(self._look(work, ended))
            assert not wrong, (name, wrong)

    def round(self, seed: str) -> list[str]:
        """One round; what is wrong after it."""
        chance = random.Random(seed)
        name = chance.choice(self.works)
        work, measured = ALL_WORKS[name], self._measured[name]
        fault = draw(chance, measured.steps, 1_000_000)
        self.world.again(work.prepare.__name__)
        with _beside(self.world, work) as seen:
            ended = self._child(name, work.do, fault)
        wrong = list(self._look(work, ended, again=lambda: self._child(name, work.do, None)))
        wrong += seen
        self.tally.rounds += 1
        self.tally.by_fault[type(fault).__name__] += 1
        self.tally.by_work[name] += 1
        self.tally.struck += bool(ended.killed or ended.error)
        if wrong:
            kept = self.world.folder / f"wrong-{seed.replace('/', '-')}"
            shutil.copytree(self.world.place, kept, symlinks=True)
            self.tally.wrong.append(f"seed {seed}, {name}, {fault}: {'; '.join(wrong)}")
            print(self.tally.wrong[-1], file=sys.stderr)
        return wrong

    def _look(self, work: Work, ended: _Ended, again: Callable[[], _Ended] | None = None) -> Iterator[str]:
        if not ended.is_ours:
            yield f"it ended with no sentence for the user: {ended.error}"
        yield from check_at_once(self.world)
        if work.has_stores:
            yield from check_stores(self.world, work, done=False)
        yield from settled(self.world)
        if again:
            second = again()
            if second.error:
                yield f"it cannot be done again: {second.error}"
            yield from check_at_once(self.world)
            yield from settled(self.world)
        yield from check_after(self.world, work, done=True)
        if work.has_stores:
            yield from check_stores(self.world, work, done=True)
            yield from collect_garbage(self.world)
            yield from check_stores(self.world, work, done=True)

    def _must(self, ended: _Ended, what: str) -> None:
        if ended.error or ended.killed:
            raise AssertionError(f"{what}: {ended}")

    def _child(self, name: str, do: Callable[..., None], fault: Fault | None) -> _Ended:
        ours, theirs = socket.socketpair()
        measured = self._measured.get(name)
        seconds = measured.seconds if measured else 0.0
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            ours.close()
            _be_the_child(self.world, do, fault, seconds, theirs)
        theirs.close()
        with ours:
            return _watch(pid, ours, fault, seconds)


def _watch(pid: int, ours: socket.socket, fault: Fault | None, seconds: float) -> _Ended:
    assert ours.recv(1) == b"b", "the child never began"
    started = time.monotonic()
    wait = fault.at * seconds if isinstance(fault, Kill) else _PATIENCE
    is_done, _, _ = select.select([ours], [], [], wait)
    if not is_done:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        if not isinstance(fault, Kill):
            return _Ended(error=f"it did not end in {_PATIENCE:.0f} s", is_ours=False)
        return _Ended(killed=True)
    said = b""
    while part := ours.recv(1 << 16):
        said += part
    _, status = os.waitpid(pid, 0)
    if not said:
        return _Ended(error=f"it died with status {status}", is_ours=False)
    ended: dict[str, Any] = json.loads(said)
    return _Ended(**ended, seconds=time.monotonic() - started)


@contextmanager
def _beside(world: World, work: Work) -> Iterator[list[str]]:
    """Have another process do what is done beside a work, until this ends; what was wrong is in the list then."""
    seen: list[str] = []
    if work.beside is None:
        yield seen
        return
    ours, theirs = socket.socketpair()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        ours.close()
        _look_on(world, work.beside, theirs)
    theirs.close()
    with ours:
        assert ours.recv(1) == b"b", "who looks on never began"
        try:
            yield seen
        finally:
            ours.shutdown(socket.SHUT_WR)
            said = b""
            while part := ours.recv(1 << 16):
                said += part
            os.waitpid(pid, 0)
            seen += said.decode().splitlines() if said.endswith(b".\n") else ["who looks on died"]
            seen.remove(".")


def _look_on(world: World, look: Callable[[World], Iterator[str]], theirs: socket.socket) -> None:
    wrong: set[str] = set()
    try:
        os.environ |= world.environment()
        theirs.send(b"b")
        while not select.select([theirs], [], [], 0)[0]:
            wrong |= set(look(world))
    except BaseException as caught:  # noqa: BLE001 - what it is, is what is asked
        wrong.add("beside: " + " ".join("".join(traceback.format_exception(caught)[-8:]).split()))
    theirs.sendall("".join(f"{one}\n" for one in sorted(wrong)).encode() + b".\n")
    os._exit(0)


def _be_the_child(
    world: World, do: Callable[..., None], fault: Fault | None, seconds: float, theirs: socket.socket
) -> None:
    """Do the work and say how it ended. `send`, since a `write` may be refused."""
    error, is_ours = "", True
    try:
        os.environ |= world.environment()
        with world.library() as library:
            library.refresh()
            steps = count_steps(world.root, *(world.place / name for name in STORES))
            theirs.send(b"b")
            if fault:
                fault.begin(seconds)
            do(world, library)
    except ModelKeepError as caught:
        error = f"{type(caught).__name__}: {caught} {caught.hint}"
    except Cancelled:
        error, is_ours = "Cancelled by nobody", False
    except BaseException as caught:  # noqa: BLE001 - what it is, is what is asked
        error = "".join(traceback.format_exception(caught)[-12:])
        is_ours = False
    theirs.sendall(json.dumps({"error": error, "is_ours": is_ours, "steps": steps.count}).encode())
    os._exit(0)

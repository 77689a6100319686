"""A process that pushes to a store, as one of several, or is killed at it again and again.

python -m support.pushing_process compete STORE FOLDER NAME COUNT KIND
python -m support.pushing_process killed STORE FOLDER KIND ROUNDS
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from modelkeep.errors import RemoteConflict
from modelkeep.keys import ModelKey
from modelkeep.remote.remote import Offer
from modelkeep.remote.store import StoreRemote
from support.stores import WatchedLooseObjects, WatchedObjects, files_of, folder_store, offer, push

KEY = ModelKey("org/model")


def opened(store: str, kind: str) -> StoreRemote:
    """The store in a folder: "folder", or "loose" for one that cannot create exclusively; else of that URL."""
    if kind in ("folder", "loose"):
        return folder_store(Path(store), loose=kind == "loose")
    from modelkeep.remote.opening import open_remote

    remote = open_remote(store)
    assert isinstance(remote, StoreRemote)
    return remote


def compete(store: str, folder: str, name: str, count: str, kind: str) -> None:
    """Push so many revisions, each until it leads; prints what became of each attempt."""
    print("ready", flush=True)
    sys.stdin.readline()
    with opened(store, kind) as remote:
        for number in range(int(count)):
            files = {"model.safetensors": f"{name} {number}".encode(), "config.json": b'{"same": 1}'}
            one = offer(Path(folder), files, KEY, message=f"{name} {number}")
            while True:
                try:
                    done = push(remote, one)
                except RemoteConflict:
                    print("conflict", one.manifest.commit, flush=True)
                else:
                    print("pushed", done.commit, flush=True)
                    break


def killed(store: str, folder: str, kind: str, rounds: str) -> None:
    """Kill a push at each of its calls, then at so many random moments; each time look, and push again."""
    place = Path(store)
    first = offer(Path(folder), {"a.bin": b"old", "b.bin": b"same", "c.bin": b"gone"}, KEY, message="old")
    with folder_store(place, loose=kind == "loose") as remote:
        push(remote, first)
    step = 0
    struck = True
    while struck:
        step += 1
        new = _another(folder, step)
        struck = _in_a_child(partial(_push_until, place, new, kind, step))
        _check(place, new, kind)
    chance = random.Random(4)
    for number in range(int(rounds)):
        new = _another(folder, 1000 + number)
        after = chance.uniform(0.0005, 0.03)
        _in_a_child(partial(_push_within, place, new, kind, after))
        _check(place, new, kind)
    print("steps", step, flush=True)


def _another(folder: str, number: int) -> Offer:
    files = {"a.bin": b"new %d" % number * 5000, "b.bin": b"same", "d.bin": b"d %d" % number}
    return offer(Path(folder), files, KEY, message=f"new {number}", tags=("latest",))


def _in_a_child(work: Callable[[], None]) -> bool:
    """Whether the child was killed at its work."""
    sys.stdout.flush()
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def _push_until(place: Path, new: Offer, kind: str, step: int) -> None:
    lock = threading.Lock()
    calls = 0

    def told(what: str, name: str) -> None:
        nonlocal calls
        with lock:
            calls += 1
            if calls == step:
                os.kill(os.getpid(), signal.SIGKILL)

    watched = (WatchedObjects if kind == "folder" else WatchedLooseObjects)(place, told)
    with StoreRemote(watched) as remote:
        push(remote, new)


def _push_within(place: Path, new: Offer, kind: str, after: float) -> None:
    signal.setitimer(signal.ITIMER_REAL, after)  # its signal ends a process as a kill does
    with folder_store(place, loose=kind == "loose") as remote:
        push(remote, new)


def _check(place: Path, new: Offer, kind: str) -> None:
    with folder_store(place, loose=kind == "loose") as remote:
        [model] = remote.list()
        for revision in model.revisions:
            assert not revision.message.startswith("The manifest"), revision
        before = remote.find(KEY)
        assert remote.history(KEY)[0].commit == before.commit  # nobody is led to what is not there
        files = files_of(remote)
        commit = new.manifest.commit
        wanted = {path: Path(at).read_bytes() for path, at in new.sources.items()}
        assert (before.commit == commit) == (files == wanted)
        if any(revision.commit == commit for revision in model.revisions):
            files_of(remote, KEY.at(commit))  # what can be found is whole
        push(remote, new)
        assert remote.find(KEY).commit == remote.find(KEY.at("latest")).commit == commit
        assert files_of(remote) == wanted
        steps = remote.history(KEY)
        assert [step.number for step in steps] == list(range(len(steps), 0, -1))
        assert all(step.was == earlier.commit for step, earlier in itertools.pairwise(steps))


if __name__ == "__main__":
    tempfile.tempdir = sys.argv[3]
    if sys.argv[1] == "compete":
        compete(*sys.argv[2:])
    else:
        killed(*sys.argv[2:])

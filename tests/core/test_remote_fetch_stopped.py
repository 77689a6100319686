"""Fetching from a store that is stopped: killed, paused, cancelled, or because the store went away."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from modelkeep.errors import (
    AccessDenied,
    Cancelled,
    ModelKeepError,
    NotOnRemote,
    RemoteBusy,
    RemoteError,
    WrongContent,
)
from modelkeep.hub.transfer import TransferState
from modelkeep.library import Library, open_library
from modelkeep.progress import Progress
from support.caches import CacheMaker
from support.hub import HubServer
from support.hub_faults import Cut, Fault, Flipped, Status
from support.remote_fetching import loaded, push

SIZE = 6 << 20
FILES = {"config.json": b"{}", "model.safetensors": random.Random(3).randbytes(SIZE)}

# Fetches slowly enough to be stopped in the middle, and says how far it is.
SCRIPT = """
import sys
from modelkeep.library import open_library

def said(progress):
    print(progress.done, flush=True)

with open_library([sys.argv[1]]) as library:
    library.hubs.limit_rate(2_000_000)
    result = library.hubs.run_transfer(sys.argv[1], sys.argv[2], report=said)
    print("ended:", result.error, flush=True)
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    push(tmp_path / "store", FILES, below=tmp_path)
    return tmp_path / "store"


@pytest.fixture
def library(cache: CacheMaker, store: Path) -> Iterator[Library]:
    with open_library([cache.root]) as library:
        library.remotes.add("team", str(store), cache=str(cache.root))
        yield library


@contextmanager
def fetching(root: str, id: str) -> Iterator[subprocess.Popen[str]]:
    """A process that fetches, and has a part of the weights by now."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, root, id], stdout=subprocess.PIPE, text=True, env={**os.environ}
    )
    assert process.stdout
    try:
        for line in process.stdout:
            if int(line) > SIZE // 4:
                break
        yield process
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be killed so here")
def test_after_a_kill_it_goes_on_from_there(library: Library, cache: CacheMaker) -> None:
    added = library.hubs.add_transfer(library.remotes.plan_fetch("org/name", "team"))
    with fetching(added.root, added.id) as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert not (cache.folder("org/name") / "refs/main").exists()
    [left] = library.hubs.transfers()
    assert (left.id, left.state, left.profile) == (added.id, TransferState.QUEUED, "remote:team")
    assert SIZE // 4 < left.bytes_done < SIZE
    result = library.hubs.run_transfer(left.root, left.id)
    assert result.error is None
    assert result.fetched <= SIZE + 2 - left.bytes_done
    assert loaded(cache.root) == FILES


def test_it_is_paused_and_resumed_by_its_id(library: Library, cache: CacheMaker) -> None:
    added = library.hubs.add_transfer(library.remotes.plan_fetch("org/name", "team"))
    with fetching(added.root, added.id) as process:
        paused = library.hubs.pause_transfer(added.root, added.id)
        assert process.stdout
        assert "paused" in process.stdout.read()
    assert paused.state is TransferState.PAUSED
    assert SIZE // 4 < paused.bytes_done < SIZE
    assert library.hubs.run_transfer(added.root, added.id).error, "who paused it says when it goes on"
    library.hubs.resume_transfer(added.root, added.id)
    result = library.hubs.run_transfer(added.root, added.id)
    assert result.error is None
    assert result.fetched <= SIZE + 2 - paused.bytes_done
    assert loaded(cache.root) == FILES


def test_cancelling_removes_what_was_staged(library: Library, cache: CacheMaker) -> None:
    added = library.hubs.add_transfer(library.remotes.plan_fetch("org/name", "team"))
    with fetching(added.root, added.id):
        assert library.hubs.cancel_transfer(added.root, added.id) > 0
    assert not library.hubs.transfers()
    assert not (cache.root / ".modelkeep").exists()


def test_a_report_that_raises_stops_it_and_leaves_it_to_go_on_with(
    library: Library, cache: CacheMaker
) -> None:
    def stop(progress: Progress) -> None:
        if progress.step.startswith("Downloading") and progress.done > SIZE // 4:
            raise Cancelled

    library.hubs.limit_rate(20_000_000)
    try:
        plan = library.remotes.plan_fetch("org/name", "team")
        with pytest.raises(Cancelled):
            library.remotes.fetch(plan, report=stop)
    finally:
        library.hubs.limit_rate(0)
    [left] = library.hubs.transfers()
    assert library.hubs.run_transfer(left.root, left.id).fetched < SIZE


def test_a_store_that_went_away_leaves_it_to_go_on_with(
    library: Library, cache: CacheMaker, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modelkeep.hub.pace.FIRST_WAIT", 0.01)
    plan = library.remotes.plan_fetch("org/name", "team")
    store.rename(store.with_name("away"))
    with pytest.raises(ModelKeepError, match="store"):
        library.remotes.fetch(plan)
    [left] = library.hubs.transfers()
    assert left.state is TransferState.FAILED
    store.with_name("away").rename(store)
    assert library.hubs.run_transfer(left.root, left.id).error is None
    assert loaded(cache.root) == FILES


def test_a_folder_that_is_pulled_out_in_the_middle(
    library: Library, cache: CacheMaker, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modelkeep.hub.pace.FIRST_WAIT", 0.01)
    many = {f"{number}.safetensors": random.Random(number).randbytes(400_000) for number in range(20)}
    push(store, many, below=tmp_path)
    away = store.with_name("away")

    def pull_out(progress: Progress) -> None:
        if progress.step.startswith("Downloading") and progress.done > 1 << 20 and store.exists():
            store.rename(away)

    library.hubs.limit_rate(10_000_000)
    try:
        with pytest.raises(RemoteError, match="store"):
            library.remotes.fetch(library.remotes.plan_fetch("org/name", "team"), report=pull_out)
    finally:
        library.hubs.limit_rate(0)
    [left] = library.hubs.transfers()
    assert left.state is TransferState.FAILED
    assert not (cache.folder("org/name") / "refs/main").exists()
    away.rename(store)
    result = library.hubs.run_transfer(left.root, left.id)
    assert result.error is None
    assert result.fetched < 20 * 400_000
    assert loaded(cache.root) == many


WHOLE = "GET *model.safetensors"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, library: Library) -> Iterator[HubServer]:
    monkeypatch.setattr("modelkeep.hub.pace.FIRST_WAIT", 0.01)
    with HubServer() as server:
        server.add("org/name", FILES)
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        library.remotes.add("ours", "hub:")
        yield server


@pytest.mark.parametrize("fault", [Cut(SIZE // 2), Status(503), Flipped(5)], ids=["cut", "busy", "wrong"])
def test_what_goes_wrong_once_is_made_good(
    library: Library, cache: CacheMaker, hub: HubServer, fault: Fault
) -> None:
    hub.fault(WHOLE, fault)
    library.remotes.fetch(library.remotes.plan_fetch("org/name", "ours", root=str(cache.root)))
    assert loaded(cache.root) == FILES


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        (Status(403), AccessDenied, "allow"),
        (Status(404), NotOnRemote, r"model\.safetensors"),
        (Flipped(5), WrongContent, r"model\.safetensors .*ours"),
        (Status(503), RemoteBusy, "503"),
    ],
    ids=["denied", "missing", "wrong", "busy"],
)
def test_what_goes_on_going_wrong_is_a_sentence(
    library: Library, cache: CacheMaker, hub: HubServer, fault: Fault, kind: type[RemoteError], said: str
) -> None:
    hub.fault(WHOLE, fault, times=None)
    with pytest.raises(kind, match=said):
        library.remotes.fetch(library.remotes.plan_fetch("org/name", "ours", root=str(cache.root)))
    [left] = library.hubs.transfers()
    assert (left.state, bool(left.error)) == (TransferState.FAILED, True)
    assert not (cache.folder("org/name") / "refs/main").exists()
    hub.heal()
    assert library.hubs.run_transfer(left.root, left.id).error is None
    assert loaded(cache.root) == FILES


def test_another_remote_goes_on_with_it(
    library: Library, cache: CacheMaker, store: Path, tmp_path: Path
) -> None:
    added = library.hubs.add_transfer(library.remotes.plan_fetch("org/name", "team"))
    copy = tmp_path / "copy"
    shutil.copytree(store, copy)
    shutil.rmtree(store)
    library.remotes.add("copy", str(copy))
    result = library.hubs.run_transfer(added.root, added.id, profile="remote:copy")
    assert result.error is None
    assert loaded(cache.root) == FILES

"""Many small files: what is kept of them, when it reaches the disk, and how many threads bring them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelkeep.hub import arrival, flushing
from modelkeep.hub.flushing import flush
from modelkeep.hub.pace import Hands
from modelkeep.hub.transfer_folder import Folder
from modelkeep.library import Library, open_library
from support.caches import CacheMaker, git_sha1
from support.hub import HubServer
from support.hub_faults import Cut, Stalled

FILES = {f"data/{number % 3}/{number}.json": b"%d" % number * 50 for number in range(60)}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    monkeypatch.setattr("modelkeep.hub.pace.FIRST_WAIT", 0.01)
    with HubServer() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        yield server


@pytest.fixture
def library(cache: CacheMaker, server: HubServer) -> Iterator[Library]:
    with open_library([cache.root]) as library:
        yield library


def here(snapshot: str) -> dict[str, bytes]:
    folder = Path(snapshot)
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_what_was_not_flushed_is_compared_with_its_name_again(library: Library, server: HubServer) -> None:
    server.add("org/name", FILES)
    transfer = library.hubs.add_transfer(library.hubs.plan_download("org/name"))
    folder = Folder(transfer.root, transfer.id)
    whole, zeros = "data/0/0.json", "data/1/1.json"
    Path(folder.unflushed(git_sha1(FILES[whole]))).write_bytes(FILES[whole])
    # As a power cut may leave it.
    Path(folder.unflushed(git_sha1(FILES[zeros]))).write_bytes(bytes(len(FILES[zeros])))
    result = library.hubs.run_transfer(transfer.root, transfer.id)
    assert here(result.snapshot) == FILES
    assert not server.seen(f"GET */{whole}")
    assert len(server.seen(f"GET */{zeros}")) == 1


def test_nothing_is_published_before_it_has_reached_the_disk(
    library: Library, server: HubServer, cache: CacheMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.add("org/name", FILES)
    flushed: set[str] = set()

    def watched(paths: list[str], *others: object) -> bool:
        blobs = {blob.name for blob in cache.folder("org/name").glob("blobs/*")}
        assert blobs <= flushed
        done = flush(paths)
        flushed.update(os.path.basename(path) for path in paths)
        return done

    monkeypatch.setattr(arrival, "flush", watched)
    result = library.hubs.download(library.hubs.plan_download("org/name"))
    assert result.error is None
    assert flushed == {git_sha1(data) for data in FILES.values()}


def test_a_small_file_that_breaks_off_is_taken_up_where_it_broke(library: Library, server: HubServer) -> None:
    weights = os.urandom(300_000)
    server.add("org/name", {"config.json": weights})
    server.fault("GET */config.json", Cut(100_000))
    assert library.hubs.download(library.hubs.plan_download("org/name")).fetched == len(weights)
    ranges = [request.headers.get("range") for request in server.seen("GET */config.json")]
    assert ranges == [None, "bytes=100000-"]


def test_small_files_that_stall_do_not_keep_the_others(library: Library, server: HubServer) -> None:
    server.add("org/name", FILES)
    stalled = list(FILES)[:4]
    for path in stalled:
        server.fault(f"GET */{path}", Stalled(1))
    others = sum(len(data) for path, data in FILES.items() if path not in stalled)

    def report(progress: object) -> None:
        if getattr(progress, "done", 0) >= others:
            server.release()

    result = library.hubs.download(library.hubs.plan_download("org/name"), report=report)
    assert here(result.snapshot) == FILES


def test_a_far_hub_takes_more_hands_than_a_near_one() -> None:
    near, far = Hands(8), Hands(8)
    for _ in range(8):
        near.learn(0.002, 0.001)
        far.learn(0.1, 0.001)
    assert (near.most, far.most) == (2, 8)
    for _ in range(8):
        far.learn(0.004, 0.001)
    assert far.most == 4


@pytest.mark.parametrize("at_once", [False, True])
def test_a_flush_that_is_stopped_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    if not at_once:
        monkeypatch.setattr(flushing, "_can_sync_all", lambda folder: False)
    paths = [str(tmp_path / str(number)) for number in range(30)]
    for path in paths:
        Path(path).write_bytes(b"1")
    assert flush(paths)
    if not at_once:
        assert not flush(paths, lambda: True)
        with pytest.raises(FileNotFoundError):
            flush([*paths, str(tmp_path / "nowhere")])


def test_what_cannot_be_flushed_at_once_is_flushed_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flushing, "_can_sync_all", lambda folder: True)
    monkeypatch.setattr(flushing, "_sync_all", lambda folder, is_stopped: None)
    with pytest.raises(FileNotFoundError):
        flush([str(tmp_path / str(number)) for number in range(30)])

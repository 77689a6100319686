"""Downloading: what is in the cache after it, and what a kill, a pause, a lie or another program changes."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from huggingface_hub import scan_cache_dir, snapshot_download
from huggingface_hub.errors import IncompleteSnapshotError
from huggingface_hub.utils import WeakFileLock

from modelkeep.cache.inventory import State
from modelkeep.cache.locks import is_held, lock_path
from modelkeep.cache.scan import scan
from modelkeep.errors import (
    AccessDenied,
    BadReply,
    CacheError,
    Cancelled,
    NotOnRemote,
    RemoteError,
    WrongContent,
)
from modelkeep.hub.transfer import DownloadResult, Transfer, TransferState
from modelkeep.keys import ModelKey
from modelkeep.library import Library, open_library
from modelkeep.progress import Progress
from support.caches import CacheMaker, sha256
from support.hub import HubServer
from support.hub_faults import Cut, Flipped, Headers, RangeIgnored, Stalled, Status, too_many

KEY = ModelKey("org/name")
MIB = 1 << 20


def content(size: int, seed: int = 0) -> bytes:
    return random.Random(seed).randbytes(size)


FILES = {
    "README.md": b"# A model\n",
    "config.json": b'{"model_type": "bert"}',
    "model.safetensors": content(300_000),
    "again/model.safetensors": content(300_000),
    "pytorch_model.bin": content(300_000, 1),
}
TAKEN = {name: data for name, data in FILES.items() if name != "pytorch_model.bin"}


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


def loaded(root: Path, *, revision: str = "main", without: str = "") -> dict[str, bytes]:
    """What the Hub's client gives a program that loads the model offline, but for files that it does not ask for."""
    folder = Path(
        snapshot_download(
            "org/name",
            revision=revision,
            local_files_only=True,
            cache_dir=root,
            ignore_patterns=[without] if without else None,
        )
    )
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def is_clean(root: Path) -> bool:
    """Whether nothing is left of any transfer, and no other tool finds fault with the cache."""
    return not (root / ".modelkeep").exists() and not scan_cache_dir(root).warnings


# ---- what is there after it


def test_a_download_is_what_the_client_would_have_made(
    library: Library, server: HubServer, cache: CacheMaker
) -> None:
    commit = server.add("org/name", FILES)
    result = library.hubs.download(library.hubs.plan_download("org/name"))
    # Without pytorch_model.bin, whose weights are there as safetensors: an offline program gets what loading takes.
    assert loaded(cache.root) == TAKEN
    assert (result.fetched, result.linked, result.ref_kept, result.notes) == (
        300_000 + len(FILES["config.json"]) + len(FILES["README.md"]),
        0,
        "",
        (),
    )
    assert Path(result.snapshot, "model.safetensors").read_bytes() == FILES["model.safetensors"]
    assert os.readlink(Path(result.snapshot, "again/model.safetensors")).startswith("../../../blobs/")
    assert is_clean(cache.root)
    [model] = scan(cache.root).models
    assert (model.refs, model.state) == ((("main", commit),), State.UNPROVEN)
    assert all(file.blob for file in model.revisions[0].files)
    assert not library.hubs.transfers()


def test_a_part_is_never_taken_for_the_whole(library: Library, server: HubServer, cache: CacheMaker) -> None:
    server.add("org/name", FILES)
    library.hubs.download(library.hubs.plan_download("org/name", include=["*.json"]))
    with pytest.raises(IncompleteSnapshotError):
        loaded(cache.root)
    library.hubs.download(library.hubs.plan_download("org/name", everything=True))
    assert loaded(cache.root) == FILES
    assert scan(cache.root).models[0].state is State.WHOLE


def test_the_catalog_remembers_where_it_came_from_and_what_it_is(library: Library, server: HubServer) -> None:
    commit = server.add("org/name", FILES)
    result = library.hubs.download(library.hubs.plan_download("org/name"))
    origin = library.catalog.origin(result.root, KEY, commit)
    assert origin
    assert (origin.source, origin.url, origin.last_modified) == (
        "download",
        f"{server.endpoint}/org/name",
        "2026-11-21T02:44:14.000Z",
    )
    blob = os.path.realpath(Path(result.snapshot, "model.safetensors"))
    sums = library.catalog.checksums(blob, os.stat(blob))
    assert sums
    assert sums.sha256 == sha256(FILES["model.safetensors"])
    assert library.catalog.events()[0].verb == "download"


def test_what_is_here_is_not_fetched_again(library: Library, server: HubServer, cache: CacheMaker) -> None:
    old = server.add("org/name", TAKEN)
    library.hubs.download(library.hubs.plan_download("org/name"))
    new = server.add("org/name", TAKEN | {"config.json": b"{}"})
    server.forget()
    plan = library.hubs.plan_download("org/name")
    assert (plan.bytes_missing, plan.ref_was, plan.commit) == (2, old, new)
    assert library.hubs.download(plan).fetched == 2
    assert server.bytes_sent("GET */resolve/*") == 2
    assert loaded(cache.root) == TAKEN | {"config.json": b"{}"}
    again = library.hubs.plan_download("org/name")
    assert again.is_complete
    assert library.hubs.download(again).fetched == 0


def test_many_small_files_come(library: Library, server: HubServer, cache: CacheMaker) -> None:
    files = {f"data/{number % 7}/{number}.json": b"%d" % number for number in range(600)} | {"empty.txt": b""}
    server.add("org/name", files)
    seen: list[Transfer] = []
    transfer = library.hubs.add_transfer(library.hubs.plan_download("org/name"))
    assert transfer.state is TransferState.QUEUED
    library.hubs.run_transfer(transfer.root, transfer.id, emit=seen.append)  # type: ignore[arg-type]
    assert loaded(cache.root) == files
    assert seen[-1].bytes_done == seen[-1].bytes_total == sum(map(len, files.values()))
    assert all(len(one.files) <= 500 for one in seen)


def test_a_large_file_comes_in_ranges_and_lands_whole(
    library: Library, server: HubServer, cache: CacheMaker
) -> None:
    weights = content(70 * MIB)
    server.add("org/name", {"model.safetensors": weights})
    assert library.hubs.download(library.hubs.plan_download("org/name")).fetched == len(weights)
    assert loaded(cache.root) == {"model.safetensors": weights}
    assert len(server.seen("GET */resolve/*")) > 1
    assert is_clean(cache.root)


# ---- refs


def test_a_ref_that_was_moved_meanwhile_stays(library: Library, server: HubServer, cache: CacheMaker) -> None:
    server.add("org/name", FILES)
    plan = library.hubs.plan_download("org/name")
    other = cache.add("org/name")
    result = library.hubs.download(plan)
    assert other[:8] in result.ref_kept
    assert (cache.folder("org/name") / "refs/main").read_text() == other
    assert loaded(cache.root, revision=plan.commit, without="*.bin") == TAKEN


def test_a_commit_moves_no_ref(library: Library, server: HubServer, cache: CacheMaker) -> None:
    commit = server.add("org/name", FILES)
    server.add("org/name", {"config.json": b"new"})
    plan = library.hubs.plan_download(f"org/name@{commit}")
    library.hubs.download(plan)
    assert not list((cache.folder("org/name") / "refs").iterdir())
    assert loaded(cache.root, revision=commit, without="*.bin") == TAKEN


def test_the_planned_commit_comes_when_the_branch_moves(
    library: Library, server: HubServer, cache: CacheMaker
) -> None:
    commit = server.add("org/name", FILES)
    plan = library.hubs.plan_download("org/name")
    newer = server.add("org/name", {"config.json": b"newer"})
    result = library.hubs.download(plan)
    assert (cache.folder("org/name") / "refs/main").read_text() == commit
    assert [newer[:8] in note for note in result.notes] == [True]


# ---- interruptions


RUN = """
import sys
from modelkeep import open_library
with open_library([sys.argv[1]]) as library:
    library.hubs.download(library.hubs.plan_download("org/name"))
"""


def start(root: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", RUN, str(root)], stderr=subprocess.DEVNULL)


def until_here(library: Library, size: int) -> None:
    """Wait until so many bytes of the only transfer are here: what a server has sent may be on its way yet."""
    until = time.monotonic() + 120
    while [transfer.bytes_done for transfer in library.hubs.transfers()] != [size]:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_after_a_kill_only_what_did_not_come_is_fetched(
    library: Library, server: HubServer, cache: CacheMaker
) -> None:
    weights = content(128 * MIB)
    server.add("org/name", {"config.json": b"{}", "model.safetensors": weights})
    # It comes in four ranges, of each of which the end is missing when it is killed.
    server.fault("*/model.safetensors", Stalled(30 * MIB), times=None)
    child = start(cache.root)
    try:
        until_here(library, 120 * MIB + 2)
    finally:
        child.kill()
        child.wait()
    [left] = library.hubs.transfers()
    assert left.state is TransferState.QUEUED
    assert left.bytes_done == 120 * MIB + 2
    assert library.hubs.plan_download("org/name").bytes_missing == 8 * MIB
    server.heal()
    result = library.hubs.run_transfer(left.root, left.id)
    assert (result.error, result.fetched) == (None, 8 * MIB)
    assert loaded(cache.root) == {"config.json": b"{}", "model.safetensors": weights}
    assert is_clean(cache.root)


@pytest.mark.parametrize("seed", range(3))
def test_a_kill_at_any_moment_leaves_a_cache_that_loads(
    seed: int, library: Library, server: HubServer, cache: CacheMaker
) -> None:
    files = {f"{number}.json": content(3000, number) for number in range(100)} | TAKEN
    cache.add("org/other", {"config.json": b"{}"})
    server.add("org/name", files)
    child = start(cache.root)
    try:
        at = random.Random(seed).randrange(310_000)
        server.wait_for(lambda hub: hub.bytes_sent("GET */resolve/*") > at)
    finally:
        child.kill()
        child.wait()
    assert not scan_cache_dir(cache.root).warnings or not (cache.folder("org/name") / "refs/main").exists()
    for model in scan(cache.root).models:
        assert not [file for revision in model.revisions for file in revision.files if file.blob is None]
    library.hubs.download(library.hubs.plan_download("org/name"))
    assert loaded(cache.root) == files
    assert is_clean(cache.root)


def cancel_at(size: int) -> Callable[[Progress], None]:
    def report(progress: Progress) -> None:
        if progress.done == size:
            raise Cancelled

    return report


def test_a_cancel_ends_a_stall_and_keeps_what_came(
    library: Library, server: HubServer, cache: CacheMaker
) -> None:
    weights = content(8 * MIB)
    server.add("org/name", {"model.safetensors": weights})
    server.fault("*/model.safetensors", Stalled(6 * MIB))
    plan = library.hubs.plan_download("org/name")
    with pytest.raises(Cancelled):
        library.hubs.download(plan, report=cancel_at(6 * MIB))
    [left] = library.hubs.transfers()
    assert left.state is TransferState.QUEUED
    assert left.bytes_done == 6 * MIB
    server.heal()
    assert library.hubs.download(library.hubs.plan_download("org/name")).fetched == 2 * MIB
    assert loaded(cache.root) == {"model.safetensors": weights}


def test_what_one_hub_began_another_ends_with_other_files(
    library: Library, server: HubServer, cache: CacheMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"model.safetensors": content(8 * MIB), "config.json": b"{}"}
    commit = server.add("org/name", files)
    server.fault("*/model.safetensors", Stalled(6 * MIB))
    plan = library.hubs.plan_download("org/name", include=["*.safetensors"])
    with pytest.raises(Cancelled):
        library.hubs.download(plan, report=cancel_at(6 * MIB))
    with HubServer() as mirror:
        assert mirror.add("org/name", files) == commit
        monkeypatch.setenv("HF_ENDPOINT", mirror.endpoint)
        library.hubs.download(library.hubs.plan_download("org/name"))
        assert mirror.bytes_sent("GET */resolve/*") == 2 * MIB + 2
    assert loaded(cache.root) == files


def in_background(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    done: list[object] = []
    thread = threading.Thread(target=lambda: done.append(work()))
    thread.start()
    return thread, done


def test_another_process_pauses_and_resumes(library: Library, server: HubServer, cache: CacheMaker) -> None:
    server.add("org/name", {"model.safetensors": content(8 * MIB)})
    server.fault("*/model.safetensors", Stalled(6 * MIB))
    child = start(cache.root)
    try:
        until_here(library, 6 * MIB)
        [one] = library.hubs.transfers()
        assert one.state is TransferState.RUNNING
        assert library.hubs.pause_transfer(one.root, one.id).state is TransferState.PAUSED
        assert child.wait(120) != 0
    finally:
        child.kill()
        child.wait()
    result = library.hubs.run_transfer(one.root, one.id)
    assert isinstance(result.error, CacheError)
    assert not (cache.folder("org/name")).exists()
    assert library.hubs.resume_transfer(one.root, one.id).state is TransferState.QUEUED
    server.heal()
    assert library.hubs.run_transfer(one.root, one.id).fetched == 2 * MIB
    assert is_clean(cache.root)


def test_a_cancelled_transfer_leaves_nothing_but_whole_files(
    library: Library, server: HubServer, cache: CacheMaker
) -> None:
    server.add("org/name", {"model.safetensors": content(8 * MIB), "config.json": b"{}"})
    server.fault("*/model.safetensors", Stalled(6 * MIB))
    transfer = library.hubs.add_transfer(library.hubs.plan_download("org/name"))
    thread, results = in_background(lambda: library.hubs.run_transfer(transfer.root, transfer.id))
    until_here(library, 6 * MIB + 2)
    assert library.hubs.cancel_transfer(transfer.root, transfer.id) >= 6 * MIB
    thread.join()
    assert isinstance(results[0].error, CacheError)  # type: ignore[attr-defined]
    assert not library.hubs.transfers()
    assert not (cache.root / ".modelkeep").exists()


def test_the_second_of_two_waits_and_finds_everything(
    library: Library, server: HubServer, cache: CacheMaker
) -> None:
    weights = content(8 * MIB)
    server.add("org/name", {"model.safetensors": weights})
    server.fault("*/model.safetensors", Stalled(6 * MIB))
    child = start(cache.root)
    try:
        until_here(library, 6 * MIB)
        said: list[str] = []

        def report(progress: Progress) -> None:
            said.append(progress.step)
            if progress.step.startswith("Another Modelkeep"):
                server.release()

        result = library.hubs.download(library.hubs.plan_download("org/name"), report=report)
        assert child.wait(120) == 0
    finally:
        child.kill()
        child.wait()
    assert "Another Modelkeep is downloading this" in said
    assert (result.error, result.fetched) == (None, 0)
    assert loaded(cache.root) == {"model.safetensors": weights}
    assert is_clean(cache.root)


def test_the_second_of_two_goes_on_when_the_first_dies(
    library: Library, server: HubServer, cache: CacheMaker
) -> None:
    weights = content(8 * MIB)
    server.add("org/name", {"model.safetensors": weights})
    server.fault("*/model.safetensors", Stalled(6 * MIB))
    child = start(cache.root)
    try:
        until_here(library, 6 * MIB)

        def report(progress: Progress) -> None:
            if progress.step.startswith("Another Modelkeep"):
                child.kill()

        result = library.hubs.download(library.hubs.plan_download("org/name"), report=report)
    finally:
        child.kill()
        child.wait()
    assert result.fetched == 2 * MIB
    assert loaded(cache.root) == {"model.safetensors": weights}


# ---- what a hub may do


def test_wrong_content_is_fetched_again_and_named(
    library: Library, server: HubServer, cache: CacheMaker
) -> None:
    server.add("org/name", FILES)
    server.fault("*/model.safetensors", Flipped(1000))
    result = library.hubs.download(library.hubs.plan_download("org/name"))
    assert [("model.safetensors" in note, "wrong content" in note) for note in result.notes] == [(True, True)]
    assert loaded(cache.root, without="*.bin") == TAKEN


def test_what_is_always_wrong_is_never_published(
    library: Library, server: HubServer, cache: CacheMaker
) -> None:
    server.add("org/name", FILES)
    server.fault("*/model.safetensors", Flipped(1000), times=None)
    plan = library.hubs.plan_download("org/name")
    with pytest.raises(WrongContent, match="3 times"):
        library.hubs.download(plan)
    assert not (cache.folder("org/name") / "refs/main").exists()
    assert not list(cache.folder("org/name").glob(f"blobs/{sha256(FILES['model.safetensors'])}"))
    [failed] = library.hubs.transfers()
    assert failed.state is TransferState.FAILED
    assert "wrong content" in failed.error
    server.heal()
    assert library.hubs.run_transfer(failed.root, failed.id).error is None
    assert loaded(cache.root, without="*.bin") == TAKEN


def test_a_hub_that_knows_no_ranges_sends_it_once_more(
    library: Library, server: HubServer, cache: CacheMaker
) -> None:
    weights = content(40 * MIB)
    server.add("org/name", {"model.safetensors": weights})
    server.fault("*/model.safetensors", RangeIgnored(), times=None)
    library.hubs.download(library.hubs.plan_download("org/name"))
    assert loaded(cache.root) == {"model.safetensors": weights}


def test_a_connection_that_breaks_is_taken_up_where_it_broke(library: Library, server: HubServer) -> None:
    weights = content(8 * MIB)
    server.add("org/name", {"model.safetensors": weights})
    for number, size in enumerate((3 * MIB, MIB, MIB)):
        server.fault("GET */model.safetensors", Cut(size), after=number)
    result = library.hubs.download(library.hubs.plan_download("org/name"))
    assert result.fetched == len(weights)
    ranges = [request.headers.get("range") for request in server.seen("GET */model.safetensors")]
    assert ranges == [None, *(f"bytes={at * MIB}-" for at in (3, 4, 5))]


def test_another_file_of_the_same_name_is_refused(library: Library, server: HubServer) -> None:
    server.add("org/name", FILES)
    other = f'"{"0" * 64}"'
    server.fault("*/model.safetensors", Headers(put={"ETag": other, "X-Linked-Etag": other}), times=None)
    plan = library.hubs.plan_download("org/name")
    with pytest.raises(BadReply, match="another file"):
        library.hubs.download(plan)


def test_a_busy_hub_is_asked_again(library: Library, server: HubServer, cache: CacheMaker) -> None:
    server.add("org/name", FILES)
    plan = library.hubs.plan_download("org/name")
    server.fault("GET */resolve/*", too_many("0"), times=4)
    library.hubs.download(plan)
    assert loaded(cache.root, without="*.bin") == TAKEN


def test_a_hub_that_stays_busy_makes_it_fail(library: Library, server: HubServer) -> None:
    server.add("org/name", FILES)
    plan = library.hubs.plan_download("org/name")
    server.fault("GET */resolve/*", Status(503), times=None)
    with pytest.raises(RemoteError):
        library.hubs.download(plan)
    assert library.hubs.transfers()[0].state is TransferState.FAILED


def test_access_that_is_taken_away_keeps_what_came(
    library: Library, server: HubServer, cache: CacheMaker
) -> None:
    weights = content(8 * MIB)
    server.add("org/name", {"model.safetensors": weights})
    plan = library.hubs.plan_download("org/name")
    server.fault("*/model.safetensors", Cut(6 * MIB))
    server.on("*/model.safetensors", lambda: server.gate("org/name"), after=1)
    with pytest.raises(AccessDenied) as caught:
        library.hubs.download(plan)
    [failed] = library.hubs.transfers()
    assert (failed.state, failed.error, failed.bytes_done) == (
        TransferState.FAILED,
        str(caught.value),
        6 * MIB,
    )
    server.gate("org/name", "")
    assert library.hubs.run_transfer(failed.root, failed.id).fetched == 2 * MIB
    assert loaded(cache.root) == {"model.safetensors": weights}


# ---- other programs in the same cache


def other_root(library: Library, cache: CacheMaker) -> CacheMaker:
    other = CacheMaker(cache.root.parent / "other")
    library.set_roots([cache.root, other.root])
    return other


def test_what_another_cache_has_is_linked(library: Library, server: HubServer, cache: CacheMaker) -> None:
    server.add("org/name", FILES)
    other = other_root(library, cache)
    other.add("somebody/copy", {"weights.safetensors": FILES["model.safetensors"]})
    plan = library.hubs.plan_download("org/name")
    assert plan.bytes_linked == 2 * 300_000
    result = library.hubs.download(plan)
    assert (result.linked, server.bytes_sent("*.safetensors")) == (300_000, 0)
    theirs = other.folder("somebody/copy") / "blobs" / sha256(FILES["model.safetensors"])
    assert Path(result.snapshot, "model.safetensors").stat().st_ino == theirs.stat().st_ino
    assert loaded(cache.root, without="*.bin") == TAKEN


def test_a_damaged_copy_is_not_linked(library: Library, server: HubServer, cache: CacheMaker) -> None:
    server.add("org/name", FILES)
    other = other_root(library, cache)
    other.add("somebody/copy", {"weights.safetensors": FILES["model.safetensors"]})
    theirs = other.folder("somebody/copy") / "blobs" / sha256(FILES["model.safetensors"])
    theirs.write_bytes(content(300_000, 5))
    assert library.hubs.download(library.hubs.plan_download("org/name")).linked == 0
    assert loaded(cache.root, without="*.bin") == TAKEN
    assert theirs.read_bytes() == content(300_000, 5)


def test_the_client_s_locks_are_kept_while_a_large_file_comes(
    library: Library, server: HubServer, cache: CacheMaker
) -> None:
    weights = content(40 * MIB)
    server.add("org/name", {"model.safetensors": weights})
    lock = lock_path(cache.root, "models--org--name", sha256(weights))
    held: list[bool] = []
    server.on("*/model.safetensors", lambda: held.append(is_held(lock)))
    library.hubs.download(library.hubs.plan_download("org/name"))
    assert held == [True]
    assert not is_held(lock)


def test_what_the_client_is_fetching_is_left_to_it(
    library: Library, server: HubServer, cache: CacheMaker
) -> None:
    weights = content(40 * MIB)
    commit = server.add("org/name", {"model.safetensors": weights, "config.json": b"{}"})
    lock = lock_path(cache.root, "models--org--name", sha256(weights))
    lock.parent.mkdir(parents=True)
    notes: list[str] = []
    with WeakFileLock(lock):

        def look(transfer: object) -> None:
            assert isinstance(transfer, Transfer)
            notes.extend(file.note for file in transfer.files if file.note)
            if notes:
                raise Cancelled

        transfer = library.hubs.add_transfer(library.hubs.plan_download("org/name"))
        with pytest.raises(Cancelled):
            library.hubs.run_transfer(transfer.root, transfer.id, emit=look)
        assert notes == ["another program is downloading this"]
        # As the client does it, in the end.
        blob = cache.folder("org/name") / "blobs" / sha256(weights)
        blob.parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(weights)
    library.hubs.run_transfer(transfer.root, transfer.id)
    assert not server.seen("GET */model.safetensors")
    assert loaded(cache.root, revision=commit) == {"model.safetensors": weights, "config.json": b"{}"}


def test_what_the_client_prunes_meanwhile_is_brought_again(
    library: Library, server: HubServer, cache: CacheMaker
) -> None:
    server.add("org/name", TAKEN)
    blob = cache.folder("org/name") / "blobs" / sha256(FILES["model.safetensors"])
    pruned: list[int] = []
    plan = library.hubs.plan_download("org/name")
    server.fault("*/config.json", Stalled(5))

    def report(progress: Progress) -> None:
        if blob.exists() and not pruned:
            # As `hf cache prune` does it: no ref leads to the revision yet.
            info = scan_cache_dir(cache.root)
            commits = [revision.commit_hash for repo in info.repos for revision in repo.revisions]
            info.delete_revisions(*commits).execute()
            pruned.append(len(commits))
            server.release()

    result = library.hubs.download(plan, report=report)
    assert pruned == [1]
    assert loaded(cache.root) == TAKEN
    assert result.fetched <= sum(map(len, TAKEN.values()))
    assert is_clean(cache.root)


# ---- the disk


def test_a_disk_that_takes_no_more_makes_it_fail_and_keeps_what_came(
    library: Library, server: HubServer, cache: CacheMaker
) -> None:
    resource = pytest.importorskip("resource")
    weights = content(8 * MIB)
    server.add("org/name", {"model.safetensors": weights})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    plan = library.hubs.plan_download("org/name")
    resource.setrlimit(resource.RLIMIT_FSIZE, (4 * MIB, hard))
    try:
        with pytest.raises(CacheError):
            library.hubs.download(plan)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    [failed] = library.hubs.transfers()
    assert failed.state is TransferState.FAILED
    assert 3 * MIB < failed.bytes_done <= 4 * MIB
    server.forget()
    assert library.hubs.run_transfer(failed.root, failed.id).error is None
    assert server.bytes_sent("*/model.safetensors") < 5 * MIB
    assert loaded(cache.root) == {"model.safetensors": weights}


def test_nothing_chosen_is_nothing_to_download(
    library: Library, server: HubServer, cache: CacheMaker
) -> None:
    server.add("org/name", FILES)
    plan = library.hubs.choose(library.hubs.plan_download("org/name"), [])
    with pytest.raises(NotOnRemote):
        library.hubs.download(plan)
    assert list(cache.root.iterdir()) == []


def test_where_links_do_not_work_there_are_copies(
    library: Library, server: HubServer, cache: CacheMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_DISABLE_SYMLINKS", "1")
    server.add("org/name", TAKEN)
    result = library.hubs.download(library.hubs.plan_download("org/name"))
    assert not Path(result.snapshot, "model.safetensors").is_symlink()
    assert loaded(cache.root) == TAKEN
    assert library.hubs.plan_download("org/name").is_complete
    assert is_clean(cache.root)


def test_what_two_models_share_comes_once(library: Library, server: HubServer, cache: CacheMaker) -> None:
    shared = bytes(range(256)) * ((40 << 20) // 256)
    for name in ("org/one", "org/two"):
        server.add(name, {"config.json": name.encode(), "model.safetensors": shared}, lfs=("*.safetensors",))
    transfers = [
        library.hubs.add_transfer(library.hubs.plan_download(name)) for name in ("org/one", "org/two")
    ]
    results: list[DownloadResult] = []
    threads = [
        threading.Thread(target=lambda one=one: results.append(library.hubs.run_transfer(one.root, one.id)))
        for one in transfers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result.error for result in results] == [None, None]
    assert server.bytes_sent("*/model.safetensors") == len(shared)
    for result in results:
        assert Path(result.snapshot, "model.safetensors").read_bytes() == shared
    assert is_clean(cache.root)

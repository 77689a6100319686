"""What should never happen to a download and can: lies that fit no rule, folders that vanish, disks that are full."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from modelkeep.cache.publish import StagedFile, publish
from modelkeep.disk import DiskSpace
from modelkeep.errors import BadReply, CacheNotFound, ModelKeepError, NotEnoughSpace, RemoteError
from modelkeep.hub import download, elsewhere, queue, xet
from modelkeep.hub.crew import Crew
from modelkeep.hub.journal import Journal
from modelkeep.hub.part import Part
from modelkeep.hub.profile import Profile
from modelkeep.hub.reading import read_files
from modelkeep.hub.replies import HubFile
from modelkeep.hub.transfer import DownloadResult, Transfer, TransferState
from modelkeep.hub.transfer_folder import Download, Folder
from modelkeep.keys import ModelKey
from modelkeep.library import Library, open_library
from modelkeep.progress import Progress
from support.caches import CacheMaker, etag, sha256
from support.hub import HubServer
from support.hub_faults import Answer, Cut, Fault, Headers, Request, Stalled

FILES = {"config.json": b"{}", "model.safetensors": b"weights" * 300_000}
WEIGHTS = FILES["model.safetensors"]
KEY, COMMIT = ModelKey("org/name"), "a" * 40


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


def a_download(files: dict[str, bytes] = FILES, commit: str = COMMIT) -> Download:
    listed = tuple(HubFile(name, len(data), etag(name, data)) for name, data in files.items())
    return Download(KEY, commit, "main", "", "", "http://hub", listed, frozenset(files), 1.0)


needs_proc = pytest.mark.skipif(
    not Path("/proc/self/fd").exists(), reason="open files cannot be counted here"
)


# ---- what is believed of a hub


def test_an_empty_file_with_a_wrong_name_does_not_wait_for_ever(cache: CacheMaker) -> None:
    folder = Folder(cache.root, "0" * 16)
    lock = folder.take()
    assert lock
    part = Part(folder, "0" * 40, 0, ("empty.txt",))
    crew = Crew(
        [part], lambda *_: pytest.fail("nothing to ask"), begin=lambda _: "fetch", whole=print, paces=()
    )
    crew.start()
    crew.wait(20.0)
    crew.stop()
    lock.release()
    assert isinstance(crew.failure, BadReply)


def test_a_commit_that_was_asked_for_is_not_replaced_by_another(
    library: Library, server: HubServer, cache: CacheMaker
) -> None:
    commit = server.add("org/name", FILES)
    other = server.add("org/name", {**FILES, "config.json": b"{ }"})
    server.fault(f"GET /api/models/org/name/revision/{commit}", Moved(commit, other))
    with pytest.raises(BadReply):
        library.hubs.plan_download(f"org/name@{commit}")


class Moved(Fault):
    """Answers with another commit than was asked for."""

    def __init__(self, asked: str, other: str) -> None:
        self.asked, self.other = asked, other

    def change(self, request: Request, answer: Answer) -> Answer:
        answer.body = answer.body.replace(self.asked.encode(), self.other.encode())
        return answer


@pytest.mark.parametrize("size", [1 << 63, 10**400])
def test_a_size_that_no_disk_has_is_a_bad_reply(size: int) -> None:
    with pytest.raises(BadReply):
        read_files([{"type": "file", "path": "a", "oid": "0" * 40, "size": size}])


def test_a_length_in_strange_digits_says_nothing(library: Library, server: HubServer) -> None:
    server.add("org/name", {"config.json": b"{}"})
    plan = library.hubs.plan_download("org/name")
    server.fault("GET */config.json", Headers(put={"X-Linked-Size": "²"}), times=1)
    assert library.hubs.download(plan).error is None


# ---- what others do meanwhile


def test_what_another_process_is_writing_is_not_taken_for_what_came(cache: CacheMaker) -> None:
    """Somebody removed the staging folder, and another process began the same download there."""
    folder = Folder(cache.root, "0" * 16)
    folder.blob("x").parent.mkdir(parents=True)
    part = Part(folder, sha256(WEIGHTS), len(WEIGHTS), ("model.safetensors",))
    part.open()
    part.write(0, 0, memoryview(WEIGHTS))
    assert part.hash_on(0)
    shutil.rmtree(folder.path)
    folder.blob("x").parent.mkdir(parents=True)
    folder.part(part.etag).write_bytes(bytes(len(WEIGHTS)))
    with pytest.raises(CacheNotFound):
        part.keep(0)
    part.close()
    assert not folder.has(part.etag, part.size)


def test_a_staging_folder_that_vanishes_is_told_and_the_next_run_does_it(
    library: Library, server: HubServer, cache: CacheMaker
) -> None:
    server.add("org/name", FILES)
    plan = library.hubs.plan_download("org/name")
    server.fault("*/model.safetensors", Stalled(after=1 << 20))
    removed = False

    def remove(progress: Progress) -> None:
        nonlocal removed
        if progress.done > 1 << 19 and not removed:
            removed = True
            shutil.rmtree(cache.root / ".modelkeep")
            server.release()

    with pytest.raises(ModelKeepError):
        library.hubs.download(plan, report=remove)
    server.heal()
    result = library.hubs.download(plan)
    assert Path(result.snapshot, "model.safetensors").read_bytes() == WEIGHTS


def test_nothing_left_to_remove_is_no_failure(cache: CacheMaker) -> None:
    folder = Folder(cache.root, "0" * 16)
    lock = folder.take()
    assert lock
    shutil.rmtree(cache.root / ".modelkeep")
    assert folder.remove() == 0
    lock.release()


def test_a_snapshot_that_another_program_makes_meanwhile_is_filled(
    cache: CacheMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    staging = cache.root / ".modelkeep" / "staging" / "x"
    (staging / "blobs").mkdir(parents=True)
    repo = cache.folder("org/name")
    repo.mkdir(parents=True)
    source = staging / "blobs" / sha256(WEIGHTS)
    source.write_bytes(WEIGHTS)
    snapshot = repo / "snapshots" / COMMIT
    rename = os.rename

    def late(old: str, new: str) -> None:
        if Path(new) == snapshot and not snapshot.exists():
            snapshot.mkdir(parents=True)
            (snapshot / "theirs.json").write_bytes(b"{}")
        rename(old, new)

    monkeypatch.setattr(os, "rename", late)
    file = StagedFile("model.safetensors", sha256(WEIGHTS), len(WEIGHTS), source)
    publish(cache.root, KEY, COMMIT, [file], staging=staging, refs={}, complete=False)
    assert (snapshot / "model.safetensors").read_bytes() == WEIGHTS
    assert (snapshot / "theirs.json").exists()


def test_who_only_looks_at_a_transfer_does_not_keep_it_from_being_changed(cache: CacheMaker) -> None:
    every = a_download()
    added = queue.add(cache.root, replace(every, chosen=frozenset({"config.json"})))
    folder = Folder(cache.root, added.id)
    lock = folder.take()
    assert lock
    timer = threading.Timer(0.1, lock.release)
    timer.start()
    queue.add(cache.root, every)
    timer.join()
    found = folder.download()
    assert found is not None
    assert found.chosen == frozenset(FILES)


def test_who_waits_for_another_download_goes_on_when_that_is_cancelled(
    library: Library, server: HubServer, cache: CacheMaker
) -> None:
    shared = bytes(range(256)) * ((40 << 20) // 256)
    for name in ("org/one", "org/two"):
        server.add(name, {"config.json": name.encode(), "model.safetensors": shared}, lfs=("*.safetensors",))
    one, two = (library.hubs.add_transfer(library.hubs.plan_download(n)) for n in ("org/one", "org/two"))
    server.fault("GET /org/one/*/model.safetensors", Stalled(after=1 << 20), times=None)
    results: list[DownloadResult] = []
    waits, comes = threading.Event(), threading.Event()

    def first(progress: Progress) -> None:
        if progress.done > 1 << 19:
            comes.set()

    def notes(transfer: object) -> None:
        assert isinstance(transfer, Transfer)
        if any("another download" in file.note for file in transfer.files):
            waits.set()

    stalled = threading.Thread(target=lambda: library.hubs.run_transfer(one.root, one.id, report=first))
    waiting = threading.Thread(
        target=lambda: results.append(library.hubs.run_transfer(two.root, two.id, emit=notes))
    )
    stalled.start()
    assert comes.wait(20)
    waiting.start()
    assert waits.wait(20)
    library.hubs.cancel_transfer(one.root, one.id)
    stalled.join(20)
    waiting.join(20)
    [result] = results
    assert result.error is None
    assert Path(result.snapshot, "model.safetensors").read_bytes() == shared
    assert not elsewhere._claims


@pytest.mark.parametrize("what", ["repository", "snapshot", "blobs"])
def test_what_is_removed_from_the_cache_meanwhile_is_brought_again(
    library: Library, server: HubServer, cache: CacheMaker, what: str
) -> None:
    server.add("org/name", FILES)
    plan = library.hubs.plan_download("org/name")
    server.fault("*/model.safetensors", Stalled(after=1 << 20))
    repo = cache.folder("org/name")
    there = {"repository": repo, "snapshot": repo / "snapshots", "blobs": repo / "blobs"}[what]

    def remove(progress: Progress) -> None:
        comes = progress.step.startswith("Downloading") and progress.done < progress.total
        if comes and (repo / "snapshots" / plan.commit / "config.json").exists():
            shutil.rmtree(there)
            server.release()

    result = library.hubs.download(plan, report=remove)
    folder = Path(result.snapshot)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == FILES
    assert (repo / "refs" / "main").read_text() == plan.commit


# ---- what a staging folder says


@pytest.mark.parametrize(
    "change",
    [
        {"commit": "../../../elsewhere"},
        {"files": [["../../out", 2, sha256(b"{}"), True, ""]]},
        {"files": [["a", 2, "../../out", True, ""]]},
        {"files": [["a", -2, sha256(b"{}"), True, ""]]},
        {"files": [["a", 2]]},
        {"files": {"a": 1}},
        {"ref": "../../out"},
    ],
)
def test_a_journal_that_somebody_made_up_is_no_transfer(change: dict[str, object]) -> None:
    said = a_download().to_json()
    assert Download.of_json(said) is not None
    assert Download.of_json({**said, **change}) is None


def test_a_gap_that_is_not_at_the_end_is_filled(
    library: Library, server: HubServer, cache: CacheMaker
) -> None:
    server.add("org/name", FILES)
    plan = library.hubs.plan_download("org/name")
    added = library.hubs.add_transfer(plan)
    folder, name = Folder(cache.root, added.id), sha256(WEIGHTS)
    folder.part(name).write_bytes(b"\0" * 1000 + WEIGHTS[1000:])
    journal = Journal(folder.journal(name), len(WEIGHTS))
    journal.add(1000, len(WEIGHTS))
    journal.close()
    began = time.monotonic()

    def impatient(progress: Progress) -> None:
        assert time.monotonic() - began < 30, "it waits for ever"

    result = library.hubs.run_transfer(added.root, added.id, report=impatient)
    assert result.error is None
    assert Path(result.snapshot, "model.safetensors").read_bytes() == WEIGHTS


# ---- what is full


def test_a_full_disk_can_still_be_told_to_be_so(cache: CacheMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(cache.root, queue.add(cache.root, a_download()).id)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("modelkeep.hub.transfer_folder.write_atomically", full)
    folder.write_state(TransferState.FAILED, NotEnoughSpace("It is full.", hint="Free some."))
    assert folder.state() == (TransferState.FAILED, "It is full.", "Free some.")
    folder.write_state(TransferState.FAILED, NotEnoughSpace("“…”", hint=""))
    assert folder.state() == (TransferState.FAILED, "“…”", "")


def test_a_disk_without_room_for_the_reserve_is_a_failure_and_no_crash(
    library: Library, server: HubServer, cache: CacheMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.add("org/name", FILES)
    added = library.hubs.add_transfer(library.hubs.plan_download("org/name"))

    def full(self: Folder) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Folder, "keep_room", full)
    assert isinstance(library.hubs.run_transfer(added.root, added.id).error, NotEnoughSpace)
    assert library.hubs.transfers()[0].state is TransferState.FAILED


def test_what_is_here_needs_no_room(
    library: Library, server: HubServer, cache: CacheMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = server.add("org/name", FILES)
    library.hubs.download(library.hubs.plan_download(f"org/name@{commit}"))
    plan = library.hubs.plan_download("org/name")
    assert plan.bytes_missing == 0
    monkeypatch.setattr(download, "free_space", lambda _: DiskSpace(1 << 40, 1 << 20))
    assert library.hubs.download(plan).error is None
    assert (cache.folder("org/name") / "refs" / "main").read_text() == commit


@needs_proc
def test_a_hub_that_refuses_every_file_is_not_asked_with_all_files_open(
    library: Library, server: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modelkeep.hub.pace.FIRST_WAIT", 0.5)
    server.add("org/name", {f"{number}.json": b"%d" % number for number in range(600)})
    plan = library.hubs.plan_download("org/name")
    server.fault("GET */resolve/*", Cut(0), times=None)
    most = 0

    def watch(progress: Progress) -> None:
        nonlocal most
        most = max(most, len(os.listdir("/proc/self/fd")))
        if progress.done == 0 and time.monotonic() > until:
            server.heal()

    until = time.monotonic() + 1.0
    before = len(os.listdir("/proc/self/fd"))
    library.hubs.download(plan, report=watch)
    assert most - before < 150


# ---- what is left behind


@pytest.mark.skipif(os.name == "nt", reason="the child is a shell script")
def test_a_child_that_says_nonsense_is_an_error_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "python").write_text("#!/bin/sh\nread line\necho nonsense\necho 5\n")
    (tmp_path / "python").chmod(0o755)
    monkeypatch.setattr(xet, "has_xet", lambda: True)
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(RemoteError):
        xet.fetch_by_xet(Profile("x", endpoint="http://hub"), None, KEY, COMMIT, "a", tmp_path / "x", print)


@needs_proc
def test_many_downloads_leave_nothing_behind(library: Library, server: HubServer) -> None:
    for number in range(30):
        server.add(f"org/n{number}", {"config.json": b"%d" % number})
    library.hubs.download(library.hubs.plan_download("org/n0"))
    fds, threads = len(os.listdir("/proc/self/fd")), _ours()
    for number in range(1, 30):
        library.hubs.download(library.hubs.plan_download(f"org/n{number}"))
    # The server's own ends of connections that were kept are closed when it sees to it.
    assert _ours() <= threads + 1
    assert len(os.listdir("/proc/self/fd")) <= fds + 8


def _ours() -> int:
    return sum("modelkeep" in str(getattr(thread, "_target", "")) for thread in threading.enumerate())

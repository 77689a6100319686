"""Transfers on the disk: journals of what has come, the queue, and what one process asks of another."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelkeep.cache.staging import find_staging
from modelkeep.errors import CacheBusy, ModelNotFound, NotEnoughSpace, RemoteBusy, RemoteUnreachable
from modelkeep.hub import pace, queue
from modelkeep.hub.journal import Journal, Ranges, boot_id, read_journal
from modelkeep.hub.pace import Pace, wait_before
from modelkeep.hub.replies import HubFile
from modelkeep.hub.transfer import TransferState
from modelkeep.hub.transfer_folder import PAUSE, Download, Folder
from modelkeep.keys import ModelKey
from support.caches import CacheMaker, sha256

SIZE = 1000
PIECES = st.lists(
    st.tuples(st.integers(0, SIZE), st.integers(0, SIZE)).filter(lambda both: both[0] < both[1]), max_size=20
)


# ---- ranges and journals


@given(PIECES)
def test_ranges_are_the_bytes_that_were_put_in(pieces: list[tuple[int, int]]) -> None:
    ranges, there = Ranges(), set[int]()
    for start, stop in pieces:
        ranges.add(start, stop)
        there.update(range(start, stop))
    assert {at for start, stop in ranges for at in range(start, stop)} == there
    assert ranges.size == len(there)
    assert {at for start, stop in ranges.gaps(SIZE) for at in range(start, stop)} == set(range(SIZE)) - there
    assert ranges.frontier == next(at for at in range(SIZE + 1) if at not in there)
    edges = [edge for both in ranges for edge in both]
    assert edges == sorted(set(edges))


def written(path: Path, pieces: list[tuple[int, int]], flush_after: int = -1) -> bytes:
    part = path.with_suffix(".part")
    part.touch()
    journal = Journal(path, SIZE)
    with part.open("rb+") as file:
        for number, (start, stop) in enumerate(pieces):
            journal.add(start, stop)
            if number == flush_after:
                journal.flush(file.fileno())
    journal.close()
    return path.read_bytes()


@settings(deadline=None)
@given(PIECES, st.data())
def test_any_beginning_of_a_journal_is_a_journal(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[tuple[int, int]], data: st.DataObject
) -> None:
    said = written(tmp_path_factory.mktemp("journal") / "journal", pieces, len(pieces) // 2)
    whole = read_journal(said, boot_id())
    assert whole
    expected = Ranges()
    for start, stop in pieces:
        expected.add(start, stop)
    assert list(whole.here) == list(expected)
    cut = data.draw(st.integers(0, len(said)))
    for damage in (b"", b"\0" * 50, b"+ 0 3e8 00000000\n", bytes(range(256))):
        known = read_journal(said[:cut] + damage, boot_id())
        if known is not None:
            assert known.size == SIZE
            for found in (*known.here, *known.flushed):
                merged = Ranges()
                for start, stop in (*expected, found):
                    merged.add(start, stop)
                assert list(merged) == list(expected)


def test_after_a_start_of_the_machine_only_what_was_flushed_is_believed(tmp_path: Path) -> None:
    said = written(tmp_path / "journal", [(0, 100), (200, 300), (300, 400)], flush_after=1)
    now, later = read_journal(said, boot_id()), read_journal(said, "another")
    assert now
    assert later
    assert list(now.here) == [(0, 100), (200, 400)]
    assert list(later.here) == [(0, 100), (200, 300)]


def test_what_was_not_flushed_is_not_believed_by_the_run_after_the_next(tmp_path: Path) -> None:
    written(tmp_path / "journal", [(0, 100), (200, 300)], flush_after=0)
    said = written(tmp_path / "journal", [])  # opened again, and nothing came
    later = read_journal(said, "another")
    assert later
    assert list(later.here) == [(0, 100)]


def test_a_journal_of_another_size_is_begun_anew(tmp_path: Path) -> None:
    written(tmp_path / "journal", [(0, 100)])
    journal = Journal(tmp_path / "journal", SIZE + 1)
    journal.close()
    assert list(journal.here) == []


# ---- the queue


def download(name: str = "org/name", commit: str = "1" * 40, **choice: object) -> Download:
    files = (HubFile("config.json", 2, "2" * 40), HubFile("model.safetensors", 5, sha256(b"12345")))
    chosen = frozenset(file.path for file in files)
    made = Download(ModelKey(name), commit, "main", "", "", "https://hub", files, chosen, time.time())
    return replace(made, **choice)  # type: ignore[arg-type]


def test_a_transfer_outlives_the_process_that_added_it(cache: CacheMaker) -> None:
    added = queue.add(cache.root, download())
    [found] = queue.transfers(cache.root)
    assert found == added
    assert (found.key, found.state, found.bytes_done, found.bytes_total) == (
        ModelKey("org/name"),
        TransferState.QUEUED,
        0,
        7,
    )
    assert Folder(cache.root, found.id).download() == download(added=found.added)


def test_imports_do_not_see_it(cache: CacheMaker) -> None:
    queue.add(cache.root, download())
    assert find_staging(cache.root) == ()


def test_the_same_download_from_another_hub_is_the_same_transfer(cache: CacheMaker) -> None:
    first = queue.add(cache.root, download())
    again = queue.add(cache.root, download(endpoint="https://mirror", chosen=frozenset(["config.json"])))
    assert again.id == first.id
    [one] = queue.transfers(cache.root)
    assert (one.endpoint, one.bytes_total, one.added) == ("https://mirror", 2, first.added)
    other = queue.add(cache.root, download(commit="3" * 40))
    assert other.id != first.id


def test_what_has_come_is_counted_without_the_process_that_fetched_it(cache: CacheMaker) -> None:
    added = queue.add(cache.root, download())
    folder = Folder(cache.root, added.id)
    etag = sha256(b"12345")
    folder.part(etag).write_bytes(b"123")
    journal = Journal(folder.journal(etag), 5)
    journal.add(0, 3)
    journal.close()
    assert queue.transfers(cache.root)[0].bytes_done == 3
    folder.blob(etag).write_bytes(b"12345")
    assert queue.transfers(cache.root)[0].bytes_done == 5


def test_pausing_and_resuming_what_nobody_runs(cache: CacheMaker) -> None:
    one = queue.add(cache.root, download())
    assert queue.pause(cache.root, one.id).state is TransferState.PAUSED
    assert queue.transfers(cache.root)[0].state is TransferState.PAUSED
    assert queue.resume(cache.root, one.id).state is TransferState.QUEUED
    assert Folder(cache.root, one.id).request() == ""


def test_an_error_is_kept_with_its_hint(cache: CacheMaker) -> None:
    one = queue.add(cache.root, download())
    folder = Folder(cache.root, one.id)
    folder.write_state(TransferState.FAILED, NotEnoughSpace("It is full.", hint="Free some."))
    [failed] = queue.transfers(cache.root)
    assert (failed.state, failed.error, failed.hint) == (TransferState.FAILED, "It is full.", "Free some.")
    assert queue.resume(cache.root, one.id).error == ""


def test_cancelling_removes_it_and_says_what_that_frees(cache: CacheMaker) -> None:
    one = queue.add(cache.root, download())
    Folder(cache.root, one.id).part("4" * 40).write_bytes(b"x" * 100_000)
    assert queue.cancel(cache.root, one.id) >= 100_000
    assert queue.transfers(cache.root) == []
    assert not (cache.root / ".modelkeep").exists()
    for verb in (queue.pause, queue.resume, queue.cancel):
        with pytest.raises(ModelNotFound):
            verb(cache.root, one.id)
    assert not (cache.root / ".modelkeep").exists()


def test_a_process_that_hangs_is_not_waited_for_for_ever(
    cache: CacheMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = queue.add(cache.root, download())
    monkeypatch.setattr(queue, "PATIENCE", 0.05)
    with Folder(cache.root, one.id).held():
        assert queue.transfers(cache.root)[0].state is TransferState.RUNNING
        with pytest.raises(CacheBusy):
            queue.pause(cache.root, one.id)
        assert Folder(cache.root, one.id).request() == PAUSE


@pytest.fixture
def three(cache: CacheMaker) -> list[str]:
    return [queue.add(cache.root, download(f"org/{name}", added=float(n))).id for n, name in enumerate("abc")]


@pytest.mark.parametrize(
    ("which", "by", "order"),
    [
        (2, -1, "acb"),
        (2, -2, "cab"),
        (0, 1, "bac"),
        (0, 9, "bca"),
        (1, -9, "bac"),
        (1, 0, "abc"),
        (0, -1, "abc"),
    ],
)
def test_moving_in_the_queue(cache: CacheMaker, three: list[str], which: int, by: int, order: str) -> None:
    queue.move(os.fspath(cache.root), three[which], by, queue.transfers(cache.root))
    assert "".join(one.key.repo_id[-1] for one in queue.transfers(cache.root)) == order


def test_a_broken_journal_is_no_transfer_and_harms_no_other(cache: CacheMaker, three: list[str]) -> None:
    (Folder(cache.root, three[0]).path / "journal.json").write_text(
        '{"kind": "download", "download": {"key": 3}}'
    )
    (Folder(cache.root, three[1]).path / "state.json").write_text("?")
    (Folder(cache.root, three[1]).path / "position").write_text("?")
    assert [one.id for one in queue.transfers(cache.root)] == three[1:]


# ---- pace and patience


def test_a_pace_makes_wait_for_what_came_and_no_longer() -> None:
    slow, waits = Pace(1_000_000), list[float]()
    slow.take(30_000, waits.append)
    assert waits
    assert max(waits) <= 0.03
    assert slow.piece(1 << 20) < 1 << 20
    slow.rate = 0
    waits.clear()
    slow.take(1 << 40, waits.append)
    assert waits == []
    assert slow.piece(1 << 20) == 1 << 20


def test_a_changed_pace_is_felt_by_who_waits() -> None:
    slow = Pace(1)

    def hurry(seconds: float) -> None:
        slow.rate = 0

    slow.take(1 << 40, hurry)


def test_waits_grow_and_end() -> None:
    gone = RemoteUnreachable("gone")
    waits = [wait_before(attempt, gone) for attempt in range(1, pace.TRIES + 1)]
    assert waits[-1] is None
    assert all(
        wait is not None and limit / 2 <= wait <= limit
        for wait, limit in zip(waits[:-1], (0.5, 1, 2, 4, 8, 16, 30), strict=True)
    )


def test_what_a_busy_hub_asks_for_is_waited_for() -> None:
    assert wait_before(1, RemoteBusy("busy", retry_after=100.0)) == 100.0
    assert wait_before(1, RemoteBusy("busy", retry_after=1e6)) is None

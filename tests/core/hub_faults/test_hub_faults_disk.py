"""Downloads on a disk that fills up or is closed, with a clock that jumps, and in a process that is killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

import modelkeep
from modelkeep import open_library
from modelkeep.cache.inventory import ProblemKind
from modelkeep.errors import Cancelled, NotEnoughSpace, ReadOnlyCache
from modelkeep.hub.profile import Profile
from modelkeep.hub.transfer import TransferState
from modelkeep.progress import Progress
from support.hub import HubServer
from support.hub_faults import Cut, Slow, Stalled
from support.hub_fetching import (
    FILES,
    LARGE_FILES,
    NAME,
    SIZE,
    WEIGHTS,
    WEIGHTS_OF,
    Client,
    assert_nothing_published,
    assert_unfinished,
    assert_whole,
    client_of,
)
from support.users import as_nobody

MIB = 1 << 20


# ---- the disk


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MiB of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", place], capture_output=True, check=False
    )
    if mount.returncode:
        pytest.skip("mounting is not permitted here")
    yield place
    subprocess.run(["umount", place], check=True)


def fill(place: Path) -> None:
    with (place / "filler").open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            pass


def test_a_disk_that_fills_up_at_the_half_keeps_what_came(server: HubServer, small_disk: Path) -> None:
    with client_of(server, small_disk / "hub") as client:
        server.fault(WEIGHTS_OF, Stalled(after=4 * MIB))
        filled = False

        def watch(progress: Progress) -> None:
            nonlocal filled
            if progress.done > SIZE // 2 and not filled:
                filled = True
                fill(small_disk)
                server.release()

        with pytest.raises(NotEnoughSpace) as caught:
            client.download(report=watch)
        assert caught.value.hint
        assert client.transfer.state is TransferState.FAILED
        assert client.transfer.bytes_done > SIZE // 3
        assert_unfinished(client.root)
        (small_disk / "filler").unlink()
        server.heal()
        server.forget()
        assert client.go_on().error is None
        assert_whole(client.root)
        assert server.bytes_sent(WEIGHTS_OF) < SIZE * 2 // 3


def test_a_disk_that_is_too_small_is_known_before(server: HubServer, small_disk: Path) -> None:
    server.add("org/large", {"model.safetensors": WEIGHTS * 2})
    with client_of(server, small_disk / "hub") as client:
        plan = client.library.hubs.plan_download("org/large")
        assert not plan.fits_disk
        with pytest.raises(NotEnoughSpace) as caught:
            client.library.hubs.download(plan)
        assert caught.value.hint
        assert server.bytes_sent(WEIGHTS_OF) == 0
        assert_nothing_published(client.root, "org/large")


def test_a_cache_of_somebody_else_is_named(server: HubServer, client: Client) -> None:
    plan = client.library.hubs.plan_download(NAME)

    def try_it() -> str:
        with pytest.raises(ReadOnlyCache) as caught:
            client.library.hubs.download(plan)
        return str(caught.value)

    assert str(client.root) in as_nobody(try_it, client.root)
    assert server.bytes_sent(WEIGHTS_OF) == 0
    assert_nothing_published(client.root)


def close_all(root: Path, mode: int) -> None:
    """Have nobody change any folder of the cache; or everybody again."""
    for folder in (root, *(path for path in root.rglob("*") if path.is_dir())):
        folder.chmod(mode)


def test_a_cache_that_is_closed_meanwhile_is_named(server: HubServer, client: Client) -> None:
    root = client.root
    server.add("org/other", {"config.json": b"{}"})
    client.download("org/other")  # what is loaded now cannot be loaded by a user who may not read it
    server.fault(WEIGHTS_OF, Stalled(after=4 * MIB))
    server.on("/release", server.release)

    def try_it() -> tuple[str, str]:
        closed = False

        def watch(progress: Progress) -> None:
            nonlocal closed
            if progress.done > SIZE // 2 and not closed:
                closed = True
                close_all(root, 0o555)
                requests.get(f"{server.endpoint}/release", timeout=20).close()

        with open_library([root]) as library, pytest.raises(ReadOnlyCache) as caught:
            library.hubs.download(library.hubs.plan_download(NAME, everything=True), report=watch)
        return str(caught.value), caught.value.hint

    with owned_by_nobody(root, Path(os.environ["MODELKEEP_HOME"])):
        message, hint = as_nobody(try_it, root)
    assert str(root) in message
    assert hint
    close_all(root, 0o755)
    assert_unfinished(root)
    server.heal()
    assert client.go_on().error is None
    assert_whole(root)


@contextmanager
def owned_by_nobody(*places: Path) -> Iterator[None]:
    """These folders belong to the user that `as_nobody` is."""
    if os.getuid() != 0:
        yield
        return
    everything = [path for place in places for path in (place, *place.rglob("*"))]
    for path in everything:
        os.lchown(path, 65534, 65534)
    for place in places:
        for parent in place.parents[:-1]:
            if parent.stat().st_uid == 0:
                parent.chmod(parent.stat().st_mode | 0o055)
    yield
    for place in places:
        for path in (place, *place.rglob("*")):
            os.lchown(path, 0, 0)


# ---- the clock


JUMPING = """
import sys, time
real, calls = time.time, 0

def jumping():
    global calls
    calls += 1
    return real() + (0, -86400 * 365, 86400 * 365 * 3, -real())[calls % 4]

time.time = jumping
import modelkeep
from modelkeep import open_library
from modelkeep.cache.inventory import ProblemKind
with open_library([sys.argv[1]]) as library:
    rates = []
    plan = library.hubs.plan_download("org/name", everything=True)
    transfer = library.hubs.add_transfer(plan)
    result = library.hubs.run_transfer(transfer.root, transfer.id, emit=lambda t: rates.append(t.rate))
    assert result.error is None, result.error
    print(result.seconds, min(rates, default=0.0), max(rates, default=0.0))
"""


def test_a_clock_that_jumps_does_no_harm(server: HubServer, client: Client) -> None:
    server.fault(WEIGHTS_OF, Slow(12 * MIB), times=None)
    server.fault(WEIGHTS_OF, Cut(after=MIB), times=2)
    done = subprocess.run(
        [sys.executable, "-c", JUMPING, client.root], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    seconds, slowest, fastest = map(float, done.stdout.split())
    assert 0 < seconds < 60
    assert 0 <= slowest <= fastest < 1 << 30
    assert_whole(client.root)


# ---- the process


FETCH = """
import sys
import modelkeep
from modelkeep import open_library
from modelkeep.cache.inventory import ProblemKind

with open_library([sys.argv[1]]) as library:
    plan = library.hubs.plan_download("org/name", everything=True)
    transfer = library.hubs.add_transfer(plan)
    library.hubs.run_transfer(
        transfer.root, transfer.id, report=lambda p: print(p.done, p.total, p.unit, flush=True)
    )
"""


def start_fetching(client: Client) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", FETCH, client.root], stdout=subprocess.PIPE, text=True)


def kill_at(client: Client, done: int) -> None:
    """Start a download in a process and kill it when so many bytes of it have come."""
    with start_fetching(client) as process:
        assert process.stdout is not None
        for line in process.stdout:
            came, _, unit = line.split()
            if unit == "bytes" and int(came) >= done:
                process.kill()
                break
        process.stdout.read()
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize(("share", "ranged"), [(0.1, False), (0.9, False), (0.9, True)])
def test_a_kill_loses_less_than_a_hundredth(tmp_path: Path, share: float, ranged: bool) -> None:
    large = LARGE_FILES if ranged else {**FILES, "model.safetensors": WEIGHTS * 4}
    size = sum(map(len, large.values()))
    with HubServer() as server, HubServer() as mirror, client_of(server, tmp_path / "hub") as client:
        commit = server.add(NAME, large)
        assert mirror.add(NAME, large) == commit
        # The first range stops there; the last one of two is short, and comes.
        stop = int(share * size) + 128 * 1024 - (size - 32 * MIB if ranged else 0)
        server.fault(
            lambda r: r.path.endswith("s") and "bytes=3" not in r.headers.get("range", ""),
            Stalled(after=stop),
            times=None,
        )
        kill_at(client, int(share * size))
        assert_unfinished(client.root)
        assert client.transfer.state in (TransferState.QUEUED, TransferState.FAILED)
        assert client.transfer.bytes_done >= (share - 0.01) * size
        client.library.hubs.save_profile(Profile("mirror", endpoint=mirror.endpoint))
        result = client.go_on(profile="mirror")
        assert result.error is None
        assert_whole(client.root, large)
        sent = server.bytes_sent("GET */resolve/*") + mirror.bytes_sent("GET */resolve/*")
        assert sent - size <= size // 100
        assert mirror.bytes_sent(WEIGHTS_OF) > 0
        assert not any(request.authorization for request in mirror.requests)


def test_kills_at_any_moment_break_nothing(server: HubServer, client: Client) -> None:
    server.fault(WEIGHTS_OF, Slow(12 * MIB), times=None)
    chance = random.Random(3)
    for _ in range(6):
        server.forget()
        limit = chance.choice([1, 2000, chance.randrange(MIB), chance.randrange(MIB)])
        with start_fetching(client) as process:
            server.wait_for(lambda s: s.bytes_sent() >= limit)  # noqa: B023 - called at once
            process.kill()
        problems = [p for model in modelkeep.scan(client.root).models for p in model.problems]
        assert {problem.kind for problem in problems} <= {ProblemKind.MISSING_FILES}, problems
    server.heal()
    assert client.go_on().error is None
    assert_whole(client.root)


def test_a_cancel_keeps_what_came(server: HubServer, client: Client) -> None:
    server.fault(WEIGHTS_OF, Stalled(after=4 * MIB))

    def cancel(progress: Progress) -> None:
        if progress.done > SIZE // 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        client.download(report=cancel)
    assert_unfinished(client.root)
    assert client.transfer.bytes_done > SIZE // 2
    server.heal()
    server.forget()
    assert client.go_on().error is None
    assert_whole(client.root)
    assert server.bytes_sent(WEIGHTS_OF) <= len(WEIGHTS) // 2


def test_a_cancelled_transfer_leaves_nothing(server: HubServer, client: Client) -> None:
    server.fault(WEIGHTS_OF, Stalled(after=4 * MIB))

    def cancel(progress: Progress) -> None:
        if progress.done > SIZE // 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        client.download(report=cancel)
    transfer = client.transfer
    assert client.library.hubs.cancel_transfer(transfer.root, transfer.id) > SIZE // 3
    assert client.library.hubs.transfers() == ()
    assert_nothing_published(client.root)
    server.heal()
    assert client.download().error is None
    assert_whole(client.root)

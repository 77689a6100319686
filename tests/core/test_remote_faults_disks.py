"""A store's disk, or a cache's, that is full or pulled out while models go from the one to the other.

`MODELKEEP_EVERY_STEP=1 pytest …` pulls it out before every single step.
"""

from __future__ import annotations

import ctypes
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from modelkeep import open_library
from modelkeep.errors import ModelKeepError, NotEnoughSpace, NotOnRemote, RemoteError
from modelkeep.library import Library
from modelkeep.remote.known_manifests import KnownObjects
from modelkeep.remote.names import MARKER
from modelkeep.rows import Selection
from support.caches import CacheMaker
from support.remote_fetching import loaded
from support.vfat import pull_out, small_disk

FILES = {
    "config.json": b"{}",
    "model.safetensors": random.Random(3).randbytes(1_500_000),
    "sub/vocab.txt": b"a",
}
OTHER = {"config.json": b"[]", "model.safetensors": random.Random(4).randbytes(900_000)}
EVERY = 1 if os.environ.get("MODELKEEP_EVERY_STEP") else 7

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it takes mounts of Linux")


@pytest.fixture
def library(cache: CacheMaker) -> Iterator[Library]:
    cache.add("org/name", FILES)
    cache.add("org/other", OTHER)
    with open_library([cache.root]) as library:
        yield library


def push(library: Library, store: Path, name: str = "org/name") -> None:
    chosen = Selection(library.roots[0], f"hf@{name}")
    library.remotes.push(library.remotes.plan_push(chosen, os.fspath(store)))


def models(library: Library, store: Path) -> set[str]:
    return {model.key.repo_id for model in library.remotes.models(os.fspath(store))}


def fill(disk: Path, *, left: int = 0) -> None:
    """Let others have what is free of a disk, but for some bytes."""
    room = os.statvfs(disk)
    (disk / ".others").write_bytes(bytes(room.f_bavail * room.f_bsize - left))


# ---- full


def test_a_full_store_takes_nothing_and_then_goes_on(library: Library, tmp_path: Path) -> None:
    with small_disk(tmp_path, mebibytes=8) as disk:
        push(library, disk, "org/other")
        for left in (0, 8192, 1_000_000):
            fill(disk, left=left)
            with pytest.raises(NotEnoughSpace) as caught:
                push(library, disk)
            assert caught.value.hint
            assert models(library, disk) == {"org/other"}
            (disk / ".others").unlink()
        push(library, disk)
        assert models(library, disk) == {"org/name", "org/other"}
        assert library.remotes.verify(os.fspath(disk), deep=True).is_good


def test_garbage_is_collected_from_a_full_disk(library: Library, tmp_path: Path) -> None:
    with small_disk(tmp_path, mebibytes=8) as disk:
        for name in ("org/name", "org/other"):
            push(library, disk, name)
        library.remotes.delete(library.remotes.plan_deletion(os.fspath(disk), "org/other"))
        for path in disk.rglob("*"):
            os.utime(path, (1_600_000_000, 1_600_000_000))
        fill(disk)
        done = library.remotes.collect(library.remotes.plan_collection(os.fspath(disk)))
        assert done.failures == ()
        assert done.freed > len(OTHER["model.safetensors"])
        assert library.remotes.verify(os.fspath(disk), deep=True).is_good


def test_a_full_cache_takes_nothing_and_then_goes_on(library: Library, tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.mkdir()
    push(library, store)
    with small_disk(tmp_path, mebibytes=8) as disk:
        root = disk / "hub"
        root.mkdir()
        plan = library.remotes.plan_fetch("org/name", os.fspath(store), root=os.fspath(root))
        for left in (0, 100_000):
            fill(disk, left=left)
            with pytest.raises(NotEnoughSpace) as caught:
                library.remotes.fetch(plan)
            assert caught.value.hint
            assert not list(root.glob("models--org--name/refs/*"))
            (disk / ".others").unlink()
        library.remotes.fetch(plan)
        assert loaded(root) == FILES


# ---- pulled out


def mount(disk: Path, at: Path) -> None:
    subprocess.run(["mount", "--bind", disk, at], check=True)


@contextmanager
def shared_disk(place: Path) -> Iterator[tuple[Path, Path]]:
    """A disk, and where it is mounted once more, to be pulled out there and plugged in again."""
    with small_disk(place, mebibytes=24) as disk:
        at = place / "share"
        at.mkdir()
        mount(disk, at)
        try:
            yield disk, at
        finally:
            pull_out(at)


def pulled_out_before(step: int, at: Path, work: Callable[[], object]) -> tuple[bool, str]:
    """Do something in a child, from whose hand the disk is pulled before a step; whether it came to that, and
    what is wrong with how it ended."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        steps, libc = [step], ctypes.CDLL(None)
        events = {
            "open",
            "os.mkdir",
            "os.rename",
            "os.link",
            "os.remove",
            "os.rmdir",
            "os.utime",
            "os.scandir",
        }

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            if event in events and str(arguments[0]).startswith(os.fspath(at)):
                steps[0] -= 1
                if steps[0] == -1:
                    libc.umount2(os.fsencode(at), 2)  # MNT_DETACH

        sys.addaudithook(hook)
        said = "."
        try:
            work()
        except ModelKeepError as error:
            said = "." if str(error) else "an empty sentence"
        except BaseException as error:  # noqa: BLE001 - what it is, is what is asked
            said = f"{type(error).__name__}: {error}"
        os.write(theirs, f"{int(steps[0] < 0)}{said}".encode())
        os._exit(0)
    os.close(theirs)
    with open(ours, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    return said[:1] == "1", said[1:]


@pytest.mark.parametrize("what", ["push", "fetch", "sync", "collect", "delete"])
def test_a_store_that_is_pulled_out(library: Library, cache: CacheMaker, tmp_path: Path, what: str) -> None:
    with shared_disk(tmp_path) as (disk, at):
        url = os.fspath(at)
        second = tmp_path / "second"
        second.mkdir()
        works: dict[str, Callable[[], object]] = {
            "push": lambda: push(library, at),
            "fetch": lambda: library.remotes.fetch(
                library.remotes.plan_fetch("org/other", url, root=os.fspath(second))
            ),
            "sync": lambda: failed(library.remotes.sync(library.remotes.plan_sync("here", url)).failures),
            "collect": lambda: library.remotes.collect(library.remotes.plan_collection(url, grace=0.0)),
            "delete": lambda: library.remotes.delete(library.remotes.plan_deletion(url, "org/other")),
        }
        begun = random.Random(what).randrange(EVERY)
        for step in range(begun, 1000, EVERY):
            for path in disk.iterdir():
                subprocess.run(["rm", "-rf", path], check=True)
            KnownObjects(url).forget()
            push(library, at, "org/other")
            if what == "collect":
                library.remotes.delete(library.remotes.plan_deletion(url, "org/other"))
                push(library, at)
            was_pulled, said = pulled_out_before(step, at, works[what])
            assert said == ".", (step, said)
            if not was_pulled:
                break
            assert list(at.iterdir()) == [], f"before step {step}: something lies below the bare mount point"
            mount(disk, at)
            if (at / MARKER).exists():
                assert library.remotes.verify(url, deep=True).is_good, step
            with suppress(NotOnRemote):  # it was deleted before
                works[what]()
            assert library.remotes.verify(url, deep=True).is_good, step
        assert step > begun


def test_what_was_planned_for_a_store_is_not_done_where_none_is(library: Library, tmp_path: Path) -> None:
    with shared_disk(tmp_path) as (_, at):
        url = os.fspath(at)
        push(library, at)
        remotes = library.remotes
        pushing = remotes.plan_push(Selection(library.roots[0], "hf@org/name"), url, ref="other")
        deleting = remotes.plan_deletion(url, "org/name")
        remotes.delete(deleting)
        collecting = remotes.plan_collection(url, grace=0.0)
        pull_out(at)
        for work in (
            lambda: remotes.push(pushing),
            lambda: remotes.delete(deleting),
            lambda: remotes.collect(collecting),
        ):
            with pytest.raises(RemoteError, match=r"no store any more|is empty now"):
                work()
        assert list(at.iterdir()) == []


def failed(failures: tuple[str, ...]) -> None:
    if failures:
        raise ModelKeepError(failures[0])

"""An import that is stopped, killed, or runs out of space breaks nothing, and can be done again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from modelkeep.archive.import_plan import ImportPlan, plan_import
from modelkeep.archive.unpack import execute_import
from modelkeep.cache.locks import lock_path
from modelkeep.cache.scan import scan
from modelkeep.cache.staging import Verified, find_staging, open_staging
from modelkeep.errors import (
    Cancelled,
    ModelInUse,
    NotEnoughSpace,
)
from modelkeep.progress import Progress
from support.archives import (
    COMMIT,
    ETAGS,
    FILES,
    LFS_ATTRIBUTES,
    WEIGHTS,
    dss_zip,
    entries,
    tree_of,
)
from support.caches import CacheMaker, sha256
from support.imports import KEY, OTHER, imported, loaded
from support.users import as_nobody


def test_a_cancel_leaves_nothing(cache: CacheMaker, tmp_path: Path) -> None:
    path = dss_zip(tmp_path / "a.zip", entries({"model.safetensors": os.urandom(40 << 20)}))
    cache.add("org/other")
    before = tree_of(cache.root)

    def cancel(progress: Progress) -> None:
        if progress.done:
            raise Cancelled

    with pytest.raises(Cancelled):
        execute_import(plan_import([path], cache.root), report=cancel)
    assert {
        name: what for name, what in tree_of(cache.root).items() if not name.startswith(".locks")
    } == before


def test_progress_ends_at_its_total(cache: CacheMaker, tmp_path: Path) -> None:
    seen: list[Progress] = []
    plan = plan_import([dss_zip(tmp_path / "a.zip"), dss_zip(tmp_path / "b.zip")], cache.root)
    execute_import(plan, report=seen.append)
    assert seen[-1].done == seen[-1].total == sum(item.size for item in plan.items)
    assert [p.done for p in seen] == sorted(p.done for p in seen)


def test_it_is_said_before_when_it_does_not_fit(cache: CacheMaker, tmp_path: Path) -> None:
    path = dss_zip(tmp_path / "a.zip")
    plan = plan_import([path], cache.root)
    assert plan.fits
    tight = ImportPlan(plan.items, plan.root, plan.bytes_needed, plan.bytes_needed + 99, 100)
    assert not tight.fits
    assert tight.bytes_missing == 1
    assert "1 bytes" in tight.problems[-1]


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


def test_a_disk_that_is_too_small_is_not_touched(small_disk: Path, tmp_path: Path) -> None:
    cache = CacheMaker(small_disk / "hub")
    cache.add("org/other")
    path = dss_zip(tmp_path / "a.zip", entries({"model.safetensors": os.urandom(9 << 20)}))
    plan = plan_import([path], cache.root)
    assert not plan.fits
    before = tree_of(cache.root)
    [done] = execute_import(plan).items
    assert isinstance(done.error, NotEnoughSpace)
    assert "MB more" in str(done.error)
    assert {
        name: what for name, what in tree_of(cache.root).items() if not name.startswith(".locks")
    } == before


def test_a_disk_that_fills_up_meanwhile(small_disk: Path, tmp_path: Path) -> None:
    cache = CacheMaker(small_disk / "hub")
    cache.add("org/other")
    weights = {f"{n}.safetensors": os.urandom(1 << 20) for n in range(6)}
    path = dss_zip(tmp_path / "a.zip", entries(weights))
    plan = plan_import([path], cache.root)
    assert plan.fits
    filler = small_disk / "filler"

    def fill(progress: Progress) -> None:
        if progress.done and not filler.exists():
            with filler.open("wb", buffering=0) as file:
                try:
                    while file.write(b"x" * 4096):
                        pass
                except OSError:
                    pass

    [done] = execute_import(plan, report=fill).items
    assert isinstance(done.error, NotEnoughSpace), done
    assert done.error.hint
    assert not find_staging(cache.root)
    assert not cache.folder("org/name").exists()
    filler.unlink()
    assert not execute_import(plan_import([path], cache.root)).failures
    assert loaded(cache.root) == weights
    assert loaded(cache.root, "org/other")


def test_a_repository_on_another_disk_is_left_alone(
    small_disk: Path, cache: CacheMaker, tmp_path: Path
) -> None:
    away = CacheMaker(small_disk)
    away.add("org/name", {"config.json": b"[]"}, commit=OTHER)
    cache.folder("org/name").symlink_to(away.folder("org/name"))
    before = tree_of(small_disk)
    [done] = execute_import(plan_import([dss_zip(tmp_path / "a.zip")], cache.root)).items
    assert "another disk" in str(done.error)
    assert tree_of(small_disk) == before


def test_a_cache_of_somebody_else_is_named(cache: CacheMaker, tmp_path: Path) -> None:
    cache.add("org/name", FILES, commit=COMMIT)
    path = dss_zip(tmp_path / "a.zip", entries({"config.json": b"[]"}, commit=OTHER))
    present = dss_zip(tmp_path / "b.zip")
    before = tree_of(cache.root)

    def try_it() -> list[str]:
        result = execute_import(plan_import([path, present], cache.root))
        return [type(done.error).__name__ for done in result.items]

    assert as_nobody(try_it, cache.root) == ["ReadOnlyCache", "NoneType"]
    assert tree_of(cache.root) == before


def test_a_source_that_may_not_be_read_is_named(cache: CacheMaker, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir()
    path = dss_zip(tmp_path / "closed/a.zip")
    path.chmod(0o600)
    paths = [path, tmp_path / "closed", tmp_path / "closed/deeper/b.zip"]

    def try_it() -> list[str]:
        return [item.problem for item in plan_import(paths, cache.root).items]

    place = tmp_path / "open"
    place.mkdir()
    (tmp_path / "closed").chmod(0o700)
    problems = as_nobody(try_it, place)
    assert len(problems) == 3
    assert all("cannot be read" in problem for problem in problems)


IMPORT = """
import sys
from pathlib import Path
from modelkeep.archive.import_plan import plan_import
from modelkeep.archive.unpack import execute_import
plan = plan_import([Path(sys.argv[1])], Path(sys.argv[2]))
print("go", flush=True)
failures = execute_import(plan).failures
assert not failures, failures
print("done", flush=True)
"""


def test_kills_at_random_moments_break_nothing_and_lose_little(cache: CacheMaker, tmp_path: Path) -> None:
    weights = {f"{n}.safetensors": os.urandom(6 << 20) for n in range(6)} | {".gitattributes": LFS_ATTRIBUTES}
    path = dss_zip(tmp_path / "a.zip", entries(weights))
    cache.add("org/other", FILES)
    cache.add("org/name", {"config.json": b"[]"}, commit=OTHER)
    chance = random.Random(7)
    kills = 0
    for _ in range(15):
        process = subprocess.Popen(
            [sys.executable, "-c", IMPORT, path, cache.root], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "go\n"
        deadline = time.monotonic() + chance.uniform(0, 0.12)
        while time.monotonic() < deadline and process.poll() is None:
            pass
        process.send_signal(signal.SIGKILL)
        kills += process.stdout.read() != "done\n"
        process.stdout.close()
        process.wait()
        assert loaded(cache.root, "org/other") == FILES
        assert loaded(cache.root) in ({"config.json": b"[]"}, weights)
        for left in find_staging(cache.root):
            assert not left.alive
            # Killed before the journal was written, it says nothing, and there is nothing in it yet.
            assert (left.key, left.sources) in ((KEY, (str(path),)), (None, ()))
        broken = [p for model in scan(cache.root).models for p in model.problems if p.kind != "orphan-blob"]
        assert not broken
    assert kills >= 5, "the machine is too fast for these moments"
    imported(path, cache.root)
    assert loaded(cache.root) == weights
    assert not find_staging(cache.root)
    assert not scan(cache.root).models[0].orphans


def test_what_a_kill_between_publishing_and_tidying_up_left_goes_with_the_next_import(
    cache: CacheMaker, tmp_path: Path
) -> None:
    path = dss_zip(tmp_path / "a.zip", entries({"model.safetensors": b"w" * 5000}))
    imported(path, cache.root)
    [item] = plan_import([path], cache.root).items
    with open_staging(cache.root, item.work):
        pass  # it stays, as it does when the process is killed here
    assert find_staging(cache.root)
    imported(path, cache.root)


def test_what_was_read_before_a_kill_is_not_read_again(cache: CacheMaker, tmp_path: Path) -> None:
    weights = {f"{n}.safetensors": os.urandom(12 << 20) for n in range(4)}
    path = dss_zip(tmp_path / "a.zip", entries(weights))
    child = os.fork()
    if child == 0:

        def die(progress: Progress) -> None:
            if progress.done > 30 << 20:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            execute_import(plan_import([path], cache.root), report=die)
        finally:
            os._exit(1)
    os.waitpid(child, 0)
    [left] = find_staging(cache.root)
    assert left.on_disk > 12 << 20
    plan = plan_import([path], cache.root)
    assert plan.bytes_needed <= 36 << 20
    seen: list[Progress] = []
    done = execute_import(plan, report=seen.append).items[0]
    assert done.bytes_written <= 36 << 20
    assert [progress.done for progress in seen] == sorted(progress.done for progress in seen)
    assert seen[-1].done == seen[-1].total
    assert loaded(cache.root) == weights
    assert not find_staging(cache.root)


def test_a_content_with_two_names_is_staged_once(cache: CacheMaker, tmp_path: Path) -> None:
    path = dss_zip(tmp_path / "a.zip", entries({"a.bin": WEIGHTS, "b.bin": WEIGHTS}, sums=True))
    item = plan_import([path], cache.root).items[0]
    digest = sha256(WEIGHTS)
    with open_staging(cache.root, item.work) as staging:
        staging.part(0).write_bytes(WEIGHTS)
        staging.keep(staging.part(0), "a.bin", Verified(digest, digest))
    assert plan_import([path], cache.root).bytes_needed == 0
    assert imported(path, cache.root).bytes_written == 0
    assert loaded(cache.root) == {"a.bin": WEIGHTS, "b.bin": WEIGHTS}


def test_a_model_that_is_being_downloaded_keeps_what_was_staged(cache: CacheMaker, tmp_path: Path) -> None:
    path = dss_zip(tmp_path / "a.zip")
    lock = lock_path(cache.root, "models--org--name", ETAGS["model.safetensors"])
    lock.parent.mkdir(parents=True)
    with FileLock(lock):
        [done] = execute_import(plan_import([path], cache.root)).items
    assert isinstance(done.error, ModelInUse)
    assert not cache.folder("org/name").exists()
    [left] = find_staging(cache.root)
    assert not left.alive
    assert imported(path, cache.root).bytes_written == 0
    assert loaded(cache.root) == FILES

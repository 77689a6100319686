"""Two Modelkeeps, and Modelkeep beside the Hub's own client, on one cache at one time."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from huggingface_hub import scan_cache_dir, snapshot_download
from huggingface_hub.utils import WeakFileLock

from modelkeep import open_library
from modelkeep.cache.locks import blob_locks, changing, is_held, lock_path
from modelkeep.errors import CacheBusy, ModelInUse, ModelKeepError
from support.caches import CacheMaker

FORK = multiprocessing.get_context("fork")


def test_only_one_changes_a_root_at_a_time(cache: CacheMaker) -> None:
    with changing(cache.root):
        with pytest.raises(CacheBusy) as caught, changing(cache.root, patience=0.05):
            pass
        assert caught.value.hint
    with changing(cache.root, patience=0.05):
        pass


def test_a_lock_dies_with_its_process(cache: CacheMaker) -> None:
    held = FORK.Event()

    def hold() -> None:
        with changing(cache.root):
            held.set()
            threading.Event().wait(60)

    process = FORK.Process(target=hold)
    process.start()
    assert held.wait(10)
    process.kill()
    process.join()
    with changing(cache.root, patience=5):
        pass


def test_the_hub_clients_lock_of_a_blob_is_ours_too(cache: CacheMaker) -> None:
    path = lock_path(cache.root, "models--org--model", "e" * 64)
    path.parent.mkdir(parents=True)
    with WeakFileLock(path):
        assert is_held(path)
        with (
            pytest.raises(ModelInUse),
            blob_locks(cache.root, "models--org--model", [("a" * 64, 1), ("e" * 64, 2)]),
        ):
            pass
    with blob_locks(cache.root, "models--org--model", [("a" * 64, 1), ("e" * 64, 2)]):
        assert is_held(path)
    assert not is_held(path)
    assert not is_held(path.with_name("never.lock"))


def _delete_and_restore(root: Path, name: str, times: int) -> None:
    with open_library([root]) as library:
        for _ in range(times):
            # Where another changes what is looked at, an operation may refuse; it must not break anything.
            with suppress(ModelKeepError):
                results = library.delete(library.plan_deletion(library.choose([name])))
                library.restore([(str(root), entry) for result in results for entry in result.entries])
            library.refresh()
        left = [(entry.root, entry.id) for entry in library.trash() if entry.key.repo_id == name]
        library.restore(left)
    os._exit(0)


def test_four_processes_delete_and_restore_while_the_client_reads(cache: CacheMaker) -> None:
    names = [f"org/model-{number}" for number in range(4)]
    for name in (*names, "org/quiet"):
        cache.add(name, {"model.safetensors": b"shared weights" * 900, "config.json": name.encode()})
        cache.share(name, b"shared weights" * 900)
    before = {path.relative_to(cache.root) for path in cache.root.glob("*/*/*/*")}
    processes = [FORK.Process(target=_delete_and_restore, args=(cache.root, name, 10)) for name in names]
    for process in processes:
        process.start()
    while any(process.is_alive() for process in processes):
        snapshot_download("org/quiet", cache_dir=cache.root, local_files_only=True)
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    assert scan_cache_dir(cache.root).warnings == []
    assert {path.relative_to(cache.root) for path in cache.root.glob("*/*/*/*")} - {Path()} == before
    for name in names:
        snapshot_download(name, cache_dir=cache.root, local_files_only=True)


def test_the_trash_is_listed_while_another_takes_from_it(cache: CacheMaker) -> None:
    cache.add("org/model", {f"sub/{number}.bin": b"x" for number in range(50)})
    look = os.lstat
    seen: list[str] = []
    with open_library([cache.root]) as library:
        library.delete(library.plan_deletion(library.choose(["org/model"])))
        [entry] = library.trash()

        def another_takes(path: str, **more: int) -> os.stat_result:
            if not seen and os.fspath(path).endswith("25.bin"):
                seen.append(path)
                shutil.rmtree(cache.root / ".modelkeep" / "trash" / entry.id)
            return look(path, **more)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "lstat", another_takes)
            assert library.trash() == ()
    assert seen

"""A delete is a plan, then a rename into the trash, then the truth about it; a restore puts all back exactly."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from huggingface_hub import scan_cache_dir, snapshot_download
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelkeep.cache.deletion import DeletionPlan, Target, execute_deletion, plan_deletion
from modelkeep.cache.locks import lock_path
from modelkeep.cache.scan import scan
from modelkeep.cache.trash import empty, list_trash, restore
from modelkeep.errors import ModelNotFound
from modelkeep.keys import ModelKey
from support.caches import CacheMaker, sha256
from support.users import as_nobody

WEIGHTS = b"weights" * 4000
OLD = b"older weights" * 4000


def plan(cache: CacheMaker, *keys: str, files: Sequence[str] = (), permanently: bool = False) -> DeletionPlan:
    targets = [Target(ModelKey.parse(key), tuple(files)) for key in keys]
    return plan_deletion(scan(cache.root), targets, permanently=permanently)


def photograph(root: Path, *, but: Sequence[str] = (".locks", "trees.lock")) -> dict[str, object]:
    """Everything about a cache that a restore has to bring back: types, contents, links, modes, times."""
    seen: dict[str, object] = {}
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in but]
        for name in (*folders, *files):
            path = Path(folder) / name
            status = path.lstat()
            if path.is_symlink():
                what: object = os.readlink(path)
            else:
                what = path.read_bytes() if path.is_file() else "folder"
            seen[path.relative_to(root).as_posix()] = (what, status.st_mode, status.st_mtime_ns)
    return seen


def du(path: Path, *but: str) -> int:
    excluded = [f"--exclude={name}" for name in but]
    return int(subprocess.check_output(["du", "-s", "--block-size=1", *excluded, path]).split()[0])


def two_revisions(cache: CacheMaker) -> tuple[str, str]:
    old = cache.add("org/model", {"config.json": b"{}", "model.safetensors": OLD}, refs=("v1",))
    new = cache.add("org/model", {"config.json": b"{}", "model.safetensors": WEIGHTS})
    return old, new


def test_a_plan_changes_nothing(cache: CacheMaker) -> None:
    two_revisions(cache)
    before = photograph(cache.root, but=())
    found = plan(cache, "org/model@v1")
    assert photograph(cache.root, but=()) == before
    [item] = found.items
    assert (item.what, item.refs, [kept.name for kept in item.kept]) == ("revision", ("v1",), ["config.json"])
    assert found.frees > len(OLD)


@pytest.mark.parametrize(
    ("keys", "files"),
    [
        (["org/model"], []),
        (["org/model@v1"], []),
        (["org/model@v1"], ["model.safetensors"]),
        (["org/model@main", "org/model@v1"], ["config.json"]),
        (["org/shared-a"], []),
        (["org/shared-a", "org/shared-b"], []),
        (["org/shared-a@main"], ["model.safetensors"]),
        (["org/copied"], []),
        (["org/copied@main"], ["onnx/model.onnx"]),
        (["org/linked-a", "org/linked-b", "org/model@main"], []),
    ],
)
def test_what_is_promised_is_freed_and_a_restore_is_exact(
    cache: CacheMaker, keys: list[str], files: list[str]
) -> None:
    two_revisions(cache)
    for name in ("org/shared-a", "org/shared-b"):
        cache.add(name, {"model.safetensors": WEIGHTS, "config.json": b"{}"})
        cache.share(name, WEIGHTS)
    cache.add("org/copied", {"onnx/model.onnx": OLD, "config.json": b"{}"}, linked=False)
    cache.add("org/copied", {"onnx/model.onnx": OLD, "config.json": b"[]"}, linked=False, refs=("v2",))
    for name in ("org/linked-a", "org/linked-b"):
        cache.add(name, {"model.bin": OLD})
    blobs = [cache.folder(name) / "blobs" / sha256(OLD) for name in ("org/linked-a", "org/linked-b")]
    blobs[1].unlink()
    os.link(*blobs)
    before, size = photograph(cache.root), du(cache.root, ".locks")
    listed = scan(cache.root)

    result = execute_deletion(plan(cache, *keys, files=files))
    assert result.failures == ()
    assert result.freed == result.promised > 0
    assert {entry.id for entry in list_trash(cache.root)} == set(result.entries)
    for left in scan(cache.root).models:
        assert not [problem for problem in left.problems if problem.kind != "missing-files"]
    restored = restore(cache.root, result.entries)
    assert [item.error for item in restored] == [""] * len(result.entries)
    assert scan(cache.root).models == listed.models
    assert photograph(cache.root) == before

    forever = execute_deletion(plan(cache, *keys, files=files, permanently=True))
    assert forever.failures == ()
    assert forever.freed == forever.promised == result.freed == size - du(cache.root, ".locks")


def test_nothing_of_ours_is_left_when_the_trash_is_empty(cache: CacheMaker) -> None:
    cache.add("org/model")
    execute_deletion(plan(cache, "org/model"))
    [emptied] = empty(cache.root)
    assert emptied.freed > 0
    assert not (cache.root / ".modelkeep").exists()


def test_the_last_revision_is_the_model(cache: CacheMaker) -> None:
    two_revisions(cache)
    [item] = plan(cache, "org/model@v1", "org/model@main").items
    assert item.what == "model"


def test_an_open_or_mapped_file_is_in_use_and_force_overrules(cache: CacheMaker) -> None:
    cache.add("org/model", {"model.safetensors": WEIGHTS})
    script = (
        "import mmap,sys; f=open(sys.argv[1],'rb'); m=mmap.mmap(f.fileno(),0,access=mmap.ACCESS_READ); f.close();"
        "print(flush=True); sys.stdin.read()"
    )
    blob = cache.folder("org/model") / "blobs" / sha256(WEIGHTS)
    with subprocess.Popen(
        [sys.executable, "-c", script, blob], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as user:
        assert user.stdout is not None
        user.stdout.readline()
        refused = plan(cache, "org/model")
        result = execute_deletion(refused)
        assert f"({user.pid})" in refused.items[0].refusal
        assert result.failures == (refused.items[0].refusal,)
        assert blob.exists()
        forced = execute_deletion(refused, force=True)
        assert forced.failures == ()
        [emptied] = empty(cache.root)
        assert f"({user.pid})" in emptied.error
        user.communicate()
    assert empty(cache.root)[0].freed > len(WEIGHTS)


def test_a_download_that_goes_on_is_refused(cache: CacheMaker) -> None:
    cache.add("org/fresh")
    cache.incomplete("org/fresh")
    assert "downloaded" in execute_deletion(plan(cache, "org/fresh")).failures[0]
    cache.add("org/dead")
    dead = cache.incomplete("org/dead")
    os.utime(dead, (time.time() - 3600,) * 2)
    assert execute_deletion(plan(cache, "org/dead")).failures == ()


def test_a_lock_that_the_hub_client_holds_is_respected(cache: CacheMaker) -> None:
    from huggingface_hub.utils import WeakFileLock

    cache.add("org/model", {"model.safetensors": WEIGHTS})
    path = lock_path(cache.root, "models--org--model", sha256(WEIGHTS))
    path.parent.mkdir(parents=True)
    with WeakFileLock(path):
        assert "downloaded" in execute_deletion(plan(cache, "org/model")).failures[0]
    assert execute_deletion(plan(cache, "org/model")).failures == ()


def test_pinned_is_refused_and_the_rest_is_done(cache: CacheMaker) -> None:
    cache.add("org/kept")
    cache.add("org/gone")
    keys = [ModelKey("org/kept"), ModelKey("org/gone")]
    found = plan_deletion(scan(cache.root), [Target(key) for key in keys], pinned=keys[:1])
    result = execute_deletion(found)
    assert result.failures == ("hf@org/kept is pinned.",)
    assert result.freed == result.promised > 0
    assert [model.repo_id for model in scan(cache.root).models] == ["org/kept"]


def test_another_users_cache_stays_as_it_is_and_says_so(cache: CacheMaker) -> None:
    cache.add("org/model")
    before = photograph(cache.root, but=())

    def delete() -> str:
        try:
            execute_deletion(plan(cache, "org/model"))
        except Exception as error:  # noqa: BLE001 - its text is what is tested
            return type(error).__name__
        return ""

    assert as_nobody(delete, cache.root) == "ReadOnlyCache"
    assert photograph(cache.root, but=()) == before


def test_the_hub_client_cannot_destroy_what_the_trash_needs(cache: CacheMaker) -> None:
    """Its own delete of the last other user collects the shared payload; the trash has kept the bytes."""
    for name in ("org/ours", "org/theirs"):
        cache.add(name, {"model.safetensors": WEIGHTS})
        payload = cache.share(name, WEIGHTS)
    result = execute_deletion(plan(cache, "org/ours"))
    theirs = next(repo for repo in scan_cache_dir(cache.root).repos if repo.repo_id == "org/theirs")
    scan_cache_dir(cache.root).delete_revisions(*(r.commit_hash for r in theirs.revisions)).execute()
    assert not payload.exists()
    restore(cache.root, result.entries)
    folder = snapshot_download("org/ours", cache_dir=cache.root, local_files_only=True)
    assert (Path(folder) / "model.safetensors").read_bytes() == WEIGHTS
    assert scan_cache_dir(cache.root).warnings == []
    assert scan(cache.root).models[0].state == "whole"


def test_what_is_there_again_stays_and_is_named(cache: CacheMaker) -> None:
    old, new = two_revisions(cache)
    result = execute_deletion(plan(cache, "org/model"))
    cache.add("org/model", {"config.json": b"{}", "model.safetensors": WEIGHTS})
    newer = cache.add("org/model", {"config.json": b"[1]"})
    [restored] = restore(cache.root, result.entries)
    assert any(path.endswith("refs/main") for path in restored.kept)
    [model] = scan(cache.root).models
    assert {revision.commit for revision in model.revisions} == {old, new, newer}
    assert dict(model.refs) == {"main": newer, "v1": old}
    assert model.state == "whole"


def test_what_is_not_there_is_named(cache: CacheMaker) -> None:
    cache.add("org/model")
    for key, files in [("org/other", []), ("org/model@v9", []), ("org/model", ["nothing.txt"])]:
        with pytest.raises(ModelNotFound) as caught:
            plan(cache, key, files=files)
        assert caught.value.hint
    assert restore(cache.root, ["20260101T000000Z-nothing"])[0].error


def _delete_and_restore(root: str) -> None:
    inventory = scan(root)
    while True:
        result = execute_deletion(plan_deletion(inventory, [Target(ModelKey("org/victim", "v1"))]))
        restore(root, result.entries)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(delay=st.floats(0, 0.08))
def test_killed_at_any_moment_nothing_is_lost(delay: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cache = CacheMaker(Path(folder).resolve() / "hub")
        for name, ref in [("org/victim", "main"), ("org/victim", "v1"), ("org/bystander", "main")]:
            cache.add(name, {"a.bin": f"{name}{ref}".encode(), "config.json": b"{}"}, refs=(ref,))
        before = {model.key: model.size for model in scan(cache.root).models}
        process = multiprocessing.get_context("fork").Process(
            target=_delete_and_restore, args=(str(cache.root),)
        )
        process.start()
        process.join(delay)
        process.kill()
        process.join()
        snapshot_download("org/bystander", cache_dir=cache.root, local_files_only=True)
        snapshot_download("org/victim", cache_dir=cache.root, local_files_only=True)
        assert not [
            r
            for r in restore(cache.root, [e.id for e in list_trash(cache.root) if e.what != "leftover"])
            if r.error
        ]
        after = scan(cache.root)
        assert {model.key: model.size for model in after.models} == before
        assert {model.state for model in after.models} == {"whole"}

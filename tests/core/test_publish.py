"""Publishing puts a revision into a cache in an order that nothing can break, and never touches what is there."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest
from filelock import FileLock
from huggingface_hub import scan_cache_dir, snapshot_download

from modelkeep.cache.inventory import State
from modelkeep.cache.locks import lock_path
from modelkeep.cache.publish import StagedFile, publish
from modelkeep.cache.scan import scan
from modelkeep.cache.staging import (
    Staging,
    Verified,
    Work,
    clear_staging,
    find_staging,
    open_staging,
    staged_bytes,
)
from modelkeep.errors import CacheBusy, CacheError, ModelInUse
from modelkeep.keys import ModelKey
from support.archives import tree_of
from support.caches import CacheMaker, etag, sha256

KEY = ModelKey("org/name")
COMMIT, OTHER = "a" * 40, "b" * 40
FILES = {
    "config.json": b"{}",
    "a/b/model.safetensors": b"weights" * 100,
    "copy.safetensors": b"weights" * 100,
}
WORK = Work(("/archive.zip",), "", str(KEY), COMMIT)


def put(
    root: Path,
    files: Mapping[str, bytes] = FILES,
    *,
    commit: str = COMMIT,
    refs: Mapping[str, str] | None = None,
    complete: bool = True,
) -> Path:
    """Stage these files and publish them, as an import does."""
    with open_staging(root, WORK) as staging:
        staged = [stage(staging, name, data) for name, data in files.items()]
        snapshot = publish(
            root,
            KEY,
            commit,
            staged,
            staging=staging.path,
            refs={"main": commit} if refs is None else refs,
            complete=complete,
        )
        staging.clear()
    return snapshot


def stage(staging: Staging, name: str, data: bytes) -> StagedFile:
    part = staging.part(0)
    part.write_bytes(data)
    staging.keep(part, name, Verified(etag(name, data), sha256(data)))
    return StagedFile(name, etag(name, data), len(data), staging.blob(etag(name, data)))


def loaded(root: Path, revision: str = "main") -> dict[str, bytes]:
    """What the Hub's client gives a program that loads the model offline."""
    folder = Path(snapshot_download("org/name", revision=revision, local_files_only=True, cache_dir=root))
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_published_model_is_what_the_client_would_have_made(cache: CacheMaker) -> None:
    snapshot = put(cache.root)
    assert loaded(cache.root) == FILES
    [ours] = scan(cache.root).models
    assert (ours.state, ours.file_count, ours.problems) == (State.WHOLE, 2, ())
    info = scan_cache_dir(cache.root)
    assert not info.warnings
    assert os.readlink(snapshot / "a/b/model.safetensors") == f"../../../../blobs/{sha256(b'weights' * 100)}"
    assert not (cache.root / ".modelkeep").exists()
    tag = (cache.root / "CACHEDIR.TAG").read_text()
    assert tag.startswith("Signature: 8a477f597d28d172789f06886806bc55\n")


def test_the_tree_listing_is_the_client_s(cache: CacheMaker) -> None:
    put(cache.root)
    listing = json.loads((cache.folder("org/name") / f"trees/{COMMIT}.json").read_text())
    digest = sha256(b"weights" * 100)
    assert listing == {
        "format_version": 1,
        "files": {
            "config.json": {"size": 2, "blob_id": "9e26dfeeb6e641a33dae4961196235bdb965b21b"},
            **{
                # Made with: printf 'version ...\noid sha256:...\nsize 700\n' | git hash-object --stdin
                name: {
                    "size": 700,
                    "blob_id": "6e4d23e06f53aa1ccecd22c98de2126fe6f25401",
                    "lfs_sha256": digest,
                    "lfs_size": 700,
                }
                for name in ("a/b/model.safetensors", "copy.safetensors")
            },
        },
    }


def test_new_files_have_the_modes_of_any_new_file(cache: CacheMaker) -> None:
    before = os.umask(0o027)
    try:
        put(cache.root)
    finally:
        os.umask(before)
    repo = cache.folder("org/name")
    files = [path for path in repo.rglob("*") if path.is_file() and not path.is_symlink()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o640}
    assert {stat.S_IMODE(path.stat().st_mode) for path in repo.rglob("*") if path.is_dir()} == {0o750}


def test_another_revision_leaves_the_first_as_it_is(cache: CacheMaker) -> None:
    put(cache.root)
    first = tree_of(cache.folder("org/name") / "snapshots" / COMMIT)
    put(cache.root, FILES | {"config.json": b"[]"}, commit=OTHER, refs={"v2": OTHER})
    assert tree_of(cache.folder("org/name") / "snapshots" / COMMIT) == first
    assert loaded(cache.root) == FILES
    assert loaded(cache.root, "v2") == FILES | {"config.json": b"[]"}


def test_missing_files_are_added_to_a_snapshot(cache: CacheMaker) -> None:
    cache.add("org/name", {"config.json": b"{}", "extra.txt": b"kept"}, commit=COMMIT, tree=False)
    absent = cache.folder("org/name") / f".no_exist/{COMMIT}/copy.safetensors"
    absent.parent.mkdir(parents=True)
    absent.touch()
    inode = (cache.folder("org/name") / "snapshots" / COMMIT / "config.json").lstat().st_ino
    put(cache.root, complete=False)
    assert loaded(cache.root) == FILES | {"extra.txt": b"kept"}
    assert (cache.folder("org/name") / "snapshots" / COMMIT / "config.json").lstat().st_ino == inode
    assert not absent.exists()
    assert scan(cache.root).models[0].state is State.UNPROVEN


def test_a_listing_that_says_otherwise_does_not_stay(cache: CacheMaker) -> None:
    cache.add("org/name", {"config.json": b"old"}, commit=COMMIT)
    put(cache.root, complete=False)
    assert not (cache.folder("org/name") / f"trees/{COMMIT}.json").exists()
    cache.write_tree("org/name", COMMIT, FILES | {"more.bin": b"not here"})
    put(cache.root, complete=True)
    [revision] = scan(cache.root).models[0].revisions
    assert revision.missing == ("more.bin",), "a listing that knows more files was replaced"


def test_damaged_content_is_replaced(cache: CacheMaker) -> None:
    cache.add("org/name", FILES, commit=COMMIT)
    blob = cache.folder("org/name") / "blobs" / sha256(b"weights" * 100)
    blob.write_bytes(b"damaged" * 100)
    put(cache.root)
    assert loaded(cache.root) == FILES


def test_a_link_into_the_shared_store_gives_way_to_the_content(cache: CacheMaker) -> None:
    cache.add("org/name", FILES, commit=COMMIT)
    payload = cache.share("org/name", b"weights" * 100)
    put(cache.root)
    assert payload.exists()
    assert loaded(cache.root) == FILES
    assert not scan_cache_dir(cache.root).warnings


def test_where_links_do_not_work_files_are_moved_or_copied(
    cache: CacheMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_DISABLE_SYMLINKS", "1")
    snapshot = put(cache.root)
    assert not any(path.is_symlink() for path in snapshot.rglob("*"))
    assert loaded(cache.root) == FILES
    assert not scan_cache_dir(cache.root).warnings
    put(cache.root, FILES | {"new.json": b"new"})
    assert loaded(cache.root) == FILES | {"new.json": b"new"}


def test_a_repository_that_appears_meanwhile_is_filled(
    cache: CacheMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = os.rename

    def race(source: Path, target: Path) -> None:
        if target == cache.folder("org/name") and not target.exists():
            cache.add("org/name", {"config.json": b"[]"}, commit=OTHER, refs=("v1",))
        rename(source, target)

    monkeypatch.setattr(os, "rename", race)
    put(cache.root)
    assert loaded(cache.root) == FILES
    assert loaded(cache.root, "v1") == {"config.json": b"[]"}


def test_a_blob_that_is_being_downloaded_is_left_alone(cache: CacheMaker) -> None:
    lock = lock_path(cache.root, "models--org--name", etag("config.json", b"{}"))
    lock.parent.mkdir(parents=True)
    with FileLock(lock), pytest.raises(ModelInUse):
        put(cache.root)
    assert not cache.folder("org/name").exists()


def test_content_that_vanished_is_not_linked_to(cache: CacheMaker) -> None:
    cache.add("org/name", {"config.json": b"{}"}, commit=OTHER)
    with open_staging(cache.root, WORK) as staging:
        gone = [StagedFile("model.bin", "f" * 64, 3, None)]
        with pytest.raises(CacheError, match="meanwhile"):
            publish(cache.root, KEY, COMMIT, gone, staging=staging.path, refs={"main": COMMIT}, complete=True)
    assert (cache.folder("org/name") / "refs/main").read_text() == OTHER


# ---- a kill at any instant


def killed_at(step: int, action: Callable[[], object]) -> bool:
    """Do something in a process that ends, as by a kill, before its n-th change to the disk; whether it got there."""
    child = os.fork()
    if child == 0:
        left = step

        def dying(change: Callable[..., object]) -> Callable[..., object]:
            def changed(*arguments: object, **named: object) -> object:
                nonlocal left
                left -= 1
                if left < 0:
                    os._exit(9)
                return change(*arguments, **named)

            return changed

        for name in ("rename", "replace", "symlink", "mkdir", "unlink", "rmdir", "link"):
            setattr(os, name, dying(getattr(os, name)))
        try:
            action()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


@pytest.mark.parametrize("state", ["new", "another revision", "incomplete", "without links"])
def test_a_kill_at_any_step_leaves_a_cache_that_loads(
    state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if state == "without links":
        monkeypatch.setenv("HF_HUB_DISABLE_SYMLINKS", "1")
    steps = 0
    finished = False
    while not finished:
        cache = CacheMaker(tmp_path / f"hub{steps}")
        cache.add("org/other", {"config.json": b"other"})
        before: dict[str, bytes] = {}
        if state == "another revision":
            before = {"config.json": b"[]"}
            cache.add("org/name", before, commit=OTHER)
        elif state == "incomplete":
            before = {"config.json": b"{}"}
            cache.add("org/name", before, commit=COMMIT, tree=False)
        finished = not killed_at(steps, partial(put, cache.root))
        steps += 1
        if before or (cache.folder("org/name") / "refs/main").exists():
            got = loaded(cache.root)
            assert got in (before, FILES) or (
                state == "incomplete" and before.items() <= got.items() <= FILES.items()
            )
        for model in scan(cache.root).models:
            assert not [p for p in model.problems if p.kind in ("broken-link", "dangling-ref", "wrong-size")]
        other = snapshot_download("org/other", local_files_only=True, cache_dir=cache.root)
        assert Path(other, "config.json").read_bytes() == b"other"
        # Doing it again succeeds, whatever the kill left.
        put(cache.root)
        assert loaded(cache.root) == FILES
        assert not find_staging(cache.root)
    assert steps > 15


# ---- staging


def test_what_is_left_is_found_and_cleared(cache: CacheMaker) -> None:
    with open_staging(cache.root, WORK) as staging:
        stage(staging, "model.safetensors", b"x" * 5000)
        staging.part(7).write_bytes(b"half")
        [living] = find_staging(cache.root)
        assert living.alive
        with pytest.raises(CacheBusy):
            clear_staging(cache.root, living)
        with pytest.raises(CacheBusy), open_staging(cache.root, WORK):
            pass
    [left] = find_staging(cache.root)
    assert (left.key, left.commit, left.sources, left.alive) == (KEY, COMMIT, ("/archive.zip",), False)
    assert left.on_disk > 5000
    assert staged_bytes(cache.root, WORK) == 5000
    clear_staging(cache.root, left)
    assert find_staging(cache.root) == ()
    assert not (cache.root / ".modelkeep").exists()


def test_the_same_work_goes_on_from_what_is_left(cache: CacheMaker) -> None:
    with open_staging(cache.root, WORK) as staging:
        stage(staging, "model.safetensors", b"x" * 5000)
        with (staging.path / "verified.jsonl").open("a") as file:
            file.write('["half a li')
    with open_staging(cache.root, WORK) as again:
        assert again.verified == {"model.safetensors": Verified(sha256(b"x" * 5000), sha256(b"x" * 5000))}
        assert again.has(sha256(b"x" * 5000), 5000)
        assert not again.has(sha256(b"x" * 5000), 4999)
        assert not list(again.path.glob("*.part"))


def test_what_was_killed_while_it_was_published_is_staged_again(cache: CacheMaker) -> None:
    with open_staging(cache.root, WORK) as staging:
        staged = stage(staging, "model.safetensors", b"x" * 5000)
        (staging.path / "models--org--name/blobs").mkdir(parents=True)
        staging.blob(staged.etag).rename(staging.path / "models--org--name/blobs" / staged.etag)
    with open_staging(cache.root, WORK) as again:
        assert again.has(staged.etag, 5000)


def test_what_was_staged_from_a_changed_source_is_forgotten(cache: CacheMaker) -> None:
    with open_staging(cache.root, WORK) as staging:
        stage(staging, "model.safetensors", b"x" * 5000)
    changed = Work(WORK.sources, WORK.folder, WORK.key, WORK.commit, state=((1, 2),))
    assert changed.id == WORK.id
    with open_staging(cache.root, changed) as again:
        assert not again.verified
        assert not again.has(sha256(b"x" * 5000), 5000)


@pytest.mark.parametrize("journal", [b"", b"garbage", b"[]", b'{"work": 3}', b'{"work": {"key": 5}}'])
def test_a_broken_journal_is_found_all_the_same(journal: bytes, cache: CacheMaker) -> None:
    with open_staging(cache.root, WORK) as staging:
        (staging.path / "journal.json").write_bytes(journal)
    [left] = find_staging(cache.root)
    assert left.key is None
    clear_staging(cache.root, left)
    assert find_staging(cache.root) == ()

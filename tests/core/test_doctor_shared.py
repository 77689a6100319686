"""What others use too: the manifests of the shared store, and the rights that they need."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest
from filelock import FileLock
from huggingface_hub import scan_cache_dir, snapshot_download

from modelkeep.cache.sharing import read_store
from modelkeep.doctor.examine import examine
from modelkeep.doctor.findings import DAY, Finding, plan_repair
from modelkeep.doctor.repair import RepairResult, repair
from support.caches import CacheMaker, sha256
from support.cli import tree
from support.users import as_nobody

WEIGHTS = b"weights" * 4000
LINES = tuple(f"models--org--{name}/blobs/{sha256(WEIGHTS)}" for name in ("one", "two"))


@pytest.fixture
def shared(cache: CacheMaker) -> CacheMaker:
    """Two models that share a content."""
    for name in ("org/one", "org/two"):
        cache.add(name, {"w.bin": WEIGHTS, "config.json": name.encode()})
        cache.share(name, WEIGHTS)
    return cache


def manifest(cache: CacheMaker) -> Path:
    [payload] = read_store(str(cache.root)).payloads
    return Path(f"{payload}.refs")


def found(cache: CacheMaker, problem: str) -> list[Finding]:
    return [one for one in examine(cache.root, now=time.time() + 3 * DAY).findings if one.problem == problem]


def mended(cache: CacheMaker, *problems: str) -> RepairResult:
    now = time.time() + 3 * DAY
    looked = examine(cache.root, now=now)
    result = repair(
        plan_repair(looked.inventory, looked.findings, problems, everything=not problems), now=now
    )
    assert [one.error for one in result.items if one.error] == []
    return result


# ---- manifests


def test_a_content_whose_list_lacks_a_user_is_kept_for_it(shared: CacheMaker) -> None:
    manifest(shared).write_text(f"{LINES[0]}\n")
    [one] = found(shared, "wrong-manifest")
    assert "lacks org/two" in one.message
    mended(shared)
    assert found(shared, "wrong-manifest") == []
    assert manifest(shared).read_text().splitlines() == list(LINES)
    # As the Hub's client prunes: without the repair it takes the content from the other model.
    [commit] = [
        r.commit_hash
        for m in scan_cache_dir(shared.root).repos
        if m.repo_id == "org/one"
        for r in m.revisions
    ]
    scan_cache_dir(shared.root).delete_revisions(commit).execute()
    snapshot = snapshot_download("org/two", cache_dir=shared.root, local_files_only=True)
    assert Path(snapshot, "w.bin").read_bytes() == WEIGHTS


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f"{LINES[0]}\n{LINES[1]}\nmodels--org--gone/blobs/{'a' * 64}\n", "1 line that leads nowhere"),
        (f"{LINES[0]}\n{LINES[1]}\n../../etc/passwd\n\0\n/\n", "3 lines that lead nowhere"),
        (f"{LINES[0]}\n{LINES[1]}", "in the middle of a line"),
        (f"{LINES[0]}\n{LINES[1][:20]}", "lacks org/two"),
    ],
)
def test_a_list_becomes_what_the_disk_says(shared: CacheMaker, content: str, said: str) -> None:
    manifest(shared).write_text(content)
    [one] = found(shared, "wrong-manifest")
    assert said in one.message
    mended(shared)
    assert manifest(shared).read_text() == "".join(f"{line}\n" for line in LINES)
    assert stat.S_IMODE(manifest(shared).stat().st_mode) == 0o666
    before = tree(shared.root)
    assert mended(shared).items == ()
    assert tree(shared.root) == before


def test_a_list_that_is_missing_or_garbage_is_written(shared: CacheMaker) -> None:
    for spoil in (Path.unlink, lambda path: path.write_bytes(b"\xff\xfe\x00")):
        spoil(manifest(shared))
        [one] = found(shared, "wrong-manifest")
        assert "never removed" in one.message
        mended(shared)
        assert manifest(shared).read_text().splitlines() == list(LINES)


def test_a_list_that_is_a_link_becomes_a_file(shared: CacheMaker, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine")
    manifest(shared).unlink()
    manifest(shared).symlink_to(outside)
    mended(shared)
    assert not manifest(shared).is_symlink()
    assert outside.read_text() == "mine"


def test_a_list_is_not_written_while_its_lock_is_held(shared: CacheMaker) -> None:
    manifest(shared).write_text("")
    with FileLock(f"{str(manifest(shared)).removesuffix('.refs')}.lock"):
        [one] = found(shared, "wrong-manifest")
        assert "downloaded" in one.refusal
        assert mended(shared).items == ()


def test_a_list_that_nobody_can_complete_is_left(shared: CacheMaker) -> None:
    manifest(shared).unlink()
    hidden = shared.folder("org/two") / "blobs"
    hidden.chmod(0)
    try:
        [one] = as_nobody(lambda: found(shared, "wrong-manifest"), shared.root)
    finally:
        hidden.chmod(0o755)
    assert "nobody knows" in one.refusal


def test_what_a_killed_writer_left_goes(shared: CacheMaker) -> None:
    ours, theirs = (
        manifest(shared).with_name(name)
        for name in (f".{manifest(shared).name}.ab12cd34.tmp", f"{manifest(shared).name}.0123abcd.tmp")
    )
    for path in (ours, theirs):
        path.write_text(LINES[0])
    assert [one.refusal for one in examine(shared.root).findings if one.problem == "temporary-file"] != [
        "",
        "",
    ]
    mended(shared)
    assert not ours.exists()
    assert not theirs.exists()


# ---- rights


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    ("root", "file", "folder"), [(0o2770, 0o640, 0o2770), (0o775, 0o644, 0o775), (0o2777, 0o644, 0o2777)]
)
def test_everything_becomes_as_open_as_the_cache_and_no_more(
    cache: CacheMaker, root: int, file: int, folder: int
) -> None:
    for above in cache.root.parents:
        if above.stat().st_uid == os.getuid() and "pytest" in str(above):
            above.chmod(0o755)
    cache.add("org/model", {"w.bin": WEIGHTS})
    blob, blobs = cache.folder("org/model") / "blobs" / sha256(WEIGHTS), cache.folder("org/model") / "blobs"
    lock = cache.root / ".locks" / "models--org--model" / "a.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    blob.chmod(0o600)
    blobs.chmod(0o700)
    cache.root.chmod(root)
    assert mended(cache).items == ()  # only by name
    result = mended(cache, "permissions")
    assert found(cache, "permissions") == []
    assert (mode(blob), mode(blobs)) == (file, folder)
    assert mode(lock) == (0o644 | (0o066 if root & 0o2 else 0o020))
    assert any("0600, 0700" in one.note for one in result.items)
    before = tree(cache.root)
    assert mended(cache, "permissions").items == ()
    assert tree(cache.root) == before


def test_another_user_can_read_and_lock_after_the_repair(shared: CacheMaker) -> None:
    shared.root.chmod(0o777)
    manifest(shared).chmod(0o600)
    for path in (shared.folder("org/one") / "blobs", shared.folder("org/one") / "refs"):
        path.chmod(0o700)

    def use() -> str:
        with FileLock(str(manifest(shared)).removesuffix(".refs") + ".lock"), manifest(shared).open("a"):
            return Path(snapshot_download("org/one", cache_dir=shared.root, local_files_only=True)).name

    mended(shared, "permissions")
    assert as_nobody(use, shared.root)


def test_what_belongs_to_somebody_else_is_told(cache: CacheMaker) -> None:
    cache.add("org/model", {"w.bin": WEIGHTS})
    blob = cache.folder("org/model") / "blobs" / sha256(WEIGHTS)
    blob.chmod(0o600)
    cache.root.chmod(0o777)

    def look() -> list[str]:
        return [one.refusal for one in found(cache, "permissions") if one.key]

    [refusal] = as_nobody(look, cache.root)
    assert "belongs to root" in refusal or os.getuid()


def test_nothing_behind_a_link_is_opened(cache: CacheMaker, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o700)
    secret = outside / "secret"
    secret.write_text("mine")
    secret.chmod(0o600)
    commit = cache.add("org/model")
    (cache.folder("org/model") / "snapshots" / commit / "link").symlink_to(secret)
    (cache.folder("org/model") / "blobs" / "folder").symlink_to(outside)
    (cache.folder("org/model") / "blobs").chmod(0o700)
    cache.root.chmod(0o777)
    mended(cache, "permissions")
    assert found(cache, "permissions") == []
    assert (mode(outside), mode(secret)) == (0o700, 0o600)


@pytest.mark.skipif(os.getuid() != 0, reason="only the superuser may give files away")
def test_a_file_of_another_group_is_given_to_the_group_of_the_cache(cache: CacheMaker) -> None:
    cache.add("org/model", {"w.bin": WEIGHTS})
    blob = cache.folder("org/model") / "blobs" / sha256(WEIGHTS)
    os.chown(blob, -1, 12345)
    blob.chmod(0o640)
    cache.root.chmod(0o2770)
    mended(cache, "permissions")
    assert (blob.stat().st_gid, mode(blob)) == (cache.root.stat().st_gid, 0o640)


@pytest.mark.skipif(os.getuid() != 0, reason="only the superuser may give files away")
def test_who_is_not_the_owner_of_all_opens_what_is_theirs(cache: CacheMaker) -> None:
    cache.add("org/model", {"w.bin": WEIGHTS, "config.json": b"{}"})
    mine, theirs = sorted((cache.folder("org/model") / "blobs").iterdir())
    for path in (mine, theirs):
        path.chmod(0o600)
    os.chown(mine, 65534, -1)
    cache.root.chmod(0o777)

    def mend() -> tuple[str, list[str], list[str]]:
        [before] = [one for one in found(cache, "permissions") if one.key]
        result = mended(cache, "permissions")
        after = [one.refusal for one in found(cache, "permissions") if one.key]
        return before.message, [one.note for one in result.items], after

    message, notes, [refusal] = as_nobody(mend, cache.root)
    assert "1 of them belongs to root" in message
    assert notes == ["1 file or folder opened, before: 0600."]
    assert refusal.startswith("It belongs to root")
    assert (mode(mine), mode(theirs)) == (0o644, 0o600)

"""What the doctor only reports, what it refuses, and the promises that are hard to keep."""

from __future__ import annotations

import os
import time

import pytest
from huggingface_hub import scan_cache_dir, snapshot_download

from modelkeep.cache import trash
from modelkeep.cache.inventory import ProblemKind
from modelkeep.cache.scan import scan
from modelkeep.cache.staging import Work, open_staging
from modelkeep.doctor.examine import examine
from modelkeep.doctor.findings import DAY, PROBLEMS, Finding, plan_repair
from modelkeep.doctor.repair import RepairResult, repair
from modelkeep.keys import ModelKey
from support.caches import CacheMaker, sha256
from support.cli import tree
from support.users import as_nobody

WEIGHTS = b"weights" * 4000


def findings(cache: CacheMaker) -> dict[str, Finding]:
    """What is found when all is old, one of each kind."""
    return {one.problem: one for one in examine(cache.root, now=time.time() + 3 * DAY).findings}


def mended(cache: CacheMaker, *problems: str, pinned: tuple[ModelKey, ...] = ()) -> RepairResult:
    now = time.time() + 3 * DAY
    examination = examine(cache.root, now=now, pinned=pinned)
    plan = plan_repair(examination.inventory, examination.findings, problems, everything=not problems)
    result = repair(plan, now=now, pinned=pinned)
    assert result.freed == plan.frees
    return result


def test_the_doctor_knows_every_problem_of_a_scan() -> None:
    assert {kind.value for kind in ProblemKind} <= PROBLEMS.keys()


def test_what_only_the_user_can_mend_is_told_with_what_to_do(cache: CacheMaker) -> None:
    commit = cache.add("org/part", {"config.json": b"{}"})
    cache.write_tree("org/part", commit, {"config.json": b"{}", "w.bin": WEIGHTS})
    cache.add("org/short", {"w.bin": WEIGHTS})
    os.truncate(cache.folder("org/short") / "blobs" / sha256(WEIGHTS), 10)
    (cache.root / "mine.txt").write_text("mine")
    before = tree(cache.root)
    found = findings(cache)
    assert found.keys() == {"missing-files", "wrong-size", "stray-file"}
    assert all(one.repair and not one.can_be_repaired and not one.frees for one in found.values())
    assert mended(cache).items == ()
    assert tree(cache.root) == before


def test_what_keeps_a_group_out_is_told(cache: CacheMaker) -> None:
    cache.add("org/model", {"w.bin": WEIGHTS})
    (cache.folder("org/model") / "blobs" / sha256(WEIGHTS)).chmod(0o600)
    cache.root.chmod(0o755)
    assert findings(cache) == {}
    cache.root.chmod(0o2775)
    found = findings(cache)
    assert found.keys() == {"permissions"}
    assert "1 file or folder" in found["permissions"].message


@pytest.mark.parametrize(
    ("folder", "sources", "key", "said"),
    [
        ("", ("a.zip",), "org/name", "hf@org/name: an import was interrupted; `modelkeep staging resume`"),
        ("mend", (), "org/name", "hf@org/name: a mending was interrupted; mend it again"),
        ("safetensors", (), "org/name", "hf@org/name: a conversion was interrupted; convert it again"),
        ("pushed by clients", (), "", "What clients have pushed waits for a commit"),
        ("later versions", (), "", "Something is staged"),
    ],
)
def test_what_was_staged_is_said_and_what_to_do(
    cache: CacheMaker, folder: str, sources: tuple[str, ...], key: str, said: str
) -> None:
    with open_staging(cache.root, Work(sources, folder, key, None)) as staging:
        staging.part(1).write_bytes(WEIGHTS)
        assert findings(cache) == {}
    assert findings(cache)["interrupted-import"].message.startswith(said)
    mended(cache, "interrupted-import")
    assert not (cache.root / ".modelkeep" / "staging").exists()


def test_a_part_that_cannot_be_read_keeps_everything_it_may_need(cache: CacheMaker) -> None:
    commit = cache.add("org/model", {"w.bin": WEIGHTS, "config.json": b"{}"})
    cache.share("org/model", WEIGHTS)
    snapshot = cache.folder("org/model") / "snapshots" / commit

    def look() -> list[tuple[str, bool]]:
        return [(problem, one.can_be_repaired) for problem, one in findings(cache).items()]

    snapshot.chmod(0)
    try:
        found = as_nobody(look, cache.root)
    finally:
        snapshot.chmod(0o755)
    assert ("orphan-blob", False) in found
    assert not any(can for _, can in found)


def test_a_model_of_which_nothing_is_here_goes_with_what_it_shares(cache: CacheMaker) -> None:
    cache.add("org/whole", {"w.bin": WEIGHTS})
    cache.add("org/gone", {"w.bin": WEIGHTS, "config.json": b"{}"})
    for name in ("org/whole", "org/gone"):
        cache.share(name, WEIGHTS)
    snapshots = cache.folder("org/gone") / "snapshots"
    for path in sorted(snapshots.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    snapshots.rmdir()
    pinned = mended(cache, "no-snapshots", pinned=(ModelKey("org/gone"),))
    assert pinned.items == ()
    result = mended(cache)
    assert [(one.finding.problem, one.error) for one in result.items] == [("no-snapshots", "")]
    assert findings(cache) == {}
    trash.empty(cache.root, result.entries)
    snapshot_download("org/whole", cache_dir=cache.root, local_files_only=True)


def test_after_all_repairs_the_hub_client_sees_the_model_again(cache: CacheMaker) -> None:
    cache.add("org/model", {"w.bin": WEIGHTS})
    cache.set_ref("org/model", "main", "7" * 40)  # as its own dry run leaves it
    assert scan_cache_dir(cache.root).warnings
    mended(cache)
    info = scan_cache_dir(cache.root)
    assert not info.warnings
    assert [one.repo_id for one in info.repos] == ["org/model"]
    snapshot_download("org/model", cache_dir=cache.root, local_files_only=True)


def test_a_copy_with_other_content_or_other_readers_stays(cache: CacheMaker) -> None:
    first = cache.add("org/model", {"w.bin": WEIGHTS, "a.bin": b"other!!" * 4000})
    for name, content, mode in (("a.bin", b"OTHER!!" * 4000, 0o644), ("w.bin", WEIGHTS, 0o644)):
        path = cache.folder("org/model") / "snapshots" / first / name
        path.unlink()
        path.write_bytes(content)
        path.chmod(mode)
    second = cache.add("org/model", {"w.bin": WEIGHTS}, refs=("v2",))
    assert second != first
    (cache.folder("org/model") / "blobs" / sha256(WEIGHTS)).chmod(0o600)
    assert "copy" not in findings(cache)
    (cache.folder("org/model") / "blobs" / sha256(WEIGHTS)).chmod(0o644)
    assert findings(cache)["copy"].path.endswith("w.bin")
    mended(cache, "copy")
    link = cache.folder("org/model") / "snapshots" / first / "w.bin"
    assert link.is_symlink()
    assert link.read_bytes() == WEIGHTS


def test_a_tag_with_blanks_that_leads_nowhere_is_counted_once(cache: CacheMaker) -> None:
    cache.add("org/model", {"w.bin": WEIGHTS})
    cache.set_ref("org/model", "v1", f"{'8' * 40}\n")
    result = mended(cache)
    assert [one.finding.problem for one in result.items] == ["dangling-ref"]
    assert scan(cache.root).models[0].problems == ()


@pytest.mark.parametrize("commit", ["", "no commit"])
def test_main_never_leads_to_what_belongs_to_a_request(cache: CacheMaker, commit: str) -> None:
    cache.add("org/model", {"w.bin": WEIGHTS}, refs=("refs/pr/1",))
    cache.set_ref("org/model", "main", commit)
    mended(cache)
    assert [ref for ref, _ in scan(cache.root).models[0].refs] == ["refs/pr/1"]

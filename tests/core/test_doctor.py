"""The doctor finds every kind of damage and waste, mends what it may, and never harms what it was not asked about."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from huggingface_hub import snapshot_download
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelkeep.cache import trash
from modelkeep.doctor.examine import examine
from modelkeep.doctor.findings import DAY, PROBLEMS, Finding, Repair, RepairPlan, plan_repair
from modelkeep.doctor.repair import RepairResult, repair
from modelkeep.errors import InvalidKey
from support.caches import CacheMaker, sha256
from support.cli import tree

WEIGHTS = b"weights" * 4000
OTHERS = b"others!" * 3000
MORE = b"more..!" * 3000


def later() -> float:
    """A time at which everything of this test is old."""
    return time.time() + 3 * DAY


def found(cache: CacheMaker) -> dict[str, list[Finding]]:
    kinds: dict[str, list[Finding]] = {}
    for finding in examine(cache.root, now=later()).findings:
        kinds.setdefault(finding.problem, []).append(finding)
    return kinds


def planned(cache: CacheMaker, *problems: str) -> RepairPlan:
    examination = examine(cache.root, now=later())
    return plan_repair(examination.inventory, examination.findings, problems, everything=not problems)


def mended(cache: CacheMaker, *problems: str) -> RepairResult:
    result = repair(planned(cache, *problems), now=later())
    assert [one.error for one in result.items if one.error] == []
    return result


def disk_usage(root: Path) -> int:
    """Without the locks, which every change makes, and our own folders, which go when they are empty."""
    output = subprocess.check_output(["du", "-s", "--block-size=1", "--exclude=.locks", root])
    ours = [root / ".modelkeep", root / ".modelkeep" / "trash", root / ".modelkeep" / "staging"]
    return int(output.split()[0]) - sum(path.lstat().st_blocks * 512 for path in ours if path.exists())


def loads(cache: CacheMaker, repo_id: str) -> str:
    return snapshot_download(repo_id, cache_dir=cache.root, local_files_only=True)


def no_snapshots(cache: CacheMaker) -> None:
    cache.set_ref("org/ill", "main", "1" * 40)
    cache.incomplete("org/ill")


def unreadable_ref(cache: CacheMaker) -> None:
    commit = cache.add("org/ill", {"w.bin": WEIGHTS})
    cache.set_ref("org/ill", "main", f"{commit}\n")


def dangling_ref(cache: CacheMaker) -> None:
    cache.add("org/ill", {"w.bin": WEIGHTS})
    cache.set_ref("org/ill", "main", "2" * 40)
    cache.set_ref("org/ill", "v1", "2" * 40)


def unreadable_tree(cache: CacheMaker) -> None:
    commit = cache.add("org/ill", {"w.bin": WEIGHTS})
    (cache.folder("org/ill") / "trees" / f"{commit}.json").write_text("{")


def broken_link(cache: CacheMaker) -> None:
    cache.add("org/ill", {"config.json": b"{}", "w.bin": WEIGHTS})
    (cache.folder("org/ill") / "blobs" / sha256(WEIGHTS)).unlink()


def orphan_blob(cache: CacheMaker) -> None:
    cache.add("org/ill")
    cache.orphan("org/ill", OTHERS)
    cache.orphan("org/ill", OTHERS[:9000])


def dead_download(cache: CacheMaker) -> None:
    cache.add("org/ill")
    cache.incomplete("org/ill", 9000)


def revision_leftover(cache: CacheMaker) -> None:
    cache.add("org/ill")
    cache.write_tree("org/ill", "3" * 40, {"w.bin": WEIGHTS})
    absent = cache.folder("org/ill") / ".no_exist" / ("3" * 40)
    absent.mkdir(parents=True)
    (absent / "adapter.json").touch()


def unreferenced_payload(cache: CacheMaker) -> None:
    cache.add("org/ill", {"w.bin": OTHERS, "config.json": b"{}"})
    cache.share("org/ill", OTHERS)
    snapshot = next((cache.folder("org/ill") / "snapshots").iterdir())
    (snapshot / "w.bin").unlink()
    (cache.folder("org/ill") / "blobs" / sha256(OTHERS)).unlink()


def shared_orphan(cache: CacheMaker) -> None:
    """Two models lead to one payload, and both have no snapshot that needs it."""
    for name in ("org/ill", "org/ill-too"):
        cache.add(name, {"w.bin": OTHERS, "config.json": b"{}"}, tree=False)
        cache.share(name, OTHERS)
        next((cache.folder(name) / "snapshots").iterdir()).joinpath("w.bin").unlink()


def wrong_manifest(cache: CacheMaker) -> None:
    """Of two models that share a content, the list of its users knows one, and one that is gone."""
    for name in ("org/ill", "org/ill-too"):
        cache.add(name, {"w.bin": MORE, "config.json": b"{}"})
        payload = cache.share(name, MORE)
    line = f"models--org--ill-too/blobs/{sha256(MORE)}\n"
    payload.with_name(f"{payload.name}.refs").write_text(f"{line}{line.replace('too', 'gone')}")


def permissions(cache: CacheMaker) -> None:
    cache.add("org/ill", {"w.bin": WEIGHTS})
    cache.root.chmod(0o2775)
    (cache.folder("org/ill") / "blobs" / sha256(WEIGHTS)).chmod(0o600)
    cache.folder("org/ill").chmod(0o700)


def copy(cache: CacheMaker) -> None:
    commit = cache.add("org/ill", {"w.bin": WEIGHTS, "config.json": b"{}"})
    cache.add("org/ill", {"w.bin": WEIGHTS, "config.json": b"{ }"}, refs=("v2",))
    link = cache.folder("org/ill") / "snapshots" / commit / "w.bin"
    link.unlink()
    link.write_bytes(WEIGHTS)


def temporary_file(cache: CacheMaker) -> None:
    (cache.root / ".modelkeep").mkdir(exist_ok=True)
    (cache.root / ".modelkeep" / "ref-abc").write_bytes(b"4" * 5000)


def interrupted_import(cache: CacheMaker) -> None:
    folder = cache.root / ".modelkeep" / "staging" / "0123"
    folder.mkdir(parents=True)
    (folder / "1.part").write_bytes(WEIGHTS)


def stale_lock(cache: CacheMaker) -> None:
    locks = cache.root / ".locks" / "models--org--gone"
    locks.mkdir(parents=True)
    (locks / f"{'5' * 64}.lock").touch()


def trash_leftover(cache: CacheMaker) -> None:
    folder = cache.root / ".modelkeep" / "trash" / "20200101T000000Z-00000000.going"
    folder.mkdir(parents=True)
    (folder / "content").mkdir()
    (folder / "content" / "left").write_bytes(WEIGHTS)


ILLS = {
    "no-snapshots": no_snapshots,
    "unreadable-ref": unreadable_ref,
    "dangling-ref": dangling_ref,
    "unreadable-tree": unreadable_tree,
    "broken-link": broken_link,
    "orphan-blob": orphan_blob,
    "dead-download": dead_download,
    "revision-leftover": revision_leftover,
    "unreferenced-payload": unreferenced_payload,
    "wrong-manifest": wrong_manifest,
    "permissions": permissions,
    "copy": copy,
    "temporary-file": temporary_file,
    "interrupted-import": interrupted_import,
    "stale-lock": stale_lock,
    "trash-leftover": trash_leftover,
}


@pytest.fixture
def whole(cache: CacheMaker) -> CacheMaker:
    """A cache with a model that nothing is wrong with, of which a part is shared."""
    cache.add("org/whole", {"w.bin": WEIGHTS, "config.json": b"{}"})
    cache.share("org/whole", WEIGHTS)
    return cache


def test_a_healthy_cache_has_nothing(whole: CacheMaker) -> None:
    assert found(whole) == {}
    assert planned(whole).findings == ()


@pytest.mark.parametrize("problem", ILLS)
def test_a_repair_keeps_its_promises(whole: CacheMaker, problem: str) -> None:
    ILLS[problem](whole)
    untouched = tree(whole.folder("org/whole"))
    before = disk_usage(whole.root)
    plan = planned(whole, problem)
    assert {one.problem for one in plan.findings} == {problem}
    assert disk_usage(whole.root) == before
    result = repair(plan, now=later())
    assert [one.error for one in result.items if one.error] == []
    assert problem not in found(whole)
    assert planned(whole, problem).findings == ()
    trash.empty(whole.root, result.entries)
    if problem != "stale-lock":
        assert result.freed == plan.frees == before - disk_usage(whole.root)
    assert tree(whole.folder("org/whole")) == untouched
    loads(whole, "org/whole")


@pytest.mark.parametrize("problem", [name for name in ILLS if PROBLEMS[name].undo])
def test_what_went_to_the_trash_comes_back(whole: CacheMaker, problem: str) -> None:
    ILLS[problem](whole)
    before = {name: what for name, what in tree(whole.root).items() if "/.locks" not in name}
    result = mended(whole, problem)
    if problem in ("unreadable-ref", "dangling-ref"):
        return  # a ref that leads somewhere again is no loss
    assert all(not one.error for one in trash.restore(whole.root, result.entries))
    after = {name: what for name, what in tree(whole.root).items() if "/.locks" not in name}
    assert {name: what[0::3] for name, what in after.items()} == {n: w[0::3] for n, w in before.items()}


def test_a_content_that_two_models_led_to_goes_with_the_last(whole: CacheMaker) -> None:
    shared_orphan(whole)
    before = disk_usage(whole.root)
    plan = planned(whole, "orphan-blob")
    assert len(plan.findings) == 2
    assert plan.frees > sum(one.frees for one in plan.findings)
    result = repair(plan, now=later())
    trash.empty(whole.root, result.entries)
    assert result.freed == plan.frees == before - disk_usage(whole.root)


def test_main_leads_back_to_what_loads_and_a_tag_to_nothing_else(cache: CacheMaker) -> None:
    dangling_ref(cache)
    mended(cache, "dangling-ref")
    assert loads(cache, "org/ill").endswith(next((cache.folder("org/ill") / "snapshots").iterdir()).name)
    assert sorted(path.name for path in (cache.folder("org/ill") / "refs").iterdir()) == ["main"]


def test_blanks_in_a_ref_are_mended(cache: CacheMaker) -> None:
    unreadable_ref(cache)
    mended(cache)
    assert Path(loads(cache, "org/ill")).is_dir()


@pytest.mark.parametrize(
    "ill", [no_snapshots, dangling_ref, orphan_blob, dead_download, revision_leftover, unreferenced_payload]
)
def test_what_is_young_is_left_to_whoever_downloads_it(
    cache: CacheMaker, ill: Callable[[CacheMaker], None]
) -> None:
    ill(cache)
    assert found(cache)
    examination = examine(cache.root)
    assert not any(one.can_be_repaired for one in examination.findings)
    before = tree(cache.root)
    repair(planned(cache), now=time.time())  # a plan of a clock that is wrong
    after = {name: what for name, what in tree(cache.root).items() if "/.locks" not in name}
    assert after == before


def test_a_download_that_holds_its_lock_is_left_alone(cache: CacheMaker) -> None:
    dead_download(cache)
    locks = cache.root / ".locks" / "models--org--ill"
    locks.mkdir(parents=True)
    plan = planned(cache, "dead-download")
    with FileLock(locks / f"{'e' * 64}.lock"):
        [one] = repair(plan, now=later()).items
    assert "downloaded" in one.error
    assert len(list((cache.folder("org/ill") / "blobs").glob("*.incomplete"))) == 1


def test_a_download_that_has_its_file_open_is_left_alone(cache: CacheMaker) -> None:
    dead_download(cache)
    plan = planned(cache, "dead-download")
    [path] = (cache.folder("org/ill") / "blobs").glob("*.incomplete")
    with path.open("ab"):
        [one] = repair(plan, now=later()).items
    assert one.error
    assert path.exists()


def test_what_is_used_since_the_plan_stays(cache: CacheMaker) -> None:
    orphan_blob(cache)
    plan = planned(cache, "orphan-blob")
    cache.add("org/ill", {"w.bin": OTHERS}, refs=("v2",))
    result = repair(plan, now=later())
    assert sorted(one.gone for one in result.items) == [False, True]
    assert (cache.folder("org/ill") / "blobs" / sha256(OTHERS)).exists()


def test_a_payload_without_a_list_of_its_users_is_never_removed(whole: CacheMaker) -> None:
    unreferenced_payload(whole)
    [one] = found(whole)["unreferenced-payload"]
    os.unlink(f"{one.path}.refs")
    [one] = found(whole)["unreferenced-payload"]
    assert not one.can_be_repaired
    assert planned(whole).findings == ()


def test_a_lock_of_a_model_that_is_here_goes_only_by_name(whole: CacheMaker) -> None:
    locks = whole.root / ".locks" / "models--org--whole"
    locks.mkdir(parents=True)
    (locks / f"{'6' * 64}.lock").touch()
    assert planned(whole).findings == ()
    with FileLock(locks / f"{'6' * 64}.lock"):
        assert planned(whole, "idle-lock").findings == ()
    mended(whole, "idle-lock")
    assert not locks.exists()


def test_broken_links_go_only_by_name(cache: CacheMaker) -> None:
    broken_link(cache)
    assert planned(cache).findings == ()
    mended(cache, "broken-link")
    assert set(found(cache)) == {"missing-files"}


def test_what_nobody_can_see_into_keeps_its_contents(cache: CacheMaker) -> None:
    orphan_blob(cache)
    (cache.folder("org/ill") / "mine").mkdir()
    assert [one.can_be_repaired for one in found(cache)["orphan-blob"]] == [False, False]


def test_a_problem_that_is_not_known_or_not_repaired_is_refused(cache: CacheMaker) -> None:
    examination = examine(cache.root)
    for name in ("nonsense", "stray-file"):
        with pytest.raises(InvalidKey):
            plan_repair(examination.inventory, examination.findings, [name])


def test_one_finding_can_be_named_by_its_id(cache: CacheMaker) -> None:
    orphan_blob(cache)
    one, other = found(cache)["orphan-blob"]
    mended(cache, one.id)
    assert [left.id for left in found(cache)["orphan-blob"]] == [other.id]


# ---- killed


@contextmanager
def killed_before(step: int) -> Iterator[None]:
    """End this process before it changes the disk for the nth time. Only for a process made for it."""
    left = [step]

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                os._exit(9)
            return real(*arguments, **options)

        return call

    for name in ("rename", "replace", "unlink", "rmdir", "symlink", "link", "mkdir"):
        setattr(os, name, counted(getattr(os, name)))
    yield


def killed(plan: RepairPlan, step: int) -> bool:
    """Whether a process that carries out the plan was killed before that step, rather than having ended."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            with killed_before(step):
                repair(plan, now=later())
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, 9)
    return code == 9


@pytest.mark.parametrize(
    "problem",
    [
        "copy",
        "dangling-ref",
        "no-snapshots",
        "orphan-blob",
        "stale-lock",
        "trash-leftover",
        "unreferenced-payload",
        "wrong-manifest",
    ],
)
def test_a_kill_before_any_step_leaves_what_the_next_doctor_mends(tmp_path: Path, problem: str) -> None:
    step = 0
    while True:
        cache = CacheMaker(tmp_path / str(step))
        cache.add("org/whole", {"w.bin": WEIGHTS, "config.json": b"{}"})
        cache.share("org/whole", WEIGHTS)
        ILLS[problem](cache)
        was_killed = killed(planned(cache, problem), step)
        loads(cache, "org/whole")
        mended(cache)  # puts back what was interrupted
        mended(cache)
        mended(cache, problem)
        assert planned(cache).findings == ()
        assert not {problem, "interrupted-deletion", "trash-leftover", "temporary-file"} & found(cache).keys()
        loads(cache, "org/whole")
        if not was_killed:
            break
        step += 1
    assert step > 0


# ---- anything together


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    ills=st.lists(st.sampled_from(sorted(set(ILLS) - {"stale-lock"})), min_size=1, max_size=5, unique=True),
    linked=st.booleans(),
    share=st.booleans(),
)
def test_any_ills_together_are_mended_at_once(ills: list[str], linked: bool, share: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "hub"
        whole = CacheMaker(root)
        whole.add("org/whole", {"w.bin": WEIGHTS, "config.json": b"{}"}, linked=linked)
        if linked and share:
            whole.share("org/whole", WEIGHTS)
        for number, ill in enumerate(ills):
            ILLS[ill](_Renamed(root, f"org/ill{number}"))
        untouched = tree(whole.folder("org/whole"))
        before = disk_usage(root)
        kinds = [name for name in ills if PROBLEMS[name].repair is not Repair.NONE]
        plan = planned(whole, *kinds)
        assert {one.problem for one in plan.findings} == set(kinds)
        result = repair(plan, now=later())
        assert [one.error for one in result.items if one.error] == []
        assert not set(kinds) & found(whole).keys()
        assert planned(whole, *kinds).findings == ()
        trash.empty(root, result.entries)
        assert result.freed == plan.frees == before - disk_usage(root)
        assert tree(whole.folder("org/whole")) == untouched
        loads(whole, "org/whole")


class _Renamed(CacheMaker):
    """Makes an ill model under another name, so that several are in one cache."""

    def __init__(self, root: Path, name: str) -> None:
        super().__init__(root)
        self._name = name

    def folder(self, repo_id: str, repo_type: str = "model") -> Path:
        return super().folder(self._name if repo_id == "org/ill" else repo_id, repo_type)

"""Mending that is cancelled, refused or killed: whole files or the old ones, and nothing lost."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from modelkeep.cache.scan import scan
from modelkeep.cache.staging import find_staging
from modelkeep.cache.trash import list_trash
from modelkeep.errors import Cancelled
from modelkeep.library import Library, open_library
from modelkeep.progress import Progress
from support.caches import CacheMaker, sha256
from support.imports import loaded
from support.mending import (
    FILES,
    ILLS,
    NAME,
    REPO,
    WEIGHTS,
    blob,
    damage,
    mend,
    mended,
    plan,
    trashed,
)

# ---- what stops it


def test_a_cancel_leaves_whole_files_and_the_rest_untouched(
    cache: CacheMaker, other: CacheMaker, library: Library
) -> None:
    cache.add(REPO, FILES)
    other.add(REPO, FILES)
    damage(blob(cache, "config.json"))
    bad = damage(blob(cache))

    def cancelled(progress: Progress) -> None:
        if progress.item == NAME and progress.done > 200_000:
            raise Cancelled

    with pytest.raises(Cancelled):
        mend(library, cache.root, cancelled)
    assert blob(cache, "config.json").read_bytes() == FILES["config.json"]
    assert blob(cache).read_bytes() == bad
    assert not find_staging(cache.root)
    assert [(e.verb, e.outcome) for e in library.catalog.events(2)] == [
        ("mend", "cancelled"),
        ("mend", "done"),
    ]
    mended(library, cache.root)


def test_a_cache_that_cannot_be_written_is_an_error_of_each_file(
    cache: CacheMaker, other: CacheMaker, library: Library
) -> None:
    if os.geteuid() == 0:
        pytest.skip("the superuser may write anywhere")
    cache.add(REPO, FILES)
    other.add(REPO, FILES)
    damage(blob(cache))
    damage(blob(cache, "config.json"))
    os.chmod(cache.root, 0o555)
    try:
        done = mend(library, cache.root).items
    finally:
        os.chmod(cache.root, 0o755)
    assert len([one for one in done if one.error]) == 2


def test_a_disk_that_is_full_leaves_the_bad_file_as_it_was(
    cache: CacheMaker, other: CacheMaker, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    from modelkeep.disk import DiskSpace

    cache.add(REPO, FILES)
    other.add(REPO, FILES)
    bad = damage(blob(cache))
    made = plan(library, cache.root)
    monkeypatch.setattr("modelkeep.mending.arrival.free_space", lambda path: DiskSpace(10**9, 10**5))
    [done] = library.trust.mend(made).items
    assert "are needed on the disk" in done.error
    assert blob(cache).read_bytes() == bad
    assert not (cache.root / ".modelkeep").exists()


def test_a_model_that_was_deleted_meanwhile_is_not_brought_back(
    cache: CacheMaker, other: CacheMaker, library: Library
) -> None:
    cache.add(REPO, FILES)
    other.add(REPO, FILES)
    damage(blob(cache))
    made = plan(library, cache.root)
    shutil.rmtree(cache.folder(REPO))
    [done] = library.trust.mend(made).items
    assert "not there any more" in done.error
    assert not cache.folder(REPO).exists()


def test_a_file_that_is_being_downloaded_is_left_and_goes_on_later(
    cache: CacheMaker, other: CacheMaker, library: Library
) -> None:
    from modelkeep.cache.locks import acquired, lock_path

    cache.add(REPO, FILES)
    other.add(REPO, FILES)
    damage(blob(cache))
    lock = acquired(lock_path(cache.root, cache.folder(REPO).name, sha256(WEIGHTS)), 0)
    assert lock
    [done] = mend(library, cache.root).items
    lock.release()
    assert "being downloaded" in done.error
    assert find_staging(cache.root)  # it goes on from what has come
    mended(library, cache.root)


def test_without_hard_links_nothing_is_lost_either(
    cache: CacheMaker, other: CacheMaker, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.add(REPO, FILES)
    other.add(REPO, FILES)
    bad = damage(blob(cache))

    def refused(*arguments: object, **named: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    mended(library, cache.root)
    assert trashed(cache.root) == [bad]


def test_what_cannot_be_replaced_leaves_nothing_in_the_trash(
    cache: CacheMaker, other: CacheMaker, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.add(REPO, FILES)
    other.add(REPO, FILES)
    bad = damage(blob(cache))
    made, place, real = plan(library, cache.root), str(blob(cache)), os.replace

    def failing(old: str, new: str) -> None:
        if str(new) == place:
            raise OSError(5, "Input/output error")
        real(old, new)

    monkeypatch.setattr(os, "replace", failing)
    [done] = library.trust.mend(made).items
    monkeypatch.undo()
    assert "Input/output error" in done.error
    assert blob(cache).read_bytes() == bad
    assert not list_trash(cache.root)


# ---- killed


def killed_at(step: int, action: Callable[[], object]) -> bool:
    """Do something in a process that ends before its n-th change to the disk, as by a kill; whether it got there."""
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
        status = 1
        try:
            action()
            status = 0
        finally:
            os._exit(status)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, 9)
    return code == 9


def contents(root: Path) -> Mapping[str, bytes | None]:
    """What a program that opens the files of the snapshot by their names reads."""
    [snapshot] = (root / f"models--{REPO.replace('/', '--')}/snapshots").iterdir()
    names = FILES.keys()
    return {name: (snapshot / name).read_bytes() if (snapshot / name).exists() else None for name in names}


@pytest.mark.parametrize("ill", ["several", "copies"])
def test_a_kill_at_any_step_leaves_the_one_or_the_other(ill: str, tmp_path: Path) -> None:
    cache, other = CacheMaker(tmp_path / "hub"), CacheMaker(tmp_path / "other")
    other.add(REPO, FILES)
    ILLS[ill](cache)
    before = contents(cache.root)
    damaged = {one for one in before.values() if one is not None and one not in FILES.values()}
    with open_library([cache.root, other.root]) as library:
        made = plan(library, cache.root)
    step, was_killed = 0, True
    while was_killed:
        with open_library([cache.root, other.root]) as library:
            was_killed = killed_at(step, lambda: library.trust.mend(made))
        after = contents(cache.root)
        assert all(after[name] in (before[name], FILES[name]) for name in FILES)
        assert damaged <= {*trashed(cache.root), *after.values()}  # nothing is lost
        [model] = scan(cache.root).models
        assert {problem.kind for problem in model.problems} <= {"broken-link", "missing-files", "orphan-blob"}
        with open_library([cache.root, other.root]) as library:
            assert not mend(library, cache.root).failures
            # Killed when all was done: nothing was left to do, and so nobody looked there again.
            if after == FILES:
                library.archives.clear_leftovers(library.archives.leftovers())
        assert loaded(cache.root) == FILES
        assert not find_staging(cache.root)
        shutil.rmtree(cache.root)
        ILLS[ill](CacheMaker(cache.root))
        step += 1
    assert step > 30

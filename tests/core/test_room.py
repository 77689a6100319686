"""A cache that keeps within its limits when something comes: little goes, into the trash, or nothing comes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modelkeep import open_library
from modelkeep.cache.policy import CACHE_OF_A_REMOTE, CachePolicy, Order
from modelkeep.errors import NotEnoughSpace
from modelkeep.keys import ModelKey
from modelkeep.library import Library
from modelkeep.progress import Progress
from modelkeep.rows import Selection
from support.aged import LARGE
from support.aged import add_aged as add
from support.caches import CacheMaker

NO_GRACE = CachePolicy(grace=0.0)


@pytest.fixture
def library(cache: CacheMaker) -> Library:
    for number, days in enumerate((40, 30, 20, 10)):
        add(cache, f"org/m{number}", days=days)
    return open_library([cache.root])


@pytest.fixture
def root(library: Library) -> str:
    return os.fspath(library.roots[0])


def taken(library: Library, root: str) -> int:
    library.refresh()
    return library.inventory(root).models_on_disk


def test_a_cache_without_limits_lets_nothing_go(library: Library, root: str) -> None:
    assert library.space.make_room(root, 1 << 40) is None


def test_what_comes_pushes_out_what_was_used_least_recently(library: Library, root: str) -> None:
    most = taken(library, root)
    library.space.set_policy(root, CachePolicy(max_size=most, grace=0.0))
    assert library.space.plan_room(root, 0) is None
    result = library.space.make_room(root, LARGE)
    assert result is not None
    assert [item.key.repo_id for item in result.items] == ["org/m0"]
    assert not result.permanently
    assert [str(entry.key) for entry in library.trash()] == ["hf@org/m0"]
    assert taken(library, root) + LARGE <= most


def test_the_model_that_gets_newer_files_stays(library: Library, root: str) -> None:
    library.space.set_policy(root, CachePolicy(max_size=taken(library, root), grace=0.0))
    plan = library.space.plan_room(root, 1, keep=[ModelKey("org/m0")])
    assert plan is not None
    assert [one.key.repo_id for one in plan.chosen] == ["org/m1"]


def test_what_cannot_fit_is_refused_before_anything_goes(library: Library, root: str) -> None:
    library.space.set_policy(root, CachePolicy(max_size=10 * LARGE, grace=0.0))
    with pytest.raises(NotEnoughSpace) as caught:
        library.space.make_room(root, 11 * LARGE)
    assert caught.value.hint
    assert library.trash() == ()


def test_a_cache_from_which_nothing_goes_by_itself_is_full_one_day(library: Library, root: str) -> None:
    most = taken(library, root)
    library.space.set_policy(root, CachePolicy(max_size=most, order=Order.NONE, grace=0.0))
    with pytest.raises(NotEnoughSpace):
        library.space.make_room(root, 1)


def test_what_has_expired_goes_with_whatever_comes(library: Library, root: str) -> None:
    library.space.set_policy(root, CachePolicy(expiry=25 * 86400.0, grace=0.0))
    result = library.space.make_room(root, 1)
    assert result is not None
    assert sorted(item.key.repo_id for item in result.items) == ["org/m0", "org/m1"]


def test_on_a_full_disk_the_trash_would_not_help(library: Library, root: str) -> None:
    library.space.set_policy(root, CachePolicy(max_size=taken(library, root), grace=0.0))
    plan = library.space.plan_room(root, 1 << 60)
    assert plan is not None
    assert plan.deletion is not None
    assert plan.deletion.permanently


# ---- what brings something keeps the cache within its limits


def test_an_import_says_what_goes_and_makes_room(library: Library, root: str, tmp_path: Path) -> None:
    other = CacheMaker(tmp_path / "other")
    other.add("org/new", {"model.bin": os.urandom(LARGE)})
    with open_library([other.root]) as there:
        there.archives.export(
            there.archives.plan_export([Selection(str(other.root), "hf@org/new")], tmp_path)
        )
    library.space.set_policy(root, CachePolicy(max_size=taken(library, root), grace=0.0))
    plan = library.archives.plan_import([next(tmp_path.glob("*.zip"))])
    assert "org/m0" in plan.items[0].notes[-1]
    assert not library.archives.run_import(plan, allow_unsafe=["org/new"]).failures
    names = {model.repo_id for model in library.inventory(root).models}
    assert names == {"org/m1", "org/m2", "org/m3", "org/new"}
    assert [str(entry.key) for entry in library.trash()] == ["hf@org/m0"]


def test_a_fetch_says_what_goes_and_makes_room(library: Library, root: str, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    library.remotes.add("team", os.fspath(tmp_path / "store"))
    other = CacheMaker(tmp_path / "other")
    other.add("org/new", {"model.bin": os.urandom(LARGE)})
    with open_library([other.root]) as there:
        there.remotes.push(there.remotes.plan_push(Selection(str(other.root), "hf@org/new"), "team"))
    library.space.set_policy(root, CachePolicy(max_size=taken(library, root), grace=0.0))
    plan = library.remotes.plan_fetch("org/new", "team")
    assert "org/m0" in plan.notes[-1]
    library.remotes.fetch(plan)
    names = {model.repo_id for model in library.inventory(root).models}
    assert names == {"org/m1", "org/m2", "org/m3", "org/new"}


def test_a_fetch_that_does_not_fit_the_limit_is_refused(library: Library, root: str, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    library.remotes.add("team", os.fspath(tmp_path / "store"))
    other = CacheMaker(tmp_path / "other")
    other.add("org/new", {"model.bin": os.urandom(LARGE)})
    with open_library([other.root]) as there:
        there.remotes.push(there.remotes.plan_push(Selection(str(other.root), "hf@org/new"), "team"))
    library.space.set_policy(root, CachePolicy(max_size=LARGE // 2, grace=0.0))
    plan = library.remotes.plan_fetch("org/new", "team")
    with pytest.raises(NotEnoughSpace):
        library.remotes.fetch(plan)
    assert len(library.inventory(root).models) == 4
    [left] = library.hubs.transfers()
    assert left.state == "failed"


def test_the_cache_of_a_remote_has_limits_unless_it_was_there_before(
    library: Library, tmp_path: Path
) -> None:
    (tmp_path / "store").mkdir()
    library.remotes.add("team", os.fspath(tmp_path / "store"), cache=os.fspath(tmp_path / "front"))
    assert library.space.policy(os.fspath(tmp_path / "front")) == CACHE_OF_A_REMOTE
    assert not library.space.policy(os.fspath(library.roots[0])).limits


def test_a_cache_that_others_filled_is_not_limited_by_its_new_remote(
    library: Library, tmp_path: Path
) -> None:
    (tmp_path / "store").mkdir()
    theirs = CacheMaker(tmp_path / "theirs")
    add(theirs, "org/kept", days=400)
    library.remotes.add("team", os.fspath(tmp_path / "store"), cache=os.fspath(theirs.root))
    assert not library.space.policy(os.fspath(theirs.root)).limits


def test_what_is_followed_stays_for_it_would_come_again(
    library: Library, root: str, tmp_path: Path, cache: CacheMaker
) -> None:
    (tmp_path / "store").mkdir()
    library.remotes.add("team", os.fspath(tmp_path / "store"))
    library.remotes.follow("team", ["org/m0"])
    library.remotes.follow("team", tag="production")
    refs = cache.folder("org/m1") / "refs"
    (refs / "production").write_bytes((refs / "main").read_bytes())
    library.refresh()
    plan = library.space.plan(root, NO_GRACE, free=1)
    assert [one.key.repo_id for one in plan.chosen] == ["org/m2"]
    assert {(one.key.repo_id, one.reason) for one in plan.spared} == {
        ("org/m0", "followed"), ("org/m1", "followed"),
    }  # fmt: skip
    library.remotes.unfollow("team")
    assert [one.key.repo_id for one in library.space.plan(root, NO_GRACE, free=1).chosen] == ["org/m0"]


def test_what_another_process_brought_counts(library: Library, root: str, cache: CacheMaker) -> None:
    most = taken(library, root)
    library.space.set_policy(root, CachePolicy(max_size=most, grace=0.0))
    assert library.space.plan_room(root, 0) is None
    add(cache, "org/m4", days=1)
    library.space.make_room(root, 0)
    assert taken(library, root) <= most


def test_two_fetches_at_once_make_room_for_both(library: Library, root: str, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    library.remotes.add("team", os.fspath(tmp_path / "store"))
    other = CacheMaker(tmp_path / "other")
    with open_library([other.root]) as there:
        for name in ("org/new1", "org/new2"):
            other.add(name, {"model.bin": os.urandom(LARGE)})
            there.refresh()
            there.remotes.push(there.remotes.plan_push(Selection(str(other.root), f"hf@{name}"), "team"))
    most = taken(library, root)
    library.space.set_policy(root, CachePolicy(max_size=most, grace=0.0))
    plans = [library.remotes.plan_fetch(name, "team") for name in ("org/new1", "org/new2")]

    def second(progress: Progress) -> None:
        """The second one comes all the way while the first has room, and nothing yet."""
        if progress.step.startswith("Downloading") and plans:
            library.remotes.fetch(plans.pop())

    first = plans.pop(0)
    library.remotes.fetch(first, report=second)
    assert not plans
    assert {"org/new1", "org/new2"} <= {one.repo_id for one in library.inventory(root).models}
    assert taken(library, root) <= most

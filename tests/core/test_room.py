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

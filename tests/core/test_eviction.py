"""What goes when a cache becomes too large or old: as little as possible, for a reason, and never what must stay."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelkeep import open_library
from modelkeep.activity import ActivityQuery
from modelkeep.cache.eviction import EvictionPlan
from modelkeep.cache.locks import lock_path
from modelkeep.cache.policy import CachePolicy, Order
from modelkeep.errors import Cancelled
from modelkeep.keys import ModelKey
from modelkeep.library import Library
from modelkeep.settings import load_settings
from support.aged import DAY, LARGE
from support.aged import add_aged as add
from support.caches import CacheMaker
from support.cli import check_shape, done, roots, run
from support.json_shapes import EVICTION, LIMITS

NO_GRACE = CachePolicy(grace=0.0)


def planned(library: Library, policy: CachePolicy, *, room: int = 0, free: int = 0) -> EvictionPlan:
    library.refresh()
    return library.space.plan(os.fspath(library.roots[0]), policy, room=room, free=free)


def names(plan: EvictionPlan) -> list[str]:
    return [one.key.repo_id for one in plan.chosen]


@pytest.fixture
def old(cache: CacheMaker) -> CacheMaker:
    """Four models, the last the one that was used last."""
    for number, days in enumerate((40, 30, 20, 10)):
        add(cache, f"org/m{number}", days=days)
    return cache


@pytest.fixture
def library(old: CacheMaker) -> Library:
    return open_library([old.root])


def test_what_was_used_least_recently_goes_first_and_no_more_than_needed(library: Library) -> None:
    total = library.inventory(library.roots[0]).models_on_disk
    plan = planned(library, CachePolicy(max_size=total - LARGE - 1, grace=0.0))
    assert names(plan) == ["org/m0"]
    assert plan.missing == 0
    assert "40 d" in plan.chosen[0].why
    assert names(planned(library, CachePolicy(max_size=total, grace=0.0))) == []
    assert names(planned(library, CachePolicy(max_size=total, grace=0.0), room=LARGE)) == ["org/m0"]
    assert len(names(planned(library, CachePolicy(max_size=1, grace=0.0)))) == 4


def test_a_use_that_we_saw_counts(library: Library) -> None:
    library.catalog.record_use(library.roots[0], ModelKey("org/m0"), at=time.time(), by="me")
    plan = planned(library, NO_GRACE, free=1)
    assert names(plan) == ["org/m1"]


def test_each_order_has_its_own_first(library: Library, old: CacheMaker) -> None:
    for number in (1, 1, 2, 3):
        library.catalog.record_use(library.roots[0], ModelKey(f"org/m{number}"), at=time.time(), by="me")
    recent = CachePolicy(order=Order.LEAST_RECENTLY_STORED, grace=0.0)
    assert names(planned(library, recent, free=1)) == ["org/m0"]
    rarely = CachePolicy(order=Order.LEAST_FREQUENTLY_USED, grace=0.0)
    assert names(planned(library, rarely, free=3 * LARGE))[0] == "org/m0"
    assert names(planned(library, rarely, free=3 * LARGE))[-1] != "org/m1"
    nothing = CachePolicy(max_size=1, order=Order.NONE, grace=0.0)
    plan = planned(library, nothing)
    assert (names(plan), plan.missing) == ([], plan.wanted)


def test_what_expired_goes_whatever_the_size(library: Library) -> None:
    plan = planned(library, CachePolicy(expiry=25 * DAY))
    assert names(plan) == ["org/m0", "org/m1"]
    assert "25 d is the limit" in plan.chosen[0].why
    assert names(planned(library, CachePolicy(expiry=25 * DAY, order=Order.NONE))) == ["org/m0", "org/m1"]


def test_what_is_pinned_open_arriving_or_new_stays(library: Library, old: CacheMaker) -> None:
    add(old, "org/new", days=0)
    library.catalog.pin(library.roots[0], ModelKey("org/m0"))
    blob = next(path for path in (old.folder("org/m1") / "blobs").iterdir() if len(path.name) == 64)
    with blob.open("rb"), FileLock(_lock(old, "org/m2")):
        plan = planned(library, CachePolicy(max_size=1))
    assert names(plan) == ["org/m3"]
    why = {one.key.repo_id: one.why for one in plan.spared}
    assert set(why) == {"org/m0", "org/m1", "org/m2", "org/new"}
    assert why["org/m0"] == "It is pinned."
    assert why["org/new"] == "It has just arrived."
    assert plan.missing > 0


def _lock(cache: CacheMaker, name: str) -> Path:
    [incomplete] = [cache.incomplete(name)]
    path = lock_path(cache.root, cache.folder(name).name, incomplete.name.partition(".")[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def test_it_goes_to_the_trash_and_comes_back(library: Library, old: CacheMaker) -> None:
    plan = planned(library, NO_GRACE, free=2 * LARGE)
    result = library.space.evict(plan)
    assert result is not None
    assert result.failures == ()
    assert result.freed == plan.frees
    assert [model.repo_id for model in library.inventory(library.roots[0]).models] == ["org/m2", "org/m3"]
    library.restore([(result.root, entry) for entry in result.entries])
    assert len(library.inventory(library.roots[0]).models) == 4
    assert library.space.evict(planned(library, CachePolicy())) is None


def test_one_that_is_to_be_kept_stays_and_the_next_goes(library: Library) -> None:
    root = os.fspath(library.roots[0])
    plan = library.space.plan(root, NO_GRACE, free=2 * LARGE, keep=[ModelKey("org/m1")])
    assert names(plan) == ["org/m0", "org/m2"]
    assert plan.spared == (), "what was asked to be kept needs no reason"
    assert plan.missing == 0
    everything = [ModelKey(f"org/m{number}") for number in range(4)]
    assert names(library.space.plan(root, CachePolicy(expiry=DAY), keep=everything)) == []


def test_only_what_would_have_gone_is_said_to_stay(library: Library) -> None:
    for number in (1, 3):
        library.catalog.pin(library.roots[0], ModelKey(f"org/m{number}"))
    spared = [one.key.repo_id for one in planned(library, NO_GRACE, free=2 * LARGE).spared]
    assert spared == ["org/m1"], "org/m3 would not have been reached"
    spared = [one.key.repo_id for one in planned(library, CachePolicy(expiry=25 * DAY)).spared]
    assert spared == ["org/m1"]


def test_a_model_that_lies_elsewhere_is_not_in_the_way(
    library: Library, old: CacheMaker, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    old.folder("org/m0").rename(elsewhere)
    old.folder("org/m0").symlink_to(elsewhere)
    plan = planned(library, NO_GRACE, free=1)
    assert names(plan) == ["org/m1"]
    assert [(one.key.repo_id, one.reason) for one in plan.spared] == [("org/m0", "elsewhere")]


def test_a_stop_in_the_middle_is_logged(library: Library) -> None:
    def stop(_: object) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        library.space.evict(planned(library, NO_GRACE, free=2 * LARGE), report=stop)
    assert library.activity.find(ActivityQuery()).events[0][1].outcome == "cancelled"


def test_a_policy_is_kept_and_what_makes_no_sense_is_said(library: Library) -> None:
    root = os.fspath(library.roots[0])
    policy = CachePolicy(5_000_000_000, 10 * DAY, Order.LEAST_FREQUENTLY_USED, 60.0)
    library.space.set_policy(root, policy)
    assert library.space.policy(root) == policy
    library.space.set_policy(root, CachePolicy())
    assert load_settings().settings.policies == {}


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.data())
def test_no_smaller_choice_would_do_and_what_is_promised_is_freed(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cache = CacheMaker(Path(folder, "hub"))
        shared = b"shared!" * 9000
        count = data.draw(st.integers(1, 6))
        for number in range(count):
            size = data.draw(st.sampled_from([5_000, 40_000, 200_000]))
            add(
                cache,
                f"org/m{number}",
                days=50 - number,
                size=size,
                shared=data.draw(st.sampled_from([b"", shared])),
            )
        with open_library([cache.root]) as library:
            total = library.inventory(cache.root).models_on_disk
            limit = data.draw(st.integers(1, total + 10))
            plan = planned(library, CachePolicy(max_size=limit, grace=0.0))
            before = _usage(cache.root)
            shorter = planned(library, NO_GRACE, free=plan.wanted) if plan.chosen else plan
            assert names(shorter) == names(plan)
            if len(plan.chosen) > 1:
                fewer = library.plan_deletion(library.choose(names(plan)[:-1]))
                assert sum(one.frees for one in fewer) < plan.wanted
            if result := library.space.evict(plan):
                library.empty_trash([(result.root, entry) for entry in result.entries])
                assert before - _usage(cache.root) == plan.frees == result.freed
            assert plan.frees >= plan.wanted or plan.missing


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.data())
def test_the_ranking_says_of_every_amount_what_the_plan_does(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cache = CacheMaker(Path(folder, "hub"))
        count = data.draw(st.integers(1, 5))
        for number in range(count):
            shared = data.draw(st.sampled_from([b"", b"shared!" * 9000, b"another" * 5000]))
            add(cache, f"org/m{number}", days=50 - 7 * number, size=20_000, shared=shared)
        with open_library([cache.root]) as library:
            root = os.fspath(library.roots[0])
            for number in data.draw(st.sets(st.integers(0, count - 1), max_size=2)):
                library.catalog.pin(root, ModelKey(f"org/m{number}"))
            policy = CachePolicy(
                expiry=data.draw(st.sampled_from([0.0, 40 * DAY])),
                order=data.draw(st.sampled_from(Order)),
                grace=0,
            )
            keep = {ModelKey(f"org/m{n}") for n in data.draw(st.sets(st.integers(0, count - 1), max_size=2))}
            ranking = library.space.ranking(root, policy)
            running = ranking.running(keep)
            for wanted in {0, 1, *running, *(freed + 1 for freed in running)}:
                plan = library.space.plan(root, policy, free=wanted, keep=keep)
                assert plan.chosen == ranking.choose(wanted, keep)
                assert plan.frees == (running[ranking.count(wanted, running) - 1] if plan.chosen else 0)


def _usage(root: Path) -> int:
    output = subprocess.check_output(["du", "-s", "--block-size=1", "--exclude=.locks", root])
    ours = [root / ".modelkeep", root / ".modelkeep" / "trash", root / ".modelkeep" / "staging"]
    return int(output.split()[0]) - sum(path.lstat().st_blocks * 512 for path in ours if path.exists())


def test_on_the_command_line(old: CacheMaker) -> None:
    root = roots(old.root)
    assert run("evict", *root).status == 2
    shown = done("evict", "--free", "100kB", "--grace", "1min", "--dry-run", "--json", *root).json
    check_shape(shown, EVICTION)
    assert [(one["key"], one["status"]) for one in shown["items"]] == [("hf@org/m0", "planned")]
    assert run("evict", "--max-size", "200kB", *root).status == 2, "nobody was asked"
    stored = ["evict", "--free", "100kB", "--policy", "least-recently-stored", "--dry-run", "--json"]
    assert "It came" in done(*stored, *root).json["items"][0]["why"]
    gone = done("evict", "--max-size", "300kB", "--yes", "--json", *root).json
    check_shape(gone, EVICTION)
    assert [one["status"] for one in gone["items"]] == ["evicted", "evicted"]
    assert gone["freed"] == gone["frees"]
    [event, *_] = done("log", "--verb", "evict", "--json").json
    assert "before those that stay" in event["detail"]


def test_limits_on_the_command_line(old: CacheMaker) -> None:
    said = done(
        "roots", "limit", os.fspath(old.root), "--max-size", "300kB", "--older-than", "35d", "--json"
    ).json
    check_shape(said, LIMITS)
    assert (said["max_size"], said["older_than"]) == (300_000, 35 * DAY)
    assert len(done("evict", "--dry-run", "--json", *roots(old.root)).json["items"]) == 2
    done("roots", "limit", os.fspath(old.root), "--none")
    assert run("evict", "--dry-run", *roots(old.root)).status == 2


def test_what_cannot_go_is_said(old: CacheMaker) -> None:
    done("pin", "org/m0", "org/m1", "org/m2", "org/m3", *roots(old.root))
    found = run("evict", "--free", "1GB", "--yes", *roots(old.root))
    assert found.status == 1
    assert "nothing else may" in found.err

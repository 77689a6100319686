"""Refs that are made to lead elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modelkeep.cache.catalog import Catalog
from modelkeep.cache.inventory import CachedModel
from modelkeep.cache.locks import changing
from modelkeep.cache.refs import plan_ref, set_ref
from modelkeep.cache.scan import scan
from modelkeep.errors import CacheBusy, CacheNotFound, InvalidKey, ModelNotFound
from modelkeep.keys import ModelKey
from support.caches import CacheMaker

KEY = ModelKey("org/bert")
OLD, NEW, NEWEST = "a" * 40, "b" * 40, "c" * 40


@pytest.fixture
def two(cache: CacheMaker) -> CacheMaker:
    add(cache, OLD, {"config.json": b"{}", "gone.txt": b"x", "model.bin": b"old"}, 1000)
    add(cache, NEW, {"config.json": b"{}", "added.txt": b"xy", "model.bin": b"newer"}, 2000)
    return cache


def add(cache: CacheMaker, commit: str, files: dict[str, bytes], came: int) -> None:
    cache.add("org/bert", files, commit=commit)
    os.utime(cache.folder("org/bert") / "snapshots" / commit, (came, came))


def model_of(cache: CacheMaker) -> CachedModel:
    return scan(cache.root).by_key[KEY]


def test_main_leads_back_to_the_revision_before(two: CacheMaker) -> None:
    plan = plan_ref(model_of(two))
    assert (plan.old, plan.new, plan.notes) == (NEW, OLD, ())
    assert [(change.path, change.kind) for change in plan.changes] == [
        ("added.txt", "removed"),
        ("gone.txt", "added"),
        ("model.bin", "changed"),
    ]
    with Catalog() as catalog:
        assert set_ref(two.root, KEY, "main", plan.new, catalog=catalog) == NEW
        [event] = catalog.events()
    assert (event.verb, event.key, event.detail) == ("set-ref", "hf@org/bert", f"main: {NEW} to {OLD}")
    main = model_of(two).main
    assert main is not None
    assert main.commit == OLD
    assert plan_ref(model_of(two)).new == NEW, "the only other one"
    assert not (two.root / ".modelkeep").exists()


def test_of_several_the_one_that_came_before_is_meant(two: CacheMaker) -> None:
    add(two, NEWEST, {"config.json": b"{ }"}, 3000)
    assert plan_ref(model_of(two)).new == NEW
    assert plan_ref(model_of(two), to=OLD[:8]).new == OLD
    two.set_ref("org/bert", "main", OLD)
    with pytest.raises(ModelNotFound, match="not clear"):
        plan_ref(model_of(two))


def test_the_only_revision_has_none_before_it(cache: CacheMaker) -> None:
    add(cache, NEW, {"config.json": b"{}"}, 1000)
    cache.set_ref("org/bert", "main", NEW)
    with pytest.raises(ModelNotFound, match="No other revision") as caught:
        plan_ref(model_of(cache))
    assert NEW[:12] not in caught.value.hint


def test_a_revision_that_may_not_work_is_told(two: CacheMaker) -> None:
    (two.folder("org/bert") / "snapshots" / OLD / "model.bin").unlink()
    [note] = plan_ref(model_of(two)).notes
    assert "incomplete" in note


def test_a_new_ref_may_be_made(two: CacheMaker) -> None:
    assert set_ref(two.root, KEY, "release/1", OLD) == ""
    assert ("release/1", OLD) in model_of(two).refs


@pytest.mark.parametrize("ref", ["../main", "/etc/x", "a/../b", "a b", "x.lock", "", OLD, "a\\b", "-x\n"])
def test_what_can_be_no_ref_is_refused(two: CacheMaker, ref: str) -> None:
    before = sorted(str(path) for path in two.root.rglob("*"))
    with pytest.raises(InvalidKey):
        set_ref(two.root, KEY, ref, OLD)
    assert sorted(str(path) for path in two.root.rglob("*")) == before


def test_a_ref_leads_only_to_what_is_here(two: CacheMaker, tmp_path: Path) -> None:
    for commit in (NEWEST, OLD[:12], "main", f"../snapshots/{OLD}"):
        with pytest.raises(ModelNotFound):
            set_ref(two.root, KEY, "main", commit)
    with pytest.raises(ModelNotFound):
        set_ref(two.root, ModelKey("org/other"), "main", OLD)
    with pytest.raises(CacheNotFound):
        set_ref(tmp_path / "away", KEY, "main", OLD)
    with pytest.raises(ModelNotFound):
        plan_ref(model_of(two), to="v9")


def test_it_waits_its_turn(two: CacheMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changing.__wrapped__, "__kwdefaults__", {"patience": 0.05})  # type: ignore[attr-defined]
    with changing(two.root), pytest.raises(CacheBusy):
        set_ref(two.root, KEY, "main", OLD)
    main = model_of(two).main
    assert main is not None
    assert main.commit == NEW

"""What is followed of a remote, where something is wrong with it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modelkeep import open_library
from modelkeep.errors import SettingsError
from modelkeep.library import Library
from modelkeep.rows import Selection
from support.caches import CacheMaker

FILES = {"config.json": b'{"model_type": "bert"}', "model.safetensors": b"w" * 5000}


@pytest.fixture
def library(cache: CacheMaker, tmp_path: Path) -> Library:
    for name in ("good", "bad"):
        cache.add(f"org/{name}", FILES | {"name.txt": name.encode()})
    library = open_library([cache.root])
    (tmp_path / "store").mkdir()
    library.remotes.add("team", os.fspath(tmp_path / "store"), cache=os.fspath(tmp_path / "fetched"))
    for name in ("good", "bad"):
        selected = Selection(library.roots[0], f"hf@org/{name}")
        library.remotes.push(library.remotes.plan_push(selected, "team", tags=("production",)))
    return library


def test_a_model_that_cannot_be_read_there_keeps_no_other_from_coming(
    library: Library, tmp_path: Path
) -> None:
    library.remotes.follow("team", ["org/bad", "org/good"])
    [manifest] = (tmp_path / "store" / "models").rglob("bad/revisions/*.json")
    manifest.chmod(0o644)
    manifest.write_bytes(b"{")
    [plan] = library.remotes.plan_follow("team")
    assert [item.key.repo_id for item in plan.items] == ["org/good"]
    done = library.remotes.run_follow(plan)
    assert [key.partition("@")[2].partition("@")[0] for key in done.fetched] == ["org/good"]
    [failure] = done.failures
    assert failure.startswith("hf@org/bad@")


def test_a_cache_that_was_named_is_meant_from_everywhere_and_looked_at(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    library.remotes.follow("team", ["org/good"], root="kept")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    [plan] = library.remotes.plan_follow("team")
    assert plan.root == (tmp_path / "kept").as_posix()
    library.remotes.run_follow(plan)
    assert plan.root in library.roots
    assert [model.repo_id for model in library.inventory(plan.root).models] == ["org/good"]


def test_a_tag_alone_is_not_followed_where_none_are_listed(library: Library) -> None:
    library.remotes.add("hub", "hub:")
    with pytest.raises(SettingsError, match="lists no tags"):
        library.remotes.follow("hub", tag="production")
    assert library.remotes.follow("hub", ["org/good"], tag="production")


def test_a_remote_that_is_gone_is_followed_no_more_and_a_new_one_of_its_name_starts_afresh(
    library: Library, tmp_path: Path
) -> None:
    library.remotes.follow("team", ["org/good"])
    library.remotes.remove("team")
    with pytest.raises(SettingsError):
        library.remotes.plan_follow("team")
    assert library.remotes.plan_follow() == ()
    library.remotes.add("team", os.fspath(tmp_path / "store"))
    assert library.remotes.plan_follow("team") == ()

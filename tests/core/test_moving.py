"""A move deletes only what is elsewhere by then: another place, and all of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelkeep import open_library
from modelkeep.errors import (
    ModelKeepError,
    NotAllowed,
    NotOnRemote,
    RemoteConflict,
    SettingsError,
    WrongContent,
)
from modelkeep.hub.push_calls import create_tag
from modelkeep.keys import ModelKey
from modelkeep.library import Library
from modelkeep.remote.hub import HubRemote
from modelkeep.rows import Selection
from support.caches import CacheMaker
from support.push_server import Server, serving

FILES = {"config.json": b'{"model_type": "bert"}', "model.safetensors": b"w" * 5000}
KEY = "org/model"


@pytest.fixture
def library(cache: CacheMaker, tmp_path: Path) -> Iterator[Library]:
    cache.add(KEY, FILES, commit="1" * 40)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with open_library([cache.root]) as library:
        library.remotes.add("a", os.fspath(tmp_path / "a"))
        library.remotes.add("b", os.fspath(tmp_path / "b"))
        yield library


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: CacheMaker) -> Iterator[Server]:
    root = tmp_path / "served" / "hub"
    root.mkdir(parents=True)
    with serving(root) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        monkeypatch.setenv("HF_TOKEN", server.token)
        monkeypatch.setenv("HF_HUB_CACHE", str(cache.root))
        yield server


def push(library: Library, name: str) -> None:
    key = str(ModelKey(KEY))
    library.remotes.push(library.remotes.plan_push(Selection(library.roots[0], key), name))


def test_a_place_by_two_names_is_one_place(library: Library, tmp_path: Path) -> None:
    push(library, "a")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    library.remotes.add("again", os.fspath(tmp_path / "link"))
    for other in ("again", os.fspath(tmp_path / "a"), (tmp_path / "a").as_uri()):
        with pytest.raises(SettingsError, match="the same place"):
            library.remotes.plan_copy(KEY, "a", other, move=True)
    library.remotes.add("bucket", "s3://models/nlp?endpoint=http://127.0.0.1:9")
    with pytest.raises(SettingsError, match="the same place"):
        library.remotes.plan_copy(KEY, "bucket", "s3://models/nlp/?region=x&endpoint=http://127.0.0.1:9/")
    for other in ("hub:default/org", "hub:default"):
        with pytest.raises(SettingsError, match="the same place"):
            library.remotes.plan_sync("hub:", other)


def test_what_the_destination_leaves_out_stays_at_the_origin(
    library: Library, cache: CacheMaker, server: Server
) -> None:
    files = FILES | {".gitignore": b"notes.txt\n", "notes.txt": b"what a hub does not take"}
    cache.add("org/noted", files, commit="2" * 40)
    library.refresh()
    library.remotes.copy(library.remotes.plan_copy("org/noted", "here", "a"))
    plan = library.remotes.plan_copy("org/noted", "a", "hub:", move=True)
    with pytest.raises(WrongContent, match="nothing was deleted"):
        library.remotes.copy(plan)
    assert [model.key.repo_id for model in library.remotes.models("a")] == ["org/noted"]


def test_a_model_of_a_hub_is_moved_with_its_history(library: Library, server: Server) -> None:
    push(library, "hub:")
    plan = library.remotes.plan_copy(KEY, "hub:", "a", move=True)
    assert plan.deletion
    assert len(plan.deletion.commits) == 2, "the hub began with a commit of its own"
    assert any("whole history" in note and "1 more commit" in note for note in plan.notes)
    assert library.remotes.copy(plan).deleted
    with HubRemote() as hub, pytest.raises(NotOnRemote):
        hub.find(ModelKey(KEY))
    assert library.remotes.models("a")


def test_of_a_hub_nothing_goes_that_was_not_asked_for(library: Library, server: Server) -> None:
    push(library, "hub:")
    with HubRemote() as hub:
        commit = hub.find(ModelKey(KEY)).commit
        with pytest.raises(NotAllowed):
            library.remotes.plan_copy(f"{KEY}@{commit}", "hub:", "a", move=True)
        plan = library.remotes.plan_copy(KEY, "hub:", "a", move=True)
        assert plan.deletion
        first = next(one for one in plan.deletion.commits if one != commit)
        create_tag(hub._client, ModelKey(KEY), "v1", first)
        with pytest.raises(NotAllowed):  # a tag that leads to what is not moved
            library.remotes.plan_copy(KEY, "hub:", "a", move=True)
        library.remotes.copy(plan)


def test_what_came_to_a_hub_since_the_plan_stays_there(
    library: Library, cache: CacheMaker, server: Server
) -> None:
    push(library, "hub:")
    plan = library.remotes.plan_copy(KEY, "hub:", "a", move=True)
    cache.add(KEY, FILES | {"config.json": b"{}"}, commit="2" * 40)
    library.refresh()
    push(library, "hub:")
    with pytest.raises(RemoteConflict):
        library.remotes.copy(plan)
    with HubRemote() as hub:
        assert hub.find(ModelKey(KEY))


def test_a_copy_and_a_sync_send_no_secret_that_a_push_would_not(library: Library, cache: CacheMaker) -> None:
    cache.add("org/careless", FILES | {".env": b"TOKEN=hf_" + b"abcdefghij" * 4}, commit="3" * 40)
    library.refresh()
    plan = library.remotes.plan_copy("org/careless", "here", "a")
    assert any("secret" in note for note in plan.notes)
    with pytest.raises(ModelKeepError, match="looks like a secret"):
        library.remotes.copy(plan)
    done = library.remotes.sync(library.remotes.plan_sync("here", "b"))
    [failure] = done.failures
    assert failure.startswith("hf@org/careless@")
    for name in ("a", "b"):
        assert "org/careless" not in {model.key.repo_id for model in library.remotes.models(name)}

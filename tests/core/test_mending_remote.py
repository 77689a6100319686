"""Bad files brought back from remotes: from the same revision, from others, from a content's own name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from modelkeep.errors import RemoteError, SettingsError
from modelkeep.keys import ModelKey
from modelkeep.library import Library, open_library
from modelkeep.mending.origin import Where
from support import mending
from support.caches import CacheMaker, sha256
from support.hub import HubServer
from support.mending import FILES, WEIGHTS, flipped, is_good, mend, mended, only, plan, trashed
from support.remote_fetching import blob, damage, manifest_of, push

SMALL = "sub/vocab.txt"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "store").mkdir()
    return tmp_path / "store"


@pytest.fixture
def commit(cache: CacheMaker) -> str:
    return cache.add("org/name", FILES)


@pytest.fixture
def library(cache: CacheMaker, store: Path, commit: str) -> Iterator[Library]:
    with open_library([cache.root]) as library:
        library.remotes.add("team", str(store))
        yield library


def stored(
    store: Path, below: Path, commit: str, *, name: str = "org/name", files: Mapping[str, bytes] = FILES
) -> None:
    """A revision in the store."""
    manifest = replace(manifest_of(files), key=ModelKey(name, commit))
    push(store, files, manifest=manifest, below=below / name)


@pytest.mark.parametrize("file", ["model.safetensors", "config.json"])
def test_from_the_same_revision(
    library: Library, cache: CacheMaker, store: Path, commit: str, tmp_path: Path, file: str
) -> None:
    stored(store, tmp_path, commit)
    bad = mending.damage(mending.blob(cache, file))
    item = only(plan(library, cache.root, remotes=["team"]))
    assert item.origin
    assert (item.origin.where, item.origin.place) == (Where.REMOTE, "team")
    assert item.origin.member == f"hf@org/name@{commit} {file}"
    result = mended(library, cache.root, remotes=["team"])
    assert result.fetched == len(FILES[file])
    assert trashed(cache.root) == [bad]


def test_nobody_is_asked_who_was_not_named(
    library: Library, cache: CacheMaker, store: Path, commit: str, tmp_path: Path
) -> None:
    stored(store, tmp_path, commit)
    mending.damage(mending.blob(cache))
    item = only(plan(library, cache.root))
    assert item.origin is None
    assert "remote" in item.hint


@pytest.mark.parametrize("name", ["org/name", "somebody/else"])
@pytest.mark.parametrize("file", ["model.safetensors", SMALL])
def test_from_another_revision_and_from_another_model(
    library: Library, cache: CacheMaker, store: Path, tmp_path: Path, name: str, file: str
) -> None:
    stored(store, tmp_path, "f" * 40, name=name, files={f"other/{file}": FILES[file]})
    stored(store, tmp_path, "e" * 40, name="org/aaa", files={"nothing": b"of that"})
    mending.damage(mending.blob(cache, file))
    mended(library, cache.root, remotes=["team"])


def test_what_the_store_has_not_is_not_found(
    library: Library, cache: CacheMaker, store: Path, tmp_path: Path
) -> None:
    stored(store, tmp_path, "f" * 40, files={"model.safetensors": flipped(WEIGHTS)})
    mending.damage(mending.blob(cache))
    mending.damage(mending.blob(cache, SMALL))
    assert {item.origin for item in plan(library, cache.root, remotes=["team"]).items} == {None}


def test_a_damaged_remote_is_left_for_the_next(
    library: Library, cache: CacheMaker, store: Path, commit: str, tmp_path: Path
) -> None:
    stored(store, tmp_path, commit)
    damage(blob(store, WEIGHTS))
    bad = mending.damage(mending.blob(cache))
    [failure] = mend(library, cache.root, remotes=["team"]).failures
    assert "team" in failure
    assert sha256(WEIGHTS) in failure
    assert mending.blob(cache).read_bytes() == bad, "what is here stays until something better came"
    (tmp_path / "second").mkdir()
    stored(tmp_path / "second", tmp_path / "2", commit)
    library.remotes.add("second", str(tmp_path / "second"))
    mended(library, cache.root, remotes=["team", "second"])


def test_a_remote_comes_after_other_caches_and_before_a_hub(
    library: Library,
    cache: CacheMaker,
    store: Path,
    commit: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stored(store, tmp_path, commit)
    CacheMaker(tmp_path / "other").add("org/name", FILES)
    mending.damage(mending.blob(cache))
    with HubServer() as hub, open_library([cache.root, tmp_path / "other"]) as both:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        both.refresh()
        item = only(plan(both, cache.root, remotes=["team"], hub=True))
        assert item.origin
        places = [item.origin.where, *(origin.where for origin in item.more)]
        assert places == [Where.CACHE, Where.REMOTE, Where.HUB]
        mended(library, cache.root, remotes=["team"], hub=True)
        assert not hub.requests


def test_from_a_hub_that_is_a_remote(
    library: Library, cache: CacheMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HubServer() as hub:
        hub.add("org/name", {**FILES, "more.txt": b"another commit"})
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        library.remotes.add("ours", "hub:")
        mending.damage(mending.blob(cache))
        mended(library, cache.root, remotes=["ours"])
    is_good(library, cache.root)


def test_a_remote_that_cannot_be_asked_is_a_sentence(
    library: Library, cache: CacheMaker, store: Path
) -> None:
    mending.damage(mending.blob(cache))
    with pytest.raises(SettingsError):
        plan(library, cache.root, remotes=["nowhere"])
    store.rmdir()
    with pytest.raises(RemoteError):
        plan(library, cache.root, remotes=["team"])

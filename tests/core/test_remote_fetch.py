"""Fetching from a store: what is in the cache after it, and what is remembered of where it came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import scan_cache_dir

from modelkeep.activity import ActivityQuery
from modelkeep.cache.trees import read_tree
from modelkeep.errors import NotOnRemote, SettingsError, WrongContent
from modelkeep.hub.download_plan import DownloadPlan, FileAction
from modelkeep.hub.transfer import DownloadResult, TransferState
from modelkeep.library import Library, open_library
from modelkeep.rows import Selection
from support.caches import CacheMaker, git_sha1, sha256
from support.hub import HubServer
from support.models import tiny_bert_files
from support.remote_fetching import FILES, KEY, WEIGHTS, blob, damage, loaded, manifest_of, offline, push

COMMIT = manifest_of().commit


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def library(cache: CacheMaker, store: Path, tmp_path: Path) -> Iterator[Library]:
    push(store, tags=("v1",), below=tmp_path)
    with open_library([cache.root]) as library:
        library.remotes.add("team", str(store), cache=str(cache.root))
        yield library


def fetch(library: Library, key: str = "org/name", **options: object) -> DownloadResult:
    plan = library.remotes.plan_fetch(key, "team", **options)  # type: ignore[arg-type]
    return library.remotes.fetch(plan)


def bytes_of(plan: DownloadPlan) -> set[str]:
    return {file.path for file in plan.chosen}


# ---- what comes


def test_all_that_a_store_has_of_a_model_is_fetched(library: Library, cache: CacheMaker) -> None:
    plan = library.remotes.plan_fetch("org/name", "team")
    assert bytes_of(plan) == set(FILES), "a store has nothing that nobody wanted"
    assert (plan.profile, plan.endpoint) == ("remote:team", str(cache.root.parent / "store"))
    assert plan.bytes_missing == sum(map(len, {*FILES.values()}))
    assert not list(cache.root.iterdir()), "a plan writes nothing"
    result = library.remotes.fetch(plan)
    assert result.fetched == plan.bytes_missing
    assert loaded(cache.root) == FILES
    assert not library.hubs.transfers()
    assert not scan_cache_dir(cache.root).warnings
    assert library.remotes.plan_fetch("org/name", "team").is_complete


def test_a_real_model_loads_offline_after_it(library: Library, cache: CacheMaker, tmp_path: Path) -> None:
    files = tiny_bert_files()
    push(tmp_path / "store", files, below=tmp_path)
    fetch(library)
    script = """
import json, sys
from transformers import AutoModel
model = AutoModel.from_pretrained("org/name", cache_dir=sys.argv[1])
print(json.dumps(sum(one.numel() for one in model.parameters())))
"""
    parameters = offline(script, str(cache.root), home=tmp_path / "home")
    assert isinstance(parameters, int)
    assert parameters > 0


def test_the_ref_that_was_asked_for_leads_to_it_and_a_commit_gets_none(
    library: Library, cache: CacheMaker
) -> None:
    fetch(library, f"org/name@{COMMIT[:10]}")
    refs = cache.folder("org/name") / "refs"
    assert not list(refs.iterdir())
    fetch(library, "org/name@v1")
    assert [ref.name for ref in refs.iterdir()] == ["v1"]
    fetch(library, "org/name")
    assert {ref.name: ref.read_text() for ref in refs.iterdir()} == {"v1": COMMIT, "main": COMMIT}


def test_only_some_files(library: Library, cache: CacheMaker) -> None:
    fetch(library, files=["config.json"])
    snapshot = cache.folder("org/name") / "snapshots" / COMMIT
    assert [path.name for path in snapshot.iterdir()] == ["config.json"]
    with pytest.raises(NotOnRemote):
        library.remotes.plan_fetch("org/name", "team", files=["absent.json"])


def test_of_a_partial_revision_no_listing_is_written(
    library: Library, cache: CacheMaker, tmp_path: Path
) -> None:
    push(tmp_path / "store", manifest=manifest_of(is_complete=False), ref="part", below=tmp_path)
    some = {"config.json": FILES["config.json"]}
    push(
        tmp_path / "store",
        some,
        manifest=replace(manifest_of(some, is_complete=False)),
        ref="part",
        below=tmp_path,
    )
    result = fetch(library, "org/name@part")
    assert read_tree(cache.folder("org/name"), result.commit) is None
    fetch(library)
    assert set(read_tree(cache.folder("org/name"), COMMIT) or {}) == set(FILES)


def test_what_another_cache_has_does_not_come(library: Library, cache: CacheMaker, tmp_path: Path) -> None:
    other = CacheMaker(tmp_path / "other")
    other.add("org/else", {"model.safetensors": WEIGHTS, "README.md": FILES["README.md"]})
    with open_library([cache.root, other.root]) as both:
        both.refresh()
        plan = both.remotes.plan_fetch("org/name", "team", root=str(cache.root))
        assert {file.path for file in plan.files if file.action is FileAction.LINK} == {
            "model.safetensors",
            "again/model.safetensors",
            "README.md",
        }
        result = both.remotes.fetch(plan)
    assert result.linked == len(WEIGHTS) + len(FILES["README.md"])
    assert loaded(cache.root) == FILES


# ---- what is remembered


def test_where_it_came_from_is_remembered(library: Library, cache: CacheMaker, store: Path) -> None:
    fetch(library)
    origin = library.catalog.origin(str(cache.root), KEY, COMMIT)
    assert origin is not None
    assert (origin.url, origin.source) == (str(store), "remote")
    assert origin.metadata["lineage"] == {
        "parent": "hf@org/base@" + "b" * 40,
        "root": "hf@org/root@" + "a" * 40,
    }
    [(_, event)] = library.activity.find(ActivityQuery(verbs=("download",))).events
    assert (event.outcome, event.bytes, event.detail) == (
        "done",
        sum(map(len, {*FILES.values()})),
        "from team",
    )


def test_a_model_that_first_came_from_a_hub_still_says_so(
    library: Library, cache: CacheMaker, store: Path, tmp_path: Path
) -> None:
    files = {"config.json": b"{ }"}
    push(store, files, manifest=manifest_of(files, origin="http://hub/org/name"), below=tmp_path)
    result = fetch(library)
    origin = library.catalog.origin(str(cache.root), KEY, result.commit)
    assert origin is not None
    assert (origin.url, origin.source) == ("http://hub/org/name", "remote")


def test_no_hub_is_asked_for_what_came_from_a_remote_only(
    library: Library, cache: CacheMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch(library)
    with HubServer() as server:
        server.add("org/name", {"config.json": b"another one"})
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        [update] = library.hubs.updates()
        assert "remote" in update.note
        assert not update.is_newer
        (cache.folder("org/name") / "blobs" / sha256(WEIGHTS)).unlink()
        library.refresh()
        found = library.trust.check([Selection(str(cache.root), str(KEY))])
        plan = library.trust.plan_mending(found, hub=True)
        assert {item.origin for item in plan.items} == {None}
        assert not server.requests


def test_what_a_hub_knows_too_is_of_that_hub(
    library: Library, cache: CacheMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HubServer() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        commit = server.add("org/name", FILES)
        library.hubs.download(library.hubs.plan_download("org/name", files=["config.json"]))
        store = Path(library.remotes.all()[0].url)
        push(store, manifest=replace(manifest_of(), key=KEY.at(commit)), below=cache.root.parent / "again")
        fetch(library)
        origin = library.catalog.origin(str(cache.root), KEY, commit)
        assert origin
        assert (origin.source, origin.url) == ("download", f"{server.endpoint}/org/name")
    assert loaded(cache.root) == FILES


def test_one_from_a_remote_only_that_a_hub_has_as_well(
    library: Library, cache: CacheMaker, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HubServer() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        commit = server.add("org/name", FILES)
        push(store, manifest=replace(manifest_of(), key=KEY.at(commit)), below=cache.root.parent / "again")
        fetch(library)
        [asked] = library.hubs.updates()
        assert "remote" in asked.note
        library.hubs.download(library.hubs.plan_download("org/name", everything=True))
        [asked] = library.hubs.updates()
        assert (asked.note, asked.new) == ("", commit)


# ---- what a remote may do wrong


def test_a_damaged_blob_is_named_and_nothing_of_it_is_kept(
    library: Library, cache: CacheMaker, store: Path
) -> None:
    damage(blob(store, WEIGHTS))
    with pytest.raises(WrongContent, match=sha256(WEIGHTS)) as caught:
        fetch(library)
    assert "Verify the remote" in caught.value.hint
    assert not (cache.folder("org/name") / "refs/main").exists()
    assert not (cache.folder("org/name") / "blobs" / sha256(WEIGHTS)).exists()
    [left] = library.hubs.transfers()
    assert left.state is TransferState.FAILED


@pytest.mark.parametrize("content", [WEIGHTS[:1000], WEIGHTS + b"more", b""])
def test_a_blob_of_another_size_is_named(library: Library, store: Path, content: bytes) -> None:
    path = blob(store, WEIGHTS)
    path.chmod(0o644)
    path.write_bytes(content)
    with pytest.raises(WrongContent, match=sha256(WEIGHTS)):
        fetch(library)


def test_a_small_file_is_compared_with_its_sha256_too(
    library: Library, cache: CacheMaker, store: Path, tmp_path: Path
) -> None:
    manifest = manifest_of({"config.json": b"{}"})
    wrong = replace(manifest, files=(manifest.files[0]._replace(etag=git_sha1(b"[]")),))
    push(store, {"config.json": b"{}"}, manifest=wrong, below=tmp_path)
    with pytest.raises(WrongContent):
        fetch(library)
    damage(blob(store, b"{}"))
    # What has the name that git gave it, and is not what the store says.
    other = blob(store, b"{}").read_bytes()
    lies = replace(manifest, files=(manifest.files[0]._replace(etag=git_sha1(other)),))
    plan = library.remotes.plan_fetch("org/name", "team")
    files = tuple(file._replace(etag=lies.files[0].etag) for file in plan.files)
    with pytest.raises(WrongContent):
        library.remotes.fetch(replace(plan, files=files))


def test_a_missing_blob_names_the_file(library: Library, store: Path) -> None:
    blob(store, WEIGHTS).unlink()
    with pytest.raises(NotOnRemote, match=r"model\.safetensors"):
        fetch(library)


def test_what_a_remote_has_not_is_named(library: Library) -> None:
    with pytest.raises(NotOnRemote):
        library.remotes.plan_fetch("org/nobody", "team")
    with pytest.raises(SettingsError):
        library.remotes.plan_fetch("org/name", "nowhere")


def test_an_unnamed_remote_is_known_by_its_url(library: Library, store: Path, cache: CacheMaker) -> None:
    plan = library.remotes.plan_fetch("org/name", str(store), root=str(cache.root))
    assert plan.profile == f"remote:{store}"
    added = library.hubs.add_transfer(plan)
    result = library.hubs.run_transfer(added.root, added.id)
    assert result.error is None
    assert loaded(cache.root) == FILES

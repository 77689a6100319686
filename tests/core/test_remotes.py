"""Remotes by name, and what a library pushes to them and shows of them."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from modelkeep.activity import ActivityQuery
from modelkeep.cache.catalog import Origin
from modelkeep.errors import (
    CacheError,
    InvalidKey,
    ModelKeepError,
    ModelNotFound,
    NotAllowed,
    NotOnRemote,
    Offline,
    RemoteUnreachable,
    SettingsError,
)
from modelkeep.keys import ModelKey
from modelkeep.library import Library, open_library
from modelkeep.named_remotes import Follow, NamedRemote
from modelkeep.remote.remote import KeepsHistory
from modelkeep.remote.rows import joined_rows
from modelkeep.remote.values import Lineage, RemoteModel, RemoteRevision, Summary
from modelkeep.rows import ModelRow, Selection
from modelkeep.settings import Settings, load_settings, save_settings
from support.caches import CacheMaker
from support.push_hub import PushHub
from support.rows import model_row, revision_row

FILES = {"config.json": b'{"model_type": "bert"}', "model.safetensors": b"weights" * 100}
CARD = b"---\nbase_model: org/base\nlicense: mit\n---\nMade from it.\n"
A, B, C = "a" * 40, "b" * 40, "c" * 40


@pytest.fixture
def store(tmp_path: Path) -> Path:
    place = tmp_path / "store"
    place.mkdir()
    return place


@pytest.fixture
def library(cache: CacheMaker, store: Path) -> Library:
    found = open_library([cache.root])
    found.remotes.add("team", str(store))
    return found


def pushed(library: Library, key: str, **wishes: str) -> str:
    """Push a cached model to the team; its commit."""
    library.refresh()
    plan = library.remotes.plan_push(Selection(library.roots[0], key), "team", **wishes)  # type: ignore[arg-type]
    return library.remotes.push(plan).commit


# ---- names


@pytest.mark.parametrize(
    "name", ["", "here", "Here", "a b", "a/b", "a:b", ".", "..", "~", "-x", "x" * 65, "a\nb"]
)
def test_a_name_can_be_told_from_a_path_a_url_and_the_caches(
    library: Library, store: Path, name: str
) -> None:
    with pytest.raises(SettingsError, match="cannot be the name") as caught:
        library.remotes.add(name, str(store))
    assert caught.value.hint


@pytest.mark.parametrize("url", ["", "nowhere", "ftp://host/x", "s3:", "file://host/share"])
def test_what_is_no_remote_is_not_kept(library: Library, url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        library.remotes.add("other", url)
    assert caught.value.hint
    assert [view.name for view in library.remotes.all()] == ["team"]


def test_a_remote_is_kept_changed_and_forgotten_with_what_is_followed(
    library: Library, tmp_path: Path
) -> None:
    settings = load_settings().settings
    save_settings(replace(settings, follows=(Follow("team", ("hf@org/a",)), Follow("other", tag="x"))))
    view = library.remotes.add("team", f"file://{tmp_path}/new", cache=str(tmp_path / "for-team"))
    assert (view.url, view.kind, view.cache) == (str(tmp_path / "new"), "folder", str(tmp_path / "for-team"))
    assert view.follows == (Follow("team", ("hf@org/a",)),)
    assert library.remotes.all() == (view,)
    library.remotes.remove("team")
    assert load_settings().settings == Settings(follows=(Follow("other", tag="x"),))
    with pytest.raises(SettingsError, match="no remote “team”") as caught:
        library.remotes.remove("team")
    assert caught.value.hint == "None was added yet."


def test_a_mistyped_name_is_answered_with_the_nearest(library: Library) -> None:
    with pytest.raises(SettingsError, match="no remote “teem”") as caught:
        library.remotes.open("teem")
    assert caught.value.hint == "Did you mean team? There are these: team."


def test_a_relative_path_is_kept_as_the_folder_it_means(
    library: Library, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(store.parent)
    assert library.remotes.add("a", "./store").url == str(store)
    assert library.remotes.add("b", "store").url == str(store)


def test_who_is_offline_may_name_what_is_elsewhere_and_use_a_folder(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELKEEP_OFFLINE", "1")
    library.remotes.add("far", "s3://models?endpoint=https://s3.example.org")
    with pytest.raises(Offline, match="MODELKEEP_OFFLINE is set"):
        library.remotes.models("far")
    assert library.remotes.models("team") == ()
    with pytest.raises(SettingsError):
        library.remotes.add("bad", "s3://models?secret=x")


# ---- rows


def of_remote(name: str, *commits: str) -> RemoteModel:
    """A model of a remote, main at the first of its revisions."""
    revisions = tuple(
        RemoteRevision(
            commit, ("main",) if number == 0 else (), 100 + number, 2, pushed_at=9.0, is_complete=True
        )
        for number, commit in enumerate(commits)
    )
    return RemoteModel(ModelKey(name), revisions, Summary("transformers", "fill-mask"), on_remote=777)


def cached_row(name: str, commit: str, **values: Any) -> ModelRow:
    return model_row(name, revisions=(revision_row(commit),), **values)


def test_every_model_is_there_once_and_says_where_it_is() -> None:
    there = [
        of_remote("o/both", A),
        of_remote("o/there", A),
        of_remote("o/newer", B, A),
        of_remote("o/other", B),
    ]
    here = [
        cached_row("o/both", A, state="incomplete", pinned=True),
        cached_row("o/newer", A, note="ours"),
        cached_row("o/other", C, note="ours"),
        cached_row("o/here", A),
    ]
    rows = joined_rows("team", there, here)
    assert [(row.repo_id, row.where, row.root) for row in rows] == [
        ("o/both", "both", "remote:team"),
        ("o/here", "here", "remote:team"),
        ("o/newer", "newer", "remote:team"),
        ("o/other", "newer", "remote:team"),
        ("o/there", "there", "remote:team"),
    ]
    both, only, newer, other, far = rows
    assert (both.size, both.on_disk, both.task, both.state, both.pinned) == (
        100,
        777,
        "fill-mask",
        "incomplete",
        True,
    )
    assert only.size == model_row().size
    assert [revision.commit for revision in newer.revisions] == [B, A]
    assert newer.note == "ours"
    assert other.note == "What is here has not been pushed there. ours"
    assert (far.last_used, far.modified) == (0.0, 9.0)


def test_one_of_several_caches_that_has_the_newest_is_enough() -> None:
    here = [cached_row("o/m", A, root="/one"), cached_row("o/m", B, root="/two")]
    [row] = joined_rows("team", [of_remote("o/m", B, A)], here)
    assert row.where == "both"


def test_a_revision_that_is_here_but_not_main_is_not_both() -> None:
    here = [model_row("o/m", revisions=(revision_row(B, refs=()), revision_row(A)))]
    [row] = joined_rows("team", [of_remote("o/m", B)], here)
    assert row.where == "newer"


def test_thousands_of_models_are_there_once_each() -> None:
    there = [of_remote(f"o/m{number}", A) for number in range(5000)]
    here = [cached_row(f"o/m{number}", A) for number in range(2500, 7500)]
    rows = joined_rows("team", there, here)
    wheres = [row.where for row in rows]
    assert [wheres.count(where) for where in ("there", "both", "here")] == [2500, 2500, 2500]


# ---- pushing, and what is said of it


def test_a_pushed_model_has_all_that_is_known_of_it(library: Library, cache: CacheMaker) -> None:
    commit = cache.add("org/bert", FILES | {"README.md": CARD})
    root, key = library.roots[0], ModelKey("org/bert")
    library.catalog.record_origin(
        root, key, commit, Origin(url="https://hub/org/bert", last_modified="2026-01-01")
    )
    assert pushed(library, "hf@org/bert", message="First", description="For the ward") == commit
    found = library.remotes.look("team", "org/bert")
    manifest = found.manifest
    assert (manifest.key, manifest.is_complete) == (key.at(commit), True)
    assert (manifest.origin, manifest.last_modified) == ("https://hub/org/bert", "2026-01-01")
    assert (manifest.description, manifest.summary.licence) == ("For the ward", "mit")
    assert [file.path for file in manifest.files] == ["README.md", "config.json", "model.safetensors"]
    assert [(step.commit, step.message) for step in found.history] == [(commit, "First")]
    [row] = library.remotes.rows("team")
    assert (row.where, row.licence) == ("both", "mit")


def test_an_older_revision_keeps_what_was_said_of_it(library: Library, cache: CacheMaker) -> None:
    old = cache.add("org/bert", FILES)
    pushed(library, "hf@org/bert", message="First")
    new = cache.add("org/bert", FILES | {"new.txt": b"1"})
    pushed(library, "hf@org/bert", message="Second")
    found = library.remotes.look("team", "org/bert")
    assert {one.commit: one.message for one in found.model.revisions} == {old: "First", new: "Second"}
    assert all(one.pushed_by and one.pushed_at for one in found.model.revisions)


def test_a_model_without_main_can_be_looked_at(library: Library, cache: CacheMaker) -> None:
    commit = cache.add("org/bert", FILES)
    pushed(library, "hf@org/bert", ref="draft")
    found = library.remotes.look("team", "org/bert")
    assert (found.manifest.commit, found.history) == (commit, ())
    assert library.remotes.look("team", "org/bert@draft").history


def test_lineage_leads_from_the_root_to_what_was_made_from_it(library: Library, cache: CacheMaker) -> None:
    base = cache.add("org/base", FILES)
    tuned = cache.add("org/tuned", FILES | {"tuned.txt": b"1"})
    cache.add("org/again", FILES | {"README.md": b"---\nbase_model: org/tuned\n---\n"})
    pushed(library, "hf@org/base")
    pushed(library, "hf@org/tuned", parent="org/base")
    pushed(library, "hf@org/again")
    root = f"hf@org/base@{base}"
    assert library.remotes.look("team", "org/tuned").manifest.lineage == Lineage(root, root)
    assert library.remotes.look("team", "org/again").manifest.lineage == Lineage("hf@org/tuned", root)
    assert library.remotes.look("team", "org/base").children == ("hf@org/tuned",)
    assert library.remotes.look("team", "org/tuned").children == ("hf@org/again",)
    assert library.remotes.look("team", "org/tuned").line == (root,)
    assert library.remotes.look("team", "org/again").line == (root, "hf@org/tuned")
    assert library.remotes.look("team", "org/base").line == ()
    plan = library.remotes.plan_push(
        Selection(library.roots[0], "hf@org/again"), "team", parent=f"org/tuned@{tuned[:8]}"
    )
    assert plan.manifest is not None
    assert plan.manifest.lineage == Lineage(f"hf@org/tuned@{tuned}", root)


def test_what_was_converted_here_was_made_from_what_it_was_before(
    library: Library, cache: CacheMaker
) -> None:
    old = cache.add("org/bert", FILES)
    new = cache.add("org/bert", FILES | {"new.txt": b"1"})
    library.catalog.record_origin(
        library.roots[0], ModelKey("org/bert"), new, Origin(source="local", metadata={"convertedFrom": old})
    )
    pushed(library, "hf@org/bert")
    assert library.remotes.look("team", "org/bert").manifest.lineage.parent == f"hf@org/bert@{old}"


def test_a_folder_is_the_same_revision_whenever_it_is_pushed(library: Library, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    for name, content in FILES.items():
        (tmp_path / "mine" / name).write_bytes(content)
    commits = set()
    for _ in range(2):
        plan = library.remotes.plan_push(tmp_path / "mine", "team", to="org/mine", tags=["v1"])
        commits.add(library.remotes.push(plan).commit)
    assert len(commits) == 1
    [model] = library.remotes.models("team")
    assert [revision.refs for revision in model.revisions] == [("main", "v1")]
    etags = {file.path: len(file.etag) for file in library.remotes.look("team", "org/mine").manifest.files}
    assert etags == {"config.json": 40, "model.safetensors": 64}, "as a cache calls them"
    with pytest.raises(InvalidKey, match="needs a name"):
        library.remotes.plan_push(tmp_path / "mine", "team")
    with pytest.raises(ModelNotFound, match="no folder"):
        library.remotes.plan_push(tmp_path / "none", "team", to="org/mine")


def test_what_looks_like_a_secret_is_not_sent(library: Library, cache: CacheMaker, store: Path) -> None:
    cache.add("org/bert", FILES | {"notes.txt": b"-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7\n"})
    library.refresh()
    plan = library.remotes.plan_push(Selection(library.roots[0], "hf@org/bert"), "team")
    assert [secret.path for secret in plan.plan.secrets] == ["notes.txt"]
    with pytest.raises(ModelKeepError, match=r"looks like a secret: notes\.txt"):
        library.remotes.push(plan)
    assert not list(store.iterdir())
    assert library.remotes.push(plan, allow_secrets=["notes.txt"]).verified == 3


def test_what_is_damaged_or_not_here_is_not_pushed(library: Library, cache: CacheMaker) -> None:
    cache.add("org/bert", FILES)
    library.refresh()
    root = library.roots[0]
    with pytest.raises(InvalidKey, match="is a commit"):
        library.remotes.plan_push(Selection(root, "hf@org/bert"), "team", ref=A)
    with pytest.raises(InvalidKey, match="not the name of a revision"):
        library.remotes.plan_push(Selection(root, "hf@org/bert"), "team", tags=["a b"])
    with pytest.raises(ModelNotFound):
        library.remotes.plan_push(Selection(root, "hf@org/bert@v9"), "team")
    blob = next((cache.folder("org/bert") / "blobs").glob("?" * 40))
    blob.write_bytes(b'{"model_type": "gpt2"}')
    with pytest.raises(CacheError, match=r"config\.json is damaged"):
        library.remotes.plan_push(Selection(root, "hf@org/bert"), "team")
    blob.unlink()
    library.refresh()
    with pytest.raises(CacheError, match="damaged"):
        library.remotes.plan_push(Selection(root, "hf@org/bert"), "team")


def test_a_hub_is_a_remote_as_well(
    library: Library, cache: CacheMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.add("tester/bert", FILES)
    library.refresh()
    with PushHub() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        monkeypatch.setenv("HF_TOKEN", "hf_write")
        view = library.remotes.add("hub", "hub:default")
        assert (view.kind, view.credentials) == ("hub", "HF_TOKEN")
        plan = library.remotes.plan_push(
            Selection(library.roots[0], "hf@tester/bert"), "hub", message="Hello"
        )
        assert plan.manifest is None
        done = library.remotes.push(plan)
        assert (done.verified, done.differs) == (2, ())
        assert library.remotes.look("hub", "tester/bert").manifest.commit == done.commit
        with pytest.raises(NotAllowed, match="keeps no history"):
            library.remotes.set_ref("hub", "tester/bert", "v1")
        with pytest.raises(NotAllowed, match="no store"):
            library.remotes.plan_collection("hub")


# ---- fetching, deleting, and the log


def test_the_cache_of_a_remote_is_looked_at_from_the_first_fetch_on(
    library: Library, cache: CacheMaker, store: Path, tmp_path: Path
) -> None:
    pushed_ = pushed(library, cache_model(cache))
    place = tmp_path / "for-team"
    library.remotes.add("team", str(store), cache=str(place))
    plan = library.remotes.plan_fetch("org/bert", "team")
    assert (plan.root, plan.commit, plan.ref) == (str(place), pushed_, "main")
    assert load_settings().settings.roots == (), "a plan changes nothing"
    library.remotes.fetch(plan)
    assert load_settings().settings.roots == (str(place),)
    assert str(place) in library.roots
    assert [model.repo_id for model in library.inventory(str(place)).models] == ["org/bert"]
    assert library.remotes.plan_fetch("org/bert", "team").is_complete


def cache_model(cache: CacheMaker) -> str:
    cache.add("org/bert", FILES)
    return "hf@org/bert"


def test_a_remote_may_be_named_by_its_url(library: Library, cache: CacheMaker, store: Path) -> None:
    commit = pushed(library, cache_model(cache))
    assert library.remotes.cache_of(str(store)) == library.roots[0]
    assert library.remotes.plan_fetch("org/bert", str(store)).commit == commit
    assert [model.key.repo_id for model in library.remotes.models(f"file://{store}")] == ["org/bert"]


def test_what_was_deleted_comes_back_with_its_refs(library: Library, cache: CacheMaker) -> None:
    commit = pushed(library, cache_model(cache))
    library.remotes.set_ref("team", "org/bert", "production", message="Approved")
    plan = library.remotes.plan_deletion("team", "org/bert")
    assert (plan.remote, plan.commits, set(plan.refs)) == ("team", (commit,), {"main", "production"})
    library.remotes.delete(plan)
    assert library.remotes.models("team") == ()
    with pytest.raises(NotOnRemote, match="was deleted") as caught:
        library.remotes.look("team", "org/bert")
    assert "brought back" in caught.value.hint
    with pytest.raises(NotOnRemote) as caught:
        library.remotes.history("team", "org/bert", ref="nonsense")
    assert "Did you mean org/bert?" not in caught.value.hint
    assert [model.key.repo_id for model in library.remotes.deleted("team")] == ["org/bert"]
    assert library.remotes.restore("team", "org/bert") == (commit,)
    [model] = library.remotes.models("team")
    assert set(model.revisions[0].refs) == {"main", "production"}
    library.remotes.remove_ref("team", "org/bert", "production", message="Recalled")
    steps = library.remotes.history("team", "org/bert", ref="production")
    assert (steps[0].commit, steps[0].message) == ("", "Recalled")


def test_the_log_has_what_was_done_to_remotes(library: Library, cache: CacheMaker, tmp_path: Path) -> None:
    commit = pushed(library, cache_model(cache))
    library.remotes.fetch(library.remotes.plan_fetch("org/bert", "team", root=str(tmp_path / "elsewhere")))
    library.remotes.set_ref("team", "org/bert", "v1", message="why")
    library.remotes.delete(library.remotes.plan_deletion("team", "org/bert"))
    library.remotes.restore("team", "org/bert")
    with pytest.raises(NotOnRemote):
        library.remotes.restore("team", "org/none")
    events = [event for _, event in library.activity.find(ActivityQuery()).events][::-1]
    assert [(event.verb, event.outcome) for event in events] == [
        ("push", "done"),
        ("download", "done"),
        ("set-ref", "done"),
        ("delete", "done"),
        ("restore", "done"),
        ("restore", "failed"),
    ]
    assert all("team" in event.detail for event in events[:5])
    assert {event.key for event in events[2:5]} == {f"hf@org/bert@{commit}"}


def test_a_store_is_a_remote_with_a_history_called_by_its_name(library: Library) -> None:
    with library.remotes.open("team") as remote:
        assert isinstance(remote, KeepsHistory)
        assert remote.name == "team"  # type: ignore[attr-defined]


def test_settings_hold_no_more_than_names_urls_and_caches(library: Library, store: Path) -> None:
    assert load_settings().settings.remotes == (NamedRemote("team", str(store)),)
    assert os.path.isdir(store)


def test_where_a_store_was_none_is_begun_while_its_disk_is_away(
    library: Library, cache: CacheMaker, store: Path
) -> None:
    cache.add("org/bert", FILES)
    key = "org/bert"
    pushed(library, "hf@org/bert")
    assert [model.key.repo_id for model in library.remotes.models("team")] == [key]
    store.rename(store.with_name("away"))
    store.mkdir()
    with pytest.raises(RemoteUnreachable, match="held a store of models") as caught:
        library.remotes.models("team")
    assert "mount it" in caught.value.hint
    with pytest.raises(RemoteUnreachable):
        pushed(library, "hf@org/bert")
    assert list(store.iterdir()) == []
    store.rmdir()
    store.with_name("away").rename(store)
    assert [model.key.repo_id for model in library.remotes.models("team")] == [key]


def test_a_store_that_was_emptied_on_purpose_is_begun_anew(
    library: Library, cache: CacheMaker, store: Path
) -> None:
    cache.add("org/bert", FILES)
    pushed(library, "hf@org/bert")
    library.remotes.models("team")
    shutil.rmtree(store)
    store.mkdir()
    library.remotes.remove("team")
    library.remotes.add("team", str(store))
    assert library.remotes.models("team") == ()
    pushed(library, "hf@org/bert")
    assert len(library.remotes.models("team")) == 1

"""Models go from a cache or a remote to another: only what is missing, nothing lost, and a move deletes last."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modelkeep import open_library
from modelkeep.errors import Cancelled, ModelKeepError, NotOnRemote, SettingsError, WrongContent
from modelkeep.keys import ModelKey
from modelkeep.library import Library
from modelkeep.progress import Progress
from modelkeep.remote.plans import SyncAction
from modelkeep.remote.values import RemoteModel
from modelkeep.rows import Selection
from support.caches import CacheMaker
from support.stores import folder_store

FILES = {"config.json": b'{"model_type": "bert"}', "model.safetensors": b"w" * 5000}
NEWER = FILES | {"model.safetensors": b"v" * 5000}
KEY = "org/model"


@pytest.fixture
def library(cache: CacheMaker, tmp_path: Path) -> Library:
    cache.add(KEY, FILES, commit="1" * 40)
    library = open_library([cache.root])
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        library.remotes.add(name, os.fspath(tmp_path / name))
    return library


def push(library: Library, name: str = "a", key: str = KEY, **wish: object) -> None:
    plan = library.remotes.plan_push(Selection(library.roots[0], str(ModelKey.parse(key))), name, **wish)  # type: ignore[arg-type]
    library.remotes.push(plan)


def models(library: Library, name: str) -> dict[str, RemoteModel]:
    return {model.key.repo_id: model for model in library.remotes.models(name)}


def test_a_model_is_copied_between_stores_with_its_refs(library: Library) -> None:
    push(library, tags=("production",))
    plan = library.remotes.plan_copy(KEY, "a", "b")
    assert plan.sends == plan.size == sum(map(len, FILES.values()))
    assert plan.refs == ("main", "production")
    done = library.remotes.copy(plan)
    assert (done.sent, done.deleted) == (plan.size, False)
    [revision] = models(library, "b")[KEY].revisions
    assert sorted(revision.refs) == ["main", "production"]
    assert library.remotes.verify("b", deep=True).is_good
    again = library.remotes.plan_copy(KEY, "a", "b")
    assert again.is_there
    assert library.remotes.copy(again).sent == 0


def test_a_cache_is_an_origin_and_a_destination(library: Library, tmp_path: Path) -> None:
    library.remotes.copy(library.remotes.plan_copy(KEY, "here", "a"))
    other = open_library([tmp_path / "other"])
    plan = other.remotes.plan_copy(KEY, "a", "here")
    other.remotes.copy(plan)
    [model] = other.find(ModelKey(KEY))
    assert model.main is not None
    assert model.main.commit == "1" * 40
    assert {file.name: Path(file.path).read_bytes() for file in model.main.files} == FILES


def test_a_model_is_copied_from_one_cache_to_another(library: Library, tmp_path: Path) -> None:
    library.set_roots([*library.roots, tmp_path / "other"])
    done = library.remotes.copy(library.remotes.plan_copy(KEY, "here", os.fspath(tmp_path / "other")))
    assert done.commit == "1" * 40
    assert len(library.find(ModelKey(KEY))) == 2


def test_a_move_deletes_at_the_origin(library: Library) -> None:
    push(library)
    done = library.remotes.copy(library.remotes.plan_copy(KEY, "a", "b", move=True))
    assert done.deleted
    assert done.verified == len(FILES)
    assert models(library, "a") == {}
    assert KEY in models(library, "b")
    assert [model.key.repo_id for model in library.remotes.deleted("a")] == [KEY]


def test_a_move_from_a_cache_goes_through_the_trash(library: Library) -> None:
    done = library.remotes.copy(library.remotes.plan_copy(KEY, "here", "a", move=True))
    assert done.deleted
    assert library.find(ModelKey(KEY)) == []
    library.restore([(entry.root, entry.id) for entry in library.trash()])
    assert len(library.find(ModelKey(KEY))) == 1


def test_a_move_leaves_the_origin_where_the_copy_is_not_right(library: Library, tmp_path: Path) -> None:
    push(library)
    push(library, "b")
    blob = max((tmp_path / "b" / "blobs").rglob("*"), key=lambda path: path.stat().st_size * path.is_file())
    blob.chmod(0o644)
    blob.write_bytes(b"x" * blob.stat().st_size)
    plan = library.remotes.plan_copy(KEY, "a", "b", move=True)
    with pytest.raises(WrongContent):
        library.remotes.copy(plan)
    assert KEY in models(library, "a")


def test_a_move_takes_no_revision_that_came_meanwhile(library: Library, cache: CacheMaker) -> None:
    push(library)
    plan = library.remotes.plan_copy(KEY, "a", "b", move=True)
    cache.add(KEY, NEWER, commit="2" * 40)
    library.refresh()
    push(library)
    library.remotes.copy(plan)
    assert [one.commit for one in models(library, "a")[KEY].revisions] == ["2" * 40]


def test_a_sync_sends_what_is_missing_and_says_the_rest(library: Library, cache: CacheMaker) -> None:
    push(library)
    cache.add("org/second", {"config.json": b"{}"}, commit="3" * 40)
    library.refresh()
    push(library, key="org/second")
    plan = library.remotes.plan_sync("a", "b")
    assert [item.action for item in plan.todo] == [SyncAction.COPY] * 2
    assert library.remotes.sync(plan).failures == ()
    assert sorted(models(library, "b")) == [KEY, "org/second"]
    assert library.remotes.plan_sync("a", "b").todo == ()


def test_a_sync_moves_refs_but_not_those_that_went_on_by_themselves(
    library: Library, cache: CacheMaker
) -> None:
    push(library)
    library.remotes.sync(library.remotes.plan_sync("a", "b"))
    cache.add(KEY, NEWER, commit="2" * 40)
    library.refresh()
    push(library)
    library.remotes.sync(library.remotes.plan_sync("a", "b"))
    assert models(library, "b")[KEY].main.commit == "2" * 40  # type: ignore[union-attr]
    library.remotes.set_ref("a", f"{KEY}@{'1' * 40}", "main")
    [item] = library.remotes.plan_sync("a", "b").todo
    assert item.action is SyncAction.MOVE_REF
    cache.add(KEY, {"config.json": b"mine"}, commit="4" * 40)
    library.refresh()
    push(library, "b")
    plan = library.remotes.plan_sync("a", "b")
    assert SyncAction.KEEP in {one.action for one in plan.items}
    library.remotes.sync(plan)
    assert models(library, "b")[KEY].main.commit == "4" * 40  # type: ignore[union-attr]


def test_a_sync_deletes_only_when_told(library: Library, cache: CacheMaker) -> None:
    push(library, "b")
    cache.add("org/second", {"config.json": b"{}"}, commit="3" * 40)
    library.refresh()
    push(library, "a", "org/second")
    assert SyncAction.DELETE not in {item.action for item in library.remotes.plan_sync("a", "b").items}
    plan = library.remotes.plan_sync("a", "b", delete=True)
    library.remotes.sync(plan)
    assert sorted(models(library, "b")) == ["org/second"]
    assert [model.key.repo_id for model in library.remotes.deleted("b")] == [KEY]


def test_a_place_without_models_as_a_disk_that_is_not_mounted_empties_no_other(
    library: Library, tmp_path: Path
) -> None:
    push(library, "b")
    (tmp_path / "cache").mkdir()
    library.set_roots([*library.roots, tmp_path / "cache"])
    for empty in ("a", os.fspath(tmp_path / "cache")):
        with pytest.raises(NotOnRemote, match="no models at all"):
            library.remotes.plan_sync(empty, "b", delete=True)
        assert library.remotes.plan_sync(empty, "b").todo == ()
    assert library.remotes.plan_sync("a", empty, delete=True).items == ()
    assert sorted(models(library, "b")) == [KEY]


def test_a_sync_that_is_stopped_goes_on(library: Library, cache: CacheMaker) -> None:
    for number in range(4):
        cache.add(f"org/m{number}", {"model.bin": bytes([number]) * 3000}, commit=f"{number + 5}" * 40)
    library.refresh()
    plan = library.remotes.plan_sync("here", "a")
    total = plan.sends
    seen: list[Progress] = []

    def stop(progress: Progress) -> None:
        seen.append(progress)
        if progress.done > total // 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        library.remotes.sync(plan, report=stop)
    left = library.remotes.plan_sync("here", "a")
    assert 0 < left.sends < total
    assert library.remotes.sync(left).failures == ()
    assert len(models(library, "a")) == 5


def test_one_model_that_fails_does_not_keep_the_others(
    library: Library, cache: CacheMaker, tmp_path: Path
) -> None:
    push(library)
    cache.add("org/second", {"config.json": b"{}"}, commit="3" * 40)
    library.refresh()
    push(library, key="org/second")
    plan = library.remotes.plan_sync("a", "b")
    for blob in (tmp_path / "a" / "blobs").rglob("*"):
        if blob.is_file() and blob.stat().st_size == 5000:
            blob.unlink()
    done = library.remotes.sync(plan)
    assert len(done.failures) == 1
    assert sorted(models(library, "b")) == ["org/second"]


@pytest.mark.parametrize(("origin", "destination"), [("a", "a"), ("a", "nothing"), ("here", "here")])
def test_a_place_that_is_none_is_a_sentence(library: Library, origin: str, destination: str) -> None:
    with pytest.raises(SettingsError) as caught:
        library.remotes.plan_sync(origin, destination)
    assert caught.value.hint


def test_an_unknown_model_is_a_sentence(library: Library) -> None:
    push(library)
    with pytest.raises(NotOnRemote):
        library.remotes.plan_copy("org/modle", "a", "b")


# ---- following


def test_what_is_followed_is_brought_and_brought_up_to_date(
    library: Library, cache: CacheMaker, tmp_path: Path
) -> None:
    push(library)
    site = open_library([tmp_path / "site"])
    site.remotes.follow("a", [KEY])
    [plan] = site.remotes.plan_follow()
    assert [item.action for item in plan.todo] == [SyncAction.COPY]
    assert site.remotes.run_follow(plan).failures == ()
    [plan] = site.remotes.plan_follow("a")
    assert plan.todo == ()
    cache.add(KEY, NEWER, commit="2" * 40)
    library.refresh()
    push(library)
    [plan] = site.remotes.plan_follow("a")
    assert site.remotes.run_follow(plan).bytes > 0
    [model] = site.find(ModelKey(KEY))
    assert model.main is not None
    assert model.main.commit == "2" * 40


def test_a_tag_is_followed_by_whatever_has_it(library: Library, cache: CacheMaker, tmp_path: Path) -> None:
    push(library, tags=("production",))
    cache.add("org/second", {"config.json": b"{}"}, commit="3" * 40)
    library.refresh()
    push(library, key="org/second")
    site = open_library([tmp_path / "site"])
    site.remotes.follow("a", tag="production", root=os.fspath(tmp_path / "site"))
    [plan] = site.remotes.plan_follow()
    site.remotes.run_follow(plan)
    assert [model.repo_id for root in site.roots for model in site.inventory(root).models] == [KEY]
    [model] = site.find(ModelKey(KEY))
    assert {"main", "production"} <= {ref for revision in model.revisions for ref in revision.refs}


def test_what_is_gone_there_stays_here_and_is_said(library: Library, tmp_path: Path) -> None:
    push(library)
    site = open_library([tmp_path / "site"])
    site.remotes.follow("a", [KEY, "org/never"])
    [plan] = site.remotes.plan_follow()
    site.remotes.run_follow(plan)
    site.remotes.delete(site.remotes.plan_deletion("a", KEY))
    [plan] = site.remotes.plan_follow()
    assert len(plan.gone) == 2
    assert len(site.find(ModelKey(KEY))) == 1


def test_following_is_kept_and_ended(library: Library) -> None:
    library.remotes.follow("a", [KEY])
    [one] = library.remotes.follow("a", ["org/second"])
    assert one.keys == (f"hf@{KEY}", "hf@org/second")
    [one] = library.remotes.unfollow("a", [KEY])
    assert one.keys == ("hf@org/second",)
    assert library.remotes.unfollow("a") == ()
    with pytest.raises(SettingsError):
        library.remotes.follow("a")
    with pytest.raises(ModelKeepError):
        library.remotes.follow("nothing", [KEY])


def test_a_store_by_its_path_is_a_place(library: Library, tmp_path: Path) -> None:
    folder_store(tmp_path / "plain")
    library.remotes.copy(library.remotes.plan_copy(KEY, "here", os.fspath(tmp_path / "plain")))
    assert KEY in {model.key.repo_id for model in folder_store(tmp_path / "plain").list()}

"""What is deleted from a store, and how it comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from modelkeep.errors import NotOnRemote, RemoteConflict
from modelkeep.keys import ModelKey
from modelkeep.remote.names import blob_name
from modelkeep.remote.store import StoreRemote
from support.stores import KEY, WatchedObjects, files_of, folder_store, manifest, offer, push


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StoreRemote]:
    with folder_store(tmp_path / "store", "team") as opened:
        yield opened


OLD, NEW = {"a": b"1" * 10, "same": b"s"}, {"a": b"2" * 20, "same": b"s"}


def two(store: StoreRemote, path: Path) -> tuple[str, str]:
    """A model of two revisions."""
    return (
        push(store, offer(path, OLD, tags=("v1",), message="old")).commit,
        push(store, offer(path, NEW, tags=("v2", "production"), message="new")).commit,
    )


def test_a_plan_says_what_goes_and_changes_nothing(store: StoreRemote, tmp_path: Path) -> None:
    old, new = two(store, tmp_path)
    made = manifest({"b": b"3"}, ModelKey("org/made"), parent=str(KEY.at(new)))
    push(store, offer(tmp_path, {"b": b"3"}, ModelKey("org/made"), said=made))
    before = [*store.objects.list("")]
    plan = store.plan_deletion(KEY.at("v2"))
    assert (plan.remote, plan.commits, plan.refs) == ("team", (new,), ("main", "production", "v2"))
    assert plan.frees == 20  # “same” is needed by the other
    assert plan.kept_for == 7 * 86400
    assert plan.derived == ("hf@org/made",)
    whole = store.plan_deletion(KEY)
    assert {*whole.commits} == {old, new}
    assert (whole.frees, whole.refs) == (31, ("main", "production", "v1", "v2"))
    assert store.plan_deletion(KEY.at(old)).derived == ()
    assert [*store.objects.list("")] == before
    with pytest.raises(NotOnRemote):
        store.plan_deletion(KEY.at("v3"))


def test_a_deleted_revision_comes_back_with_its_refs(store: StoreRemote, tmp_path: Path) -> None:
    old, new = two(store, tmp_path)
    store.delete(store.plan_deletion(KEY.at(new)))
    assert [revision.commit for revision in store.list()[0].revisions] == [old]
    assert store.find(KEY).commit == old
    with pytest.raises(NotOnRemote):
        store.find(KEY.at(new))
    [gone] = store.deleted()
    assert [(one.commit, one.refs) for one in gone.revisions] == [(new, ("main", "production", "v2"))]
    assert (gone.key, gone.on_remote) == (KEY, 21)
    store.set_ref(KEY.at(old), "production", was="")
    assert store.restore(KEY.at(new[:10])) == (new,)
    assert store.find(KEY).commit == store.find(KEY.at("v2")).commit == new
    assert store.find(KEY.at("production")).commit == old  # somebody said so meanwhile
    assert files_of(store) == NEW
    assert store.deleted() == ()
    assert [step.commit for step in store.history(KEY)] == [new, "", new, old]


def test_a_deleted_model_is_in_no_list_and_comes_back_whole(store: StoreRemote, tmp_path: Path) -> None:
    old, new = two(store, tmp_path)
    store.delete(store.plan_deletion(KEY))
    assert store.list() == ()
    with pytest.raises(NotOnRemote):
        store.plan_deletion(KEY)
    assert {*store.restore(KEY)} == {old, new}
    assert store.find(KEY).commit == new
    assert store.find(KEY.at("v1")).commit == old
    with pytest.raises(NotOnRemote):
        store.restore(KEY)


def test_pushing_what_was_deleted_brings_it_back(store: StoreRemote, tmp_path: Path) -> None:
    two(store, tmp_path)
    store.delete(store.plan_deletion(KEY))
    one = offer(tmp_path, NEW)
    plan = store.plan_push(one)
    assert plan.bytes_to_send == 0
    assert any("comes back" in note for note in plan.notes)
    assert store.push(one, plan).sent == 0
    assert files_of(store) == NEW
    assert [len(model.revisions) for model in store.list()] == [1]


def test_what_was_tagged_since_the_plan_is_not_deleted(store: StoreRemote, tmp_path: Path) -> None:
    old, _ = two(store, tmp_path)
    plan = store.plan_deletion(KEY.at(old))
    store.set_ref(KEY.at(old), "keep-this", was="")
    with pytest.raises(RemoteConflict, match="“keep-this”"):
        store.delete(plan)
    assert store.find(KEY.at("v1")).commit == old


@pytest.mark.parametrize("what", ["/refs/", "/deleted/"])
def test_what_is_pushed_while_it_is_deleted_is_there(tmp_path: Path, what: str) -> None:
    """Whoever of the two comes last, the ref leads to something."""
    other = folder_store(tmp_path / "store")
    old, new = two(other, tmp_path)
    done: list[bool] = []

    def told(call: str, name: str) -> None:
        if call in ("create", "put") and what in name and not done:
            done.append(True)
            other.set_ref(KEY.at(new), "wanted", was="")

    store = StoreRemote(WatchedObjects(tmp_path / "store", told))
    store.delete(other.plan_deletion(KEY.at(new)))
    assert done
    assert other.find(KEY.at("wanted")).commit == new
    assert files_of(other, KEY.at(new)) == NEW
    assert other.find(KEY.at("v1")).commit == old


def test_what_was_collected_cannot_come_back(store: StoreRemote, tmp_path: Path) -> None:
    _, new = two(store, tmp_path)
    store.delete(store.plan_deletion(KEY.at(new)))
    [file] = [file for file in manifest(NEW).files if file.path == "a"]
    store.objects.remove([blob_name(file.sha256)])
    with pytest.raises(NotOnRemote, match="collected as garbage"):
        store.restore(KEY.at(new))
    assert [model.revisions[0].commit for model in store.deleted()] == [new]


def test_garbage_of_what_was_deleted_is_collected_and_the_rest_stays(
    store: StoreRemote, tmp_path: Path
) -> None:
    old, new = two(store, tmp_path)
    planned = store.plan_deletion(KEY.at(new))
    store.delete(planned)
    assert store.plan_collection().garbage == ()
    for _ in range(3):  # a revision first, then its contents
        store.collect(store.plan_collection(grace=0))
    assert sum(info.size for info in store.objects.list("blobs/")) == 11
    assert store.deleted() == ()
    assert store.verify().is_good
    assert files_of(store, KEY.at(old)) == OLD

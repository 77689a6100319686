"""What torture and the golden rule found in stores, each once more by hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modelkeep.errors import RemoteUnreachable
from modelkeep.remote.names import MARKER
from modelkeep.remote.store import StoreRemote
from support.stores import KEY, WatchedObjects, files_of, folder_store, offer, push

FILES = {"a.bin": b"a", "b.bin": b"b"}


class Struck(Exception):
    """In the place of a kill."""


def broken_off(path: Path, what: str, part: str, count: int = 1) -> StoreRemote:
    """A store that breaks off before the `count`th such call."""
    left = [count]

    def told(call: str, name: str) -> None:
        if call == what and part in name:
            left[0] -= 1
            if not left[0]:
                raise Struck

    return StoreRemote(WatchedObjects(path, told))


@pytest.fixture
def store(tmp_path: Path) -> StoreRemote:
    store = folder_store(tmp_path / "store")
    push(store, offer(tmp_path / "offered", FILES, KEY, tags=("production",)))
    return store


@pytest.mark.parametrize(("what", "part", "count"), [
    ("create", "/refs/", 1), ("create", "/refs/", 2), ("remove", "/deleted/", 1),
])  # fmt: skip
def test_bringing_back_that_broke_off_is_done_again_with_all_refs(
    store: StoreRemote, tmp_path: Path, what: str, part: str, count: int
) -> None:
    store.delete(store.plan_deletion(KEY))
    with broken_off(tmp_path / "store", what, part, count) as remote, pytest.raises(Struck):
        remote.restore(KEY)
    assert store.deleted()
    for shelf in store._shelves.all():
        assert all(entry.commit in shelf.revisions for entry in shelf.refs.values() if entry.commit)
    store.collect(store.plan_collection())
    store.restore(KEY)
    assert store.deleted() == ()
    [revision] = store.list()[0].revisions
    assert revision.refs == ("main", "production")
    assert files_of(store) == FILES


def test_a_deletion_that_broke_off_and_was_done_again_forgets_no_ref(
    store: StoreRemote, tmp_path: Path
) -> None:
    with broken_off(tmp_path / "store", "put", "/deleted/") as remote, pytest.raises(Struck):
        remote.delete(remote.plan_deletion(KEY))
    store.delete(store.plan_deletion(KEY))
    store.restore(KEY)
    assert store.list()[0].revisions[0].refs == ("main", "production")


def test_what_broke_off_in_an_empty_place_does_not_keep_a_store_from_being_made(tmp_path: Path) -> None:
    """A test of it, or a collection: neither writes the marker."""
    (tmp_path / "empty").mkdir()
    with broken_off(tmp_path / "empty", "remove", "pushes/") as remote, pytest.raises(Struck):
        remote.test(lambda check: None)
    assert os.listdir(tmp_path / "empty" / "pushes")
    with folder_store(tmp_path / "empty") as remote:
        assert remote.list() == ()
        push(remote, offer(tmp_path / "offered", FILES, KEY))
        assert files_of(remote) == FILES


def test_collecting_from_an_empty_place_writes_nothing(tmp_path: Path) -> None:
    with folder_store(tmp_path / "empty") as remote:
        remote.collect(remote.plan_collection(grace=0.0))
    assert os.listdir(tmp_path / "empty") == []


def test_a_push_that_is_done_is_done_although_its_note_stays(store: StoreRemote, tmp_path: Path) -> None:
    def told(call: str, name: str) -> None:
        if call == "remove" and name.startswith("pushes/"):
            raise RemoteUnreachable("gone")

    new = FILES | {"c.bin": b"c"}
    with StoreRemote(WatchedObjects(tmp_path / "store", told)) as remote:
        push(remote, offer(tmp_path / "offered", new, KEY))
    assert files_of(store) == new
    assert (tmp_path / "store" / MARKER).exists()

"""Where the branches and tags of a store lead, and what happens when two move one at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from modelkeep.errors import InvalidKey, NotOnRemote, RemoteConflict
from modelkeep.remote.names import entry_name
from modelkeep.remote.refs import advance, read_chain, write_entry
from modelkeep.remote.store import StoreRemote
from modelkeep.remote.values import RefEntry
from support.stores import KEY, LooseObjects, WatchedLooseObjects, WatchedObjects, folder_store, offer, push

A, B, C = "a" * 40, "b" * 40, "c" * 40


@pytest.fixture(params=["folder", "loose"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> StoreRemote:
    return folder_store(tmp_path / "store", loose=request.param == "loose")


def steps(store: StoreRemote, ref: str = "main") -> list[tuple[int, str, str]]:
    return [(step.number, step.was, step.commit) for step in reversed(store.history(KEY, ref))]


def test_a_ref_remembers_each_step(store: StoreRemote, tmp_path: Path) -> None:
    one, two = (push(store, offer(tmp_path, {"a": text}, message=text.decode())) for text in (b"1", b"2"))
    assert steps(store) == [(1, "", one.commit), (2, one.commit, two.commit)]
    assert [step.message for step in store.history(KEY)] == ["2", "1"]


def test_a_step_that_leads_nowhere_new_is_not_made(store: StoreRemote) -> None:
    first = advance(store.objects, KEY, "main", A, was="")
    assert advance(store.objects, KEY, "main", A, was="") == first
    assert read_chain(store.objects, KEY, "main").last == 1


def test_who_thinks_that_a_ref_leads_elsewhere_is_told_where_it_leads(store: StoreRemote) -> None:
    advance(store.objects, KEY, "main", A, was="", by="alice")
    with pytest.raises(RemoteConflict, match="by alice meanwhile: it leads to aaaaaaaaaaaa now"):
        advance(store.objects, KEY, "main", B, was="")
    with pytest.raises(RemoteConflict):
        advance(store.objects, KEY, "main", B, was=C)
    assert advance(store.objects, KEY, "main", B, was=A).was == A
    assert advance(store.objects, KEY, "main", C, was=None).was == B


def test_a_ref_can_be_set_and_removed(store: StoreRemote, tmp_path: Path) -> None:
    one, two = (push(store, offer(tmp_path, {"a": text})) for text in (b"1", b"2"))
    store.set_ref(KEY.at(one.commit[:8]), "production", was="", message="It is good")
    assert store.find(KEY.at("production")).commit == one.commit
    with pytest.raises(RemoteConflict):
        store.set_ref(KEY, "production", was=two.commit)
    store.set_ref(KEY, "production", was=one.commit)
    assert store.find(KEY).refs == ("main", "production")
    store.remove_ref(KEY, "production", message="No more")
    assert steps(store, "production") == [
        (1, "", one.commit),
        (2, one.commit, two.commit),
        (3, two.commit, ""),
    ]
    with pytest.raises(NotOnRemote):
        store.find(KEY.at("production"))
    with pytest.raises(NotOnRemote):
        store.remove_ref(KEY, "production")
    with pytest.raises(InvalidKey):
        store.set_ref(KEY, "a b", was="")
    store.set_ref(KEY, "refs/pr/4", was="")
    assert store.find(KEY.at("refs/pr/4")).commit == two.commit


def test_an_entry_that_cannot_be_read_hides_nothing(store: StoreRemote, tmp_path: Path) -> None:
    done = push(store, offer(tmp_path, {"a": b"1"}))
    store.objects.put(entry_name(KEY, "main", 2), b'{"format": "modelkeep-ref", "version": 1, "commit": "x"}')
    store.objects.put(entry_name(KEY, "broken", 1), b"\xff")
    assert store.find(KEY).commit == done.commit
    assert [model.main and model.main.refs for model in store.list()] == [("main",)]
    assert push(store, offer(tmp_path, {"a": b"2"})).commit == store.find(KEY).commit
    assert [step.number for step in store.history(KEY)] == [3, 1]


def meanwhile(
    path: Path, when: Callable[[str, str], bool], do: Callable[[], object], *, loose: bool
) -> StoreRemote:
    """A store during one of whose calls somebody else does something, once."""
    done: list[bool] = []

    def told(what: str, name: str) -> None:
        if not done and when(what, name):
            done.append(True)
            do()

    return StoreRemote((WatchedLooseObjects if loose else WatchedObjects)(path, told))


@pytest.mark.parametrize("loose", [False, True])
def test_a_branch_that_moves_at_the_last_moment_is_not_overwritten(tmp_path: Path, loose: bool) -> None:
    other = folder_store(tmp_path / "store", loose=loose)
    first = push(other, offer(tmp_path, {"a": b"first"}))
    theirs = offer(tmp_path, {"a": b"theirs"}, message="mine came first")
    mine = offer(tmp_path, {"a": b"mine"}, tags=("never",))
    store = meanwhile(
        tmp_path / "store",
        lambda what, name: what in ("create", "put") and "/refs/main/" in name,
        lambda: push(other, theirs),
        loose=loose,
    )
    with pytest.raises(RemoteConflict) as caught:
        push(store, mine)
    commit = mine.manifest.commit
    assert f"leads to {theirs.manifest.commit[:12]} now" in str(caught.value)
    assert f"is there under its commit, {commit[:12]}" in str(caught.value)
    assert "push again" in caught.value.hint
    assert store.find(KEY).commit == theirs.manifest.commit
    assert store.find(KEY.at(commit)).commit == commit
    with pytest.raises(NotOnRemote):
        store.find(KEY.at("never"))
    again = push(store, mine)
    assert again.sent == 0
    assert steps(store) == [
        (1, "", first.commit),
        (2, first.commit, theirs.manifest.commit),
        (3, theirs.manifest.commit, commit),
    ]


def test_an_answer_that_was_lost_is_no_conflict(tmp_path: Path) -> None:
    class Forgetful(WatchedObjects):
        def create(self, name: str, content: bytes) -> bool:
            super().create(name, content)
            return False  # as when the first of two tries was done, and its answer lost

    path = tmp_path / "store"
    path.mkdir()
    store = StoreRemote(Forgetful(path, lambda what, name: None))
    done = push(store, offer(tmp_path, {"a": b"1"}))
    assert steps(store) == [(1, "", done.commit)]


def test_without_exclusive_creation_of_two_who_see_one_another_none_goes_on(tmp_path: Path) -> None:
    objects = LooseObjects(tmp_path)
    advance(objects, KEY, "main", A, was="")
    left = entry_name(KEY, "main", 2, "0" * 16)
    objects.put(left, write_entry(RefEntry("main", 2, B, A)))
    # What another wrote before counts, whatever it is called.
    assert advance(objects, KEY, "main", B, was=A).commit == B
    with pytest.raises(RemoteConflict):
        advance(objects, KEY, "main", C, was=A)
    assert [name.number for name, _ in read_chain(objects, KEY, "main").entries] == [2, 1]
    # Of two entries of one number, left by two who were killed, all see the same.
    objects.put(entry_name(KEY, "main", 2, "f" * 16), write_entry(RefEntry("main", 2, C, A)))
    assert advance(objects, KEY, "main", A, was=B).number == 3

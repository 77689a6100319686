"""Whether verifying a store finds what is wrong with its contents, and only that."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelkeep.errors import Cancelled, NotOnRemote, RemoteUnreachable
from modelkeep.keys import ModelKey
from modelkeep.progress import Progress
from modelkeep.remote.folder import FolderObjects
from modelkeep.remote.names import MARKER, blob_name
from modelkeep.remote.store import StoreRemote
from modelkeep.remote.verifying import verify
from modelkeep.streams import FileStream
from support.caches import sha256
from support.stores import KEY, folder_store, offer, push

OTHER = ModelKey("org/other")
SHARED, MAIN = b"shared", b"m" * (3 << 20)
FILES = {"config.json": SHARED, "model.bin": MAIN}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StoreRemote]:
    with folder_store(tmp_path / "store") as store:
        push(store, offer(tmp_path, FILES))
        push(store, offer(tmp_path, {"other.json": SHARED}, OTHER))
        yield store


def change(tmp_path: Path, content: bytes, to: bytes | None) -> str:
    """Let a content in the store be another, or be gone; returns its SHA-256."""
    path = tmp_path / "store" / blob_name(sha256(content))
    path.unlink()
    if to is not None:
        path.write_bytes(to)
    return sha256(content)


def test_a_good_store_is_good(store: StoreRemote) -> None:
    quick, deep = verify(store.objects), verify(store.objects, deep=True)
    assert quick.is_good
    assert (quick.revisions, quick.files, quick.read) == (2, 3, 0)
    assert deep.is_good
    assert (deep.files, deep.read) == (3, len(SHARED) + len(MAIN)), "each content is read once"


def test_what_is_missing_or_cut_off_is_found_without_reading(store: StoreRemote, tmp_path: Path) -> None:
    missing, short = change(tmp_path, SHARED, None), change(tmp_path, MAIN, MAIN[:-1])
    found = verify(store.objects)
    assert {(one.sha256, one.problem) for one in found.problems} == {
        (missing, "missing"),
        (short, "wrong-size"),
    }
    [files] = [one.files for one in found.problems if one.sha256 == missing]
    assert [name.rpartition(" ")[2] for name in files] == ["config.json", "other.json"]
    assert files[1].startswith("hf@org/other@")
    assert found.read == 0
    assert {one.sha256 for one in verify(store.objects, deep=True).problems} == {missing, short}


def test_wrong_bytes_are_found_by_reading(store: StoreRemote, tmp_path: Path) -> None:
    wrong = change(tmp_path, MAIN, b"x" + MAIN[1:])
    assert verify(store.objects).is_good
    found = verify(store.objects, deep=True)
    assert [(one.sha256, one.problem) for one in found.problems] == [(wrong, "wrong-content")]


def test_one_model_or_revision_alone(store: StoreRemote, tmp_path: Path) -> None:
    change(tmp_path, MAIN, None)
    assert not verify(store.objects, KEY).is_good
    other = verify(store.objects, OTHER, deep=True)
    assert other.is_good
    assert (other.revisions, other.read) == (1, len(SHARED))
    assert not verify(store.objects, KEY.at("main")).is_good
    with pytest.raises(NotOnRemote):
        verify(store.objects, ModelKey("org/none"))
    with pytest.raises(NotOnRemote):
        verify(store.objects, KEY.at("none"))


def test_what_is_deleted_is_not_looked_at(store: StoreRemote, tmp_path: Path) -> None:
    change(tmp_path, MAIN, None)
    store.delete(store.plan_deletion(KEY))
    assert verify(store.objects).is_good


def test_a_manifest_that_cannot_be_read_is_said_and_the_others_are_verified(
    store: StoreRemote, tmp_path: Path
) -> None:
    [revision] = (tmp_path / "store/models/model/org/model/revisions").glob("*.json")
    revision.write_bytes(b"{")
    missing = change(tmp_path, SHARED, None)
    found = verify(store.objects)
    assert found.revisions == 1
    assert len(found.left_out) == 1
    assert [one.sha256 for one in found.problems] == [missing]
    assert not found.is_good


class Broken(FolderObjects):
    """A folder on a disk that cannot read one content any more, or nothing at all."""

    def __init__(self, path: Path, name: str, *, is_all: bool) -> None:
        super().__init__(path)
        self._broken, self._is_all = name, is_all

    def open(self, name: str, *, start: int = 0, stop: int | None = None) -> FileStream:
        if name == self._broken or (self._is_all and name == MARKER):
            raise RemoteUnreachable("It cannot be read.")
        return super().open(name, start=start, stop=stop)


def test_a_content_that_cannot_be_read_is_a_problem_and_not_the_end(
    store: StoreRemote, tmp_path: Path
) -> None:
    with Broken(tmp_path / "store", blob_name(sha256(MAIN)), is_all=False) as objects:
        found = verify(objects, deep=True)
    assert [(one.sha256, one.problem) for one in found.problems] == [(sha256(MAIN), "unreadable")]
    assert found.read == len(SHARED)
    with (
        Broken(tmp_path / "store", blob_name(sha256(MAIN)), is_all=True) as objects,
        pytest.raises(RemoteUnreachable),
    ):
        verify(objects, deep=True)


def test_it_reports_bytes_and_can_be_stopped(store: StoreRemote) -> None:
    said: list[Progress] = []
    verify(store.objects, deep=True, report=said.append)
    reading = [one for one in said if one.step == "Reading contents"]
    assert reading[-1][1:3] == (len(SHARED) + len(MAIN),) * 2

    def stop(progress: Progress) -> None:
        if progress.step == "Reading contents":
            raise Cancelled

    with pytest.raises(Cancelled):
        verify(store.objects, deep=True, report=stop)


def test_a_store_with_many_folders_of_contents(store: StoreRemote, tmp_path: Path) -> None:
    files = {f"{number}.txt": os.urandom(8) for number in range(60)}
    push(store, offer(tmp_path, files, ModelKey("org/many")))
    assert verify(store.objects, deep=True).is_good
    gone = change(tmp_path, files["7.txt"], None)
    assert [one.sha256 for one in verify(store.objects).problems] == [gone]

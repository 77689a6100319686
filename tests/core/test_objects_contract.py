"""What all places that hold objects promise: a folder, and S3 by two servers that have little in common."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from modelkeep.errors import Cancelled, NotOnRemote, RemoteUnreachable, WrongContent
from modelkeep.remote.folder import FolderObjects
from modelkeep.remote.objects import Content, Objects
from modelkeep.remote.s3.objects import S3Objects
from modelkeep.streams import FileStream, Stream
from support.s3 import new_store

pytest_plugins = ("support.s3.fixtures",)

BLOB = "blobs/ab/abcd"


@pytest.fixture(params=["folder", "rclone", "radosgw"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Objects]:
    made: Objects
    if request.param == "folder":
        (tmp_path / "store").mkdir()
        made = FolderObjects(tmp_path / "store")
    else:
        store = new_store(request.getfixturevalue(f"{request.param}_server"))
        made = S3Objects(store.url, store.credentials)
    with made:
        yield made


def content_of(path: Path, *, sha256: str = "", told: Callable[[int], None] = lambda size: None) -> Content:
    """A file as what is uploaded."""
    said = path.read_bytes()

    def read(start: int, stop: int | None) -> Stream:
        return FileStream(path, start=start, stop=stop)

    return Content(sha256 or hashlib.sha256(said).hexdigest(), len(said), read, told)


def read_all(stream: Stream) -> bytes:
    said, view = bytearray(), memoryview(bytearray(1000))
    with stream:
        while count := stream.readinto(view):
            said += view[:count]
    return bytes(said)


def names(objects: Objects, prefix: str = "") -> list[str]:
    return [one.name for one in objects.list(prefix)]


def test_what_was_put_is_read(objects: Objects) -> None:
    objects.put("a/b.json", b"{}")
    objects.put("a/b.json", b"{1}")
    assert objects.read("a/b.json") == b"{1}"
    info = objects.info("a/b.json")
    assert info is not None
    assert (info.name, info.size) == ("a/b.json", 3)


def test_what_is_not_there(objects: Objects) -> None:
    assert objects.info("a/b.json") is None
    with pytest.raises(NotOnRemote):
        objects.read("a/b.json")
    with pytest.raises(NotOnRemote):
        objects.open("a/b.json")
    assert not objects.refresh("a/b.json")
    objects.remove(["a/b.json"])
    assert names(objects, "a/") == []


def test_a_list_is_below_its_prefix_and_in_order(objects: Objects) -> None:
    for name in ("b/2", "b/10", "b/1", "c/1", "b/1x/x", "b-1", "ba/1"):
        objects.put(name, name.encode())
    assert names(objects, "b/") == sorted(["b/1", "b/1x/x", "b/10", "b/2"])
    assert len(names(objects)) == 7


def test_a_list_goes_on_after_its_first_page(objects: Objects) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: objects.put(f"many/{number:04}", b"."), range(1050)))
    assert names(objects, "many/") == [f"many/{number:04}" for number in range(1050)]
    objects.remove([f"many/{number:04}" for number in range(1050)] + ["many/none"])
    assert names(objects) == []


def test_names_may_have_what_urls_and_xml_cannot(objects: Objects) -> None:
    for name in ("models/a b/ü+%41&c.json", "refs/v1%2Fx/00000001.json", "models/~tilde/'q'(1)!,;=@.json"):
        objects.put(name, name.encode())
        assert objects.read(name) == name.encode()
        assert objects.info(name) is not None
        assert name in names(objects)
        assert objects.refresh(name)
        objects.remove([name])
        assert objects.info(name) is None


def test_a_range(objects: Objects) -> None:
    objects.put("x", bytes(range(100)))
    with objects.open("x", start=10, stop=20) as stream:
        assert (stream.start, stream.stop, stream.size, stream.etag) == (10, 20, 100, "")
        assert read_all(stream) == bytes(range(10, 20))
    assert read_all(objects.open("x", start=90)) == bytes(range(90, 100))
    assert read_all(objects.open("x")) == bytes(range(100))


def test_a_read_that_waits_ends_when_it_is_closed(objects: Objects, tmp_path: Path) -> None:
    file = tmp_path / "large"
    file.write_bytes(bytes(30 << 20))
    objects.upload(BLOB, content_of(file))
    stream = objects.open(BLOB)
    with closing(stream):
        assert stream.readinto(memoryview(bytearray(10))) > 0
        stream.close()
        stream.close()
        with pytest.raises((RemoteUnreachable, ValueError)):
            read_all(stream)


def test_only_the_first_creates(objects: Objects) -> None:
    assert objects.create("refs/1", b"first")
    assert not objects.create("refs/1", b"second")
    assert not objects.create("refs/1", b"first")
    assert objects.read("refs/1") == b"first"
    assert names(objects) == ["refs/1"]


def test_of_many_creators_one_succeeds(objects: Objects) -> None:
    if not objects.is_exclusive:
        pytest.skip("has no conditional writes")
    start = threading.Barrier(8)

    def create(number: int) -> bool:
        start.wait(30)
        return objects.create("refs/1", str(number).encode())

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(create, range(8)))
    assert made.count(True) == 1
    assert objects.read("refs/1") == str(made.index(True)).encode()


@pytest.mark.parametrize("size", [0, 1, 1 << 18, (1 << 20) + 7])
def test_an_upload(objects: Objects, tmp_path: Path, size: int) -> None:
    file = tmp_path / "content"
    file.write_bytes(b"x" * size)
    told: list[int] = []
    objects.upload(BLOB, content_of(file, told=told.append))
    assert read_all(objects.open(BLOB)) == file.read_bytes()
    assert sum(told) == size
    assert names(objects) == [BLOB]


def test_a_large_upload(objects: Objects, tmp_path: Path) -> None:
    file = tmp_path / "content"
    file.write_bytes(bytes(range(256)) * 4096 * 65)
    told: list[int] = []
    objects.upload(BLOB, content_of(file, told=told.append))
    assert sum(told) == file.stat().st_size
    digest = hashlib.sha256()
    view = memoryview(bytearray(1 << 20))
    with objects.open(BLOB) as stream:
        while count := stream.readinto(view):
            digest.update(view[:count])
    assert digest.hexdigest() == content_of(file).sha256
    assert objects.clear_unfinished(0) == 0


@pytest.mark.parametrize("size", [0, 10, 1 << 20, 65 << 20])
def test_what_is_not_what_its_name_says_is_not_seen(objects: Objects, tmp_path: Path, size: int) -> None:
    file = tmp_path / "content"
    file.write_bytes(b"x" * size)
    with pytest.raises(WrongContent):
        objects.upload(BLOB, content_of(file, sha256="0" * 64))
    assert names(objects) == []
    assert objects.clear_unfinished(0) == 0


@pytest.mark.parametrize("size", [5 << 20, 66 << 20])
def test_an_upload_can_be_stopped_and_gone_on_with(objects: Objects, tmp_path: Path, size: int) -> None:
    file = tmp_path / "content"
    file.write_bytes(b"x" * size)
    done = 0

    def stop(count: int) -> None:
        nonlocal done
        done += count
        if done > size // 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        objects.upload(BLOB, content_of(file, told=stop))
    assert names(objects) == []
    objects.upload(BLOB, content_of(file))
    info = objects.info(BLOB)
    assert info is not None
    assert info.size == size
    assert objects.clear_unfinished(0) == 0


def test_what_broke_off_is_cleared_when_it_is_old_enough(objects: Objects, tmp_path: Path) -> None:
    file = tmp_path / "content"
    file.write_bytes(b"x" * (66 << 20))
    done = 0

    def stop(count: int) -> None:
        nonlocal done
        done += count
        if done > 20 << 20:
            raise Cancelled

    with pytest.raises(Cancelled):
        objects.upload(BLOB, content_of(file, told=stop))
    assert objects.clear_unfinished(3600) == 0
    assert objects.clear_unfinished(-3600, dry_run=True) == 1
    assert objects.clear_unfinished(-3600) == 1
    assert objects.clear_unfinished(-3600) == 0


def test_two_who_upload_the_same_both_end_well(objects: Objects, tmp_path: Path) -> None:
    file = tmp_path / "content"
    file.write_bytes(b"x" * (66 << 20))
    start = threading.Barrier(2)

    def upload(_: int) -> None:
        start.wait(30)
        objects.upload(BLOB, content_of(file))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(upload, range(2)))
    info = objects.info(BLOB)
    assert info is not None
    assert info.size == 66 << 20


def test_refreshing_makes_new(objects: Objects) -> None:
    objects.put("x", b"content")
    before = objects.info("x")
    assert before is not None
    after = before
    while after.modified <= before.modified:  # clocks that count whole seconds
        assert objects.refresh("x")
        found = objects.info("x")
        assert found is not None
        after = found
    assert objects.read("x") == b"content"

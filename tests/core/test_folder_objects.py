"""What a folder answers as a place of objects, on this disk and on one such as sticks have."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from modelkeep.errors import (
    AlreadyOnRemote,
    Cancelled,
    NotOnRemote,
    RemoteError,
    RemoteUnreachable,
    WrongContent,
)
from modelkeep.remote.folder import FolderObjects
from modelkeep.remote.folder.place import UNFINISHED
from modelkeep.remote.names import MARKER
from modelkeep.remote.objects import Content
from modelkeep.streams import FileStream
from support.vfat import stick

TESTS = Path(__file__).parent.parent
LARGE = bytes(range(256)) * (3 << 12)  # 3 MiB: several pieces


@pytest.fixture(params=["here", "stick"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    if request.param == "stick":
        with stick(tmp_path) as mounted:
            yield mounted
    else:
        (tmp_path / "store").mkdir()
        yield tmp_path / "store"


@pytest.fixture
def objects(folder: Path) -> Iterator[FolderObjects]:
    with FolderObjects(folder) as objects:
        assert objects.create(MARKER, b"{}")
        yield objects


class Source:
    """A content in a file beside the folder, which remembers from where it was read, and what was told."""

    def __init__(self, place: Path, content: bytes = LARGE, *, says: str = "") -> None:
        self.path = place / "source"
        self.path.write_bytes(content)
        self.starts: list[int] = []
        self.told: list[int] = []
        self.stop_after = len(content) + 1
        self.content = Content(says or sha256(content).hexdigest(), len(content), self.read, self.tell)
        self.name = f"blobs/{self.content.sha256[:2]}/{self.content.sha256}"

    def read(self, start: int, stop: int | None) -> FileStream:
        self.starts.append(start)
        return FileStream(self.path, start=start, stop=stop)

    def tell(self, count: int) -> None:
        self.told.append(count)
        if sum(self.told) >= self.stop_after:
            raise Cancelled


def names(objects: FolderObjects, prefix: str = "") -> list[str]:
    return [info.name for info in objects.list(prefix)]


def left(folder: Path) -> list[str]:
    return sorted(entry.name for entry in (folder / UNFINISHED).iterdir())


def test_what_is_written_is_read_again(objects: FolderObjects, folder: Path) -> None:
    objects.put("pushes/one.json", b"first")
    objects.put("pushes/one.json", b"second")
    info = objects.info("pushes/one.json")
    assert info is not None
    assert (info.name, info.size) == ("pushes/one.json", 6)
    assert objects.read("pushes/one.json") == b"second"
    assert (folder / "pushes" / "one.json").read_bytes() == b"second"
    with objects.open("pushes/one.json", start=1, stop=4) as stream:
        buffer = bytearray(10)
        assert (stream.readinto(memoryview(buffer)), stream.readinto(memoryview(buffer))) == (3, 0)
        assert (bytes(buffer[:3]), stream.size) == (b"eco", 6)
    assert left(folder) == []


def test_what_is_not_there(objects: FolderObjects) -> None:
    assert objects.info("models/none") is None
    assert objects.info(f"{MARKER}/below-a-file") is None
    assert names(objects, "models/") == []
    assert objects.refresh("models/none") is False
    objects.remove(["models/none", f"{MARKER}/below-a-file"])
    with pytest.raises(NotOnRemote):
        objects.read("models/none")
    with pytest.raises(NotOnRemote):
        objects.open("models/none")


def test_names_come_in_their_order_and_without_what_is_unfinished(
    objects: FolderObjects, folder: Path
) -> None:
    wanted = sorted(["a/b", "a.b", "a/b.c", "a0", "models/é", "a-b/c", "a/a/a", MARKER])
    for name in wanted:
        if name != MARKER:
            objects.put(name, b"x")
    (folder / UNFINISHED / "something").write_bytes(b"x")
    assert names(objects) == wanted
    assert names(objects, "a/") == ["a/a/a", "a/b", "a/b.c"]


@pytest.mark.parametrize(
    "name",
    ["", "/a", "a/", "a//b", "../a", "a/../b", "a:b", "a\\b", "a?", "a.", "a ", f"{UNFINISHED}/a", "a\n"],
)
def test_names_that_not_every_disk_can_hold_are_refused(objects: FolderObjects, name: str) -> None:
    with pytest.raises(RemoteError, match="cannot be the name"):
        objects.put(name, b"x")


def test_long_names_and_those_of_other_alphabets(objects: FolderObjects) -> None:
    long = "/".join(["models", *["ü模型" * 20] * 8, "x"])
    objects.put(long, b"long")
    assert objects.read(long) == b"long"
    with pytest.raises(RemoteError, match="cannot hold the name"):
        objects.put(f"models/{'x' * 300}", b"x")


def test_a_name_is_created_once(objects: FolderObjects, folder: Path) -> None:
    assert objects.create("models/a/1", b"first") is True
    assert objects.create("models/a/1", b"second") is False
    assert objects.read("models/a/1") == b"first"
    assert objects.is_exclusive
    assert left(folder) == []


def test_upper_and_lower_case_are_told_apart_or_refused(objects: FolderObjects, folder: Path) -> None:
    objects.put("models/Org/name", b"upper")
    assert objects.info("models/org/name") is None
    assert names(objects, "models/org/") == []
    if (folder / MARKER.upper()).exists():
        for write in (
            lambda: objects.put("models/org/name", b"lower"),
            lambda: objects.create("models/Org/NAME", b"lower"),
        ):
            with pytest.raises(AlreadyOnRemote, match="upper and lower case"):
                write()
        objects.remove(["models/org/name"])
        assert objects.refresh("models/org/name") is False
    else:
        objects.put("models/org/name", b"lower")
        assert objects.read("models/org/name") == b"lower"
    assert objects.read("models/Org/name") == b"upper"


def test_of_many_who_create_one_name_exactly_one_does(objects: FolderObjects, folder: Path) -> None:
    rounds = 60
    script = """
import sys
from modelkeep.remote.folder import FolderObjects
with FolderObjects(sys.argv[1]) as objects:
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(int(sys.argv[2])):
        if objects.create(f"models/{number:04}", sys.argv[3].encode() * 1000):
            print(number)
"""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, folder, str(rounds), who],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for who in "ab"
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    won = [[int(line) for line in process.communicate()[0].split()] for process in processes]
    assert sorted(won[0] + won[1]) == list(range(rounds))
    for who, numbers in zip("ab", won, strict=True):
        assert {objects.read(f"models/{number:04}") for number in numbers} <= {who.encode() * 1000}
    assert left(folder) == []


def test_a_content_is_uploaded_and_told_of(objects: FolderObjects, tmp_path: Path, folder: Path) -> None:
    source = Source(tmp_path)
    objects.upload(source.name, source.content)
    assert sum(source.told) == len(LARGE)
    assert (folder / source.name).read_bytes() == LARGE
    assert left(folder) == []
    empty = Source(tmp_path, b"")
    objects.upload(empty.name, empty.content)
    assert objects.read(empty.name) == b""


@pytest.mark.parametrize("wrong", [LARGE[:-1], LARGE + b"x", LARGE[:-1] + b"x"])
def test_what_is_not_its_hash_is_not_seen(
    objects: FolderObjects, tmp_path: Path, folder: Path, wrong: bytes
) -> None:
    source = Source(tmp_path)
    source.path.write_bytes(wrong)
    with pytest.raises(WrongContent):
        objects.upload(source.name, source.content)
    assert objects.info(source.name) is None
    assert left(folder) == []


def test_a_cancelled_upload_goes_on_from_there(objects: FolderObjects, tmp_path: Path, folder: Path) -> None:
    source = Source(tmp_path)
    source.stop_after = 2 << 20
    with pytest.raises(Cancelled):
        objects.upload(source.name, source.content)
    assert objects.info(source.name) is None
    assert len(left(folder)) == 1
    again = Source(tmp_path)
    objects.upload(again.name, again.content)
    assert again.starts == [2 << 20]
    assert sum(again.told) == len(LARGE)
    assert objects.read(again.name) == LARGE
    assert left(folder) == []


def test_what_was_left_and_is_not_its_beginning_is_begun_anew(
    objects: FolderObjects, tmp_path: Path, folder: Path
) -> None:
    source = Source(tmp_path)
    source.stop_after = 2 << 20
    with pytest.raises(Cancelled):
        objects.upload(source.name, source.content)
    [unfinished] = (folder / UNFINISHED).iterdir()
    unfinished.write_bytes(bytes(2 << 20))  # as a power cut leaves it
    again = Source(tmp_path)
    objects.upload(again.name, again.content)
    assert again.starts == [2 << 20, 0]
    assert sum(again.told) == len(LARGE)
    assert objects.read(again.name) == LARGE


def test_an_upload_that_was_killed_is_gone_on_from(
    objects: FolderObjects, tmp_path: Path, folder: Path
) -> None:
    source = Source(tmp_path)
    script = """
import os, sys
from modelkeep.remote.folder import FolderObjects
from modelkeep.remote.objects import Content
from modelkeep.streams import FileStream
folder, source, sha256, size = sys.argv[1:]
told = 0
def tell(count):
    global told
    told += count
    if told >= 2 << 20:
        os.kill(os.getpid(), 9)
content = Content(sha256, int(size), lambda start, stop: FileStream(source, start=start, stop=stop), tell)
FolderObjects(folder).upload("blobs/x", content)
"""
    command = [
        sys.executable,
        "-c",
        script,
        str(folder),
        str(source.path),
        source.content.sha256,
        str(len(LARGE)),
    ]
    assert subprocess.run(command, check=False).returncode == -9
    assert names(objects) == [MARKER]
    assert len(left(folder)) == 1
    assert objects.clear_unfinished(3600.0) == 0
    objects.upload(source.name, source.content)
    assert source.starts == [2 << 20]
    assert objects.read(source.name) == LARGE
    assert left(folder) == []


def test_two_who_upload_one_content_do_not_disturb_one_another(
    objects: FolderObjects, tmp_path: Path, folder: Path
) -> None:
    inner, outer = Source(tmp_path), Source(tmp_path)

    def tell(count: int) -> None:
        outer.told.append(count)
        if len(outer.told) == 2:  # in the middle of the one: all of the other
            with FolderObjects(folder) as others:
                others.upload(inner.name, inner.content)

    objects.upload(outer.name, outer.content._replace(told=tell))
    assert (inner.starts, outer.starts) == ([0], [0])
    assert objects.read(outer.name) == LARGE
    assert left(folder) == []


def test_a_refreshed_object_is_as_new_as_one_just_written(objects: FolderObjects, folder: Path) -> None:
    objects.put("blobs/old", b"x")
    os.utime(folder / "blobs" / "old", (1_600_000_000, 1_600_000_000))
    objects.put("blobs/new", b"x")
    assert objects.refresh("blobs/old") is True
    old, new = objects.info("blobs/old"), objects.info("blobs/new")
    assert old is not None
    assert new is not None
    assert old.modified >= new.modified - 2


def test_removing_takes_empty_folders_along(objects: FolderObjects, folder: Path) -> None:
    objects.put("models/a/b/one", b"x")
    objects.put("models/a/two", b"x")
    objects.remove(["models/a/b/one"])
    assert names(objects) == [MARKER, "models/a/two"]
    assert not (folder / "models" / "a" / "b").exists()


def test_old_unfinished_uploads_are_cleared_and_those_at_work_are_not(
    objects: FolderObjects, tmp_path: Path, folder: Path
) -> None:
    source = Source(tmp_path)
    source.stop_after = 1
    with pytest.raises(Cancelled):
        objects.upload(source.name, source.content)
    [broken_off] = (folder / UNFINISHED).iterdir()
    assert objects.clear_unfinished(60.0) == 0
    os.utime(broken_off, (1_600_000_000, 1_600_000_000))
    assert objects.clear_unfinished(60.0, dry_run=True) == 1
    counts: list[int] = []

    def tell(count: int) -> None:
        if not counts:
            for entry in (folder / UNFINISHED).iterdir():
                os.utime(entry, (1_600_000_000, 1_600_000_000))
            counts.append(objects.clear_unfinished(60.0))

    other = Source(tmp_path, b"other" * 1000)
    objects.upload(other.name, other.content._replace(told=tell))
    assert counts == [1]
    assert objects.read(other.name) == b"other" * 1000


@pytest.mark.parametrize(
    ("mode", "small", "large", "below"),
    [(0o700, 0o600, 0o400, 0o700), (0o755, 0o644, 0o444, 0o755), (0o2775, 0o664, 0o664, 0o2775)],
)
def test_others_may_read_what_they_may_read_of_the_folder(
    tmp_path: Path, mode: int, small: int, large: int, below: int
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    store.chmod(mode)
    source = Source(tmp_path)
    with FolderObjects(store) as objects:
        objects.create(MARKER, b"{}")
        objects.put("models/a", b"x")
        objects.upload(source.name, source.content)
    assert stat.S_IMODE((store / "models" / "a").stat().st_mode) == small
    assert stat.S_IMODE((store / source.name).stat().st_mode) == large
    assert stat.S_IMODE((store / "models").stat().st_mode) == below


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with FolderObjects(tmp_path / "none") as objects:
        for use in (
            lambda: objects.create(MARKER, b"{}"),
            lambda: objects.info(MARKER),
            lambda: names(objects),
            lambda: objects.read(MARKER),
        ):
            with pytest.raises(RemoteUnreachable, match="There is no folder") as caught:
                use()
            assert caught.value.hint
    assert not (tmp_path / "none").exists()


def test_a_folder_of_other_things_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"x")
    with FolderObjects(tmp_path) as objects:
        with pytest.raises(RemoteError, match="holds other files"):
            objects.create(MARKER, b"{}")
        assert names(objects) == ["holiday.jpg"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["holiday.jpg"]

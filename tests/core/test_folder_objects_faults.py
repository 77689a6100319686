"""What a folder of objects says when its disk is full, is gone, may not be written to, or cannot be read."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from modelkeep.errors import AccessDenied, NotEnoughSpace, RemoteBusy, RemoteError, RemoteUnreachable
from modelkeep.remote.folder import FolderObjects
from modelkeep.remote.folder.claims import claimed
from modelkeep.remote.folder.place import UNFINISHED, Place
from modelkeep.remote.folder.writer import Writer
from modelkeep.remote.names import MARKER
from modelkeep.remote.objects import Content
from modelkeep.streams import FileStream
from support.users import as_nobody
from support.vfat import pull_out, small_disk, stick


def content_of(path: Path, told: Callable[[int], None] = lambda count: None) -> tuple[str, Content]:
    digest = sha256(path.read_bytes()).hexdigest()
    content = Content(
        digest, path.stat().st_size, lambda start, stop: FileStream(path, start=start, stop=stop), told
    )
    return f"blobs/{digest[:2]}/{digest}", content


def test_a_content_that_does_not_fit_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(6 << 20))
    told: list[int] = []
    name, content = content_of(tmp_path / "large", told.append)
    with small_disk(tmp_path, mebibytes=4) as disk, FolderObjects(disk) as objects:
        assert objects.create(MARKER, b"{}")
        with pytest.raises(NotEnoughSpace, match="more are needed"):
            objects.upload(name, content)
        assert told == []
        assert not any((disk / UNFINISHED).iterdir())


def test_a_disk_that_becomes_full_meanwhile_keeps_what_it_had(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(os.urandom(3 << 20))
    with small_disk(tmp_path, mebibytes=4) as disk, FolderObjects(disk) as objects:
        assert objects.create(MARKER, b"{}")

        def tell(count: int) -> None:
            if not (disk / "others").exists():
                (disk / "others").write_bytes(bytes(os.statvfs(disk).f_bavail * 4096))

        name, content = content_of(tmp_path / "large", tell)
        with pytest.raises(NotEnoughSpace, match="became full"):
            objects.upload(name, content)
        assert not any((disk / UNFINISHED).iterdir())
        (disk / "others").write_bytes(bytes(3 << 20) + bytes(1 << 19))
        with pytest.raises(NotEnoughSpace):
            objects.put("pushes/large.json", bytes(1 << 20))
        assert [info.name for info in objects.list("")] == [MARKER, "others"]
        (disk / "others").unlink()
        objects.upload(name, content._replace(told=lambda count: None))
        assert objects.info(name) is not None


@pytest.mark.parametrize(
    "use",
    [
        lambda objects: objects.put("pushes/one.json", b"x"),
        lambda objects: objects.create("pushes/one.json", b"x"),
        lambda objects: objects.info("pushes/one.json"),
        lambda objects: objects.read("pushes/there.json"),
        lambda objects: list(objects.list("models/")),
        lambda objects: objects.refresh("pushes/there.json"),
        lambda objects: objects.remove(["pushes/there.json"]),
        lambda objects: objects.clear_unfinished(0.0),
    ],
)
@pytest.mark.parametrize("gone", ["pulled out", "emptied", "removed"])
def test_a_folder_that_is_gone_is_said_to_be(
    tmp_path: Path, use: Callable[[FolderObjects], object], gone: str
) -> None:
    with small_disk(tmp_path) as disk, FolderObjects(disk) as objects:
        assert objects.create(MARKER, b"{}")
        objects.put("pushes/there.json", b"x")
        if gone == "emptied":
            (disk / MARKER).unlink()
            (disk / "pushes" / "there.json").unlink()
        else:
            pull_out(disk)
        if gone == "removed":
            disk.rmdir()
        with pytest.raises(RemoteUnreachable, match="is not there any more") as caught:
            use(objects)
        assert caught.value.hint
        assert gone != "pulled out" or not any(disk.iterdir()), "nothing is written below it"
        assert gone != "removed" or not disk.exists(), "nor is it made again"


def test_no_store_is_begun_where_a_share_is_not_mounted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = tmp_path / "the share"
    (share / "models").mkdir(parents=True)
    table = tmp_path / "fstab"
    table.write_text(
        "# a comment\n/dev/sda1 / ext4 defaults 0 1\n\nserver:/x " + str(share).replace(" ", "\\040")
    )
    monkeypatch.setattr("modelkeep.remote.folder.place._FSTAB", str(table))
    with FolderObjects(share / "models") as objects:
        assert objects.create(MARKER, b"{}"), "a line that is not whole says nothing"
        objects.remove([MARKER])
    with table.open("a") as file:
        file.write(" nfs noauto 0 0\n")
    for folder in (share / "models", share):
        with (
            FolderObjects(folder) as objects,
            pytest.raises(RemoteUnreachable, match="Nothing is mounted at"),
        ):
            objects.create(MARKER, b"{}")
        folder.rmdir()
    with FolderObjects(tmp_path) as objects, pytest.raises(RemoteError, match="holds other files"):
        objects.create(MARKER, b"{}")


def test_a_stick_pulled_out_during_an_upload(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(os.urandom(4 << 20))
    with stick(tmp_path) as disk, FolderObjects(disk) as objects:
        assert objects.create(MARKER, b"{}")
        name, content = content_of(tmp_path / "large", lambda count: pull_out(disk))
        with pytest.raises(RemoteUnreachable, match="is not there any more"):
            objects.upload(name, content)
        assert not any(disk.iterdir())


def test_what_was_written_below_a_disk_that_is_gone_does_not_count(tmp_path: Path) -> None:
    with small_disk(tmp_path) as disk:
        (disk / MARKER).write_bytes(b"{}")
        writing = Place(disk).writing("name")
        writing.__enter__()
        pull_out(disk)
        (disk / "name").write_bytes(b"on the wrong disk")
        with pytest.raises(RemoteUnreachable, match="is not there any more"):
            writing.__exit__(None, None, None)


def test_a_content_that_ends_too_early_says_so(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(os.urandom(2 << 20))
    name, content = content_of(tmp_path / "large")
    with small_disk(tmp_path) as disk, FolderObjects(disk) as objects:
        assert objects.create(MARKER, b"{}")
        objects.upload(name, content)
        with objects.open(name) as stream:
            (disk / name).chmod(0o644)
            os.truncate(disk / name, 1 << 20)
            buffer = memoryview(bytearray(1 << 20))
            assert stream.readinto(buffer) == 1 << 20
            with pytest.raises(RemoteUnreachable, match="ended too early"):
                stream.readinto(buffer)


def test_a_stream_closed_by_another_thread_says_so(tmp_path: Path) -> None:
    with FolderObjects(tmp_path) as objects:
        assert objects.create(MARKER, b"{}")
        stream = objects.open(MARKER)
        closer = threading.Thread(target=stream.close)
        closer.start()
        closer.join()
        with pytest.raises(RemoteUnreachable):
            stream.readinto(memoryview(bytearray(2)))


def test_who_may_only_read_is_told_so_and_can_read(tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.mkdir()
    (tmp_path / "large").write_bytes(b"large")
    name, content = content_of(tmp_path / "large")
    with FolderObjects(store) as objects:
        objects.create(MARKER, b"{}")
        objects.upload(name, content)

    def look() -> list[str]:
        with FolderObjects(store) as objects:
            denied = []
            for use in (
                lambda: objects.put("pushes/one.json", b"x"),
                lambda: objects.create("pushes/one.json", b"x"),
                lambda: objects.refresh(name),
                lambda: objects.remove([name]),
                lambda: objects.clear_unfinished(0.0),
            ):
                with pytest.raises(AccessDenied) as caught:
                    use()
                denied.append(caught.value.hint)
            assert objects.read(name) == b"large"
            assert [info.name for info in objects.list("")] == [name, MARKER]
            return denied

    assert all(as_nobody(look, store))


def test_folders_of_others_do_not_hide_what_is_there(tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.mkdir()
    with FolderObjects(store) as objects:
        assert objects.create(MARKER, b"{}")
        (store / "mine: what?").mkdir()
        (store / "mine: what?" / "a").write_bytes(b"")
        (store / "lost+found").mkdir(mode=0o700)

    def look() -> list[str]:
        with FolderObjects(store) as objects:
            return [info.name for info in objects.list("")]

    if os.getuid() == 0:
        assert as_nobody(look, store) == ["mine: what?/a", MARKER]
    assert look() == ["mine: what?/a", MARKER]


def test_a_folder_mounted_to_be_read_only(tmp_path: Path) -> None:
    with small_disk(tmp_path) as disk, FolderObjects(disk) as objects:
        assert objects.create(MARKER, b"{}")
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        with pytest.raises(AccessDenied, match="can only be read"):
            objects.put("pushes/one.json", b"x")
        assert objects.read(MARKER) == b"{}"


def test_a_file_too_large_for_the_file_system_is_refused_at_once(tmp_path: Path) -> None:
    with (tmp_path / "probe").open("wb") as file:
        try:
            file.seek(1 << 62)
        except OSError:
            pass
        else:
            pytest.skip("this file system says nothing of the largest file that it can hold")
    (tmp_path / "probe").unlink()
    with FolderObjects(tmp_path) as objects:
        assert objects.create(MARKER, b"{}")
        content = Content(
            "0" * 64, 1 << 62, lambda start, stop: FileStream(tmp_path / MARKER), lambda count: None
        )
        with pytest.raises(RemoteError, match="cannot hold a file as large"):
            objects.upload("blobs/00/large", content)


# ---- claims, where there are no links


def test_the_claim_of_a_dead_writer_is_taken_over_once(tmp_path: Path) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    for number in range(20):
        with claimed(str(tmp_path), "name", lambda: 0.0):
            [claim] = tmp_path.iterdir()
        claim.write_text(str(Writer.new()._replace(process=dead.pid)))
        inside, most = 0, 0

        def hold() -> None:
            nonlocal inside, most
            with claimed(str(tmp_path), "name", lambda: 0.0) as is_held:
                inside += 1
                most = max(most, inside)
                assert is_held()
                inside -= 1

        threads = [threading.Thread(target=hold) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert most == 1, number
        assert not any(tmp_path.iterdir())


def test_a_claim_from_elsewhere_is_dead_when_it_is_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modelkeep.remote.folder.claims._PATIENCE", 0.0)
    with claimed(str(tmp_path), "name", lambda: 0.0):
        [claim] = tmp_path.iterdir()
    claim.write_text(str(Writer.new()._replace(host="0" * 8)))
    written = claim.stat().st_mtime
    with (
        pytest.raises(RemoteBusy, match="is writing name"),
        claimed(str(tmp_path), "name", lambda: written + 50),
    ):
        raise AssertionError
    with claimed(str(tmp_path), "name", lambda: written + 70) as is_held:
        assert is_held()
    assert not any(tmp_path.iterdir())


def test_a_writer_says_whether_it_is_dead() -> None:
    me = Writer.new()
    assert Writer.read(str(me)) == me
    assert me.is_dead is False
    assert Writer.nobody().is_dead is True
    assert me._replace(boot="0" * 8).is_dead is True
    assert me._replace(space="0" * 8).is_dead is None
    assert me._replace(host="0" * 8).is_dead is None
    assert Writer.read("something else") is None

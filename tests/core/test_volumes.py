from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelkeep.archive.volumes import VolumeReader, VolumeWriter, find_volumes, volume_paths
from modelkeep.errors import CacheBusy, CacheError, DamagedArchive, ReadOnlyCache, UnknownArchive
from support.users import as_nobody


def write(target: Path, content: bytes, volume_size: int | None = None) -> tuple[Path, ...]:
    with VolumeWriter(target, len(content), volume_size) as writer:
        writer.write_at(0, content)
        writer.commit()
    return writer.paths


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


class TestFinding:
    def test_any_volume_leads_to_all_of_them_in_order(self, tmp_path: Path) -> None:
        paths = write(tmp_path / "a.zip", bytes(95), 10)
        assert [path.name for path in paths] == [f"a.zip.{number:03d}" for number in range(1, 11)]
        for path in (*paths, tmp_path / "a.zip"):
            assert find_volumes(path) == paths

    def test_an_archive_that_is_not_split_is_itself(self, tmp_path: Path) -> None:
        (path,) = write(tmp_path / "a.zip", b"whole", 10)
        assert path == tmp_path / "a.zip"
        assert find_volumes(path) == (path,)

    def test_a_number_at_the_end_of_another_name_is_no_volume(self, tmp_path: Path) -> None:
        for name in ("notes.2023", "a.zip.1", "a.zip.0001"):
            (tmp_path / name).touch()
            assert find_volumes(tmp_path / name)[0].name == name

    def test_a_missing_volume_is_named(self, tmp_path: Path) -> None:
        paths = write(tmp_path / "a.zip", bytes(50), 10)
        paths[2].unlink()
        with pytest.raises(DamagedArchive, match=r"a\.zip\.003"):
            find_volumes(paths[0])
        paths[0].unlink()
        with pytest.raises(DamagedArchive, match=r"a\.zip\.001"):
            find_volumes(paths[1])

    def test_nothing_there_is_said(self, tmp_path: Path) -> None:
        for name in ("a.zip", "a.zip.001", "away/a.zip.001"):
            with pytest.raises(UnknownArchive, match="not there"):
                find_volumes(tmp_path / name)

    def test_a_thousand_volumes_and_more_are_in_order_and_not_all_open_at_once(self, tmp_path: Path) -> None:
        content = random.Random(1).randbytes(10_050)
        paths = write(tmp_path / "a.zip", content, 10)
        assert paths[-1].name == "a.zip.1005"
        assert find_volumes(paths[4]) == paths
        before = len(os.listdir("/dev/fd"))
        with VolumeReader(paths) as reader:
            assert reader.read_at(0, reader.size) == content
            assert len(os.listdir("/dev/fd")) < before + 100


class TestReading:
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(content=st.binary(min_size=1, max_size=200), size=st.integers(1, 60), data=st.data())
    def test_volumes_read_as_one_range(
        self, tmp_path: Path, content: bytes, size: int, data: st.DataObject
    ) -> None:
        paths = write(tmp_path / "a.zip", content, size)
        offset, length = data.draw(st.integers(0, 250)), data.draw(st.integers(0, 250))
        with VolumeReader(paths) as reader:
            assert reader.size == len(content)
            assert reader.read_at(offset, length) == content[offset : offset + length]

    def test_a_system_without_pread_and_pwrite_does_the_same(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        content = random.Random(2).randbytes(5000)
        monkeypatch.delattr(os, "pwrite")
        for name in ("preadv", "pread"):
            monkeypatch.delattr(os, name)
            with VolumeReader(write(tmp_path / "a.zip", content, 700)) as reader:
                assert reader.read_at(600, 3000) == content[600:3600]

    def test_zipfile_reads_them_in_place(self, tmp_path: Path) -> None:
        whole = tmp_path / "whole.zip"
        content = random.Random(3).randbytes(30_000)
        with zipfile.ZipFile(whole, "w") as archive:
            archive.writestr("a/b", content)
        paths = write(tmp_path / "a.zip", whole.read_bytes(), 999)
        with VolumeReader(paths) as reader, zipfile.ZipFile(reader.as_file()) as archive:
            assert archive.testzip() is None
            assert archive.read("a/b") == content

    def test_a_volume_that_shrinks_while_it_is_read_ends_the_read(self, tmp_path: Path) -> None:
        paths = write(tmp_path / "a.zip", bytes(range(50)), 10)
        with VolumeReader(paths) as reader:
            os.truncate(paths[1], 3)
            assert reader.read_at(5, 30) == bytes(range(5, 13))


class TestWriting:
    def test_threads_write_across_the_borders_of_volumes(self, tmp_path: Path) -> None:
        content = random.Random(4).randbytes(100_000)
        with VolumeWriter(tmp_path / "a.zip", len(content), 1234) as writer:

            def part(first: int) -> None:
                for start in range(first, len(content), 4000):
                    writer.write_at(start, content[start : start + 2000])

            threads = [threading.Thread(target=part, args=(first,)) for first in (0, 2000)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert all(name.endswith(".part") for name in names(tmp_path))
            writer.commit()
        assert writer.paths == find_volumes(tmp_path / "a.zip")
        joined = subprocess.run(["cat", *writer.paths], capture_output=True, check=True).stdout
        assert joined == content

    def test_without_commit_nothing_is_left(self, tmp_path: Path) -> None:
        with VolumeWriter(tmp_path / "a.zip", 100, 30) as writer:
            writer.write_at(0, b"x" * 100)
            assert len(names(tmp_path)) == 4
        assert names(tmp_path) == []

    @pytest.mark.parametrize("old", [None, 10, 20, 45])
    @pytest.mark.parametrize("new", [None, 10, 20, 45])
    def test_an_older_export_is_replaced_whatever_its_volumes_were(
        self, tmp_path: Path, old: int | None, new: int | None
    ) -> None:
        write(tmp_path / "a.zip", b"o" * 90, old)
        write(tmp_path / "a.zip.bak.zip", b"another", None)
        paths = write(tmp_path / "a.zip", b"n" * 70, new)
        assert names(tmp_path) == sorted([*(path.name for path in paths), "a.zip.bak.zip"])
        with VolumeReader(paths) as reader:
            assert reader.read_at(0, 100) == b"n" * 70

    def test_an_older_export_stays_until_the_new_one_is_whole(self, tmp_path: Path) -> None:
        (path,) = write(tmp_path / "a.zip", b"old")
        with VolumeWriter(path, 9) as writer:
            writer.write_at(0, b"new")
            assert path.read_bytes() == b"old"
        assert path.read_bytes() == b"old"

    def test_what_a_killed_export_left_is_overwritten_and_removed(self, tmp_path: Path) -> None:
        for name in ("a.zip.part", "a.zip.001.part", "a.zip.009.part"):
            (tmp_path / name).write_bytes(b"left over, and longer than the new one")
        (path,) = write(tmp_path / "a.zip", b"new")
        assert names(tmp_path) == ["a.zip"]
        assert path.read_bytes() == b"new"

    def test_volumes_that_cannot_be_put_in_place_leave_nothing_to_open(self, tmp_path: Path) -> None:
        write(tmp_path / "a.zip", b"o" * 50, 10)
        (tmp_path / "a.zip.003").unlink()
        (tmp_path / "a.zip.003" / "in the way").mkdir(parents=True)
        with pytest.raises(CacheError):
            write(tmp_path / "a.zip", b"n" * 50, 10)
        assert "a.zip.001" not in names(tmp_path)
        assert not [name for name in names(tmp_path) if name.endswith(".part")]

    def test_only_one_export_writes_an_archive(self, tmp_path: Path) -> None:
        with VolumeWriter(tmp_path / "a.zip", 3) as writer:
            writer.write_at(0, b"one")
            with pytest.raises(CacheBusy, match=r"a\.zip"):
                VolumeWriter(tmp_path / "a.zip", 3)
            writer.commit()
        assert (tmp_path / "a.zip").read_bytes() == b"one"
        assert write(tmp_path / "a.zip", b"two")[0].read_bytes() == b"two"

    def test_a_volume_keeps_blocks_aligned_and_is_never_larger_than_asked(self, tmp_path: Path) -> None:
        fat = (4 << 30) - 1
        assert len(volume_paths(tmp_path / "a.zip", fat, fat)) == 1
        assert len(volume_paths(tmp_path / "a.zip", fat + 1, fat)) == 2
        paths = write(tmp_path / "a.zip", bytes(5 << 20), (2 << 20) + 4095)
        assert [path.stat().st_size for path in paths] == [2 << 20, 2 << 20, 1 << 20]

    def test_a_folder_that_may_not_be_written_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(ReadOnlyCache):
            as_nobody(lambda: write(tmp_path / "a.zip", b"new"), tmp_path)

    def test_a_file_system_with_holes_is_recognised(self, tmp_path: Path) -> None:
        with VolumeWriter(tmp_path / "a.zip", 100 << 20) as writer:
            assert writer.has_holes == (sys.platform != "win32")
            writer.commit()
        assert writer.paths[0].stat().st_size == 100 << 20

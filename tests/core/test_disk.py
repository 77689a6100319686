"""The disk: atomic writes, sizes as du has them, errors that say what to do."""

from __future__ import annotations

import errno
import os
import subprocess
from pathlib import Path

import pytest

from modelkeep.disk import (
    DiskSpace,
    disk_errors,
    free_space,
    keeping_atime,
    measure,
    reserve,
    write_atomically,
)
from modelkeep.errors import CacheError, CacheNotFound, NotEnoughSpace, ReadOnlyCache


def test_measure_is_what_du_says(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "file").write_bytes(b"x" * 10_000)
    os.link(tmp_path / "a" / "file", tmp_path / "a" / "b" / "again")
    (tmp_path / "link").symlink_to("/" + "x" * 200)
    du = subprocess.check_output(["du", "-s", "--block-size=1", tmp_path])
    assert measure(tmp_path) == int(du.split()[0])
    assert measure(tmp_path / "nothing") == 0


def test_an_atomic_write_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    target = tmp_path / "settings.json"
    write_atomically(target, b"old")
    with pytest.raises(TypeError):
        write_atomically(target, "no bytes")  # type: ignore[arg-type]
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["settings.json"]


def test_looking_at_a_file_is_no_use_of_it(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(b"{}")
    os.utime(path, (1, 2))
    with open(path, "rb", opener=keeping_atime) as file:
        assert file.read() == b"{}"
    assert path.stat().st_atime == 1
    with open(path, "rb") as file:
        file.read()
    assert path.stat().st_atime > 1


def test_the_reserve_is_a_hundredth_and_at_most_a_gibibyte() -> None:
    assert reserve(DiskSpace(total=1000, free=10)) == 10
    assert reserve(DiskSpace(total=10 << 40, free=0)) == 1 << 30


def test_free_space_of_what_does_not_exist_yet(tmp_path: Path) -> None:
    assert free_space(tmp_path / "not" / "yet").total == free_space(tmp_path).total


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, NotEnoughSpace),
        (errno.EDQUOT, NotEnoughSpace),
        (errno.EROFS, ReadOnlyCache),
        (errno.EACCES, ReadOnlyCache),
        (errno.ENOENT, CacheNotFound),
        (errno.EIO, CacheError),
    ],
)
def test_the_systems_errors_become_sentences_about_the_file(number: int, kind: type[CacheError]) -> None:
    with pytest.raises(kind) as caught, disk_errors("/cache"):
        raise OSError(number, os.strerror(number), "/cache/models--a--b")
    assert "/cache/models--a--b" in str(caught.value)
    assert isinstance(caught.value.__cause__, OSError)

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from modelkeep.cache.catalog import Use
from modelkeep.cache.inventory import CachedModel
from modelkeep.cache.last_use import LastUse, MountAtime, last_used, mount_atime
from modelkeep.cache.scan import scan
from support.caches import CacheMaker

DAY = 86400.0
SEEN = Use(1_700_000_000.0, "anna", "journal")


def model_read_at(cache: CacheMaker, accessed: float) -> CachedModel:
    """A model whose files were last read then; nothing was downloaded at 0.0, so that it has none."""
    cache.add("org/name")
    for blob in (cache.folder("org/name") / "blobs").iterdir():
        os.utime(blob, (accessed, 1_600_000_000))
    (model,) = scan(cache.root).models
    return model


def test_without_a_journal_it_is_the_access_time_and_what_that_is_worth(cache: CacheMaker) -> None:
    model = model_read_at(cache, SEEN.at)
    assert last_used(model, None, MountAtime.LOWER_BOUND) == LastUse(SEEN.at, "atime", "")
    assert last_used(model, None, MountAtime.UNRELIABLE) == LastUse(SEEN.at, "atime-unreliable", "")


@pytest.mark.parametrize("days", [-30, -1, 0, 1])
def test_the_journal_comes_before_an_access_time_of_about_that_time(cache: CacheMaker, days: int) -> None:
    model = model_read_at(cache, SEEN.at + days * DAY)
    assert last_used(model, SEEN, MountAtime.LOWER_BOUND) == LastUse(SEEN.at, "journal", "anna")


def test_a_use_that_the_journal_did_not_see_shows_in_the_access_time(cache: CacheMaker) -> None:
    model = model_read_at(cache, SEEN.at + DAY + 1)
    assert last_used(model, SEEN, MountAtime.LOWER_BOUND) == LastUse(SEEN.at + DAY + 1, "atime", "")


def test_the_journal_comes_before_any_access_time_that_means_nothing(cache: CacheMaker) -> None:
    model = model_read_at(cache, SEEN.at + 30 * DAY)
    assert last_used(model, SEEN, MountAtime.UNRELIABLE) == LastUse(SEEN.at, "journal", "anna")


def test_a_model_without_files_was_never_used(cache: CacheMaker) -> None:
    model = replace(model_read_at(cache, SEEN.at), accessed=0.0)
    assert last_used(model, None, MountAtime.LOWER_BOUND) == LastUse(0.0, "", "")


# ---- mounts


def test_nothing_is_promised_of_a_root_that_is_not_there(tmp_path: Path) -> None:
    assert mount_atime(tmp_path / "away") is MountAtime.UNRELIABLE


@pytest.mark.skipif(sys.platform != "linux", reason="mounts are read elsewhere otherwise")
def test_a_mount_keeps_access_times_unless_its_options_say_so() -> None:
    """Every mount of this machine that is seen at its place, against what /proc says of it."""
    compared = 0
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        mount, _, _, _, point, options, *_ = line.split(" ")
        if "\\" in point or not os.access(point, os.R_OK) or mount != seen_mount(point):
            continue
        frozen = not {"noatime", "ro"}.isdisjoint(options.split(","))
        assert mount_atime(point) is (MountAtime.UNRELIABLE if frozen else MountAtime.LOWER_BOUND), line
        compared += 1
    assert compared


def seen_mount(path: str) -> str:
    handle = os.open(path, os.O_RDONLY)
    try:
        facts = Path(f"/proc/self/fdinfo/{handle}").read_text().split()
    finally:
        os.close(handle)
    return facts[facts.index("mnt_id:") + 1]


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs a mount of its own")
def test_a_mount_without_access_times_is_known_as_one(tmp_path: Path) -> None:
    report = (
        "import sys\n"
        "from modelkeep.cache.last_use import mount_atime\n"
        "print(*(mount_atime(path).value for path in sys.argv[1:]))\n"
    )
    for name in ("with", "with out", "with out/folder", "with/inside"):
        (tmp_path / name).mkdir()
    # A mount on a mount on a mount, and a name with a space: each place is asked for what is seen there.
    script = """
        mount -t tmpfs none "$1/with" && mkdir "$1/with/inside" && mount -t tmpfs -o noatime none "$1/with/inside" &&
        mount -t tmpfs -o noatime none "$1/with out" && mkdir "$1/with out/folder" &&
        mount -t tmpfs -o relatime none "$1/with out/folder" || exit 77
        "$2" -c "$3" "$1/with" "$1/with/inside" "$1/with out" "$1/with out/folder"
    """
    alone = ("unshare", "--user", "--map-root-user", "--mount")
    command = (*alone, "sh", "-c", script, "sh", str(tmp_path), sys.executable, report)
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode == 77 or "unshare" in run.stderr:
        pytest.skip("this machine lets nobody mount anything")
    assert run.stderr == ""
    assert run.stdout.split() == ["atime", "atime-unreliable", "atime-unreliable", "atime"]

"""Real disks to write to, made in files and mounted for a test: as USB sticks have them, and small ones.

It takes the superuser. Where the kernel knows no vfat, exFAT does, which FUSE has; both have no links, no modes,
and take upper and lower case for the same.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

__all__ = ["pull_out", "small_disk", "stick"]


@contextmanager
def stick(place: Path, *, mebibytes: int = 48) -> Iterator[Path]:
    """A stick, mounted at a folder in `place`; the test is skipped where none can be made."""
    if os.name == "nt" or os.getuid() != 0:
        pytest.skip("mounting a disk takes the superuser")
    image, folder = place / "stick.img", place / "stick"
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(mebibytes << 20)
    if _run("mkfs.vfat", image) and _run("mount", "-t", "vfat", "-o", "loop", image, folder):
        device = ""
    elif _run("mkfs.exfat", image) and (device := _loop_device(image)):
        if not _run("mount.exfat-fuse", device, folder):
            _run("losetup", "-d", device)
            pytest.skip("this system mounts neither vfat nor exFAT")
    else:
        pytest.skip("this system mounts neither vfat nor exFAT")
    try:
        yield folder
    finally:
        pull_out(folder)
        if device:
            _run("losetup", "-d", device)
        image.unlink()


@contextmanager
def small_disk(place: Path, *, mebibytes: int = 4) -> Iterator[Path]:
    """A disk of few bytes, mounted at a folder in `place`; the test is skipped where none can be made."""
    folder = place / "disk"
    folder.mkdir()
    if os.name == "nt" or not _run(
        "mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "modelkeep-test", folder
    ):
        pytest.skip("mounting a disk takes the superuser")
    try:
        yield folder
    finally:
        pull_out(folder)


def pull_out(folder: Path) -> None:
    """Take a disk away, whoever uses it; a second time changes nothing."""
    if os.path.ismount(folder):
        subprocess.run(["umount", "-l", folder], check=True, capture_output=True)


def _loop_device(image: Path) -> str:
    if not shutil.which("losetup"):
        return ""
    made = subprocess.run(["losetup", "-f", "--show", image], capture_output=True, text=True, check=False)
    return made.stdout.strip()


def _run(*command: object) -> bool:
    if not shutil.which(str(command[0])):
        return False
    return subprocess.run([str(part) for part in command], capture_output=True, check=False).returncode == 0

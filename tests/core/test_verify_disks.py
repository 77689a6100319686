"""How many threads read at once, by what the disks are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modelkeep.checking.disks import Disk, cores, disk_of, readers

MOUNTS = """\
22 27 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
31 22 0:44 / /models rw,relatime - nfs4 server:/models rw
32 22 0:45 / /scratch rw,relatime - tmpfs tmpfs rw
"""


@pytest.mark.parametrize(
    ("disks", "processors", "expected"),
    [
        ({Disk.SOLID}, 16, 16),
        ({Disk.SPINNING}, 16, 1),
        ({Disk.NETWORK}, 16, 2),
        ({Disk.NETWORK}, 1, 1),
        ({Disk.UNKNOWN}, 16, 4),
        ({Disk.UNKNOWN}, 2, 2),
        ({Disk.SOLID, Disk.SPINNING}, 16, 1),
        (set(), 16, 1),
    ],
)
def test_the_disk_that_bears_least_decides(disks: set[Disk], processors: int, expected: int) -> None:
    assert readers(disks, processors) == expected


def described(folder: Path, number: str, place: str, rotational: str = "") -> None:
    """A disk, or a partition of one, as Linux describes it."""
    device = folder / "devices" / place
    device.mkdir(parents=True)
    if rotational:
        (device / "queue").mkdir()
        (device / "queue" / "rotational").write_text(f"{rotational}\n")
    (folder / number).symlink_to(device)


def test_a_disk_says_whether_it_spins_and_a_partition_is_of_its_disk(tmp_path: Path) -> None:
    described(tmp_path, "8:0", "sda", "1")
    described(tmp_path, "8:1", "sda/sda1")
    described(tmp_path, "259:0", "nvme0n1", "0")
    described(tmp_path, "259:1", "nvme0n1/nvme0n1p1")
    described(tmp_path, "254:0", "virtio1/vda", "1")
    found = {
        place: disk_of(os.makedev(*place), sys_dev=tmp_path, mounts=MOUNTS)
        for place in [(8, 0), (8, 1), (259, 0), (259, 1), (254, 0), (0, 44), (0, 45), (9, 9)]
    }
    assert found == {
        (8, 0): Disk.SPINNING,
        (8, 1): Disk.SPINNING,
        (259, 0): Disk.SOLID,
        (259, 1): Disk.SOLID,
        (254, 0): Disk.UNKNOWN,  # the host knows what lies beneath, not this machine
        (0, 44): Disk.NETWORK,
        (0, 45): Disk.UNKNOWN,
        (9, 9): Disk.UNKNOWN,
    }


def test_this_machine_can_be_asked(tmp_path: Path) -> None:
    assert disk_of(tmp_path.stat().st_dev) in set(Disk)
    assert cores() >= 1

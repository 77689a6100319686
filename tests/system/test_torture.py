"""Every operation is broken off at random instants, and the disk fails beneath it: nothing may be lost by that.

The same, for as long as one likes and with other faults each time: `make torture`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a process is forked for each round")


def torture(*arguments: str) -> dict[str, Any]:
    """What was survived; stderr says what was not."""
    done = subprocess.run(
        [sys.executable, "-m", "support.torture", *arguments, "--seed", "ci", "--json"],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    tally: dict[str, Any] = json.loads(done.stdout)
    assert tally["wrong"] == []
    return tally


def test_whatever_breaks_an_operation_off_loses_nothing() -> None:
    tally = torture("--rounds", "30", "--of", "caches")
    assert tally["rounds"] == 30
    assert tally["struck"] > 12, "most faults came too late to break anything off"
    assert len(tally["by_work"]) > 8, "hardly any operation was tried"


def test_nor_does_it_between_caches_and_stores() -> None:
    tally = torture("--rounds", "10", "--of", "remotes")
    assert tally["rounds"] == 10
    assert tally["struck"] > 5, "most faults came too late to break anything off"
    assert len(tally["by_work"]) > 4, "hardly anything was tried"


def test_four_processes_at_once_damage_nothing_and_end() -> None:
    tally = torture("--together", "200")
    assert tally["operations"] == 200
    assert tally["refused"] < 60, "most of it was refused, so that little was tried"
    assert len(tally["by_kind"]) > 8

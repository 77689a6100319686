"""`doctor`: what it says, the plan that changes nothing, and the repair."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from filelock import FileLock

from modelkeep.cli.doctor import doctor
from modelkeep.doctor.findings import DAY
from support.caches import CacheMaker, sha256
from support.cli import Result, check_shape, tree

WEIGHTS = b"weights" * 4000
FINDING = {
    "id": str,
    "problem": str,
    "weight": str,
    "root": str,
    "key": (str, None),
    "path": str,
    "message": str,
    "size_on_disk": int,
    "repair": str,
    "repairable": bool,
    "repaired_with": str,
    "undo": bool,
    "refusal": (str, None),
    "frees": int,
    "status": str,
    "entry": (str, None),
    "error": (str, None),
    "hint": (str, None),
}
DOCTOR = {"executed": bool, "frees": int, "freed": int, "findings": [FINDING]}


def call(cache: CacheMaker, *arguments: str) -> Result:
    result = CliRunner().invoke(doctor, ["--root", str(cache.root), *arguments])
    return Result(result.exit_code, result.stdout, result.stderr)


def in_json(cache: CacheMaker, *arguments: str) -> Any:
    result = call(cache, "--json", *arguments)
    assert result.status == 0, result.err
    value = json.loads(result.out)
    check_shape(value, DOCTOR)
    return value


@pytest.fixture
def ill(cache: CacheMaker) -> CacheMaker:
    """A model with a content that nothing leads to, a download that died, and a file of its own in its folder."""
    cache.add("org/ill", {"w.bin": WEIGHTS, "config.json": b"{}"})
    old = time.time() - 2 * DAY
    for path in (cache.orphan("org/ill", b"nobody's" * 2000), cache.incomplete("org/ill", 9000)):
        os.utime(path, (old, old))
    return cache


def kinds(value: Any) -> dict[str, str]:
    return {one["problem"]: one["status"] for one in value["findings"]}


def test_it_says_what_is_wrong_and_changes_nothing(ill: CacheMaker) -> None:
    before = tree(ill.root)
    value = in_json(ill)
    assert kinds(value) == {"orphan-blob": "found", "dead-download": "found"}
    assert not value["executed"]
    assert all(one["repairable"] and one["frees"] for one in value["findings"])
    lines = call(ill).lines
    assert [line[0] for line in lines] == [one["id"] for one in value["findings"]]
    assert tree(ill.root) == before


def test_a_plan_changes_nothing(ill: CacheMaker) -> None:
    before = tree(ill.root)
    value = in_json(ill, "--repair", "orphan-blob", "--dry-run")
    assert kinds(value) == {"orphan-blob": "planned", "dead-download": "found"}
    assert "Frees" in call(ill, "--repair-all", "--dry-run").out
    assert tree(ill.root) == before


def test_nothing_is_repaired_in_a_pipe_without_a_yes(ill: CacheMaker) -> None:
    before = tree(ill.root)
    assert call(ill, "--repair-all").status == 2
    assert tree(ill.root) == before


def test_a_repair_does_what_was_planned_and_says_how_to_undo_it(ill: CacheMaker) -> None:
    planned = in_json(ill, "--repair-all", "--dry-run")
    done = call(ill, "--repair-all", "--yes")
    assert done.status == 0, done.err
    assert "Repaired 2 problems" in done.out
    assert "modelkeep trash restore" in done.err
    value = in_json(ill, "--repair-all", "--yes")
    assert set(kinds(value)) <= {"idle-lock"}
    assert (value["executed"], value["frees"]) == (False, 0)
    assert planned["frees"] > 0


def test_the_json_of_a_repair(ill: CacheMaker) -> None:
    value = in_json(ill, "--repair", "orphan-blob", "--yes")
    assert kinds(value) == {"orphan-blob": "repaired", "dead-download": "found"}
    assert value["freed"] == value["frees"] > 0
    [one] = [one for one in value["findings"] if one["entry"]]
    assert (ill.root / ".modelkeep" / "trash" / one["entry"]).is_dir()
    assert not (ill.folder("org/ill") / "blobs" / sha256(b"nobody's" * 2000)).exists()


def test_it_says_why_something_is_not_repaired_now(cache: CacheMaker) -> None:
    cache.add("org/young")
    cache.orphan("org/young")
    result = call(cache, "--repair", "orphan-blob", "--yes")
    assert (result.status, result.out) == (0, "There is nothing to repair.\n")
    assert "a download may be under way" in result.err


def test_a_repair_that_cannot_be_done_ends_with_a_failure(ill: CacheMaker) -> None:
    locks = ill.root / ".locks" / "models--org--ill"
    locks.mkdir(parents=True)
    with FileLock(locks / f"{'e' * 64}.lock"):
        result = call(ill, "--repair", "dead-download", "--yes")
    assert result.status == 1
    assert "being downloaded" in result.err


def test_a_problem_that_nobody_knows_is_refused(ill: CacheMaker) -> None:
    result = CliRunner().invoke(doctor, ["--root", str(ill.root), "--repair", "nonsense"])
    assert result.exit_code != 0
    assert "no problem “nonsense”" in str(result.exception)


def test_files_that_were_put_aside_are_told(cache: CacheMaker, own_places: Path) -> None:
    folder = own_places / "modelkeep" / "config"
    folder.mkdir(parents=True)
    (folder / "settings.json.broken-20260101T000000Z").write_text("{")
    assert kinds(in_json(cache)) == {"set-aside": "found"}

"""Jobs of several programs: they share slots, and one that is killed is noticed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from modelkeep.errors import JobConflict, ProcessDied
from modelkeep.jobs.jobs import Jobs
from modelkeep.jobs.values import JobStatus
from modelkeep.progress import Report

TESTS = Path(__file__).parents[1]


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    jobs = Jobs(tmp_path / "jobs" / "jobs.sqlite")
    yield jobs
    jobs.close()


@contextmanager
def program(jobs: Jobs, id: str, how: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "support.job_child", str(jobs.file), id, how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(TESTS)},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str], word: str) -> None:
    """Returns once the program says so."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == word:
            return
    raise AssertionError(f"it ended and did not say {word}")


def nothing(report: Report) -> dict[str, object]:
    return {}


def test_two_programs_compete_for_one_slot(jobs: Jobs) -> None:
    with program(jobs, "first", "hold") as first:
        said(first, "running")
        with program(jobs, "second", "brief") as second:
            said(second, "waiting")
            assert jobs.get("second").status is JobStatus.QUEUED
            assert jobs.get("second").pid == second.pid
            jobs.cancel("first")
            assert jobs.wait("second", 20).status is JobStatus.COMPLETED
        assert jobs.get("first").status is JobStatus.CANCELED


def test_the_slot_of_a_killed_program_is_free_again(jobs: Jobs) -> None:
    with program(jobs, "killed", "hold") as killed:
        said(killed, "running")
        with program(jobs, "next", "brief") as other:
            said(other, "waiting")
            killed.kill()
            killed.wait()
            assert jobs.wait("next", 20).status is JobStatus.COMPLETED
    job = jobs.get("killed")
    assert (job.status, job.error) == (JobStatus.ERRORED, "The program that ran it ended.")
    assert not job.can_resume
    assert isinstance(jobs.error_of("killed"), ProcessDied)


def test_what_a_killed_program_left_can_be_gone_on_with(jobs: Jobs) -> None:
    with program(jobs, "killed", "checkpoint") as killed:
        said(killed, "running")
        while not Path(jobs.get("killed").folder, "checkpoint").exists():
            pass
        killed.kill()
    assert jobs.get("killed").can_resume
    jobs.submit("training", "default", "again", {}, id="killed")
    assert jobs.run("killed", nothing).status is JobStatus.COMPLETED
    assert Path(jobs.get("killed").folder, "checkpoint").is_dir()


def test_a_program_that_ends_before_its_turn_is_noticed(jobs: Jobs) -> None:
    with program(jobs, "never-run", "submit") as process:
        said(process, "submitted")
        with pytest.raises(JobConflict):
            jobs.run("never-run", nothing)
        assert jobs.get("never-run").status is JobStatus.QUEUED
        process.kill()
        process.wait()
        job = jobs.get("never-run")
    assert job.status is JobStatus.ERRORED
    assert job.error == "The program that was to run it ended before its turn came."


def test_many_programs_take_turns_and_all_are_done(jobs: Jobs) -> None:
    processes = [program(jobs, f"job-{number}", "brief") for number in range(3)]
    with processes[0] as one, processes[1] as two, processes[2] as three:
        assert [process.wait(30) for process in (one, two, three)] == [0, 0, 0]
    assert [job.status for job in jobs.list()] == [JobStatus.COMPLETED] * 3
    assert len(jobs.file.with_name("order").read_text().splitlines()) == 3
    times = sorted((job.started, job.ended) for job in jobs.list())
    assert all(before[1] <= after[0] for before, after in pairwise(times))

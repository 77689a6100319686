"""`modelkeep jobs`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from modelkeep.errors import OutOfMemory
from modelkeep.jobs.jobs import Jobs
from modelkeep.jobs.values import JobStatus
from modelkeep.progress import Progress, Report
from support.cli import check_shape, done, json_keys, run, run_on_terminal
from support.json_shapes import JOB, JOB_SHOWN, JOBS_FORGOTTEN


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    jobs = Jobs()
    yield jobs
    jobs.close()


@pytest.fixture
def failed(jobs: Jobs) -> str:
    """A training that failed half way, and left a checkpoint."""
    id = jobs.submit("training", "default", "Training org/model", {"epochs": 3}, id="wTHxlsu:failed").id

    def work(report: Report) -> dict[str, object]:
        report(Progress("Training", 3, 12, "step 3", unit="steps"))
        Path(jobs.get(id).folder, "checkpoint").mkdir()
        raise OutOfMemory("It does not fit the memory.", hint="Take smaller batches.")

    with pytest.raises(OutOfMemory):
        jobs.run(id, work)
    return id


@pytest.fixture
def completed(jobs: Jobs) -> str:
    id = jobs.submit("prediction", "default", "LocalModel.classify", {}, id="completed").id
    return jobs.run(id, lambda report: {"result": "json"}).id


def test_jobs_are_listed_the_latest_first(jobs: Jobs, failed: str, completed: str) -> None:
    waiting = [
        jobs.submit("training", "default", "Training another", {}, id=f"waiting-{n}").id for n in (1, 2)
    ]
    lines = run("jobs").lines
    assert [line[0] for line in lines] == [waiting[1], waiting[0], completed, failed]
    assert lines[0][1:5] == ["training", "QUEUED", "cpu", "2"]
    assert lines[3][-2:] == ["Training org/model", "It does not fit the memory."]
    listed = run("jobs", "list", "--json").json
    check_shape(listed, [JOB])
    assert listed[3]["progress"] == {
        "step": "Training",
        "done": 3,
        "total": 12,
        "item": "step 3",
        "unit": "steps",
    }
    assert [job["id"] for job in run("jobs", "list", "--kind", "prediction", "--json").json] == [completed]
    assert [line[0] for line in run("jobs", "list", "--active").lines] == waiting[::-1]


def test_a_person_sees_how_far_it_came_and_that_it_can_go_on(failed: str) -> None:
    status, shown = run_on_terminal("jobs", width=120)
    assert status == 0
    assert "failed, can go on" in shown
    assert "25 %" in shown


def test_a_narrow_terminal_has_ids_that_can_be_typed(jobs: Jobs) -> None:
    ids = [f"wTHxlsu:{letter}-{'0' * 40}" for letter in "ab"]
    for id in ids:
        jobs.submit("training", "default", "Training a model with a long name", {}, id=id)
    status, shown = run_on_terminal("jobs", width=60)
    assert status == 0
    assert shown.count("waits") == 2
    assert "wTHxlsu:a\x1b" in shown
    assert "wTHxlsu:b\x1b" in shown
    assert done("jobs", "show", "wTHxlsu:a", "--json").json["id"] == ids[0]


def test_a_job_is_shown_and_what_it_said(failed: str) -> None:
    shown = run("jobs", "show", "wTHxlsu:fa", "--json").json
    check_shape(shown, JOB_SHOWN)
    assert (shown["hint"], shown["can_resume"]) == ("Take smaller batches.", True)
    text = done("jobs", "show", failed).out
    assert "Take smaller batches." in text
    assert "errored: It does not fit the memory." in done("jobs", "log", failed).out
    assert len(run("jobs", "log", failed, "--lines", "1", "--json").json) == 1
    missing = run("jobs", "show", "nobody")
    assert missing.status == 1
    assert "no job “nobody”" in missing.err


def test_a_waiting_job_is_moved_and_cancelled(jobs: Jobs) -> None:
    for name in ("one", "two"):
        jobs.submit("training", "default", f"Training {name}", {}, id=name)
    assert done("jobs", "move", "two", "1").out == "Training two is number 1 now.\n"
    assert jobs.get("one").place == 2
    assert done("jobs", "cancel", "two").out == "Cancelled Training two.\n"
    assert jobs.get("two").status is JobStatus.CANCELED
    assert run("jobs", "cancel", "two").out == "Training two has ended already: cancelled.\n"
    assert run("jobs", "move", "two", "1").status == 1
    check_shape(run("jobs", "cancel", "one", "--json").json, [JOB])


def test_what_is_forgotten_is_asked_for_where_it_could_go_on(jobs: Jobs, failed: str, completed: str) -> None:
    assert run("jobs", "forget", "--older", "1d").out == "There is nothing to forget.\n"
    assert run("jobs", "forget", "--older", "soon").status == 2
    planned = run("jobs", "forget", "--dry-run", "--json").json
    check_shape(planned, JOBS_FORGOTTEN)
    assert planned == {"executed": False, "items": [completed, failed]}
    assert run("jobs", "forget").status == 2  # nobody can be asked
    assert len(jobs.list()) == 2
    assert done("jobs", "forget", completed).out == "Forgot 1 job.\n"
    assert run("jobs", "forget", "--yes", "--json").json == {"executed": True, "items": [failed]}
    assert jobs.list() == ()
    jobs.submit("training", "default", "Training", {}, id="waits")
    assert "has not ended" in run("jobs", "forget", "waits").err


def test_no_jobs_are_no_error() -> None:
    assert run("jobs").out == ""
    assert run_on_terminal("jobs", "list") == (0, "There are no jobs.\n")


def test_the_documentation_names_every_field_of_a_job() -> None:
    text = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    assert not {key for key in json_keys([JOB_SHOWN, JOBS_FORGOTTEN]) if f"`{key}`" not in text}

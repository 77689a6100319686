"""Jobs in a real work process, waited for as the window does: by their signals."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from modelkeep.errors import NotEnoughSpace
from modelkeep.progress import Progress
from modelkeep_gui.jobs.job import Job, JobState
from modelkeep_gui.jobs.pace import Pace
from modelkeep_gui.jobs.protocol import UnexpectedError, WorkerDied
from modelkeep_gui.jobs.runner import JobRunner
from support.service import model_row

PATIENCE = 20_000


def finish(qtbot: QtBot, *jobs: Job) -> None:
    qtbot.waitUntil(lambda: all(job.state.is_end for job in jobs), timeout=PATIENCE)


def begin(qtbot: QtBot, job: Job) -> Job:
    qtbot.waitUntil(lambda: job.state is JobState.RUNNING, timeout=PATIENCE)
    return job


def test_a_job_succeeds_with_its_result(qtbot: QtBot, runner: JobRunner) -> None:
    results: list[object] = []
    job = runner.run("Add", "add", 40, second=2, on_done=results.append)
    assert not job.state.is_end
    with qtbot.waitSignals([job.started, job.succeeded, job.ended], timeout=PATIENCE):
        pass
    assert results == [42]
    assert job.result == 42
    assert job.state is JobState.COMPLETED
    assert 0 < job.started_at <= job.ended_at


def test_arguments_are_taken_as_they_are_when_asked(qtbot: QtBot, runner: JobRunner, tmp_path: Path) -> None:
    paths = [str(tmp_path / "log")]
    job = runner.run("Append", "append", *paths, text="once")
    paths.clear()
    finish(qtbot, job)
    assert (tmp_path / "log").read_text() == "once"


def test_rows_come_in_batches_before_the_end(qtbot: QtBot, runner: JobRunner) -> None:
    batches: list[list[object]] = []
    at_the_end: list[int] = []
    job = runner.run(
        "Scan", "rows", 1_200, on_batch=batches.append, on_done=lambda _: at_the_end.append(len(batches))
    )
    finish(qtbot, job)
    assert [len(batch) for batch in batches] == [250, 250, 250, 250, 200]
    assert at_the_end == [5]
    assert batches[0][0] == model_row(0)


def test_progress_is_told_and_kept(qtbot: QtBot, runner: JobRunner) -> None:
    seen: list[Progress] = []
    job = runner.run("Count", "count", 5_000)
    job.progressed.connect(seen.append)
    finish(qtbot, job)
    assert seen[-1] == job.progress == Progress("Counting", 5_000, 5_000, unit="items")
    assert job.rate is None, "a rate is of bytes"
    assert "Counting" in job.details


def test_a_running_job_is_cancelled_at_its_next_report(qtbot: QtBot, runner: JobRunner) -> None:
    job = begin(qtbot, runner.run("Wait", "wait"))
    with qtbot.waitSignals([job.canceled, job.ended], timeout=PATIENCE):
        job.cancel()
        assert job.is_stopping
        assert not job.state.is_end
    assert job.state is JobState.CANCELED


def test_a_waiting_job_is_cancelled_at_once_and_never_runs(
    qtbot: QtBot, runner: JobRunner, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    first = runner.run("Wait", "wait", str(gate))
    second = runner.run("Append", "append", str(tmp_path / "log"), "x")
    second.cancel()
    assert second.state is JobState.CANCELED
    gate.touch()
    finish(qtbot, first)
    assert not (tmp_path / "log").exists()


def test_an_error_of_ours_reaches_the_window_with_its_hint(qtbot: QtBot, runner: JobRunner) -> None:
    errors: list[object] = []
    job = runner.run("Fill", "fill_the_disk", on_failed=errors.append)
    finish(qtbot, job)
    assert isinstance(job.error, NotEnoughSpace)
    assert errors == [job.error]
    assert "The disk is full.\nFree some space." in job.details
    assert "in fill_the_disk" in job.details


def test_a_foreign_error_is_a_sentence_with_the_traceback_in_the_details(
    qtbot: QtBot, runner: JobRunner
) -> None:
    job = runner.run("Divide", "divide", 1)
    finish(qtbot, job)
    assert isinstance(job.error, UnexpectedError)
    assert "Traceback" not in str(job.error)
    assert "Traceback" in job.details


def test_what_the_work_process_printed_is_in_the_details(qtbot: QtBot, runner: JobRunner) -> None:
    job = runner.run("Chatter", "chatter")
    finish(qtbot, job)
    qtbot.waitUntil(lambda: "garbage on standard output" in job.details, timeout=PATIENCE)


def test_a_failed_job_can_be_tried_again(qtbot: QtBot, runner: JobRunner, tmp_path: Path) -> None:
    results: list[object] = []
    target = tmp_path / "folder" / "log"
    job = runner.run("Append", "append", str(target), "x", on_done=results.append)
    finish(qtbot, job)
    assert job.state is JobState.ERRORED
    target.parent.mkdir()
    job.retry()
    assert not job.state.is_end
    assert job.error is None
    finish(qtbot, job)
    assert job.error is None
    assert target.read_text() == "x"
    assert results == [None]
    assert "Failed" in job.details, "the first attempt stays in what happened"
    assert "Traceback" not in job.details


def test_a_job_that_must_not_be_repeated_is_not(qtbot: QtBot, runner: JobRunner) -> None:
    job = runner.run("Fill", "fill_the_disk", retry=False)
    finish(qtbot, job)
    job.retry()
    assert job.state is JobState.ERRORED


def test_jobs_of_one_lane_wait_and_other_lanes_do_not(
    qtbot: QtBot, runner: JobRunner, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    first = runner.run("Wait", "wait", str(gate), lane="/data")
    second = runner.run("Add", "add", 1, lane="/data")
    other = runner.run("Add", "add", 1, lane="look")
    finish(qtbot, other)
    assert first.state is JobState.RUNNING
    assert second.state is JobState.QUEUED
    assert runner.running() == [first]
    assert runner.waiting() == [second]
    gate.touch()
    finish(qtbot, first, second)


def test_the_order_of_waiting_jobs_can_be_changed(qtbot: QtBot, runner: JobRunner, tmp_path: Path) -> None:
    gate, log = tmp_path / "gate", tmp_path / "log"
    begin(qtbot, runner.run("Wait", "wait", str(gate)))
    one, two, three = (runner.run(name, "append", str(log), name) for name in "123")
    three.move_up()
    three.move_up()
    three.move_up()
    one.move_down()
    assert runner.waiting("look") == [three, two, one]
    gate.touch()
    finish(qtbot, one, two, three)
    assert log.read_text() == "321"


def test_a_killed_work_process_fails_what_ran_and_goes_on_with_what_waited(
    qtbot: QtBot, runner: JobRunner
) -> None:
    pid = runner.run("Pid", "pid")
    finish(qtbot, pid)
    running = begin(qtbot, runner.run("Wait", "wait", lane="/data"))
    waiting = runner.run("Add", "add", 1, 1, lane="/data")
    assert isinstance(pid.result, int)
    os.kill(pid.result, signal.SIGKILL)
    finish(qtbot, running, waiting)
    assert isinstance(running.error, WorkerDied)
    assert "SIGKILL" in str(running.error)
    assert "memory" in running.error.hint
    assert waiting.result == 2


def test_a_job_that_kills_its_process_can_be_tried_again_and_leaves_its_last_words(
    qtbot: QtBot, runner: JobRunner
) -> None:
    job = runner.run("Crash", "crash")
    finish(qtbot, job)
    assert "so long" in job.details
    job.retry()
    finish(qtbot, job)
    assert isinstance(job.error, WorkerDied)
    again = runner.run("Add", "add", 1, 1)
    finish(qtbot, again)
    assert again.result == 2


def test_a_call_on_its_way_to_a_dying_process_goes_to_the_next_one(qtbot: QtBot, runner: JobRunner) -> None:
    warm = runner.run("Pid", "pid")
    finish(qtbot, warm)
    assert isinstance(warm.result, int)
    os.kill(warm.result, signal.SIGSTOP)
    job = runner.run("Pid", "pid")  # written into the pipe of a process that never reads it
    os.kill(warm.result, signal.SIGKILL)
    finish(qtbot, job)
    assert job.state is JobState.COMPLETED
    assert job.result != warm.result


def test_a_service_that_cannot_be_made_fails_every_job_and_says_why(qtbot: QtBot, service: str) -> None:
    runner = JobRunner("support.service:broken_service")
    jobs = [runner.run("Add", "add", 1), runner.run("Add", "add", 2)]
    finish(qtbot, *jobs)
    runner.shutdown()
    assert all(isinstance(job.error, WorkerDied) for job in jobs)
    assert "could not start" in str(jobs[0].error)
    assert "the catalog is upside down" in jobs[0].details


def test_an_interpreter_that_is_not_there_is_a_failed_job(
    qtbot: QtBot, runner: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/no/such/python")
    job = runner.run("Add", "add", 1)
    assert not job.state.is_end
    finish(qtbot, job)
    assert "No such file" in str(job.error)


def test_a_process_that_cannot_be_understood_is_ended(qtbot: QtBot, runner: JobRunner) -> None:
    job = runner.run("Stranger", "stranger")
    finish(qtbot, job)
    assert isinstance(job.error, WorkerDied)
    assert "could not be read" in str(job.error)
    assert "memory" not in job.error.hint
    assert "No module named 'only_there'" in job.details
    again = runner.run("Add", "add", 1, 1)
    finish(qtbot, again)
    assert again.result == 2


def test_idle_is_told_once_when_nothing_is_left(qtbot: QtBot, runner: JobRunner, tmp_path: Path) -> None:
    told: list[int] = []
    runner.idle.connect(lambda: told.append(1))
    gate = tmp_path / "gate"
    jobs = [runner.run("Wait", "wait", str(gate)), runner.run("Add", "add", 1)]
    quiet = runner.run("Add", "add", 1, lane="other", visible=False)
    finish(qtbot, quiet)
    assert told == []
    gate.touch()
    finish(qtbot, *jobs)
    assert told == [1]


def test_idle_is_told_once_when_several_jobs_die_together(qtbot: QtBot, runner: JobRunner) -> None:
    told: list[int] = []
    runner.idle.connect(lambda: told.append(1))
    waiting = begin(qtbot, runner.run("Wait", "wait", lane="/data"))
    crash = runner.run("Crash", "crash", lane="look")
    finish(qtbot, waiting, crash)
    assert told == [1]


def test_quiet_jobs_are_not_shown_and_are_forgotten(qtbot: QtBot, runner: JobRunner) -> None:
    shown: list[Job] = []
    runner.added.connect(shown.append)
    job = runner.run("Look", "add", 1, 1, visible=False)
    with qtbot.waitSignal(job.destroyed, timeout=PATIENCE):
        pass
    assert shown == []
    assert job.result == 2
    assert runner.findChildren(Job) == []


@pytest.mark.parametrize("is_heard", [True, False])
def test_a_quiet_failure_is_shown_unless_somebody_hears_of_it(
    qtbot: QtBot, runner: JobRunner, is_heard: bool
) -> None:
    shown: list[Job] = []
    runner.added.connect(shown.append)
    errors: list[object] = []
    job = runner.run("Look", "divide", 1, visible=False, on_failed=errors.append if is_heard else None)
    finish(qtbot, job)
    assert shown == ([] if is_heard else [job])
    assert len(errors) == is_heard


def test_after_shutdown_the_process_is_gone_and_nothing_is_heard(
    qtbot: QtBot, runner: JobRunner, tmp_path: Path
) -> None:
    heard: list[Job] = []
    job = begin(qtbot, runner.run("Wait", "wait"))
    job.ended.connect(heard.append)
    later = runner.run("Append", "append", str(tmp_path / "log"), "x")
    later.ended.connect(heard.append)
    runner.shutdown()
    runner.run("Append", "append", str(tmp_path / "log"), "x")
    qtbot.wait(50)
    assert heard == []
    assert not (tmp_path / "log").exists()


@pytest.fixture
def steady() -> Pace:
    pace = Pace()
    for second in range(11):
        pace.update(Progress("Copying", second * 40_000_000, 1_000_000_000), float(second))
    return pace


def test_a_steady_pace_is_its_rate(steady: Pace) -> None:
    assert steady.rate == pytest.approx(40_000_000)
    assert steady.seconds_left == pytest.approx(15.0)


def test_a_pause_lowers_the_rate_slowly(steady: Pace) -> None:
    steady.update(Progress("Copying", 400_000_000, 1_000_000_000), 10.5)
    assert steady.rate is not None
    assert 30_000_000 < steady.rate < 40_000_000


def test_another_step_starts_afresh(steady: Pace) -> None:
    steady.update(Progress("Checking", 0, 1_000_000_000), 11.0)
    assert (steady.rate, steady.seconds_left) == (None, None)


@given(st.lists(st.tuples(st.floats(0, 1e3), st.integers(0, 1 << 62), st.integers(0, 1 << 62)), max_size=30))
def test_a_pace_is_never_negative(moments: list[tuple[float, int, int]]) -> None:
    pace, now = Pace(), 0.0
    for elapsed, done, total in moments:
        now += elapsed
        pace.update(Progress("Copying", done, total), now)
        assert pace.rate is None or pace.rate >= 0
        assert pace.seconds_left is None or pace.seconds_left >= 0


def test_a_job_is_paused_and_goes_on_afresh(qtbot: QtBot, runner: JobRunner, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    job = begin(qtbot, runner.run("Wait", "wait", str(gate), can_pause=True))
    job.advance(Progress("Reading", 1, 100))
    job.advance(Progress("Reading", 90, 100))
    assert job.rate
    with qtbot.waitSignal(job.paused):
        job.pause()
    assert job.is_paused
    assert job.rate is None
    assert job in runner.running(), "who closes the window is asked"
    gate.touch()
    job.resume()
    assert not job.is_paused
    finish(qtbot, job)
    assert "Paused" in job.details
    assert "Resumed" in job.details


def test_only_a_running_job_that_can_is_paused(qtbot: QtBot, runner: JobRunner) -> None:
    job = begin(qtbot, runner.run("Wait", "wait"))
    waiting = runner.run("Wait", "wait", can_pause=True)
    for each in (job, waiting):
        each.pause()
        assert not each.is_paused
    waiting.cancel()
    job.cancel()
    finish(qtbot, job)


def test_a_paused_job_can_be_cancelled(qtbot: QtBot, runner: JobRunner) -> None:
    job = begin(qtbot, runner.run("Wait", "wait", can_pause=True))
    job.pause()
    job.cancel()
    assert not job.is_paused
    job.pause()
    assert not job.is_paused, "it is stopping"
    finish(qtbot, job)
    assert job.state is JobState.CANCELED


def test_a_job_that_died_paused_is_paused_no_more(qtbot: QtBot, runner: JobRunner) -> None:
    pid = runner.run("Pid", "pid")
    finish(qtbot, pid)
    job = begin(qtbot, runner.run("Wait", "wait", can_pause=True))
    job.pause()
    assert isinstance(pid.result, int)
    os.kill(pid.result, signal.SIGKILL)
    finish(qtbot, job)
    assert job.state is JobState.ERRORED
    assert not job.is_paused

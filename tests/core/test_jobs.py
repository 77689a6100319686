"""Jobs: kept, in order, so many at a time, and ended."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelkeep.errors import (
    BadTrainingData,
    Cancelled,
    JobConflict,
    JobFailed,
    JobNotFound,
    LifecycleError,
    OutOfMemory,
    SettingsError,
)
from modelkeep.jobs.ids import check_id, folder_name
from modelkeep.jobs.jobs import Jobs, slots_per_device
from modelkeep.jobs.values import Job, JobStatus
from modelkeep.progress import Progress, Report


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    jobs = Jobs(tmp_path / "jobs" / "jobs.sqlite")
    yield jobs
    jobs.close()


def submitted(jobs: Jobs, title: str = "a job", id: str = "") -> str:
    return jobs.submit("training", "default", title, {}, id=id).id


def ended(jobs: Jobs, id: str = "") -> Job:
    return jobs.run(submitted(jobs, id=id), lambda report: {})


class Held:
    """A job that runs until it is told to end."""

    def __init__(self, jobs: Jobs, id: str) -> None:
        self.begun = threading.Event()
        self.finish = threading.Event()
        self.raised: BaseException | None = None
        self.thread = threading.Thread(target=self._run, args=(jobs, id))
        self.thread.start()

    def _run(self, jobs: Jobs, id: str) -> None:
        def work(report: Report) -> dict[str, object]:
            self.begun.set()
            while not self.finish.wait(0.01):
                report(Progress("Working"))
            return {}

        try:
            jobs.run(id, work)
        except (Cancelled, JobConflict) as error:
            self.raised = error

    def end(self) -> None:
        self.finish.set()
        self.thread.join()


def test_a_job_is_done_and_keeps_its_result_progress_and_log(jobs: Jobs) -> None:
    id = jobs.submit("training", "default", "One", {"epochs": 3}, device="cuda:0").id
    waiting = jobs.get(id)
    assert (waiting.status, waiting.place, waiting.device) == (JobStatus.QUEUED, 1, "cuda:0")

    def work(report: Report) -> dict[str, object]:
        report(Progress("Training", 3, 4, unit="steps"))
        assert jobs.get(id).status is JobStatus.RUNNING
        report(Progress("Training", 4, 4, unit="steps"))
        return {"loss": 0.5}

    job = jobs.run(id, work)
    assert (job.status, job.result, job.parameters) == (JobStatus.COMPLETED, {"loss": 0.5}, {"epochs": 3})
    assert job.progress == Progress("Training", 4, 4, unit="steps")
    assert 0 < job.submitted <= job.started <= job.ended
    assert "completed" in jobs.log_file(id).read_text()


def test_jobs_are_there_again_after_a_restart(jobs: Jobs) -> None:
    id = ended(jobs).id
    with_the_same_file = Jobs(jobs.file)
    assert with_the_same_file.get(id).status is JobStatus.COMPLETED
    with_the_same_file.close()


def test_an_error_comes_back_as_what_it_was(jobs: Jobs) -> None:
    class Foreign(Exception):
        pass

    for error in (
        OutOfMemory("It does not fit.", hint="Take a smaller one."),
        BadTrainingData("Two lines are wrong.", problems=[(3, "no label")]),
        KeyError("label"),
        FileNotFoundError(2, "No such file", "data.tsv"),
        Foreign("it broke"),
    ):
        id = submitted(jobs)

        def work(report: Report, error: Exception = error) -> dict[str, object]:
            raise error

        with pytest.raises(type(error)):
            jobs.run(id, work)
        kept = jobs.error_of(id)
        assert jobs.get(id).status is JobStatus.ERRORED
        if isinstance(error, Foreign):
            assert type(kept) is JobFailed
            assert str(kept) == "Foreign: it broke"
        else:
            assert type(kept) is type(error)
            assert str(kept) == str(error)
            assert kept.__dict__ == error.__dict__


class ForeignError(Exception):
    def __init__(self, label: str, *, row: int) -> None:
        super().__init__(f"{label} is wrong")
        self.row = row


def test_an_error_of_a_class_that_is_loaded_here_comes_back_as_its_own(jobs: Jobs) -> None:
    id = submitted(jobs)

    def work(report: Report) -> dict[str, object]:
        raise ForeignError("PER", row=3)

    with pytest.raises(ForeignError):
        jobs.run(id, work)
    kept = jobs.error_of(id)
    assert isinstance(kept, ForeignError)
    assert (str(kept), kept.row) == ("PER is wrong", 3)


def test_what_is_no_json_is_an_error_of_the_job(jobs: Jobs) -> None:
    id = submitted(jobs)
    with pytest.raises(TypeError):
        jobs.run(id, lambda report: {"it": object()})
    assert isinstance(jobs.error_of(id), TypeError)


def test_one_at_a_time_on_a_device_and_in_their_order(jobs: Jobs) -> None:
    ids = [submitted(jobs, id=f"job-{number}") for number in range(4)]
    first = Held(jobs, ids[0])
    assert first.begun.wait(10)
    assert [jobs.get(id).place for id in ids] == [0, 1, 2, 3]
    elsewhere = jobs.submit("training", "default", "on another device", {}, device="cuda:0").id
    assert jobs.run(elsewhere, lambda report: {}).status is JobStatus.COMPLETED
    assert jobs.move(ids[3], 1).place == 1
    assert [jobs.get(id).place for id in ids] == [0, 2, 3, 1]
    assert jobs.move(ids[3], 99).place == 3
    first.end()
    with pytest.raises(JobConflict):
        jobs.move(ids[0], 1)


def _noted(order: list[str], id: str) -> int:
    order.append(id)
    return len(order) - 1


def test_who_waits_goes_in_the_order_of_the_queue(jobs: Jobs) -> None:
    order: list[str] = []
    first = Held(jobs, submitted(jobs))
    assert first.begun.wait(10)
    waits: dict[str, threading.Event] = {}
    threads = []
    for name in ("a", "b", "c"):
        id = submitted(jobs, id=name)
        waits[name] = threading.Event()

        def wait(id: str = id) -> None:
            def heard(progress: Progress) -> None:
                if progress.step == "Waiting for its turn":
                    waits[id].set()

            jobs.run(id, lambda report: {"before": _noted(order, id)}, report=heard)

        threads.append(threading.Thread(target=wait))
        threads[-1].start()
    assert all(event.wait(10) for event in waits.values())
    jobs.move("c", 1)
    first.end()
    for thread in threads:
        thread.join()
    assert order == ["c", "a", "b"]


def test_the_limit_is_of_the_environment(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MODELKEEP_TRAIN_TASKS", raising=False)
    monkeypatch.delenv("MLP_TRAIN_TASK_NUM", raising=False)
    assert slots_per_device() == 1
    monkeypatch.setenv("MLP_TRAIN_TASK_NUM", "3")
    assert slots_per_device() == 3
    monkeypatch.setenv("MODELKEEP_TRAIN_TASKS", "2")
    assert slots_per_device() == 2
    both = [Held(jobs, submitted(jobs)) for _ in range(2)]
    assert all(held.begun.wait(10) for held in both)
    for held in both:
        held.end()
    monkeypatch.setenv("MODELKEEP_TRAIN_TASKS", "none")
    with pytest.raises(SettingsError, match="none"):
        slots_per_device()


def test_a_running_job_is_cancelled_by_another_that_has_the_file(jobs: Jobs) -> None:
    id = submitted(jobs)
    held = Held(jobs, id)
    assert held.begun.wait(10)
    other = Jobs(jobs.file)
    other.cancel(id)
    assert other.wait(id, 10).status is JobStatus.CANCELED
    other.close()
    held.thread.join()
    assert isinstance(held.raised, Cancelled)
    assert jobs.error_of(id) is None


def test_a_waiting_job_is_cancelled_at_once(jobs: Jobs) -> None:
    first = Held(jobs, submitted(jobs))
    assert first.begun.wait(10)
    id = submitted(jobs)
    waiting = Held(jobs, id)
    assert jobs.cancel(id).status is JobStatus.CANCELED
    waiting.thread.join()
    assert not waiting.begun.is_set()
    assert isinstance(waiting.raised, (Cancelled, JobConflict))
    never_run = submitted(jobs)
    assert jobs.cancel(never_run).status is JobStatus.CANCELED
    first.end()
    assert jobs.cancel(id).status is JobStatus.CANCELED


def test_waiting_takes_no_longer_than_it_may(jobs: Jobs) -> None:
    held = Held(jobs, id := submitted(jobs))
    assert held.begun.wait(10)
    assert jobs.wait(id, 0.05).status is JobStatus.RUNNING
    held.end()
    assert jobs.wait(id).status is JobStatus.COMPLETED


def test_an_id_is_used_again_only_when_its_job_has_ended(jobs: Jobs) -> None:
    submitted(jobs, id="mine")
    with pytest.raises(JobConflict):
        submitted(jobs, id="mine")
    marker = Path(jobs.get("mine").folder, "checkpoint")
    jobs.run("mine", lambda report: {"kept": marker.write_text("here")})
    assert not jobs.get("mine").can_resume, "it was done"
    again = submitted(jobs, id="mine")
    assert jobs.get(again).result == {}
    jobs.cancel("mine")
    assert jobs.get("mine").can_resume, "its folder was kept"


def test_a_job_is_run_once(jobs: Jobs) -> None:
    id = ended(jobs).id
    with pytest.raises(JobConflict):
        jobs.run(id, lambda report: {})
    with pytest.raises(JobNotFound):
        jobs.run("nobody", lambda report: {})


def test_what_is_forgotten_is_gone_with_its_folder_and_nothing_else(jobs: Jobs) -> None:
    old, other = ended(jobs), ended(jobs)
    waiting = submitted(jobs)
    assert jobs.forget(older=3600) == 0
    assert jobs.forget(id=old.id) == 1
    assert not Path(old.folder).exists()
    assert {job.id for job in jobs.list()} == {other.id, waiting}
    with pytest.raises(JobNotFound):
        jobs.get(old.id)
    with pytest.raises(JobConflict):
        jobs.forget(id=waiting)
    assert jobs.forget() == 1
    assert [job.id for job in jobs.list(active=True)] == [waiting]
    assert jobs.list(active=False) == ()


def test_lists_are_by_kind_and_owner(jobs: Jobs) -> None:
    training = submitted(jobs)
    prediction = jobs.submit("prediction", "mine", "Ask", {}).id
    assert [job.id for job in jobs.list()] == [prediction, training]
    assert [job.id for job in jobs.list("training")] == [training]
    assert [job.id for job in jobs.list(owner="mine")] == [prediction]


def test_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    file = tmp_path / "jobs.sqlite"
    file.write_bytes(b"this was a list of jobs" * 100)
    jobs = Jobs(file)
    assert jobs.list() == ()
    assert "damaged" in jobs.problem
    assert ended(jobs).status is JobStatus.COMPLETED
    jobs.close()
    (aside,) = tmp_path.glob("jobs.sqlite.broken-*")
    assert aside.read_bytes().startswith(b"this was")


def test_the_file_of_a_newer_modelkeep_is_left_alone(jobs: Jobs) -> None:
    import sqlite3
    from contextlib import closing

    jobs.file.parent.mkdir()
    with closing(sqlite3.connect(jobs.file)) as database:
        database.execute("PRAGMA user_version = 99")
    before = jobs.file.read_bytes()
    with pytest.raises(LifecycleError, match="newer"):
        jobs.list()
    assert jobs.file.read_bytes() == before


@pytest.mark.parametrize("id", ["../up", "a/b", "a\\b", "", "a b", "x" * 201, "é", "a\n", "a~b"])
def test_an_id_leads_nowhere(jobs: Jobs, id: str) -> None:
    with pytest.raises(LifecycleError):
        check_id(id)
    if id:
        with pytest.raises(LifecycleError):
            submitted(jobs, id=id)
        with pytest.raises(LifecycleError):
            jobs.log_file(id)


_IDS = st.text("abcXYZ019-_:.", min_size=1, max_size=200)


@given(_IDS, _IDS)
@settings(deadline=None)
def test_the_folders_of_two_ids_differ_on_every_disk(one: str, other: str) -> None:
    name = folder_name(one)
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_~")
    assert len(name) < 120
    assert (folder_name(other) == name) == (one == other)


def test_work_goes_on_when_its_progress_cannot_be_kept(jobs: Jobs) -> None:
    id = submitted(jobs)

    def work(report: Report) -> dict[str, object]:
        aside = jobs.file.rename(jobs.file.with_name("aside"))
        jobs.file.mkdir()
        report(Progress("Working"))
        jobs.file.rmdir()
        aside.rename(jobs.file)
        return {"done": True}

    assert jobs.run(id, work).result == {"done": True}

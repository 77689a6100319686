"""Trainers: child processes that train, and jobs that are found again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from modelkeep import lifecycle
from modelkeep.errors import Cancelled, JobConflict, JobNotFound, LifecycleError, OutOfMemory, ProcessDied
from modelkeep.lifecycle import JobStatus, ReversibleHasher, configuration, opened
from modelkeep.lifecycle.trainers import save_path_of
from support.modules import Failing, Greeter, Stubborn


def program_environment() -> dict[str, str]:
    """The environment of another program that uses the same home."""
    return os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}


@pytest.fixture(autouse=True)
def nothing_configured() -> Iterator[None]:
    configuration.reset()
    yield
    opened.close()
    configuration.reset()


@pytest.fixture
def processes() -> Iterator[list[psutil.Process]]:
    """Those that a test has to see the end of; what is left of them is ended after it."""
    found: list[psutil.Process] = []
    yield found
    for process in found:
        if process.is_running():
            process.kill()


@pytest.fixture
def in_thread() -> None:
    settings = {"use_subprocess": False}
    lifecycle.configure(
        config_dict={"model_management": {"trainers": {"default": {"config": settings}}}},
    )


def test_a_model_is_trained_in_a_child_saved_and_loaded(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    future = lifecycle.train(Greeter, "Hello", pid_file=str(pid_file), save_path=str(tmp_path / "model"))
    assert future.load(60).greet("you") == {"greeting": "Hello, you"}
    assert int(pid_file.read_text()) != os.getpid()
    assert future.id.startswith("wTHxlsu:")
    info = future.get_info()
    assert (info.status, info.errors) == (JobStatus.COMPLETED, None)
    assert info.submission_time is not None
    assert info.completion_time is not None
    assert info.submission_time <= info.completion_time
    assert "training Hello" in opened.shared_jobs().log_file(future.id).read_text()
    with pytest.raises(LifecycleError, match="saved nowhere"):
        lifecycle.train(Greeter, "Hello").result(60)


def test_a_job_is_found_from_any_trainer_or_predictor_and_after_a_restart(tmp_path: Path) -> None:
    lifecycle.configure(
        config_dict={"model_management": {"trainers": {"other": {"type": "LOCAL", "config": {}}}}}
    )
    lifecycle.register_module("greeter", Greeter)
    future = lifecycle.train(Greeter, "Hi", trainer="other", save_path=str(tmp_path), save_with_id=True)
    future.wait(60)
    assert future.id.partition(":")[0] == ReversibleHasher.hash("other")
    bare = lifecycle.train(
        Greeter, "Ho", save_path=str(tmp_path / "bare"), external_training_id="0f8e", wait=True
    )
    assert bare.id == "0f8e"
    for found in (
        lifecycle.get_model_future(future.id),
        lifecycle.get_trainer("default").get_model_future(future.id),
        lifecycle.get_predictor().get_prediction_future(future.id),
        lifecycle.get_prediction_future(future.id),
    ):
        assert found.get_info().status is JobStatus.COMPLETED
    code = (
        "import sys; from support.modules import Greeter; from modelkeep import lifecycle\n"
        "lifecycle.register_module('greeter', Greeter)\n"
        "print([lifecycle.get_model_future(id).result(9).greet('you')['greeting'] for id in sys.argv[1:]])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, future.id, bare.id],
        capture_output=True,
        text=True,
        check=False,
        env=program_environment(),
    )
    assert (done.stdout.strip(), done.stderr) == ("['Hi, you', 'Ho, you']", "")
    with pytest.raises(JobNotFound):
        lifecycle.get_model_future("wTHxlsu:nobody")


@pytest.mark.parametrize(
    ("kind", "error", "said"),
    [
        ("ours", OutOfMemory, "It does not fit."),
        ("value", ValueError, "three is no label"),
        ("killed", MemoryError, "memory is not enough"),
        ("exit", ProcessDied, "status 7"),
    ],
)
def test_a_failed_training_raises_its_own_error(kind: str, error: type[Exception], said: str) -> None:
    future = lifecycle.train(Failing, kind)
    with pytest.raises(error, match=said):
        future.result(60)
    again = lifecycle.get_model_future(future.id)
    with pytest.raises(error, match=said):
        again.result(0)
    info = again.get_info()
    assert info.status is JobStatus.ERRORED
    assert info.errors is not None
    assert type(info.errors[0]) is error


def test_a_cancel_ends_a_child_that_does_not_want_to_and_its_own(
    tmp_path: Path, processes: list[psutil.Process]
) -> None:
    pid_file = tmp_path / "pids"
    future = lifecycle.train(Stubborn, str(pid_file))
    with pytest.raises(TimeoutError):
        future.result(0.01)
    jobs = opened.shared_jobs()
    while not pid_file.exists() or jobs.get(future.id).progress is None:
        assert not future.get_info().status.is_terminal
    processes += [psutil.Process(int(pid)) for pid in pid_file.read_text().split()]
    future.cancel()
    future.wait(60)
    assert future.get_info().status is JobStatus.CANCELED
    assert jobs.get(future.id).progress is not None
    for process in processes:
        assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    with pytest.raises(Cancelled):
        future.result()
    future.cancel()
    assert future.get_info().status is JobStatus.CANCELED


def test_what_a_killed_program_had_trained_is_noticed_and_its_children_end(
    tmp_path: Path, processes: list[psutil.Process]
) -> None:
    pid_file = tmp_path / "pids"
    code = (
        "import sys; from support.modules import Stubborn; from modelkeep import lifecycle\n"
        "lifecycle.train(Stubborn, sys.argv[1], external_training_id='mine')"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(pid_file)], env=program_environment()) as program:
        while not pid_file.exists():
            assert program.poll() is None
        processes += [psutil.Process(int(pid)) for pid in pid_file.read_text().split()]
        assert lifecycle.get_model_future("mine").get_info().status is JobStatus.RUNNING
        program.kill()
    with pytest.raises(ProcessDied, match="The program that ran it ended"):
        lifecycle.get_model_future("mine").result(60)
    psutil.wait_procs(processes, 30)
    assert not [process for process in processes if process.is_running()]


def test_in_a_thread_the_model_itself_comes_back(in_thread: None, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    future = lifecycle.train(Greeter, "Hello", pid_file=str(pid_file))
    assert future.result(60) is future.load()
    assert pid_file.read_text() == str(os.getpid())
    assert lifecycle.get_model_future(future.id).result() is future.load()


def test_an_external_id_is_used_again_once_its_job_has_ended(in_thread: None, tmp_path: Path) -> None:
    gate = tmp_path / "gate"

    class Waiting:
        @classmethod
        def train(cls) -> Waiting:
            Greeter("").wait(str(gate))
            return cls()

    future = lifecycle.train(Waiting, external_training_id="mine")
    with pytest.raises(JobConflict):
        lifecycle.train(Waiting, external_training_id="mine")
    gate.touch()
    future.wait(60)
    assert isinstance(lifecycle.train(Waiting, external_training_id="mine").result(60), Waiting)


def test_retention_forgets_jobs_and_never_a_model(tmp_path: Path) -> None:
    settings = {"use_subprocess": False, "retention_duration": "0s"}
    lifecycle.configure(
        config_dict={"model_management": {"trainers": {"default": {"config": settings}}}},
    )
    future = lifecycle.train(Greeter, "Hello", save_path=str(tmp_path / "model"), wait=True)
    with pytest.raises(JobNotFound):
        lifecycle.get_model_future(future.id)
    assert (tmp_path / "model" / "word").read_text() == "Hello"


@pytest.mark.parametrize(
    ("given", "id", "with_id", "name", "path"),
    [
        ("/out", "id", False, None, "/out"),
        ("/out", "id", True, "m", "/out/id/m"),
        ("/out/id", "id", True, "m", "/out/id/m"),
        ("/out/my-id-x", "id", True, "m", "/out/my-id-x/id/m"),
        ("/out/model", "id", False, "mod", "/out/model/mod"),
        ("/out/m", "id", False, "m", "/out/m"),
        ("/out", "id", False, "org/m", "/out/org/m"),
        ("/out/org/m", "id", False, "org/m", "/out/org/m"),
    ],
)
def test_where_a_model_is_saved(given: str, id: str, with_id: bool, name: str | None, path: str) -> None:
    assert Path(save_path_of(given, id, with_id, name)) == Path(path)


@pytest.mark.parametrize("name", ["../up", "/abs", "a/../../b"])
def test_the_name_of_a_model_leads_nowhere_else(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="leads elsewhere"):
        lifecycle.train(Greeter, "Hello", save_path=str(tmp_path), model_name=name)
    assert opened.shared_jobs().list() == ()

"""Predictors: results that are kept, errors that come back, and cancels that say what they can."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modelkeep import lifecycle
from modelkeep.errors import Cancelled, JobConflict, JobFailed, JobNotFound
from modelkeep.lifecycle import JobStatus, configuration, opened
from support.modules import Buffered, Greeter


@pytest.fixture(autouse=True)
def nothing_configured() -> Iterator[None]:
    configuration.reset()
    yield
    opened.close()
    configuration.reset()


def predictor(**config: Any) -> None:
    lifecycle.configure(config_dict={"model_management": {"job_predictors": {"default": {"config": config}}}})


def test_a_result_is_kept_and_found_again_after_a_restart() -> None:
    future = lifecycle.start_prediction_job(Greeter("Hello"), "greet", "you")
    assert future.result(30) == {"greeting": "Hello, you"}
    assert future.id.startswith("wTHxlsu:")
    opened.close()
    again = lifecycle.get_prediction_future(future.id)
    assert again.result(0) == {"greeting": "Hello, you"}
    assert lifecycle.get_model_future(future.id).result(0) == {"greeting": "Hello, you"}
    info = again.get_info()
    assert (info.status, info.errors) == (JobStatus.COMPLETED, None)


def test_a_result_with_its_own_bytes_needs_its_class() -> None:
    future = lifecycle.start_prediction_job(Greeter(""), "buffered", "text", wait=True)
    result = future.result()
    assert isinstance(result, Buffered)
    assert result.text == "text"


def test_a_failed_job_raises_its_own_error() -> None:
    future = lifecycle.start_prediction_job(Greeter(""), "fail", wait=True)
    with pytest.raises(KeyError, match="no such name"):
        future.result()
    with pytest.raises(KeyError, match="no such name"):
        lifecycle.get_prediction_future(future.id).result()
    odd = lifecycle.start_prediction_job(Greeter(""), "odd", wait=True)
    with pytest.raises(TypeError, match="cannot be kept"):
        odd.result()
    with pytest.raises(AttributeError):
        lifecycle.start_prediction_job(Greeter(""), "nothing")
    with pytest.raises(JobNotFound):
        lifecycle.get_prediction_future("nobody")


def test_waiting_has_an_end_and_the_second_waits_for_its_turn(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    model = Greeter("")
    first = lifecycle.start_prediction_job(model, "wait", str(gate), external_inference_id="first")
    second = lifecycle.start_prediction_job(model, "greet", "you")
    with pytest.raises(TimeoutError):
        first.wait(0.05)
    with pytest.raises(TimeoutError):
        second.result(0.05)
    assert second.get_info().status is JobStatus.QUEUED
    with pytest.raises(JobConflict):
        lifecycle.start_prediction_job(model, "greet", "you", external_inference_id="first")
    gate.touch()
    assert first.result(30) == "waited"
    assert second.result(30) == {"greeting": ", you"}


def test_a_cancel_reaches_what_takes_a_report_and_not_what_takes_none(tmp_path: Path) -> None:
    ended = threading.Event()
    future = lifecycle.start_prediction_job(Greeter(""), "stopped", tell=lambda told: ended.set())
    while future.get_info().status is not JobStatus.RUNNING:
        pass
    future.cancel()
    with pytest.raises(Cancelled):
        future.result(30)
    assert ended.wait(30)
    gate = tmp_path / "gate"
    deaf = lifecycle.start_prediction_job(Greeter(""), "wait", str(gate))
    while deaf.get_info().status is not JobStatus.RUNNING:
        pass
    deaf.cancel()
    deaf.wait(30)
    assert deaf.get_info().status is JobStatus.CANCELED
    gate.touch()


def test_results_lie_where_they_should_and_go_with_their_jobs(tmp_path: Path) -> None:
    place = tmp_path / "results"
    predictor(result_dir=str(place))
    (place / "of-somebody-else").mkdir(parents=True)
    future = lifecycle.start_prediction_job(Greeter("Hello"), "greet", "you", wait=True)
    [folder] = [path for path in place.iterdir() if path.name.startswith("job-")]
    assert [path.name for path in folder.iterdir()] == ["result"]
    (folder / "result").unlink()
    with pytest.raises(JobFailed, match="cannot be read"):
        future.result()
    predictor(retention_duration="0s")
    with pytest.raises(JobNotFound):
        lifecycle.get_prediction_future(future.id)
    assert [path.name for path in place.iterdir()] == ["of-somebody-else"]

"""The pool of workers: one for each model, shared, warm, limited, and gone after it was idle."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from modelkeep.errors import BadInput, InferenceError, ProcessDied
from modelkeep.inference.outcome import WorkerView
from modelkeep.inference.values import Generated, LoadRequest, Task, TryInputs
from modelkeep.inference.workers import Workers
from modelkeep.inference_choices import InferenceSettings
from modelkeep.progress import Cancelled, Progress, Report, ignore
from support.scripted_models import ENVIRONMENT, scripted

SETTINGS = InferenceSettings(seconds=60.0)
POSIX = pytest.mark.skipif(os.name != "posix", reason="Signals are POSIX's.")


@pytest.fixture
def workers() -> Iterator[Workers]:
    workers = Workers(environment=ENVIRONMENT)
    yield workers
    workers.close()
    assert workers.views() == ()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as pool:
        yield pool


@pytest.fixture
def model(tmp_path: Path) -> LoadRequest:
    return scripted(tmp_path / "model")


def ask(
    workers: Workers,
    request: LoadRequest,
    text: str = "hello",
    settings: InferenceSettings = SETTINGS,
    report: Report = ignore,
) -> tuple[str, int, bool, float]:
    """What it says, the number of its process, whether it was warm, and the seconds that loading took."""
    with workers.use(request, settings, report) as ready:
        (output,) = ready.run(Task.TEXT_GENERATION, TryInputs(texts=(text,))).outputs
        assert isinstance(output, Generated)
        return output.text, ready.process.pid, ready.warm, ready.load_seconds


class Reached:
    """A report that tells when a step is reached."""

    def __init__(self, step: str) -> None:
        self.step = step
        self.event = threading.Event()

    def __call__(self, progress: Progress) -> None:
        if progress.step.startswith(self.step):
            self.event.set()

    def wait(self) -> None:
        assert self.event.wait(30)


def until(condition: Callable[[], bool]) -> None:
    tick = threading.Event()
    for _ in range(3000):
        if condition():
            return
        tick.wait(0.01)
    raise AssertionError("It never came to that.")


def test_eight_at_once_are_one_load(workers: Workers, pool: ThreadPoolExecutor, tmp_path: Path) -> None:
    go = tmp_path / "go"
    model = scripted(tmp_path / "model", loading=f"wait_for {go}")
    reports = [Reached("Waiting") for _ in range(8)]
    asked = [pool.submit(ask, workers, model, f"it is {n}", SETTINGS, reports[n]) for n in range(8)]
    for report in reports:
        report.wait()
    go.touch()
    said = [one.result() for one in asked]
    assert [text for text, *_ in said] == [f"it is {n}" for n in range(8)]
    assert len({pid for _, pid, *_ in said}) == 1
    assert workers.loads == 1
    assert not any(warm for _, _, warm, _ in said)
    assert all(seconds > 0 for *_, seconds in said)
    text, _, warm, seconds = ask(workers, model, "next")
    assert (text, warm, seconds, workers.loads) == ("next", True, 0.0, 1)
    (view,) = workers.views()
    assert (view.key, view.state, view.tries) == (model.key, "idle", 9)
    assert view.memory > 0
    assert view.leaves_at > view.since


def test_what_changes_the_answer_is_a_worker_of_its_own(workers: Workers, tmp_path: Path) -> None:
    one, other = scripted(tmp_path / "model"), scripted(tmp_path / "model", loading="grow 1")
    assert ask(workers, one)[1] != ask(workers, other)[1]
    assert workers.loads == 2
    assert len(workers.views()) == 2


def test_who_asked_first_may_go_without_the_others_losing_it(
    workers: Workers, pool: ThreadPoolExecutor, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    model = scripted(tmp_path / "model", loading=f"wait_for {go}")
    first, second, leave = Reached("Waiting"), Reached("Waiting"), threading.Event()

    def cancelling(progress: Progress) -> None:
        first(progress)
        if leave.is_set():
            raise Cancelled

    one = pool.submit(ask, workers, model, "one", SETTINGS, cancelling)
    first.wait()
    two = pool.submit(ask, workers, model, "two", SETTINGS, second)
    second.wait()
    leave.set()
    assert isinstance(one.exception(), Cancelled)
    go.touch()
    assert two.result()[0] == "two"
    assert workers.loads == 1


def test_a_load_that_nobody_wants_any_more_is_given_up(
    workers: Workers, pool: ThreadPoolExecutor, tmp_path: Path
) -> None:
    model = scripted(tmp_path / "model", loading=f"wait_for {tmp_path / 'never'}")

    def cancel(progress: Progress) -> None:
        if progress.step == "Waiting":
            raise Cancelled

    with pytest.raises(Cancelled):
        ask(workers, model, report=cancel)
    until(lambda: workers.views() == ())
    assert ask(workers, scripted(tmp_path / "other"))[0] == "hello"


def test_a_load_that_fails_is_told_to_all_and_tried_anew(
    workers: Workers, pool: ThreadPoolExecutor, tmp_path: Path
) -> None:
    model = scripted(tmp_path / "model", loading="reject")
    asked = [pool.submit(ask, workers, model) for _ in range(3)]
    for one in asked:
        error = one.exception()
        assert isinstance(error, BadInput)
        assert (str(error), error.hint) == ("It cannot be loaded.", "Take another one.")
    before = workers.loads
    with pytest.raises(BadInput):
        ask(workers, model)
    assert workers.loads == before + 1
    until(lambda: workers.views() == ())


def test_the_longest_idle_one_makes_room(workers: Workers, tmp_path: Path) -> None:
    models = [scripted(tmp_path / name, f"org/{name}") for name in ("one", "two", "three")]
    pids = [ask(workers, model)[1] for model in models[:2]]
    ask(workers, models[0])
    ask(workers, models[2])
    assert {view.key for view in workers.views()} == {models[0].key, models[2].key}
    assert not psutil.pid_exists(pids[1])


def test_without_room_it_waits_for_another_model(
    workers: Workers, pool: ThreadPoolExecutor, tmp_path: Path
) -> None:
    one, other = scripted(tmp_path / "one", "org/one"), scripted(tmp_path / "other", "org/other")
    settings = InferenceSettings(workers=1)
    waiting = Reached("Waiting for another model")
    with workers.use(one, settings):
        asked = pool.submit(ask, workers, other, "late", settings, waiting)
        waiting.wait()
        assert {view.state for view in workers.views()} == {"running"}
    assert asked.result()[0] == "late"
    assert [view.key for view in workers.views()] == [other.key]


def test_two_models_run_side_by_side(workers: Workers, tmp_path: Path) -> None:
    one, other = scripted(tmp_path / "one", "org/one"), scripted(tmp_path / "other", "org/other")
    with workers.use(one, SETTINGS) as first:
        assert ask(workers, other)[0] == "hello"
        assert first.run(Task.TEXT_GENERATION, TryInputs(texts=("one",))).outputs
        states = {view.key: view.state for view in workers.views()}
    assert states == {one.key: "running", other.key: "idle"}


def test_only_what_is_loaded_just_so_of_these_files_counts_as_seen(
    workers: Workers, model: LoadRequest
) -> None:
    assert not workers.has(model, SETTINGS)
    ask(workers, model)
    assert workers.has(model, SETTINGS)
    for other in (replace(model, dtype="float16"), replace(model, allow_code=True), replace(model, file="x")):
        assert not workers.has(other, SETTINGS)
    file = Path(model.folder, model.files[0])
    content = file.read_bytes()
    file.unlink()
    assert not workers.has(model, SETTINGS)
    file.write_bytes(content + b" ")
    assert not workers.has(model, SETTINGS)


def test_an_idle_one_leaves(workers: Workers, model: LoadRequest) -> None:
    _, pid, _, _ = ask(workers, model, settings=InferenceSettings(idle=0.05))
    until(lambda: not psutil.pid_exists(pid))
    assert workers.views() == ()
    assert ask(workers, model)[2] is False


@POSIX
@pytest.mark.parametrize("while_idle", [True, False])
def test_a_killed_one_is_replaced(workers: Workers, model: LoadRequest, while_idle: bool) -> None:
    _, pid, _, _ = ask(workers, model)
    if while_idle:
        os.kill(pid, signal.SIGKILL)
        until(lambda: workers.views() == ())
    else:
        with pytest.raises(InferenceError, match="SIGKILL"):
            ask(workers, model, "signalled SIGKILL")
    text, new, warm, _ = ask(workers, model)
    assert (text, warm) == ("hello", False)
    assert new != pid
    assert len(workers.views()) == 1


def test_a_model_that_is_deleted_while_loaded_is_missed(workers: Workers, model: LoadRequest) -> None:
    ask(workers, model)
    shutil.rmtree(model.folder)
    with pytest.raises(InferenceError, match="is not in the cache any more"):
        ask(workers, model)


def test_a_model_that_changed_while_loaded_is_loaded_anew(workers: Workers, model: LoadRequest) -> None:
    _, pid, _, _ = ask(workers, model)
    Path(model.folder, "weights").write_text("other weights")
    _, new, warm, _ = ask(workers, model)
    assert (new != pid, warm) == (True, False)
    assert [view.pid for view in workers.views()] == [new]


def test_ending_one_that_runs_is_told_and_the_next_request_works(
    workers: Workers, pool: ThreadPoolExecutor, model: LoadRequest
) -> None:
    running, pieces = threading.Event(), []

    def run() -> None:
        def emit(piece: str) -> None:
            pieces.append(piece)
            running.set()

        with workers.use(model, SETTINGS) as ready:
            ready.run(Task.TEXT_GENERATION, TryInputs(texts=("hang",)), emit=emit)

    asked = pool.submit(run)
    assert running.wait(30)
    (view,) = workers.views()
    assert workers.end(view.pid) == 1
    assert not psutil.pid_exists(view.pid)
    error = asked.exception()
    assert isinstance(error, ProcessDied)
    assert "It was ended" in str(error)
    assert ask(workers, model)[0] == "hello"
    assert workers.end(view.pid) == 0


def test_ending_one_that_loads_is_told(workers: Workers, pool: ThreadPoolExecutor, tmp_path: Path) -> None:
    model = scripted(tmp_path / "model", loading=f"wait_for {tmp_path / 'never'}")
    loading = Reached("Waiting")
    asked: Future[object] = pool.submit(ask, workers, model, "late", SETTINGS, loading)
    loading.wait()
    assert workers.end() == 1
    assert isinstance(asked.exception(), ProcessDied)


def test_closing_ends_what_runs_and_what_loads(pool: ThreadPoolExecutor, tmp_path: Path) -> None:
    workers = Workers(environment=ENVIRONMENT)
    loading = Reached("Waiting")
    slow = scripted(tmp_path / "slow", "org/slow", loading=f"wait_for {tmp_path / 'never'}")
    asked = pool.submit(ask, workers, slow, "late", SETTINGS, loading)
    loading.wait()
    _, pid, _, _ = ask(workers, scripted(tmp_path / "one", "org/one"))
    pids = {pid, *(view.pid for view in workers.views())}
    workers.close()
    assert len(pids) == 2
    assert not any(psutil.pid_exists(one) for one in pids)
    assert asked.exception() is not None
    with pytest.raises(InferenceError, match="ending"):
        ask(workers, slow)


def _spare(workers: Workers) -> list[WorkerView]:
    return [view for view in workers.views() if view.key == ""]


def test_a_worker_that_is_warm_already_takes_the_next_model(workers: Workers, model: LoadRequest) -> None:
    workers.warm(model, SETTINGS)
    until(lambda: _spare(workers) != [])
    (spare,) = _spare(workers)
    assert spare.state == "starting"
    # It is waited for, since another one would take longer.
    assert ask(workers, model)[1] == spare.pid
    assert _spare(workers) == []
    assert workers.loads == 1


def test_one_that_gets_no_model_leaves_when_all_end(workers: Workers, model: LoadRequest) -> None:
    workers.warm(model, SETTINGS)
    until(lambda: _spare(workers) != [])
    (spare,) = _spare(workers)
    assert workers.end() == 1
    assert not psutil.pid_exists(spare.pid)
    assert ask(workers, model)[0] == "hello"

"""A worker in a process of its own: what it answers, and how each thing that can go wrong with it is told."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from modelkeep.confined.process import killed
from modelkeep.confined.shortage import memory_kills
from modelkeep.errors import BadInput, InferenceError, ModelKeepError, OutOfMemory, ProcessDied, TooSlow
from modelkeep.inference.messages import Ran
from modelkeep.inference.process import WorkerProcess
from modelkeep.inference.values import Generated, LoadRequest, Task, TryInputs
from modelkeep.progress import Cancelled, Progress
from support.scripted_models import ENVIRONMENT, scripted

TASK = Task.TEXT_GENERATION
KILLED = killed(memory_kills(), memory_kills())
ON_POSIX = pytest.mark.skipif(os.name != "posix", reason="Signals are POSIX's.")
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="Only Linux lets a process lock itself in.")


@pytest.fixture
def request_(tmp_path: Path) -> LoadRequest:
    return scripted(tmp_path / "model")


def started(request: LoadRequest, memory: int = 0) -> WorkerProcess:
    worker = WorkerProcess(request.root, memory=memory, environment=ENVIRONMENT)
    try:
        worker.load(request)
    except BaseException:
        worker.kill()
        raise
    return worker


@pytest.fixture
def worker(request_: LoadRequest) -> Iterator[WorkerProcess]:
    worker = started(request_)
    yield worker
    worker.kill()


def ask(worker: WorkerProcess, text: str, **options: object) -> Ran:
    return worker.run(TASK, TryInputs(texts=(text,)), **options)  # type: ignore[arg-type]


def text_of(answer: Ran) -> str:
    (output,) = answer.outputs
    assert isinstance(output, Generated)
    return output.text


def test_it_answers_again_and_again(worker: WorkerProcess, request_: LoadRequest) -> None:
    pieces: list[str] = []
    answer = ask(worker, "count 3", emit=pieces.append)
    assert (pieces, answer.tokens, answer.stopped) == (["0 ", "1 ", "2 "], 3, False)
    assert 0 < answer.seconds < 60
    assert 0 < answer.memory <= answer.peak < 200 << 20
    assert [text_of(ask(worker, text)) for text in ("one", "two")] == ["one", "two"]
    assert worker.hello is not None
    assert worker.hello.python == ".".join(map(str, sys.version_info[:3]))
    with pytest.raises(InferenceError, match="This worker has a model"):
        worker.load(request_)
    assert text_of(ask(worker, "three")) == "three"


@pytest.mark.parametrize(
    ("text", "comes"),
    [
        ("an emoji 🙂 and a NUL \0.", "an emoji 🙂 and a NUL \0."),
        ("half \ud83d of it", "half \ufffd of it"),
        ("both \ud83d\ude42 halves", "both \ufffd\ufffd halves"),
        ("line\u2028line\r\nline", "line\u2028line\r\nline"),
    ],
)
def test_every_text_comes_as_it_is(worker: WorkerProcess, text: str, comes: str) -> None:
    assert text_of(ask(worker, text)) == comes


def test_ten_megabytes_come_as_they_are_and_too_many_are_refused(worker: WorkerProcess) -> None:
    much = "wörds " * 1_500_000
    assert text_of(ask(worker, much)) == much
    with pytest.raises(BadInput, match="33,554,432 is the most"):
        ask(worker, "\0" * 10_000_000)
    assert text_of(ask(worker, "again")) == "again"


def test_an_endless_answer_stops_at_a_token(worker: WorkerProcess) -> None:
    stopped = threading.Event()
    pieces: list[str] = []

    def emit(piece: str) -> None:
        pieces.append(piece)
        if len(pieces) == 5:
            stopped.set()

    pid = worker.pid
    answer = ask(worker, "count 1000000000", emit=emit, stopped=stopped)
    assert answer.stopped
    assert answer.tokens == len(pieces) >= 5
    assert answer.outputs == (Generated("", answer.tokens, "stopped"),)
    assert text_of(ask(worker, "again")) == "again"
    assert worker.pid == pid


def _cancel_at_once(progress: Progress) -> None:
    if progress.step == "Counting":
        raise Cancelled


def test_a_cancelled_run_leaves_it_warm(worker: WorkerProcess) -> None:
    with pytest.raises(Cancelled):
        ask(worker, "count 1000000000", report=_cancel_at_once)
    assert text_of(ask(worker, "again")) == "again"


class _Unwanted(Exception): ...


def _refuse(piece: str) -> None:
    raise _Unwanted


@pytest.mark.parametrize("how", ["hang", "hold"])
def test_what_does_not_stop_when_nobody_wants_it_is_ended(worker: WorkerProcess, how: str) -> None:
    with pytest.raises(_Unwanted):
        ask(worker, how, emit=_refuse)
    assert not worker.is_alive
    with pytest.raises(ProcessDied):
        ask(worker, "again")


def test_what_takes_too_long_is_stopped_and_can_be_asked_again(worker: WorkerProcess) -> None:
    with pytest.raises(TooSlow, match="stopped after"):
        ask(worker, "count 1000000000", seconds=0.5)
    assert text_of(ask(worker, "again")) == "again"
    with pytest.raises(TooSlow):
        ask(worker, "hang", seconds=0.5)
    assert not worker.is_alive


def test_an_error_is_a_sentence_and_the_next_request_works(worker: WorkerProcess) -> None:
    with pytest.raises(BadInput, match="It cannot be asked that") as refused:
        ask(worker, "refuse")
    assert refused.value.hint == "Ask something else."
    with pytest.raises(InferenceError, match="ValueError: It is not so"):
        ask(worker, "fail")
    with pytest.raises(InferenceError, match="numbers that are none"):
        ask(worker, "overflow")
    assert any("ValueError: It is not so." in line for line in worker.log)
    assert text_of(ask(worker, "again")) == "again"


@ON_POSIX
@pytest.mark.parametrize(
    ("what", "kind", "sentence"),
    [
        ("signalled SIGKILL", OutOfMemory if KILLED.memory else ProcessDied, KILLED.error),
        ("signalled SIGSEGV", ProcessDied, "It crashed (SIGSEGV)."),
        ("leave 0", ProcessDied, "It ended without an answer (status 0)."),
        ("leave 3", ProcessDied, "It ended without an answer (status 3)."),
        ("flood garbage", ProcessDied, "It wrote what is no answer, on and on, and was ended."),
        ("flood line", ProcessDied, "It wrote what is no answer, on and on, and was ended."),
        ("flood text", ProcessDied, "It wrote on and on, and was ended."),
        ("flood errors", ProcessDied, "It wrote on and on, and was ended."),
        ("flood print", ProcessDied, "It wrote on and on, and was ended."),
    ],
)
def test_every_end_is_a_sentence(
    worker: WorkerProcess, what: str, kind: type[ModelKeepError], sentence: str
) -> None:
    with pytest.raises(kind) as told:
        ask(worker, what)
    assert str(told.value).startswith(sentence)
    assert type(told.value) is kind
    assert not worker.is_alive


def test_what_is_no_answer_is_not_taken_for_one(worker: WorkerProcess) -> None:
    assert text_of(ask(worker, "garble")) == "garbled"
    assert worker.hello is not None
    assert worker.hello.walls != ("all",)


@ON_LINUX
def test_too_little_memory_is_a_sentence(request_: LoadRequest, tmp_path: Path) -> None:
    worker = started(request_, memory=300 << 20)
    try:
        with pytest.raises(OutOfMemory, match="The memory was not enough"):
            ask(worker, "allocate 400")
        assert text_of(ask(worker, "allocate 10")) == str(10 << 20)
    finally:
        worker.kill()
    with pytest.raises(OutOfMemory):
        started(scripted(tmp_path / "other", loading="grow 400"), memory=300 << 20)


def test_it_reaches_nothing_writes_nothing_and_knows_no_secret(
    monkeypatch: pytest.MonkeyPatch, request_: LoadRequest, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_TOKEN", "secret")
    worker = started(request_)
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            assert text_of(ask(worker, f"reach {port}")) == "PermissionError"
        assert worker.tried == [f"127.0.0.1:{port}"]
        if worker.hello is not None and "writes" in worker.hello.walls:
            assert text_of(ask(worker, f"write {tmp_path / 'new'}")) == "PermissionError"
        assert text_of(ask(worker, "environment HF_TOKEN")) == ""
        assert text_of(ask(worker, "environment HF_HUB_OFFLINE")) == "1"
        assert text_of(ask(worker, "environment HF_HUB_CACHE")) == request_.root
        home = text_of(ask(worker, "environment HOME"))
        assert text_of(ask(worker, f"write {home}/mine")) == "written"
        assert text_of(ask(worker, "ask")) == ""
    finally:
        worker.kill()
    assert not Path(home).exists()


def gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=60)
    return not [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]


@ON_POSIX
def test_it_ends_with_all_that_it_started(worker: WorkerProcess) -> None:
    said: list[str] = []

    def emit(piece: str) -> None:
        said.append(piece)
        raise _Unwanted

    with pytest.raises(_Unwanted):
        ask(worker, "multiply", emit=emit)
    pids = [int(pid) for pid in said[0].split()]
    assert len(pids) == 2
    assert gone([psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)])


@ON_POSIX
@pytest.mark.parametrize("what", ["multiply", "hold"])
def test_no_orphan_is_left_when_who_started_it_is_killed(tmp_path: Path, what: str) -> None:
    (tmp_path / "homes").mkdir()
    program = (
        "import sys, threading\n"
        "from pathlib import Path\n"
        "from modelkeep.inference.process import WorkerProcess\n"
        "from modelkeep.inference.values import Task, TryInputs\n"
        "from support.scripted_models import ENVIRONMENT, scripted\n"
        "started = []\n"
        "def start():\n"
        f"    request = scripted(Path({str(tmp_path / 'model')!r}))\n"
        "    started.append(WorkerProcess(request.root, environment=ENVIRONMENT))\n"
        "    started[0].load(request)\n"
        "thread = threading.Thread(target=start)\n"
        "thread.start(); thread.join()\n"  # the worker outlives the thread that started it
        "worker = started[0]\n"
        "say = lambda text: print(worker.pid, text, flush=True)\n"
        f"worker.run(Task.TEXT_GENERATION, TryInputs(texts=({what!r},)), emit=say)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        env=os.environ | ENVIRONMENT | {"TMPDIR": str(tmp_path / "homes")},
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline().split()[0])
        processes = [psutil.Process(pid)]
        processes += processes[0].children(recursive=True)
        assert len(list((tmp_path / "homes").iterdir())) == 1
        parent.send_signal(signal.SIGKILL)
    assert len(processes) >= 2
    assert gone(processes)
    assert list((tmp_path / "homes").iterdir()) == []


def test_it_can_be_driven_by_hand(request_: LoadRequest, tmp_path: Path) -> None:
    (tmp_path / "homes").mkdir()
    load = {
        name: getattr(request_, name)
        for name in ("key", "root", "name", "revision", "folder", "files", "backend", "task")
    }
    lines = [
        {"do": "load", "id": 1, "request": load},
        {"do": "run", "id": 2, "task": "text-generation", "inputs": {"texts": ["count 2"]}},
        {"do": "run", "id": 3, "task": "no-task", "inputs": {}},
    ]
    done = subprocess.run(
        [sys.executable, "-m", "modelkeep.inference.worker"],
        input="".join(json.dumps(line) + "\n" for line in lines) + "no request\n",
        env=os.environ | ENVIRONMENT | {"TMPDIR": str(tmp_path / "homes")},
        capture_output=True,
        text=True,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    said = [answer["say"] for answer in answers]
    assert said[0] == "hello"
    assert said.count("error") == 2
    assert [answer["text"] for answer in answers if answer["say"] == "text"] == ["0 ", "1 "]
    (result,) = [answer for answer in answers if answer["say"] == "result"]
    assert (result["id"], result["tokens"]) == (2, 2)
    assert result["outputs"] == [{"kind": "generated", "text": "", "tokens": 2, "finish": "length"}]

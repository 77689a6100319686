"""The work process, spoken to as the window does, without Qt."""

from __future__ import annotations

import itertools
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from queue import SimpleQueue
from typing import cast

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from modelkeep.errors import NotEnoughSpace
from modelkeep.progress import Progress
from modelkeep_gui.jobs.process import WorkProcess
from modelkeep_gui.jobs.protocol import (
    Call,
    Cancel,
    Canceled,
    Died,
    Done,
    Emitted,
    Failed,
    Pause,
    Ready,
    Reply,
    Reported,
    Request,
    Resume,
    Started,
    UnexpectedError,
    decode,
    encode,
    read,
)
from support.service import model_row

PATIENCE = 20.0


class Conversation:
    """A work process, and everything it said so far."""

    def __init__(self, factory: str) -> None:
        self._said: SimpleQueue[bytes | Died] = SimpleQueue()
        self._ids = itertools.count(1)
        self.process = WorkProcess(factory, self._said.put)

    def call(self, method: str, *args: object, lane: str = "look", **kwargs: object) -> int:
        id = next(self._ids)
        self.process.send(Call(id, lane, method, pickle.dumps((args, kwargs))))
        return id

    def hear(self, until: Callable[[Reply | Died], bool]) -> list[Reply | Died]:
        """What it says, up to and with the first thing that `until` accepts."""
        heard: list[Reply | Died] = []
        while not heard or not until(heard[-1]):
            said = self._said.get(timeout=PATIENCE)
            heard.append(said if isinstance(said, Died) else cast(Reply, decode(said)))
        return heard

    def end_of(self, id: int) -> Done | Failed | Canceled:
        heard = self.hear(lambda said: isinstance(said, Done | Failed | Canceled) and said.id == id)[-1]
        assert isinstance(heard, Done | Failed | Canceled)
        return heard

    def result_of(self, method: str, *args: object, lane: str = "look", **kwargs: object) -> object:
        end = self.end_of(self.call(method, *args, lane=lane, **kwargs))
        assert isinstance(end, Done)
        return end.value

    def failure_of(self, method: str, *args: object) -> Failed:
        end = self.end_of(self.call(method, *args))
        assert isinstance(end, Failed)
        return end


def typed(messages: Sequence[Request | Reply | Died]) -> list[tuple[type, object]]:
    """Messages so that two of different types are never equal."""
    return [(type(message), message) for message in messages]


@pytest.fixture
def talk(service: str) -> Iterator[Conversation]:
    conversation = Conversation(service)
    yield conversation
    conversation.process.stop()


def test_a_call_returns_its_value(talk: Conversation) -> None:
    assert talk.result_of("add", 40, second=2) == 42


def test_it_says_when_it_is_ready_and_when_a_call_starts(talk: Conversation) -> None:
    id = talk.call("add", 1, 1)
    heard = talk.hear(lambda said: isinstance(said, Done))
    assert typed(heard) == typed([Ready(talk.process.pid), Started(id), Done(id, 2)])


def test_it_loads_nothing_of_qt(talk: Conversation) -> None:
    modules = talk.result_of("modules")
    assert isinstance(modules, list)
    assert "modelkeep_gui.jobs.worker" in modules or "support.service" in modules
    assert not [name for name in modules if name.startswith(("PySide6", "shiboken6"))]


def test_a_module_of_the_current_folder_is_not_taken_for_ours(
    service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pickle.py").write_text("raise SystemExit('the wrong pickle')")
    monkeypatch.chdir(tmp_path)
    conversation = Conversation(service)
    assert conversation.result_of("add", 1) == 1
    conversation.process.stop()


def test_calls_of_one_lane_wait_for_each_other_and_other_lanes_do_not(
    talk: Conversation, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    first = talk.call("wait", str(gate), lane="a")
    second = talk.call("add", 1, lane="a")
    assert talk.result_of("add", 2, lane="b") == 2
    gate.touch()
    heard = talk.hear(lambda said: isinstance(said, Done) and said.id == second)
    ends = [said.id for said in heard if isinstance(said, Done)]
    assert ends == [first, second]


def test_reports_are_thinned_out_and_the_last_one_always_comes(talk: Conversation) -> None:
    talk.call("count", 20_000)
    heard = talk.hear(lambda said: isinstance(said, Done))
    reports = [said.progress for said in heard if isinstance(said, Reported)]
    assert reports[0] == Progress("Counting", 1, 20_000, unit="items")
    assert reports[-1] == Progress("Counting", 20_000, 20_000, unit="items")
    assert len(reports) < 1_000


def test_a_long_list_comes_in_parts_and_in_order(talk: Conversation) -> None:
    talk.call("rows", 1_234)
    heard = talk.hear(lambda said: isinstance(said, Done))
    parts = [said.value for said in heard if isinstance(said, Emitted)]
    assert [len(part) for part in parts if isinstance(part, list)] == [250] * 4 + [234]
    assert [row for part in parts if isinstance(part, list) for row in part] == [
        model_row(i) for i in range(1_234)
    ]


def test_a_result_may_be_larger_than_any_pipe(talk: Conversation) -> None:
    assert talk.result_of("big", 5_000_000) == b"x" * 5_000_000


def test_arguments_may_be_larger_than_any_pipe(talk: Conversation) -> None:
    end = talk.failure_of("add", b"x" * 5_000_000, 1)
    assert "bytes" in str(end.error)


def test_a_cancelled_call_stops_at_its_next_report(talk: Conversation) -> None:
    id = talk.call("wait")
    talk.hear(lambda said: isinstance(said, Started))
    talk.process.send(Cancel(id))
    assert isinstance(talk.end_of(id), Canceled)


def test_a_call_cancelled_before_its_turn_never_starts(talk: Conversation, tmp_path: Path) -> None:
    first = talk.call("wait", lane="a")
    second = talk.call("append", str(tmp_path / "log"), "done", lane="a")
    talk.process.send(Cancel(second))
    talk.process.send(Cancel(first))
    heard = talk.hear(lambda said: isinstance(said, Canceled) and said.id == second)
    assert not [said for said in heard if isinstance(said, Started) and said.id == second]
    assert not (tmp_path / "log").exists()


def test_an_error_of_ours_arrives_with_its_hint_and_where_it_arose(talk: Conversation) -> None:
    end = talk.failure_of("fill_the_disk")
    assert isinstance(end.error, NotEnoughSpace)
    assert (str(end.error), end.error.hint) == ("The disk is full.", "Free some space.")
    assert "in fill_the_disk" in end.traceback


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("divide", "division by zero (ZeroDivisionError)"),
        ("leave", "3 (SystemExit)"),
        ("lock", "It is locked. (Locked)"),
        ("function", "pickle"),
        ("no_such_method", "no_such_method"),
    ],
)
def test_any_other_error_becomes_a_sentence_and_the_process_goes_on(
    talk: Conversation, method: str, words: str
) -> None:
    end = talk.failure_of(method, *([1] if method == "divide" else []))
    assert isinstance(end.error, UnexpectedError)
    assert words in str(end.error)
    assert end.error.hint
    assert end.traceback.startswith("Traceback")
    assert talk.result_of("add", 1, 1) == 2


def test_what_a_method_prints_goes_to_the_log_and_harms_nothing(talk: Conversation) -> None:
    assert talk.result_of("chatter") == "unharmed"
    talk.process.stop()
    assert {"garbage on standard output", "and more of it, past Python"} <= set(talk.process.log)


def test_a_method_that_reads_standard_input_finds_nothing(talk: Conversation) -> None:
    assert talk.result_of("ask") == ""


def test_a_crash_is_the_last_thing_heard(talk: Conversation) -> None:
    id = talk.call("crash")
    heard = talk.hear(lambda said: isinstance(said, Died))
    assert typed(heard[-2:]) == typed([Started(id), Died(-9, "SIGKILL")])
    assert list(talk.process.log) == ["so long"]


def test_a_crash_is_heard_while_a_forked_child_lives_on(talk: Conversation, tmp_path: Path) -> None:
    talk.call("fork_and_crash", str(tmp_path / "end"))
    assert talk.hear(lambda said: isinstance(said, Died))[-1] == Died(-9, "SIGKILL")
    (tmp_path / "end").touch()


def test_a_service_that_cannot_be_made_says_why_in_the_log(service: str) -> None:
    conversation = Conversation("support.service:broken_service")
    assert typed(conversation.hear(lambda said: True)) == typed([Died(1, "status 1")])
    assert "RuntimeError: the catalog is upside down" in conversation.process.log


def test_stopping_cancels_what_runs(talk: Conversation, tmp_path: Path) -> None:
    talk.call("wait")
    talk.hear(lambda said: isinstance(said, Started))
    talk.process.stop(PATIENCE)
    assert talk.hear(lambda said: isinstance(said, Died))[-1] == Died(0, "status 0")


def test_a_call_that_heeds_nothing_is_cut_off(talk: Conversation, tmp_path: Path) -> None:
    talk.call("wait_unheeding", str(tmp_path / "never"))
    talk.hear(lambda said: isinstance(said, Started))
    talk.process.stop(0.05)
    assert talk.hear(lambda said: isinstance(said, Died))[-1] == Died(-9, "SIGKILL")


WINDOW = """
import pickle, sys, time
from modelkeep_gui.jobs.process import WorkProcess
from modelkeep_gui.jobs.protocol import Call, Started, decode

def received(message):
    if isinstance(decode(message), Started):
        print(process.pid, flush=True)

process = WorkProcess("support.service:Service", received)
process.send(Call(1, "look", sys.argv[1], pickle.dumps((("/never",), {}))))
sys.stdin.read()
"""


@pytest.mark.parametrize("method", ["wait", "wait_unheeding"])
def test_the_process_ends_when_its_window_is_killed(qtbot: QtBot, service: str, method: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WINDOW, method], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as window:
        assert window.stdout is not None
        worker = psutil.Process(int(window.stdout.readline()))
        assert is_alive(worker)
        window.kill()
    qtbot.waitUntil(lambda: not is_alive(worker), timeout=int(PATIENCE * 1000))


def is_alive(process: psutil.Process) -> bool:
    # A process whose parent is gone may stay as a zombie where nobody reaps it.
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@given(value=st.binary(max_size=50), cut=st.floats(0, 1, exclude_max=True))
def test_a_message_that_breaks_off_is_the_end(value: bytes, cut: float) -> None:
    message = encode(Done(1, value))
    whole = read(BytesIO(message))
    assert whole is not None
    assert typed([decode(whole)]) == typed([Done(1, value)])
    assert read(BytesIO(message[: int(len(message) * cut)])) is None


def test_messages_follow_each_other_in_a_pipe() -> None:
    pipe = BytesIO(encode(Cancel(1)) + encode(Started(2)))
    bodies = [read(pipe), read(pipe)]
    assert typed([decode(body) for body in bodies if body]) == typed([Cancel(1), Started(2)])
    assert read(pipe) is None


def test_a_paused_call_rests_until_it_is_resumed(talk: Conversation, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    id = talk.call("wait_and_report", str(gate), lane="a")
    talk.hear(lambda said: isinstance(said, Started))
    talk.process.send(Pause(id))
    assert talk.result_of("add", 1, lane="b") == 1  # messages are read in their order: the pause was, too
    gate.touch()
    # Many reports of another lane later it still rests, and would else have seen the gate long ago.
    other = talk.call("count", 50_000, lane="b")
    heard = talk.hear(lambda said: isinstance(said, Done) and said.id == other)
    assert not [said for said in heard if isinstance(said, Done) and said.id == id]
    talk.process.send(Resume(id))
    assert isinstance(talk.end_of(id), Done)


def test_a_paused_call_can_be_cancelled(talk: Conversation) -> None:
    id = talk.call("wait")
    talk.hear(lambda said: isinstance(said, Started))
    talk.process.send(Pause(id))
    talk.process.send(Cancel(id))
    assert isinstance(talk.end_of(id), Canceled)


def test_a_pause_that_comes_after_a_cancel_holds_nothing(talk: Conversation) -> None:
    id = talk.call("wait")
    talk.hear(lambda said: isinstance(said, Started))
    talk.process.send(Cancel(id))
    talk.process.send(Pause(id))
    assert isinstance(talk.end_of(id), Canceled)


def test_a_paused_call_does_not_outlive_the_window(talk: Conversation) -> None:
    id = talk.call("wait")
    talk.hear(lambda said: isinstance(said, Started))
    talk.process.send(Pause(id))
    talk.process.stop(PATIENCE)
    died = talk.hear(lambda said: isinstance(said, Died))[-1]
    assert isinstance(died, Died)
    assert died.status == 0, "it ended by itself, and was not killed"

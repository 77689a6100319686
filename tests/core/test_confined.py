"""What a confined child is kept from, and how each end of it is told."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psutil
import pytest

from modelkeep.confined import Confined, run_confined
from modelkeep.confined.process import killed
from modelkeep.confined.shortage import memory_kills
from modelkeep.progress import Cancelled, Progress, Report, ignore
from support.confined_children import ENVIRONMENT, MODULE, reach

WAYS = ["python", "raw", "low", "ring", "shell", "other_python", "unix", "datagram", "hub", "pair"]
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="Only Linux lets a process lock itself in.")


def run(
    do: str, report: Report = ignore, *, memory: int = 0, seconds: float = 60.0, **request: object
) -> Confined:
    return run_confined(
        MODULE,
        {"do": do, **request},
        memory=memory,
        seconds=seconds,
        environment=ENVIRONMENT,
        report=report,
    )


def texts(value: object) -> Mapping[str, str]:
    assert isinstance(value, Mapping)
    return value


def test_it_answers_and_what_libraries_print_is_kept_apart() -> None:
    seen: list[Progress] = []
    done = run("answer", seen.append)
    assert (done.error, done.hint) == ("", "")
    assert done.log == ("a library speaks",)
    assert Progress("Half", 1, 2, "a file", "files") in seen
    assert 0 < done.memory < 200 << 20
    assert done.seconds > 0


def test_it_gets_no_secrets_and_a_home_that_is_gone_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "MY_OWN_TOKEN", "https_proxy")
    for name in secrets:
        monkeypatch.setenv(name, "secret")
    done = run("answer")
    environment = texts(done.reply["environment"])
    assert "secret" not in environment.values()
    assert environment["HF_HUB_OFFLINE"] == environment["TRANSFORMERS_OFFLINE"] == "1"
    home = Path(environment["HOME"])
    assert done.reply["folder"] == str(home)
    assert home != Path.home()
    assert not home.exists()
    assert done.reply["core"] == [0, 0]


def test_a_home_that_is_deeper_than_any_path_is_gone_too(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    done = run("bury", depth=3000, outside=str(tmp_path))
    assert done.error == ""
    assert not os.path.lexists(str(done.reply["home"]))
    assert (tmp_path / "mine").exists()


def test_relative_search_paths_lead_where_they_led(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "nearby_child.py").write_text("def main(request, report): return {'here': True}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", f"{os.pathsep}own")
    assert run_confined("nearby_child", {}).reply == {"here": True}


def test_without_a_place_for_its_home_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", os.devnull)
    done = run("answer")
    assert done.error.startswith("A folder for it could not be made (/dev/null/modelkeep-")
    assert "TMPDIR" in done.hint


class _Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked += 1  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), _Answering) as server:
        server.asked = 0  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@ON_LINUX
def test_no_way_leads_to_the_network(server: HTTPServer, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bus:
        bus.bind(str(tmp_path / "bus"))
        bus.listen()
        done = run("reach", ways=WAYS, port=server.server_port, unix=str(tmp_path / "bus"))
    assert done.error == ""
    assert "network" in done.walls
    ways = dict(texts(done.reply))
    assert ways.pop("pair") == "reached: to itself"
    assert ways.pop("low") == "reached: Permission denied"
    assert ways.pop("ring") == "reached: Operation not permitted"
    assert len(ways) == len(WAYS) - 3
    assert all(said.startswith("kept back") for said in ways.values()), ways
    assert f"127.0.0.1:{server.server_port}" in done.tried
    assert f"hub.example:{server.server_port}" in done.tried
    assert server.asked == 0  # type: ignore[attr-defined]


@ON_LINUX
def test_the_same_ways_lead_there_for_who_is_not_confined(server: HTTPServer, tmp_path: Path) -> None:
    ways = ["python", "raw", "other_python", "unix", "datagram", "pair"]
    with socket.socket(socket.AF_UNIX) as bus:
        bus.bind(str(tmp_path / "bus"))
        bus.listen()
        said = reach({"ways": ways, "port": server.server_port, "unix": str(tmp_path / "bus")}, ignore)
    assert all(str(said[way]).startswith("reached") for way in ways), said
    assert server.asked == 2  # type: ignore[attr-defined]


def landlock_version() -> int:
    import ctypes

    return int(ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1))


@ON_LINUX
def test_it_writes_only_where_it_may(tmp_path: Path) -> None:
    for name in ("may", "may not"):
        (tmp_path / name).mkdir()
    allowed, refused = tmp_path / "may", tmp_path / "may not"
    done = run_confined(
        MODULE,
        {"do": "write", "folders": [str(allowed), str(refused)]},
        environment=ENVIRONMENT,
        writable=[allowed],
    )
    if landlock_version() < 3:
        pytest.skip("This kernel has no Landlock, or one that does not know of truncating.")
    assert (done.error, "writes" in done.walls) == ("", True)
    assert sorted(path.name for path in allowed.iterdir()) == ["written below", "written here"]
    assert list(refused.iterdir()) == []


@pytest.mark.parametrize(
    ("how", "error", "hint"),
    [
        ("exit", "It ended without an answer (status 3).", "The last lines that it wrote may say why."),
        ("raise", "ValueError: It is not so.", ""),
        ("refuse", "Nothing here can load it.", "Try another one."),
        ("SIGSEGV", "It crashed (SIGSEGV).", "The last lines that it wrote may say why."),
        ("SIGKILL", *killed(memory_kills(), memory_kills())[:2]),
    ],
)
def test_every_end_is_told(how: str, error: str, hint: str) -> None:
    done = run("end", how=how)
    assert (done.error, done.hint) == (error, hint)
    assert done.reply == {}


@ON_LINUX
def test_it_meddles_with_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "mine"
    path.write_text("x")
    path.chmod(0o644)
    before = path.stat()
    done = run("meddle", parent=os.getpid(), path=str(path), shared=0x6D6B0000 + os.getpid() % 0xFFFF)
    assert done.error == ""
    said = dict(texts(done.reply))
    assert said.pop("own_limits") == "reached: (0, 0)"
    assert said.pop("shared") == said.pop("keys") == "reached: Operation not permitted"
    assert said.pop("mode") == said.pop("times") == "reached: done"  # so it believes
    if landlock_version() < 3:
        said.pop("surroundings")
    assert said, said
    assert all(one.startswith("kept back") for one in said.values()), said
    after = path.stat()
    assert (after.st_mode, after.st_mtime_ns) == (before.st_mode, before.st_mtime_ns)
    assert after.st_ctime_ns == before.st_ctime_ns


@ON_LINUX
def test_where_landlock_knows_no_signals_the_filter_does() -> None:
    program = (
        "import os, signal, subprocess, sys\n"
        "from modelkeep.confined.seccomp import deny_network\n"
        "assert deny_network(signals=False)\n"
        "def tried(process):\n"
        "    try: os.kill(process, 0)\n"
        "    except PermissionError: return 'refused'\n"
        "    return 'sent'\n"
        "other = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE)\n"
        "print(*map(tried, (os.getppid(), -1, other.pid, os.getpid(), 0)), flush=True)\n"
        "other.communicate(b'end')\n"
        "os.abort()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["refused", "refused", "refused", "sent", "sent"], done.stderr
    assert done.returncode == -signal.SIGABRT


@ON_LINUX
def test_what_it_says_of_itself_later_is_not_believed() -> None:
    seen: list[Progress] = []
    lines = [
        '{"walls": ["all", "there", "are"]}',
        '{"progress": ["Far", 1' + "0" * 400 + ', 1, "", "bytes"]}',
        '{"progress": ["Half \\ud800", 1, 2, "a file", "files"]}',
        *(f'{{"tried": "{number} {"x" * 1000}"}}' for number in range(200)),
    ]
    done = run("garble", seen.append, lines=lines)
    assert done.reply == {"so": "it is"}
    assert "all" not in done.walls
    assert {one.step for one in seen} <= {"Starting", "Half ?"}
    assert Progress("Half ?", 1, 2, "a file", "files") in seen
    assert len(done.tried) == 100
    assert max(map(len, done.tried)) == 500


def test_an_answer_that_is_no_json_is_an_error() -> None:
    assert "set is not JSON serializable" in run("end", how="nonsense").error


def test_the_traceback_is_in_the_log() -> None:
    assert any("ValueError: It is not so." in line for line in run("end", how="raise").log)


def test_a_module_that_is_not_there_is_an_error() -> None:
    assert "no_such_module" in run_confined("no_such_module", {}).error


@ON_LINUX
def test_more_memory_than_it_may_have_ends_it() -> None:
    done = run("end", how="memory", memory=256 << 20)
    assert "memory" in done.walls
    assert done.error == "The memory was not enough."
    assert run("end", how="memory").reply == {"much": 512 << 20}


class _Stopping:
    """A report that remembers the processes that hang, and then stops them if it is told to."""

    def __init__(self, *, stop: bool) -> None:
        self.stop = stop
        self.processes: list[psutil.Process] = []

    def __call__(self, progress: Progress) -> None:
        if progress.step == "Hanging" and not self.processes:
            self.processes = [psutil.Process(progress.done), psutil.Process(progress.total)]
            if self.stop:
                raise Cancelled


def gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=60)
    return not [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]


def test_cancelling_ends_all_that_it_started() -> None:
    report = _Stopping(stop=True)
    with pytest.raises(Cancelled):
        run("hang", report)
    assert len(report.processes) == 2
    assert gone(report.processes)


def test_what_takes_too_long_is_ended() -> None:
    report = _Stopping(stop=False)
    done = run("hang", report, seconds=1.5)
    assert done.error == "It was stopped after 1.5 seconds, in which it did not end."
    assert gone(report.processes)


@pytest.mark.skipif(os.name != "posix", reason="Signals are POSIX's.")
@pytest.mark.parametrize("do", ["hang", "scatter"])
def test_it_ends_with_who_started_it_and_leaves_nothing(tmp_path: Path, do: str) -> None:
    program = (
        "from modelkeep.confined import run_confined\n"
        "from support.confined_children import MODULE\n"
        "def report(progress):\n"
        "    if progress.step == 'Hanging': print(progress.done, progress.total, flush=True)\n"
        f"run_confined(MODULE, {{'do': {do!r}}}, environment={ENVIRONMENT!r}, report=report)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        env=os.environ | ENVIRONMENT | {"TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        processes = [psutil.Process(int(number)) for number in parent.stdout.readline().split()]
        assert len(list(tmp_path.iterdir())) == 1
        # Among them is the one that waits for this end, and removes what is left.
        processes += processes[0].children(recursive=True)
        parent.send_signal(signal.SIGKILL)
    assert len(processes) >= 4
    assert gone(processes)
    assert list(tmp_path.iterdir()) == []


def test_a_kill_is_for_want_of_memory_only_where_the_system_counts_one() -> None:
    by_system, by_another, unknown = killed(3, 4), killed(3, 3), killed(None, None)
    assert (by_system.memory, by_another.memory, unknown.memory) == (True, False, True)
    assert by_another.outside
    assert "memory" not in by_another.error
    assert "most often" in unknown.error
    assert sys.platform != "linux" or memory_kills() is not None


def test_one_that_does_not_even_begin_is_told_whatever_it_was_asked() -> None:
    request = {"do": "answer", "much": "x" * 1_000_000}
    done = run_confined(MODULE, request, environment=ENVIRONMENT | {"PYTHONHOME": "/nowhere"})
    assert done.error == "It ended without an answer (status 1)."
    assert done.log

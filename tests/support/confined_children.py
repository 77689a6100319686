"""What confined children do in the tests: each function is asked for by its name, in a process of its own."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from modelkeep.checking import trial_child
from modelkeep.errors import UnsupportedModel
from modelkeep.progress import Progress, Report

MODULE = "support.confined_children"
ENVIRONMENT = {"PYTHONPATH": str(Path(__file__).parents[1])}


def main(request: dict[str, Any], report: Report) -> dict[str, object]:
    return DOINGS[request["do"]](request, report)


def answer(request: dict[str, Any], report: Report) -> dict[str, object]:
    print("a library speaks")
    report(Progress("Half", 1, 2, "a file", "files"))
    return {"environment": dict(os.environ), "folder": os.getcwd(), "core": _core_limit()}


def _core_limit() -> object:
    import resource

    return resource.getrlimit(resource.RLIMIT_CORE)


def reach(request: dict[str, Any], report: Report) -> dict[str, object]:
    """All ways that we know of to `request["port"]` on this machine; what each came to."""
    port = request["port"]
    url = f"http://127.0.0.1:{port}/"
    ask = f"import urllib.request as r; print(r.urlopen({url!r}).read().decode())"
    libc = ctypes.CDLL(None, use_errno=True)

    def raw() -> object:
        with socket.socket() as made:
            made.connect(("127.0.0.1", port))
            return made

    def low() -> object:
        number = libc.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
        return number if number >= 0 else os.strerror(ctypes.get_errno())

    def ring() -> object:
        number = libc.syscall(425, 8, ctypes.create_string_buffer(256))
        return number if number >= 0 else os.strerror(ctypes.get_errno())

    def shell() -> object:
        return subprocess.run(["curl", "-s", url], capture_output=True, text=True, check=True).stdout

    def other_python() -> object:
        done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
        return done.stdout

    def unix() -> object:
        with socket.socket(socket.AF_UNIX) as made:
            made.connect(request["unix"])
            return made

    def datagram() -> object:
        one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        with one, other:
            return one

    def hub() -> object:
        os.environ["HF_HUB_OFFLINE"] = "0"
        from huggingface_hub import HfApi

        return HfApi(endpoint=f"http://hub.example:{port}").model_info("org/model")

    def python() -> object:
        return urllib.request.urlopen(url).read().decode()

    def pair() -> object:
        one, other = socket.socketpair()
        with one, other:
            one.sendall(b"to itself")
            return other.recv(100).decode()

    ways: list[Callable[[], object]] = [
        python,
        raw,
        low,
        ring,
        shell,
        other_python,
        unix,
        datagram,
        hub,
        pair,
    ]
    return {way.__name__: _outcome(way) for way in ways if way.__name__ in request["ways"]}


def _outcome(way: Callable[[], object]) -> str:
    try:
        return f"reached: {way()}"
    except Exception as error:  # noqa: BLE001 - whatever it is, it was kept back
        return f"kept back: {type(error).__name__}"


def write(request: dict[str, Any], report: Report) -> dict[str, object]:
    """What came of writing into some folders, by a program of its own too."""
    said = {}
    for folder in request["folders"]:
        for how in ("here", "below"):
            path = os.path.join(folder, f"written {how}")
            try:
                if how == "here":
                    Path(path).write_text("x")
                else:
                    subprocess.run([sys.executable, "-c", f"open({path!r}, 'w')"], check=True)
                said[path] = True
            except (OSError, subprocess.CalledProcessError):
                said[path] = False
    home = Path.home() / "mine"
    home.write_text("x")
    return {"written": said, "home": str(home)}


def end(request: dict[str, Any], report: Report) -> dict[str, object]:
    """End in the way that is asked for."""
    how = request["how"]
    if how == "exit":
        os._exit(3)
    if how == "raise":
        raise ValueError("It is not so.\nAt all.")
    if how == "refuse":
        raise UnsupportedModel("Nothing here can load it.", hint="Try another one.")
    if how == "memory":
        return {"much": len(bytearray(512 << 20))}
    if how == "nonsense":
        return {"set": {1}}
    os.kill(os.getpid(), getattr(signal, how))
    return {}


def hang(request: dict[str, Any], report: Report) -> dict[str, object]:
    """Start a process, say its number and one's own, and wait for ever."""
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    report(Progress("Hanging", os.getpid(), other.pid))
    while True:
        time.sleep(600)


def save_pickle(request: dict[str, Any], report: Report) -> dict[str, object]:
    """Write the weights of a safetensors file as torch does."""
    import torch
    from safetensors.torch import load_file

    torch.save(load_file(request["source"]), request["target"])
    return {}


def load_many(request: dict[str, Any], report: Report) -> dict[str, object]:
    """Load several models, so that the frameworks are imported once."""
    return {one["name"]: trial_child.load(one, report) for one in request["models"]}


def garble(request: dict[str, Any], report: Report) -> dict[str, object]:
    """Say these lines where the answers go, which is the first file that a process opens."""
    for line in request["lines"]:
        os.write(3, line.encode() + b"\n")
    return {"so": "it is"}


def meddle(request: dict[str, Any], report: Report) -> dict[str, object]:
    """Reach for what is no content of a file: of the process that started this one, of the kernel, of a file."""
    import resource

    parent, path = request["parent"], request["path"]
    libc = ctypes.CDLL(None, use_errno=True)

    def shared() -> object:
        number = libc.shmget(request["shared"], 4096, 0o1600)
        return number if number >= 0 else os.strerror(ctypes.get_errno())

    def keys() -> object:
        number = libc.syscall({"x86_64": 250, "aarch64": 219}[os.uname().machine], 0, -3, 0)
        return number if number >= 0 else os.strerror(ctypes.get_errno())

    def limits() -> object:
        return resource.prlimit(parent, resource.RLIMIT_NOFILE)

    def own_limits() -> object:
        return resource.prlimit(os.getpid(), resource.RLIMIT_CORE)

    def surroundings() -> object:
        return Path(f"/proc/{parent}/environ").read_bytes()

    def mode() -> object:
        os.chmod(path, 0o600)
        return "done"

    def times() -> object:
        os.utime(path, (1, 1))
        return "done"

    def attribute() -> object:
        os.setxattr(path, "user.mine", b"1")
        return "done"

    ways = (shared, keys, limits, own_limits, surroundings, mode, times, attribute)
    return {way.__name__: _outcome(way) for way in ways}


def scatter(request: dict[str, Any], report: Report) -> dict[str, object]:
    """Write one file after another to one's home, by two processes; removing it takes a while."""
    other = os.fork()
    number = 0
    while True:
        number += 1
        if other and number == 3000:
            report(Progress("Hanging", os.getpid(), os.getpid()))
        place = Path.home() / str(number % 50)
        place.mkdir(parents=True, exist_ok=True)
        (place / str(number)).write_text("x")


def bury(request: dict[str, Any], report: Report) -> dict[str, object]:
    """Make folders in folders in one's home, and some that nobody may look into."""
    (Path.home() / "closed").mkdir(0)
    os.symlink(request["outside"], Path.home() / "link")
    for _ in range(request["depth"]):
        os.mkdir("down")
        os.chdir("down")
    return {"home": str(Path.home())}


DOINGS = {
    one.__name__: one
    for one in (answer, reach, write, end, hang, save_pickle, load_many, garble, meddle, scatter, bury)
}

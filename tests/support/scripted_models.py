"""A stand-in for what loads models, and the models: they do what the first text says, in a real worker process.

`scripted(folder)` is the request for one, and `ENVIRONMENT` has a worker load it: see `child.backends.LOADER`.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from modelkeep.errors import BadInput
from modelkeep.inference.child.turn import Turn
from modelkeep.inference.values import (
    Backend,
    Generated,
    LoadedModel,
    LoadRequest,
    Output,
    Task,
    TryInputs,
    TryOptions,
)
from modelkeep.progress import Progress, Report

ENVIRONMENT = {
    "PYTHONPATH": str(Path(__file__).parents[1]),
    "MODELKEEP_LOADER": "support.scripted_models:load",
}
ANSWERS = 3  # where a worker's answers go: the first file that it opens


def scripted(folder: Path, name: str = "org/scripted", loading: str = "") -> LoadRequest:
    """A request for a model in `folder`, which gets a file; `loading` is a doing of `load`, with its arguments."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = folder / "weights"
    if not weights.exists():
        weights.write_text("weights")
    key = f"hf@{name}@{'0' * 40}"
    return LoadRequest(
        key=key,
        root=str(folder.parent),
        name=name,
        revision=None,
        folder=str(folder),
        files=("weights",),
        backend=Backend.TRANSFORMERS,
        task=Task.TEXT_GENERATION,
        file=loading,
    )


def load(request: LoadRequest, report: Report) -> ScriptedModel:
    report(Progress("Loading", item=request.name))
    doing, *arguments = request.file.split() or ["nothing"]
    LOADINGS[doing](report, *arguments)
    return ScriptedModel(LoadedModel("ScriptedModel", parameters=1, versions={"scripted": "1"}))


class ScriptedModel:
    def __init__(self, about: LoadedModel) -> None:
        self.about = about

    def run(self, task: Task, inputs: TryInputs, options: TryOptions, turn: Turn) -> list[Output]:
        words = inputs.texts[0][:1000].split()
        doing = DOINGS.get(words[0]) if words else None
        text, finish = doing(turn, *words[1:]) if doing else (inputs.texts[0], "end")
        return [Generated(text, turn.tokens, finish)]


Said = tuple[str, str]


def count(turn: Turn, most: str) -> Said:
    """Say numbers, a token each, until there are so many or somebody stops it."""
    for number in range(int(most)):
        if turn.is_stopped:
            return "", "stopped"
        turn.step("Counting", number, int(most))
        turn.emit(f"{number} ")
        turn.tokens += 1
        time.sleep(0.001)
    return "", "length"


def signalled(turn: Turn, name: str) -> Said:
    os.kill(os.getpid(), getattr(signal, name))
    time.sleep(60)
    return "", "end"


def leave(turn: Turn, status: str) -> Said:
    os._exit(int(status))


def hang(turn: Turn) -> Said:
    """Wait for ever, without looking whether anybody still wants the answer."""
    turn.emit("hanging")
    while True:
        time.sleep(60)


def hold(turn: Turn) -> Said:
    """Wait for ever in a library that keeps Python for itself."""
    turn.emit("holding")
    ctypes.PyDLL(None).sleep(600)
    return "", "end"


def multiply(turn: Turn) -> Said:
    """Start a process that stays, and wait for ever."""
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    turn.emit(f"{os.getpid()} {other.pid}")
    while True:
        time.sleep(60)


def flood(turn: Turn, where: str) -> Said:
    """Write without end, where answers or where errors go."""
    line = {
        "garbage": b"no answer\n",
        "line": b"x" * 65536,
        "text": b'{"say":"text","id":%d,"text":"%s"}\n' % (turn.id, b"x" * 65536),  # type: ignore[attr-defined]
        "errors": b"x" * 65535 + b"\n",
        "print": b"",
    }[where]
    while True:
        if where == "print":
            print("a library speaks " * 4096)
        else:
            os.write(2 if where == "errors" else ANSWERS, line)


def garble(turn: Turn) -> Said:
    """Say a few lines that are no answers, and answers to what nobody asked."""
    lines = [
        b"",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"say":"result","id":99,"outputs":[],"tokens":1,"seconds":0.0}',
        b'{"say":"result","id":%d}' % turn.id,  # type: ignore[attr-defined]
        b'{"say":"text","id":%d,"text":1e999}' % turn.id,  # type: ignore[attr-defined]
        b'{"say":"hello","protocol":1,"python":"9","packages":{},"walls":["all"]}',
    ]
    os.write(ANSWERS, b"\n".join(lines) + b"\n")
    return "garbled", "end"


def allocate(turn: Turn, megabytes: str) -> Said:
    return str(len(bytearray(int(megabytes) << 20))), "end"


def refuse(turn: Turn) -> Said:
    raise BadInput("It cannot be asked that.", hint="Ask something else.")


def fail(turn: Turn) -> Said:
    raise ValueError("It is not so.\nAt all.")


def overflow(turn: Turn) -> Said:
    turn.tokens = float("nan")  # type: ignore[assignment]
    return "", "end"


def write(turn: Turn, path: str) -> Said:
    try:
        Path(path).write_text("x")
    except OSError as error:
        return type(error).__name__, "end"
    return "written", "end"


def reach(turn: Turn, port: str) -> Said:
    import socket

    try:
        socket.create_connection(("127.0.0.1", int(port)))
    except OSError as error:
        return type(error).__name__, "end"
    return "reached", "end"


def ask(turn: Turn) -> Said:
    """Read where requests come from, as a library does that asks a question."""
    return sys.stdin.readline(), "end"


def environment(turn: Turn, name: str) -> Said:
    return os.environ.get(name, ""), "end"


DOINGS: dict[str, Callable[..., Said]] = {
    one.__name__: one
    for one in (
        count,
        signalled,
        leave,
        hang,
        hold,
        multiply,
        flood,
        garble,
        allocate,
        refuse,
        fail,
        overflow,
        write,
        reach,
        ask,
        environment,
    )
}


def wait_for(report: Report, path: str) -> None:
    """Load until there is this file."""
    while not Path(path).exists():
        report(Progress("Waiting"))
        time.sleep(0.005)


def grow(report: Report, megabytes: str) -> None:
    ScriptedModel.weights = bytearray(int(megabytes) << 20)  # type: ignore[attr-defined]


def reject(report: Report) -> None:
    raise BadInput("It cannot be loaded.", hint="Take another one.")


LOADINGS: dict[str, Callable[..., None]] = {
    "nothing": lambda report: None,
    "wait_for": wait_for,
    "grow": grow,
    "reject": reject,
}

"""Calls the command as a script does, as a shell does, and as a person on a terminal does."""

from __future__ import annotations

import fcntl
import json
import os
import select
import subprocess
import sys
import termios
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from click.testing import CliRunner

from modelkeep.cli.commands import modelkeep

COMMAND = [sys.executable, "-m", "modelkeep"]


class Result(NamedTuple):
    """How a call ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[list[str]]:
        """What is printed in a pipe: lines of values with tabs between."""
        return [line.split("\t") for line in self.out.splitlines()]


def run(*arguments: str | os.PathLike[str], **environment: str) -> Result:
    """Call the command in this process, in a pipe."""
    done = CliRunner().invoke(
        modelkeep, [os.fspath(argument) for argument in arguments], prog_name="modelkeep", env=environment
    )
    return Result(done.exit_code, done.stdout, done.stderr)


def done(*arguments: str | os.PathLike[str]) -> Result:
    """Call the command in this process; it has to succeed."""
    result = run(*arguments)
    assert result.status == 0, result.err
    return result


def run_process(*arguments: str | os.PathLike[str]) -> Result:
    """Call the command in a process of its own, in a pipe."""
    process = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    return Result(process.returncode, process.stdout, process.stderr)


def run_on_terminal(
    *arguments: str | os.PathLike[str], answer: str = "", width: int = 100
) -> tuple[int, str]:
    """Call the command in a process of its own on a terminal; its status, and what was shown.

    When it asks something, `answer` is typed.
    """
    master, slave = os.openpty()
    with subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=os.environ | {"COLUMNS": str(width), "TERM": "xterm-256color"},
        start_new_session=True,
        # It gets this terminal for its own, from which Ctrl-C comes.
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    ) as process:
        os.close(slave)
        shown = b""
        asked = False
        while True:
            if asked and answer == "\x03" and not select.select([master], [], [], 1.0)[0]:
                os.write(master, answer.encode())  # one that comes just before Python reads is lost
                continue
            if not (piece := _read(master)):
                break
            shown += piece
            if answer and not asked and shown.endswith(b"]: "):
                os.write(master, answer.encode())
                asked = True
    os.close(master)
    return process.returncode, shown.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that the other side has closed
        return b""


def tree(*folders: Path) -> dict[str, tuple[int, int, int, str]]:
    """Everything in folders: mode, size, time of the last change, and where links lead."""
    found = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            status = path.lstat()
            target = os.readlink(path) if path.is_symlink() else ""
            found[str(path)] = (status.st_mode, status.st_size, status.st_mtime_ns, target)
    return found


def check_shape(value: object, shape: object, place: str = "it") -> None:
    """Assert that JSON is as described: a type, None, a tuple of choices, [each], or {"key": ...} with just these."""
    match shape:
        case tuple():
            assert any(_has_shape(value, choice) for choice in shape), f"{place} is {value!r}"
        case list():
            assert isinstance(value, list), f"{place} is {value!r}"
            for number, item in enumerate(value):
                check_shape(item, shape[0], f"{place}[{number}]")
        case dict():
            assert isinstance(value, dict), f"{place} is {value!r}"
            assert value.keys() == shape.keys(), f"{place}: {value.keys() ^ shape.keys()}"
            for key, part in shape.items():
                check_shape(value[key], part, f"{place}.{key}")
        case None:
            assert value is None, f"{place} is {value!r}"
        case _:
            assert isinstance(shape, type)
            assert type(value) is shape, f"{place} is {value!r}"


def _has_shape(value: object, shape: object) -> bool:
    try:
        check_shape(value, shape)
    except AssertionError:
        return False
    return True


def json_keys(shape: object) -> set[str]:
    """Every key that a shape names."""
    if isinstance(shape, dict):
        return {str(key) for key in shape} | {key for part in shape.values() for key in json_keys(part)}
    if isinstance(shape, (list, tuple)):
        return {key for part in shape for key in json_keys(part)}
    return set()


def roots(*folders: Path) -> Sequence[str]:
    """The arguments that name caches."""
    return [part for folder in folders for part in ("--root", str(folder))]

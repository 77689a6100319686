"""Modules as a program of a user has them, for trainers and predictors; child processes load them too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from modelkeep.errors import OutOfMemory
from modelkeep.progress import Progress, Report


class Greeter:
    """A model that greets: `config.yml` and a word."""

    def __init__(self, word: str) -> None:
        self.word = word

    @classmethod
    def train(cls, word: str, *, pid_file: str = "") -> Greeter:
        if pid_file:
            Path(pid_file).write_text(str(os.getpid()))
        print(f"training {word}")
        return cls(word)

    def save(self, path: str) -> None:
        Path(path, "config.yml").write_text("module_id: greeter\nname: Greeter\n")
        Path(path, "word").write_text(self.word)

    @classmethod
    def load(cls, model_config: Any) -> Greeter:
        return cls(Path(model_config, "word").read_text())

    def greet(self, name: str) -> dict[str, str]:
        return {"greeting": f"{self.word}, {name}"}

    def fail(self) -> None:
        raise KeyError("no such name")

    def odd(self) -> object:
        return object()

    def buffered(self, text: str) -> Buffered:
        return Buffered(text)

    def wait(self, file: str) -> str:
        while not Path(file).exists():
            time.sleep(0.01)
        return "waited"

    def stopped(self, report: Report, tell: Callable[[str], None]) -> str:
        try:
            while True:
                report(Progress("Asking"))
                time.sleep(0.01)
        finally:
            tell("ended")


class Buffered:
    """A result that has its own bytes."""

    def __init__(self, text: str) -> None:
        self.text = text

    def to_binary_buffer(self) -> bytes:
        return self.text.encode()

    @classmethod
    def from_binary_buffer(cls, content: bytes) -> Buffered:
        return cls(content.decode())


class Failing:
    """Fails in a way that is known."""

    @classmethod
    def train(cls, kind: str) -> Failing:
        match kind:
            case "ours":
                raise OutOfMemory("It does not fit.", hint="Take less.")
            case "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            case "exit":
                os._exit(7)
        raise ValueError("three is no label", 3)


class Stubborn:
    """Ends neither by itself nor when it is asked to, and starts another that does neither."""

    @classmethod
    def train(cls, pid_file: str, report: Report) -> Stubborn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        code = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(600)"
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        Path(f"{pid_file}.new").write_text(f"{os.getpid()} {child.pid}")
        Path(f"{pid_file}.new").rename(pid_file)
        report(Progress("Hanging", 1, 2, unit="steps"))
        while True:
            time.sleep(0.1)

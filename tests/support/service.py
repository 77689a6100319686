"""A service for the work process of the tests: every way in which a call can go."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import types
from collections.abc import Callable
from pathlib import Path

from modelkeep.errors import ModelKeepError, NotEnoughSpace
from modelkeep.progress import Progress, Report
from modelkeep.rows import ModelRow, RevisionRow


class Locked(ModelKeepError):
    """An error that no pipe can carry."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.lock = threading.Lock()


class Service:
    def add(self, first: int, second: int = 0) -> int:
        return first + second

    def pid(self) -> int:
        return os.getpid()

    def modules(self) -> list[str]:
        return sorted(sys.modules)

    def wait(self, path: str = "", *, report: Report) -> str:
        """Go on until `path` exists or the call is cancelled."""
        while not path or not Path(path).exists():
            report(Progress("Waiting"))
            time.sleep(0.002)
        return path

    def wait_and_report(self, path: str, *, report: Report) -> None:
        """Go on until `path` exists, and report once more after that."""
        self.wait(path, report=report)
        report(Progress("Seen"))

    def wait_unheeding(self, path: str) -> None:
        """Go on until `path` exists, whatever anyone says."""
        while not Path(path).exists():
            time.sleep(0.002)

    def count(self, steps: int, *, report: Report) -> None:
        """Report far more often than anyone can look."""
        for done in range(1, steps + 1):
            report(Progress("Counting", done, steps, unit="items"))

    def append(self, path: str, text: str) -> None:
        with open(path, "a") as file:
            file.write(text)

    def rows(self, count: int, *, emit: Callable[[object], None]) -> int:
        emit([model_row(i) for i in range(count)])
        return count

    def big(self, length: int) -> bytes:
        return b"x" * length

    def crash(self) -> None:
        print("so long", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

    def fork_and_crash(self, path: str) -> None:
        """Leave a child behind, which ends when `path` exists (or nobody can be interested any more)."""
        if os.fork() == 0:
            until = time.monotonic() + 60
            while not Path(path).exists() and time.monotonic() < until:
                time.sleep(0.01)
            os._exit(0)
        self.crash()

    def fill_the_disk(self) -> None:
        raise NotEnoughSpace("The disk is full.", hint="Free some space.")

    def divide(self, number: int) -> float:
        return number / 0

    def leave(self) -> None:
        raise SystemExit(3)

    def lock(self) -> None:
        raise Locked("It is locked.")

    def function(self) -> Callable[[], None]:
        return lambda: None

    def stranger(self) -> object:
        """Something of a module that the window cannot import."""
        module = types.ModuleType("only_there")
        exec("class Stranger: pass", module.__dict__)
        sys.modules["only_there"] = module
        return module.Stranger()

    def chatter(self) -> str:
        print("garbage on standard output")
        os.write(1, b"and more of it, past Python\n")
        return "unharmed"

    def ask(self) -> str:
        return sys.stdin.read()


def broken_service() -> Service:
    raise RuntimeError("the catalog is upside down")


def model_row(i: int) -> ModelRow:
    commit = f"{i:040x}"
    revision = RevisionRow(
        commit, ("main",), 433_000_000, 433_004_544, 433_004_544, 12, 0, "whole", 1.7e9 + i
    )
    return ModelRow(
        key=f"hf@org{i % 97}/model-{i}",
        root="/home/someone/.cache/huggingface/hub",
        repo_id=f"org{i % 97}/model-{i}",
        repo_type="model",
        size=433_000_000 + i,
        on_disk=433_004_544 + i,
        frees=433_004_544 + i,
        last_used=1.7e9 + i,
        last_used_source="atime",
        modified=1.7e9 + i,
        state="whole",
        pinned=i % 10 == 0,
        note="",
        library="transformers",
        task="fill-mask",
        licence="apache-2.0",
        languages=("en", "de"),
        tags=("bert", "biomedical", "pytorch"),
        formats=("safetensors", "pickle"),
        parameters=110_000_000,
        custom_code=False,
        incomplete=0,
        problems=0,
        revisions=(revision, revision._replace(refs=(), commit=f"f{i:039x}")),
    )

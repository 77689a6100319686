"""Loads models and asks them in one process, so that the frameworks are imported once for many cases.

    answered = ask(cache, [Case(request, [(Task.FILL_MASK, TryInputs(texts=("___",)), TryOptions())])])

`python -m support.try_child` is that process: each line names a cache, and pickles of its own tests.
"""

from __future__ import annotations

import atexit
import json
import os
import pickle
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple, Self

from modelkeep.cache.scan import scan
from modelkeep.errors import Cancelled, ModelKeepError
from modelkeep.inference.values import Backend, LoadedModel, LoadRequest, Output, Task, TryInputs, TryOptions
from modelkeep.progress import ignore

__all__ = ["Answer", "Ask", "Case", "ask", "request_for"]


class Ask(NamedTuple):
    """What a loaded model is asked. `stop_at` and `cancel_at` are the step at which it is stopped, 0 for never."""

    task: Task
    inputs: TryInputs
    options: TryOptions = TryOptions()
    stop_at: int = 0
    cancel_at: int = 0


class Case(NamedTuple):
    """A model, and what it is asked."""

    request: LoadRequest
    asks: tuple[Ask, ...] = ()


@dataclass
class Answer:
    """What came of it: `error` for loading, and each ask's outputs or error."""

    about: LoadedModel | None = None
    error: Exception | None = None
    outputs: list[list[Output] | Exception] = field(default_factory=list)
    notes: list[list[str]] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)


def request_for(root: Path, repo_id: str, task: Task, backend: Backend = Backend.TRANSFORMERS) -> LoadRequest:
    model = next(model for model in scan(root).models if model.repo_id == repo_id)
    revision = model.main
    assert revision is not None
    files = tuple(file.name for file in revision.files if file.blob)
    key = str(model.key.at(revision.commit))
    return LoadRequest(key, str(root), repo_id, None, revision.path, files, backend, task)


def ask(root: Path, cases: list[Case], **environment: str) -> list[Answer]:
    """What comes of the cases, models of the cache at `root`; in a process of their own where they have an
    environment of their own."""
    asked, answers = root.parent / "asked.pickle", root.parent / "answers.pickle"
    asked.write_bytes(pickle.dumps(cases))
    line = json.dumps([str(root), str(asked), str(answers)])
    if environment:
        with _Child(environment) as child:
            child.ask(line)
    else:
        _shared().ask(line)
    found: list[Answer] = pickle.loads(answers.read_bytes())
    return found


class _Child:
    """The process; it answers a line for each that it is asked."""

    def __init__(self, environment: dict[str, str]) -> None:
        paths = [str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
        own = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(paths)}
        self._said = TemporaryFile()  # noqa: SIM115 - as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "support.try_child"],
            env=os.environ | own | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
        )

    def ask(self, line: str) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        if self._process.stdout.readline() != "done\n":
            self._said.seek(0)
            raise AssertionError(self._said.read().decode())

    def close(self) -> None:
        self._process.communicate()
        self._said.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


@cache
def _shared() -> _Child:
    """One for all modules of tests in this process, since the frameworks take seconds of the processor."""
    child = _Child({})
    atexit.register(child.close)
    return child


class _Turn:
    def __init__(self, asked: Ask) -> None:
        self.tokens = 0
        self.notes: list[str] = []
        self._asked = asked
        self._steps = 0

    def emit(self, text: str) -> None:
        pass

    def step(self, what: str, done: int = 0, total: int = 0) -> None:
        self._steps += 1
        if self._asked.cancel_at and self._steps >= self._asked.cancel_at:
            raise Cancelled

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    @property
    def is_stopped(self) -> bool:
        return bool(self._asked.stop_at) and self._steps >= self._asked.stop_at


def _answer(case: Case) -> Answer:
    from modelkeep.inference.child.backends import loader_of

    load = loader_of(case.request.backend)
    answer = Answer()
    try:
        model = load(case.request, ignore)
    except ModelKeepError as error:
        answer.error = error
        return answer
    answer.about = model.about
    for asked in case.asks:
        turn = _Turn(asked)
        try:
            answer.outputs.append(model.run(asked.task, asked.inputs, asked.options, turn))
        except (ModelKeepError, Cancelled) as error:
            answer.outputs.append(error)
        answer.notes.append(turn.notes)
        answer.tokens.append(turn.tokens)
    return answer


def _serve() -> None:
    told = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # libraries print what they like
    from huggingface_hub import constants

    for line in sys.stdin:
        root, asked, answers = json.loads(line)
        os.environ["HF_HUB_CACHE"] = constants.HF_HUB_CACHE = root
        given = pickle.loads(Path(asked).read_bytes())
        Path(answers).write_bytes(pickle.dumps([_answer(case) for case in given]))
        print("done", file=told, flush=True)


if __name__ == "__main__":
    from support import try_child  # by its own name, as the pickles have it

    try_child._serve()

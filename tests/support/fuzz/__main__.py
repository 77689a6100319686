"""Fuzzing from the command line; see the package. What is wrong is kept as a file, to be fed again by its path."""

from __future__ import annotations

import argparse
import faulthandler
import hashlib
import importlib
import importlib.util
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

from support.fuzz.garbage import garbage
from support.fuzz.targets import TARGETS

_SLOW = 20  # seconds that no input may take
_MEMORY = 4 << 30


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m support.fuzz", description=__doc__)
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; or files to feed again"
    )
    parser.add_argument("--minutes", type=float, default=10.0, help="for all targets together")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--plain", action="store_true", help="without following which code an input reaches")
    parser.add_argument("--one", metavar="TARGET", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    guided = importlib.util.find_spec("atheris") is not None and not arguments.plain
    if arguments.one:
        run = _guided if guided else _plain
        return run(arguments.one, 60 * arguments.minutes, arguments.seed)
    files = [Path(name) for name in arguments.targets if name not in TARGETS]
    for file in files:
        TARGETS[file.name.partition("-")[0]].feed(file.read_bytes())
    names = [name for name in arguments.targets if name in TARGETS] or ([] if files else list(TARGETS))
    failed = 0
    for name in names:
        minutes = arguments.minutes / len(names)
        more = ["--plain"] if arguments.plain else []
        command = [
            sys.executable,
            "-m",
            "support.fuzz",
            "--one",
            name,
            "--minutes",
            str(minutes),
            "--seed",
            str(arguments.seed),
        ]
        failed += subprocess.run([*command, *more], check=False).returncode != 0
    return 1 if failed else 0


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    os.environ["MODELKEEP_HOME"] = tempfile.mkdtemp(prefix="fuzz-home-")


def _plain(name: str, seconds: float, seed: int) -> int:
    _limited()
    target, chance = TARGETS[name], random.Random(seed)
    seeds, until, number, slowest = target.seeds(), time.monotonic() + seconds, 0, 0.0
    while time.monotonic() < until:
        data = garbage(seeds, chance)
        faulthandler.dump_traceback_later(_SLOW, exit=True)
        started = time.monotonic()
        try:
            target.feed(data)
        except Exception:  # noqa: BLE001 - what it is, is what is asked
            traceback.print_exc()
            print(f"{name}: wrong after {number} inputs; kept as {_keep(name, data)}", flush=True)
            return 1
        slowest = max(slowest, time.monotonic() - started)
        number += 1
    faulthandler.cancel_dump_traceback_later()
    print(f"{name}: {number:,} inputs, the slowest {slowest:.2f} s, nothing wrong", flush=True)
    return 0


def _guided(name: str, seconds: float, seed: int) -> int:
    """Let atheris choose inputs that reach new code."""
    import atheris

    _limited()
    for module in [module for module in sys.modules if module.partition(".")[0] in ("modelkeep", "support")]:
        del sys.modules[module]  # what is imported already would not be followed
    with atheris.instrument_imports(include=["modelkeep"]):
        target = importlib.import_module("support.fuzz.targets").TARGETS[name]
        corpus = tempfile.mkdtemp(prefix="corpus-")
        for number, data in enumerate(target.seeds()):
            Path(corpus, str(number)).write_bytes(data)
            target.feed(data)  # imports what it takes, now
    options = [
        f"-max_total_time={seconds:.0f}",
        f"-seed={seed % (1 << 31)}",
        f"-timeout={_SLOW}",
        "-rss_limit_mb=4096",
    ]
    options += [
        f"-artifact_prefix={tempfile.gettempdir()}/{name}-",
        "-verbosity=0",
        "-print_final_stats=1",
        "-max_len=65536",
    ]
    atheris.Setup([sys.argv[0], *options, corpus], target.feed)
    print(f"{name}:", flush=True)
    atheris.Fuzz()
    return 0


def _keep(name: str, data: bytes) -> Path:
    path = Path(tempfile.gettempdir(), f"{name}-{hashlib.sha256(data).hexdigest()[:12]}")
    path.write_bytes(data)
    return path


if __name__ == "__main__":
    sys.exit(main())

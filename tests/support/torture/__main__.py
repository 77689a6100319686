"""Torture from the command line; see the package.

python -m support.torture --minutes 30            rounds, one after another
python -m support.torture --together 200          operations of four processes at once
python -m support.torture --again ab12cd34/57     the round of that seed once more
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from support.torture.remote_works import REMOTE_WORKS
from support.torture.rounds import ALL_WORKS, Tally, Torture
from support.torture.together import Crowd, run_together
from support.torture.works import WORKS
from support.torture.world import World

_CROWD = 4  # processes


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m support.torture",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--minutes", type=float, default=10.0, help="how long, when it is not said how many")
    parser.add_argument("--rounds", type=int, default=0, help="how many")
    parser.add_argument("--only", action="append", choices=list(ALL_WORKS), default=[], help="just this work")
    parser.add_argument("--of", choices=["caches", "remotes"], help="just works of these")
    parser.add_argument("--again", action="append", default=[], metavar="SEED", help="just these rounds")
    parser.add_argument("--together", type=int, default=0, metavar="N", help="N operations at once instead")
    parser.add_argument("--seed", default="", help="by default another one each time")
    parser.add_argument("--keep", action="store_true", help="keep the folder also when nothing is wrong")
    parser.add_argument("--json", action="store_true", help="print what was survived as JSON")
    return parser.parse_args()


def main() -> int:
    arguments = _arguments()
    seed = arguments.seed or f"{random.SystemRandom().randrange(1 << 32):08x}"
    folder = Path(tempfile.mkdtemp(prefix="torture-"))
    print(f"seed {seed}, in {folder}", file=sys.stderr)
    result: Tally | Crowd
    with _hub() as endpoint:
        os.environ |= World(folder, endpoint).environment()
        if arguments.together:
            result = run_together(
                folder, endpoint, processes=_CROWD, operations=arguments.together, seed=seed
            )
        else:
            result = _rounds(folder, endpoint, arguments, seed)
    if arguments.json:
        print(json.dumps({"seed": seed, **vars(result)}))
    else:
        for name, value in vars(result).items():
            print(f"{name.replace('_', ' '):12} {_text(value)}")
    if not (arguments.keep or result.wrong):
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if result.wrong else 0


def _rounds(folder: Path, endpoint: str, arguments: argparse.Namespace, seed: str) -> Tally:
    kinds = {"caches": list(WORKS), "remotes": list(REMOTE_WORKS)}
    torture = Torture(folder, endpoint, works=arguments.only or kinds.get(arguments.of, ()))
    torture.prepare()
    until = time.monotonic() + 60 * arguments.minutes
    for number in count():
        if arguments.again:
            if number == len(arguments.again):
                break
            torture.round(arguments.again[number])
            continue
        if number == arguments.rounds if arguments.rounds else time.monotonic() > until:
            break
        torture.round(f"{seed}/{number}")
        if number % 100 == 99:
            tally = torture.tally
            print(f"{tally.rounds} rounds, {tally.struck} struck, {len(tally.wrong)} wrong", file=sys.stderr)
    return torture.tally


@contextmanager
def _hub() -> Iterator[str]:
    """A hub in a process of its own, since this one forks; its endpoint."""
    command = [sys.executable, "-m", "support.torture.hub"]
    hub = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert hub.stdout is not None
    try:
        yield hub.stdout.readline().strip()
    finally:
        hub.communicate()  # the end of its input ends it


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {number}" for name, number in value.items())
    return "\n".join(value) or "nothing" if isinstance(value, list) else str(value)


if __name__ == "__main__":
    sys.exit(main())

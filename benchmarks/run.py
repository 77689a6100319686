"""All figures, one after the other, as one table. None of them is a test: a slow day is no defect.

    python benchmarks/run.py [--quick] [NAME...]

A name is that of a command in this folder, such as `scan`; without one all are run.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

from figures import HEADER

COMMANDS = (
    "scan",
    "processes",
    "archives",
    "deletion",
    "window_start",
    "stalls",
    "table",
    "treemap",
    "transfers",
    "verify",
    "safety",
    "conversion",
    "inference",
    "trust_lists",
    "eviction",
    "remotes",
    "remote_lists",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(COMMANDS)}")
    parser.add_argument("--quick", action="store_true", help="smaller sizes, and a third of the rounds")
    given = parser.parse_args()
    if unknown := set(given.names) - set(COMMANDS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there is {', '.join(COMMANDS)}")
    options = ["--no-header", *(["--quick"] if given.quick else [])]
    print(
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    )
    print(HEADER, flush=True)
    failed = []
    start = time.monotonic()
    for name in given.names or COMMANDS:
        script = Path(__file__).with_name(f"{name}.py")
        if subprocess.run([sys.executable, script, *options]).returncode:
            failed.append(name)
    print(
        f"{time.monotonic() - start:.0f} s", *(f"{name} could not be measured" for name in failed), sep="; "
    )
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())

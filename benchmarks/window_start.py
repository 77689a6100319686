"""From the start of the process to the first paint, with 1,000 rows from memory, against an empty `QMainWindow`.

G1 is measured without a screen and, where there is Xvfb, on an X server. G2 is which modules were imported by then:
none of the heavy ones, and not much time over those that the empty window imports.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from figures import Row, main, ratio, value
from modelkeep.remembered import save_rows
from pairs import Reading, child, in_turn
from samples import disk_folder
from windows import OFFSCREEN, make_rows, screen

_FIRST_PAINT = os.fspath(Path(__file__).with_name("first_paint.py"))


def measure(sizes: Sequence[int], rounds: int) -> Iterator[Row | str]:
    for size in sizes:
        with disk_folder() as folder:
            save_rows({"/caches/hub": make_rows("/caches/hub", size)}, folder / "cache" / "rows.json")
            home = {"MODELKEEP_HOME": os.fspath(folder), "MODELKEEP_ROOTS": os.fspath(folder / "hub")}
            what = f"{size:,} rows"
            yield from _start(home | OFFSCREEN, f"{what}, no screen", rounds)
            with screen() as there:
                if there is None:
                    yield "On an X server: skipped, there is no Xvfb."
                else:
                    yield from _start(home | there, f"{what}, X server", rounds)
            yield from _imports(home | OFFSCREEN, max(3, rounds // 3))


def _start(environment: Mapping[str, str], what: str, rounds: int) -> Iterator[Row]:
    ours, empty = in_turn(
        rounds, partial(_painted, "window", environment), partial(_painted, "empty", environment)
    )
    yield ratio("G1", f"first paint, {what}", ours, empty, must=1.5, goal=1.15)


def _imports(environment: Mapping[str, str], rounds: int) -> Iterator[Row | str]:
    ours, empty = in_turn(
        rounds, partial(_imported, "window", environment), partial(_imported, "empty", environment)
    )
    yield ratio("G2", "time of imports before it, against those of an empty window", ours, empty, goal=1.12)
    yield value("G2", "heavy modules among them", ours, of="heavy", must=0)


def _painted(which: str, environment: Mapping[str, str]) -> Reading:
    start = time.monotonic()
    said = _child(which, environment)
    return {"wall": said["painted"] - start, "cpu": said["cpu"]}


def _imported(which: str, environment: Mapping[str, str]) -> Reading:
    said = _child(which, environment, "-X", "importtime")
    return {"wall": said["imports"], "heavy": said["heavy"]}


def _child(which: str, environment: Mapping[str, str], *options: str) -> Reading:
    done = child(*options, _FIRST_PAINT, which, **environment)
    own_times = re.findall(r"^import time: +(\d+) \|", done.stderr, re.MULTILINE)
    return dict(json.loads(done.stdout)) | {"imports": sum(map(int, own_times)) / 1e6}


if __name__ == "__main__":
    main(measure, __doc__, sizes=[1000], quick=[1000], rounds=15, unit="rows")

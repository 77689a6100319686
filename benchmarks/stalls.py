"""How long the window is held up while it scans, exports, imports and downloads, against one with nothing to do.

The window is the real one with its work process, on a cache of many models; a timer of 5 ms says when the event loop
was held up. G5 is the longest gap, with the table scrolled all the time, and over an idle window that is still. G6 is
what scrolling costs the job.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from archives import Place
from figures import Row, main, ratio, value
from live_window import DOWNLOADS
from pairs import Reading, child
from samples import disk_folder, make_cache, make_model, memory_folder, settle
from transfers import serving
from windows import OFFSCREEN

_SCRIPT = os.fspath(Path(__file__).with_name("live_window.py"))
_WEIGHTS = 256  # MiB
_DOWNLOAD = 64  # MiB each of four that come at the same time
_JOBS = ("scan", "export", "import", "download")

Rounds = list[dict[str, Reading]]


def measure(sizes: Sequence[int], rounds: int) -> Iterator[Row]:
    for size in sizes:
        with ExitStack() as stack:
            # In memory where there is room: a busy disk would hold up the jobs, and not the window.
            folder = stack.enter_context(memory_folder(8 * _WEIGHTS << 20)) or stack.enter_context(
                disk_folder()
            )
            Place(folder, _WEIGHTS).keep_archive()
            make_cache(folder / "hub", size)
            settle(folder / "hub")
            (folder / "second").mkdir()
            for name in DOWNLOADS:
                make_model(folder / "served" / "hub", name, shards=2, size=_DOWNLOAD << 20)
            endpoint = stack.enter_context(serving(folder / "served"))
            yield from _rows(_live(folder, endpoint, rounds), size)


def _live(folder: Path, endpoint: str, rounds: int) -> Rounds:
    roots = os.pathsep.join(os.fspath(folder / name) for name in ("hub", "second"))
    places = {"MODELKEEP_HOME": os.fspath(folder / "home"), "MODELKEEP_ROOTS": roots, "HF_ENDPOINT": endpoint}
    done = child(_SCRIPT, os.fspath(folder), str(rounds), **places, **OFFSCREEN)
    return list(json.loads(done.stdout))


def _rows(found: Rounds, size: int) -> Iterator[Row]:
    what = f"{size:,} models"
    scrolled, still = ([one[which] for one in found] for which in ("scrolled", "still"))
    none = _gaps(scrolled, "none")
    yield value("G5", f"longest gap, scrolled, no job, {what}", none, of="gap")
    for job in _JOBS:
        gaps = _gaps(scrolled, job)
        yield ratio(
            "G5", f"longest gap, scrolled, {job} against no job", gaps, none, of="gap", must=3, goal=2
        )
        yield value("G5", f"longest gap, scrolled, {job}", gaps, of="gap", must=50)
    for job in _JOBS:
        over = [{"gap": one[f"{job} gap"] - one["none gap"]} for one in still]
        yield value("G5", f"longest gap over no job, still, {job}", over, of="gap", must=16)
    for job in _JOBS:
        live, quiet = ([{"wall": one[job]} for one in which] for which in (scrolled, still))
        yield ratio(
            "G6", f"{job} while the table is scrolled, against a still one", live, quiet, must=2, goal=1.3
        )


def _gaps(rounds: Sequence[Reading], job: str) -> list[Reading]:
    return [{"gap": one[f"{job} gap"]} for one in rounds]


if __name__ == "__main__":
    main(measure, __doc__, sizes=[1000], quick=[1000], rounds=6, unit="models")

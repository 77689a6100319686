"""Whole processes: `modelkeep list` against `hf cache ls`, and what `import modelkeep` costs a script.

The cache is warm, and both tools have run on it before. The import is what a process with it takes over one without.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from figures import Row, main, ratio, value
from pairs import command, in_turn
from samples import disk_folder, make_cache, settle

_PROGRAMS = Path(sys.executable).parent


def measure(sizes: Sequence[int], rounds: int) -> Iterator[Row]:
    for size in sizes:
        with disk_folder() as folder:
            yield from _list(folder, size, rounds)
    bare, with_import = in_turn(
        3 * rounds,
        partial(command, sys.executable, "-c", "pass"),
        partial(command, sys.executable, "-c", "import modelkeep"),
    )
    over = [{"wall": mine["wall"] - none["wall"]} for mine, none in zip(with_import, bare, strict=True)]
    yield value("", "import modelkeep, over a bare Python", over, must=60)


def _list(folder: Path, size: int, rounds: int) -> Iterator[Row]:
    root = make_cache(folder / "hub", size)
    settle(root)
    quiet = {
        "MODELKEEP_HOME": os.fspath(folder / "home"),
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    }
    ours, peer = in_turn(
        rounds,
        partial(command, _PROGRAMS / "modelkeep", "--root", root, "list", **quiet),
        partial(command, _PROGRAMS / "hf", "cache", "ls", "--cache-dir", root, **quiet),
    )
    what = f"{size:,} repositories"
    yield ratio("S6", f"modelkeep list against hf cache ls, {what}", ours, peer, must=0.17, goal=0.05)
    yield ratio("S7", f"memory of these processes, {what}", ours, peer, of="peak", must=0.5, goal=0.25)


if __name__ == "__main__":
    main(measure, __doc__, sizes=[100, 1000], quick=[100, 1000], rounds=7, unit="repositories")

"""The rows of a library of which every revision was verified and scanned, against those of one that knows nothing.

A list of models shows what is known of each: that may not make it slower to come.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from figures import Row, main, ratio, value
from modelkeep.checking.outcome import VERIFIED
from modelkeep.library import Library, open_library
from modelkeep.safety.scan import OF_REVISION
from pairs import in_turn, run
from samples import make_cache, memory_folder, settle


def measure(sizes: Sequence[int], rounds: int) -> Iterator[Row | str]:
    for size in sizes:
        with memory_folder(256 << 20) as folder:
            if folder is None:
                yield "The rows: skipped, /dev/shm has less than 256 MiB free."
                continue
            root = make_cache(folder / "hub", size, weights=0)
            settle(root)
            yield from _measure(folder, root, size, max(3, rounds * 1000 // max(size, 1000)))


def _measure(folder: Path, root: Path, size: int, rounds: int) -> Iterator[Row]:
    run(partial(_opened, folder / "filled", root), _fill)
    run(partial(_opened, folder / "bare", root), Library.rows)
    filled, bare = in_turn(
        rounds,
        partial(run, partial(_opened, folder / "filled", root), Library.rows),
        partial(run, partial(_opened, folder / "bare", root), Library.rows),
    )
    what = f"{size:,} models"
    yield value("L1", f"rows of {what}, all verified and scanned", filled)
    yield ratio("L1", f"to rows of {what}, of which nothing is known", filled, bare, goal=1.3)


def _opened(home: Path, root: Path) -> Library:
    """A library that has scanned, and described its models, but has not made any rows."""
    os.environ["MODELKEEP_HOME"] = os.fspath(home)
    library = open_library([root])
    library.rows()
    return library


def _fill(library: Library) -> None:
    """Write down of every revision what verifying and scanning it would have."""
    now = time.time()
    verified = {"at": now, "verdict": "good", "deep": False, "checked": now}
    with library.catalog.batch():
        for model in library.inventory(library.roots[0]).models:
            for one in model.revisions:
                library.catalog.remember(VERIFIED, one.path, one.size, one.modified, verified)
                scanned = {"verdict": "clean", "scanned_at": now}
                library.catalog.remember(OF_REVISION, one.path, one.size, one.modified, scanned)
    assert all(row.verified and row.safety for row in library.rows() if row.revisions)


if __name__ == "__main__":
    main(measure, __doc__, sizes=[1000, 5000], quick=[1000], rounds=15, unit="models")

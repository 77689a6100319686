"""The library table at 1,000 to 100,000 rows against Qt's own models, in milliseconds until a change is painted.

G3 is a frame while scrolling, against a `QStandardItemModel` of at most 10,000 rows, which paints without calling
Python. G4 is a sort and a key typed into the filter, against a `QSortFilterProxyModel` over a model in Python.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from figures import Row, main, ratio, value
from pairs import Reading, child, in_turn
from windows import OFFSCREEN

_SCRIPT = os.fspath(Path(__file__).with_name("table_views.py"))
_ITEMS = 10_000  # rows of the peer of G3: more take minutes to fill


def measure(sizes: Sequence[int], rounds: int) -> Iterator[Row]:
    for size in sizes:
        what = f"{size:,} rows"
        items = partial(_used, "items", min(size, _ITEMS), "scroll")
        ours, items_ = in_turn(rounds, partial(_used, "ours", size, "scroll"), items, warm=False)
        yield ratio("G3", f"scroll frame, median, {what}", ours, items_, of="frame", must=3, goal=1.7)
        yield ratio("G3", f"scroll frame, 99th of 100, {what}", ours, items_, of="p99", must=4, goal=2)
        yield value("", f"rows set to first paint, {what}", ours, of="fill")
    for size in sizes:
        yield from _arranged(size, rounds)


def _arranged(size: int, rounds: int) -> Iterator[Row]:
    is_large = size >= 100_000  # which the bounds are for; the proxy takes ten seconds for one sort of them
    ours, proxy = in_turn(
        1 if is_large else rounds,
        partial(_used, "ours", size, "arrange"),
        partial(_used, "proxy", size, "arrange"),
        warm=False,
    )
    sort, key = ((0.05, 0.01), (0.2, 0.06)) if is_large else ((None, None), (None, None))
    yield ratio("G4", f"sort, {size:,} rows", ours, proxy, of="sort", must=sort[0], goal=sort[1])
    yield ratio(
        "G4", f"key typed into the filter, {size:,} rows", ours, proxy, of="key", must=key[0], goal=key[1]
    )


def _used(kind: str, rows: int, what: str) -> Reading:
    return dict(json.loads(child(_SCRIPT, kind, str(rows), what, **OFFSCREEN).stdout))


if __name__ == "__main__":
    main(measure, __doc__, sizes=[1000, 10_000, 100_000], quick=[1000, 10_000], rounds=3, unit="rows")

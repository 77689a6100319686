"""What it takes to plan what goes from a cache of 5,000 models: by its limits, and to make room for a download.

There is no peer with such a plan; E1 is held against the scan that it is made from. The scan is one of this process,
so that the plan alone is measured, with the look for programs that have the models open.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from figures import Row, main, ratio
from modelkeep.cache.policy import CachePolicy
from modelkeep.cache.scan import scan
from modelkeep.library import Library, open_library
from pairs import in_turn, run
from samples import disk_folder, make_cache, settle

_POLICY = CachePolicy(expiry=365 * 86400.0)


def measure(sizes: Sequence[int], rounds: int) -> Iterator[Row]:
    for size in sizes:
        with disk_folder() as folder:
            os.environ["MODELKEEP_HOME"] = os.fspath(folder / "home")
            root = make_cache(folder / "hub", size)
            settle(root, age=30 * 86400)
            yield from _plans(root, size, rounds)


def _plans(root: Path, size: int, rounds: int) -> Iterator[Row]:
    scanned, ranked, few, half, room = in_turn(
        rounds,
        partial(run, partial(Path, root), scan),
        partial(run, partial(_opened, root), _rank),
        partial(run, partial(_opened, root), partial(_plan, share=100)),
        partial(run, partial(_opened, root), partial(_plan, share=2)),
        partial(run, partial(_full, root), _make_room),
    )
    yield ratio("E1", f"order of {size:,} models against a scan of them", ranked, scanned, must=0.3, goal=0.1)
    yield ratio("E1", f"plan of what goes of {size:,}, a hundredth", few, scanned, must=0.5, goal=0.25)
    yield ratio("E1", f"plan of what goes of {size:,}, one half", half, scanned, must=2.0, goal=1.0)
    yield ratio("E1", f"plan to make room in a cache of {size:,}", room, scanned, must=0.5, goal=0.25)


def _opened(root: Path) -> Library:
    library = open_library([root])
    library.inventory(str(root))
    return library


def _full(root: Path) -> Library:
    """A cache that has reached its limit."""
    library = _opened(root)
    library.space.set_policy(str(root), CachePolicy(library.inventory(str(root)).models_on_disk))
    return library


def _rank(library: Library) -> None:
    library.space.ranking(library.roots[0], _POLICY)


def _plan(library: Library, *, share: int) -> None:
    [root] = library.roots
    plan = library.space.plan(root, _POLICY, free=library.inventory(root).models_on_disk // share)
    assert plan.chosen
    assert not plan.missing


def _make_room(library: Library) -> None:
    [root] = library.roots
    plan = library.space.plan_room(root, library.inventory(root).models_on_disk // 100)
    assert plan is not None
    assert not plan.missing


if __name__ == "__main__":
    main(measure, __doc__, sizes=[5_000], quick=[1_000], rounds=5, unit="models")

"""Deleting a model of many files, or many models, and putting them back, against the Hub's client and `rm -rf`.

D3 is what a person waits for until the model is gone: the plan, which looks at the model anew and for programs that
have it open, and the rename into the trash. What the trash costs when it is emptied later is shown beside it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from huggingface_hub import HFCacheInfo, scan_cache_dir

from figures import Row, main, ratio
from modelkeep.cache.deletion import Target, execute_deletion, plan_deletion
from modelkeep.cache.inventory import Inventory
from modelkeep.cache.scan import scan
from modelkeep.cache.trash import empty, list_trash, restore
from pairs import Reading, command, in_turn, run
from samples import disk_folder, make_cache, make_model


def measure(sizes: Sequence[int], rounds: int) -> Iterator[Row]:
    for size in sizes:
        with disk_folder() as folder:
            make_model(folder / "hub", "org/model", shards=1, size=1 << 20, files=size)
            yield from _measure(Place(folder), f"a model of {size:,} files", rounds)
    with disk_folder() as folder:
        make_cache(folder / "hub", 100, weights=10_000)
        yield from _measure(Place(folder), "100 models of 12", rounds)


def _measure(place: Place, what: str, rounds: int) -> Iterator[Row]:
    deleted, client, rm = in_turn(rounds, place.delete, place.delete_by_client, place.rm)
    yield ratio("D3", f"delete {what}, against the client", deleted, client, must=0.2, goal=0.01)
    yield ratio("D3", f"delete {what}, against rm -rf", deleted, rm)
    restored, copied = in_turn(rounds, place.restore, place.cp)
    yield ratio("D3", f"restore {what}, against cp -a", restored, copied)
    emptied, rm = in_turn(rounds, place.empty, place.rm)
    yield ratio("D3", "empty the trash of it, against rm -rf", emptied, rm)


class Place:
    """A cache whose models are deleted, all of them, a copy of it to begin anew from, and what can be done there."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "hub"
        self.copy = folder / "copy"
        _copy(self.root, self.copy)

    def begin(self) -> None:
        """Have everything in the cache, and nothing in the trash."""
        shutil.rmtree(self.root)
        _copy(self.copy, self.root)
        os.sync()  # what this wrote is not to be written while the clock runs

    def delete(self) -> Reading:
        self.begin()
        return run(partial(scan, self.root), _delete)

    def restore(self) -> Reading:
        self.begin()
        return run(partial(_deleted, self.root), lambda entries: restore(self.root, entries))

    def empty(self) -> Reading:
        self.begin()
        return run(partial(_deleted, self.root), lambda entries: empty(self.root, entries))

    def delete_by_client(self) -> Reading:
        self.begin()
        return run(partial(scan_cache_dir, self.root), _delete_by_client)

    def rm(self) -> Reading:
        self.begin()
        return command("rm", "-rf", *self.root.glob("models--*"))

    def cp(self) -> Reading:
        self.begin()
        shutil.rmtree(self.root)
        return command("cp", "-a", self.copy, self.root)


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", source, target], check=True)


def _delete(inventory: Inventory) -> None:
    result = execute_deletion(plan_deletion(inventory, [Target(model.key) for model in inventory.models]))
    assert not result.failures, result.failures


def _deleted(root: Path) -> list[str]:
    _delete(scan(root))
    return [entry.id for entry in list_trash(root)]


def _delete_by_client(info: HFCacheInfo) -> None:
    commits = [revision.commit_hash for repo in info.repos for revision in repo.revisions]
    info.delete_revisions(*commits).execute()


if __name__ == "__main__":
    main(measure, __doc__, sizes=[1000], quick=[1000], rounds=7, unit="files")

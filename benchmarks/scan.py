"""Scanning a cache, again and from memory, against `huggingface_hub.scan_cache_dir`.

Both see the same before anything is timed: that is asserted. S1 reads everything; S2 reads again when nothing, or one
repository, has changed; S3 has the rows of the last scan from memory, as a window that starts does; S7 is memory.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from huggingface_hub import HFCacheInfo, scan_cache_dir

from figures import Row, main, ratio
from modelkeep.cache.index import Index
from modelkeep.cache.inventory import Inventory
from modelkeep.cache.scan import scan
from modelkeep.library import open_library
from modelkeep.remembered import load_rows, save_rows
from pairs import Reading, in_turn, run
from samples import disk_folder, make_cache, settle


def measure(sizes: Sequence[int], rounds: int) -> Iterator[Row]:
    for size in sizes:
        with disk_folder() as folder:
            yield from _measure(folder, size, max(3, rounds * 1000 // max(size, 1000)))


def _measure(folder: Path, size: int, rounds: int) -> Iterator[Row]:
    root = make_cache(folder / "hub", size)
    settle(root)
    rows = folder / "rows.json"
    run(lambda: root, _check_equal)
    run(lambda: root, partial(_remember, rows))

    full, again, changed, remembered, peer = in_turn(
        rounds,
        partial(run, lambda: root, scan),
        partial(_again, root, False),
        partial(_again, root, True),
        partial(run, lambda: rows, load_rows),
        partial(run, lambda: root, scan_cache_dir),
    )
    what = f"{size:,} repositories"
    yield ratio("S1", f"scan of {what}", full, peer, must=0.17, goal=0.10)
    yield ratio("S7", f"memory for that, {what}", full, peer, of="peak", must=0.5, goal=0.25)
    yield ratio("S2", f"scan again, nothing changed, {what}", again, peer, must=0.04, goal=0.02)
    yield ratio("S2", f"scan again, one changed, {what}", changed, peer, must=0.04, goal=0.02)
    yield ratio("S3", f"rows from memory, {what}", remembered, peer, must=0.01, goal=0.001)


def _again(root: Path, changed: bool) -> Reading:
    def prepare() -> Index:
        index = Index()
        scan(root, known=index)
        if changed:
            repository = next(root.iterdir())
            os.utime(repository / "blobs")
        return index

    return run(prepare, lambda index: scan(root, known=index))


def _check_equal(root: Path) -> None:
    assert _ours(scan(root)) == _peers(scan_cache_dir(root)), "The two do not see the same cache."


def _remember(rows: Path, root: Path) -> None:
    os.environ["MODELKEEP_HOME"] = os.fspath(rows.parent / "home")
    with open_library([root]) as library:
        save_rows({os.fspath(root): library.rows()}, rows)


def _ours(inventory: Inventory) -> object:
    """What a scan found, in a form that both can be brought to."""
    return inventory.payloads_size, {
        (model.repo_type, model.repo_id, model.size, model.file_count, model.accessed, model.modified): {
            (revision.commit, revision.size, frozenset(revision.refs), revision.modified): {
                (file.path, file.blob.path, file.size) for file in revision.files if file.blob
            }
            for revision in model.revisions
        }
        for model in inventory.models
    }


def _peers(info: HFCacheInfo) -> object:
    assert not info.warnings, info.warnings[0]
    return info.size_on_disk, {
        (
            repo.repo_type,
            repo.repo_id,
            repo.size_on_disk,
            repo.nb_files,
            repo.last_accessed,
            repo.last_modified,
        ): {
            (revision.commit_hash, revision.size_on_disk, revision.refs, revision.last_modified): {
                (str(file.file_path), str(file.blob_path), file.size_on_disk) for file in revision.files
            }
            for revision in repo.revisions
        }
        for repo in info.repos
    }


if __name__ == "__main__":
    main(measure, __doc__, sizes=[100, 1000, 5000], quick=[100, 1000], rounds=9, unit="repositories")

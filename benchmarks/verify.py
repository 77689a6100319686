"""Verifying a model of two shards, against `sha256sum` on the same files; and again when nothing has changed.

Both find the files in memory, where only the processor counts. Ours checks the headers and the tree listing besides,
and writes down what it found. `sha256sum` reads one file after the other, and two at a time as ours does.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from figures import Row, main, ratio
from modelkeep.cache.catalog import Catalog
from modelkeep.cache.scan import scan
from modelkeep.checking.outcome import Verification
from modelkeep.checking.verify import execute_verification, plan_verification
from pairs import command, in_turn, run
from samples import memory_folder

_SHARDS = 2


def measure(sizes: Sequence[int], rounds: int) -> Iterator[Row | str]:
    for size in sizes:
        with memory_folder(2 * size << 20) as folder:
            if folder is None:
                yield f"{size} MiB in memory: skipped, /dev/shm has less than twice as much free."
            else:
                yield from _measure(folder, size, rounds)


def _measure(folder: Path, size: int, rounds: int) -> Iterator[Row]:
    root, home = folder / "hub", folder / "home"
    blobs = _make_model(root, size << 20)
    first = partial(run, partial(_forget, home), partial(_verify, root, size << 20))
    again = partial(run, lambda: home, partial(_verify, root, 0))
    serial = partial(command, "sha256sum", *blobs)
    parallel = partial(command, "xargs", "-n1", "-P2", "-a", _listed(folder, blobs), "sha256sum")
    ours, known, peer, two = in_turn(rounds, first, again, serial, parallel)
    what = f"{size:,} MiB in {_SHARDS} files"
    yield ratio("V1", f"verify {what}, to sha256sum", ours, peer)
    yield ratio("V1", f"verify {what}, to two sha256sum at once", ours, two)
    yield ratio("V2", f"verify again, nothing changed, {what}", known, peer)


def _verify(root: Path, reads: int, home: Path) -> Verification:
    os.environ["MODELKEEP_HOME"] = os.fspath(home)
    with Catalog() as catalog:
        plan = plan_verification([(model, None) for model in scan(root).models], catalog)
        result = execute_verification(plan, catalog)
    assert not result.failures, result.failures
    assert result.bytes_read >= reads if reads else result.bytes_read == 0
    return result


def _forget(home: Path) -> Path:
    shutil.rmtree(home, ignore_errors=True)
    return home


def _listed(folder: Path, blobs: Sequence[Path]) -> Path:
    names = folder / "names"
    names.write_text("".join(f"{blob}\n" for blob in blobs))
    return names


def _make_model(root: Path, size: int) -> list[Path]:
    """A model whose headers are right; returns its contents."""
    repo, commit = root / "models--org--model", "c" * 40
    snapshot = repo / "snapshots" / commit
    for place in (snapshot, repo / "blobs", repo / "refs", repo / "trees"):
        place.mkdir(parents=True)
    listing, blobs = {}, []
    for number in range(_SHARDS):
        name = f"model-{number + 1:05}-of-{_SHARDS:05}.safetensors"
        sha = _write(repo / "blobs" / "new", size // _SHARDS)
        blob = (repo / "blobs" / "new").rename(repo / "blobs" / sha)
        (snapshot / name).symlink_to(f"../../blobs/{sha}")
        listing[name] = {"size": blob.stat().st_size, "blob_id": "0" * 40, "lfs_sha256": sha}
        blobs.append(blob)
    (repo / "trees" / f"{commit}.json").write_text(json.dumps({"format_version": 1, "files": listing}))
    (repo / "refs" / "main").write_text(commit)
    return blobs


def _write(path: Path, size: int) -> str:
    """A safetensors file with one tensor of `size` random bytes; returns its SHA-256."""
    tensor = {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}
    header = json.dumps({"weight": tensor}).encode()
    digest = hashlib.sha256()
    with path.open("wb") as file:
        pieces: list[Callable[[], bytes]] = [lambda: len(header).to_bytes(8, "little") + header]
        pieces += [partial(os.urandom, min(1 << 20, size - at)) for at in range(0, size, 1 << 20)]
        for piece in pieces:
            data = piece()
            digest.update(data)
            file.write(data)
    return digest.hexdigest()


if __name__ == "__main__":
    main(measure, __doc__, sizes=[256, 1024], quick=[256], rounds=9, unit="MiB")

"""Converting a checkpoint of PyTorch to safetensors, against what people write: load it and save it in one process.

Both are whole processes that load torch. Ours looks at the pickle before it is read, reads it in a confined child,
compares every tensor with what was written, hashes the result, and publishes it as a revision of the same model. The
other one checks nothing.

Memory is what is resident. Ours maps the file that it reads and the one that it wrote, which counts, but is the
system's to take back; what the other one has is its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from figures import Row, main, ratio
from pairs import Reading, child, command, in_turn
from samples import memory_folder

_CHECKPOINTS = os.fspath(Path(__file__).with_name("checkpoints.py"))
_MODELKEEP = Path(sys.executable).with_name("modelkeep")
_COMMIT = "c" * 40


def measure(sizes: Sequence[int], rounds: int) -> Iterator[Row | str]:
    for size in sizes:
        with memory_folder(4 * size << 20) as folder:
            if folder is None:
                yield f"{size} MiB in memory: skipped, /dev/shm has less than four times as much free."
            else:
                yield from _measure(folder, size, rounds)


def _measure(folder: Path, size: int, rounds: int) -> Iterator[Row]:
    root = folder / "hub"
    weights = _make_model(root, size << 20)
    ours, naive = in_turn(
        rounds, partial(_ours, folder, root), partial(_naive, weights, folder / "model.safetensors")
    )
    what = f"{size:,} MiB"
    yield ratio("C1", f"convert {what}, to load and save", ours, naive)
    yield ratio("C2", f"resident in the largest process, {what}", ours, naive, of="peak")


def _ours(folder: Path, root: Path) -> Reading:
    """Convert the model that is there, of which nothing is remembered."""
    command("rm", "-rf", folder / "home", root)
    command("cp", "-a", "-l", folder / "kept", root)
    return command(
        *(_MODELKEEP, "--root", root, "convert", "org/model", "--yes"),
        MODELKEEP_HOME=os.fspath(folder / "home"),
    )


def _naive(weights: Path, target: Path) -> Reading:
    target.unlink(missing_ok=True)
    return command(sys.executable, _CHECKPOINTS, "--naive", weights, target)


def _make_model(root: Path, size: int) -> Path:
    """A model whose weights are a pickle, in a folder beside `root` that is kept; returns the weights."""
    repo = root.with_name("kept") / "models--org--model"
    for name in ("blobs", "refs", f"snapshots/{_COMMIT}"):
        (repo / name).mkdir(parents=True)
    new = repo / "blobs" / "new.bin"
    child(_CHECKPOINTS, new, str(size))
    with new.open("rb") as file:
        blob = new.rename(repo / "blobs" / hashlib.file_digest(file, "sha256").hexdigest())
    config = json.dumps({"model_type": "bert"}).encode()
    sha1 = hashlib.sha1(b"blob %d\0" % len(config) + config).hexdigest()
    (repo / "blobs" / sha1).write_bytes(config)
    for name, etag in (("pytorch_model.bin", blob.name), ("config.json", sha1)):
        (repo / "snapshots" / _COMMIT / name).symlink_to(f"../../blobs/{etag}")
    (repo / "refs" / "main").write_text(_COMMIT)
    return blob


if __name__ == "__main__":
    main(measure, __doc__, sizes=[1024], quick=[256], rounds=5, unit="MiB")
